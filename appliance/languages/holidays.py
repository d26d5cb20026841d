"""What holidays are called: by their names in the library, and as each language says them.

May import: the standard library, appliance.languages.
"""

from collections.abc import Mapping

from appliance.languages.folders import codes
from appliance.languages.tables import table


def called() -> Mapping[str, tuple[str, ...]]:
    """By the name in the library, which is English, everything that callers may say for it."""
    found: dict[str, list[str]] = {}
    for code in codes():
        for name, said in table(code, "opening")["holidays"].items():
            found.setdefault(name, [name]).extend((said, _bare(said)))
    return {name: tuple(dict.fromkeys(ways)) for name, ways in found.items()}


def _bare(said: str) -> str:
    """A name without its article: a word in small letters before one that is written large."""
    first, _, rest = said.partition(" ")
    return rest if rest and first.islower() else said
