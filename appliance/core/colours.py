"""Colours: which of a few that a service has is next to one that staff chose. Pure.

May import: the standard library.
"""

from collections.abc import Mapping


def nearest(wanted: str, among: Mapping[str, str]) -> str:
    """The name of the colour next to this one; all are written as `#ff8800`. Empty for none wanted."""
    if not wanted:
        return ""
    here = _parts(wanted)

    def apart(name: str) -> int:
        return sum((one - other) ** 2 for one, other in zip(here, _parts(among[name]), strict=True))

    return min(among, key=apart)


def _parts(colour: str) -> tuple[int, int, int]:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return red, green, blue
