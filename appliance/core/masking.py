"""Takes out of a question what says who asked it: numbers, addresses of mail, names that are told. Pure.

What comes before a name is data (`answers.toml`). May import: the standard library, appliance.core,
appliance.languages.
"""

import re
from functools import cache

from appliance.core.phrases.words import plain
from appliance.core.sources import stems
from appliance.languages.tables import having, table

NUMBER, NAME = "#", "…"
LONGEST = 300
NAMES_MOST = 2
_DIGITS = re.compile(r"\+?\d(?:[\s().\-/]*\d){2,}")
_ADDRESS = re.compile(r"\S+@\S+|\S+ (?:at|arroba) \S+ (?:dot|punto) \S+", re.IGNORECASE)
_WORD = re.compile(r"\S+")


def masked(text: str) -> str:
    """A question that may be kept: three digits and more are one `#`, a name that is told is `…`."""
    told = _DIGITS.sub(NUMBER, _ADDRESS.sub(NUMBER, " ".join(text.split())))[:LONGEST]
    words = [*_WORD.finditer(told)]
    gone = _names([plain(each.group()).strip(".,;:!?¿¡") for each in words], [each.group() for each in words])
    kept: list[str] = []
    for place, word in enumerate(words):
        if place not in gone:
            kept.append(word.group())
        elif place - 1 not in gone:
            kept.append(NAME)
    return " ".join(kept)


def _names(words: list[str], written: list[str]) -> set[int]:
    """The places of words that are a name: after words that introduce one, as far as written large."""
    gone: set[int] = set()
    for place in range(len(words)):
        for before, always in _before():
            if tuple(words[place : place + len(before)]) != before:
                continue
            first = place + len(before)
            for at in range(first, min(first + NAMES_MOST, len(words))):
                large = written[at][:1].isupper() and words[at] not in ("i", "im")
                if not large and not (always and stems(words[at])):
                    # A word that every sentence has ends a name.
                    break
                gone.add(at)
                if written[at][-1:] in ".,;:!?":
                    break
    return gone


@cache
def _before() -> tuple[tuple[tuple[str, ...], bool], ...]:
    """What comes before a name; whether a name follows for sure, however it is written."""
    told = [table(code, "answers")["names"] for code in having("answers")]
    return tuple(
        (tuple(plain(words).split()), always)
        for each in told
        for key, always in (("after", True), ("before", False))
        for words in each.get(key, ())
    )
