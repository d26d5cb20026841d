"""Lines that were expected against lines that were seen: of golden calls, and of rehearsals that are kept.

In an expected line `...` stands for anything, and one that begins with `perhaps ` may be there or not. Pure.
May import: the standard library.
"""

import re
from collections.abc import Iterable, Sequence
from difflib import ndiff

PERHAPS = "perhaps "


def fits(expected: str, seen: str) -> bool:
    """Whether a line is as expected; `...` stands for anything."""
    pattern = ".*".join(re.escape(part) for part in expected.split("..."))
    return re.fullmatch(pattern, seen, re.DOTALL) is not None


def all_fit(expected: Iterable[str], seen: Iterable[str]) -> bool:
    """Whether these are the lines expected, each of them and no other; those of `perhaps` may be left out."""
    wanted, got = list(expected), list(seen)
    if not wanted:
        return not got
    line, perhaps = wanted[0].removeprefix(PERHAPS), wanted[0].startswith(PERHAPS)
    if got and fits(line, got[0]) and all_fit(wanted[1:], got[1:]):
        return True
    return perhaps and all_fit(wanted[1:], got)


def compared(expected: Sequence[str], seen: Sequence[str]) -> list[str]:
    """Both versions, `+` and `-` where they differ; an expected line that fits a seen one stands as seen."""
    left = list(seen)
    shown = []
    for line in expected:
        match = next((got for got in left if fits(line.removeprefix(PERHAPS), got)), None)
        if match is not None:
            left.remove(match)
        elif line.startswith(PERHAPS):
            continue
        shown.append(match if match is not None else line)
    return [line.rstrip("\n") for line in ndiff(shown, list(seen)) if not line.startswith("?")]
