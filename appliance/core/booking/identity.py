"""By how many things that were told for a booking a caller is known who asks about it.

The number, the name and the day of birth are the three. How many it takes is said by `rules`; of appointments
of anybody else nothing is said, not even that there are any. Pure.
May import: the standard library, appliance.core, appliance.languages.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from appliance.core.menu import plain
from appliance.languages.prompts import codes
from appliance.languages.tables import table, words_of_all

WORDS_MOST = 5
"""So many words a name has at most, without what joins them."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What is known of somebody: E.164, a name, a day of birth as 1980-03-09; what is not known is empty."""

    phone: str = ""
    name: str = ""
    born: str = ""

    def matching(self, booked: "Identity") -> int:
        """How much of what is told here is what was told for a booking: 0 to 3."""
        matches = (
            bool(self.phone) and self.phone == booked.phone,
            same_name(self.name, booked.name),
            bool(self.born) and self.born == booked.born,
        )
        return sum(matches)


def same_name(told: str, booked: str) -> bool:
    """Whether a name is that of the booking: the words of the shorter one, two at least where it has two.

    Names are spelled by ear, so words count by their sound: Anna is Ana, Ruis is Ruiz; Juana is not Juan.
    What is said around a name is no part of it, and a list of names is nobody's.
    """
    ours, theirs = _sounds(told), _sounds(booked)
    least = min(2, len(theirs))
    if not least or len(ours) < least or max(len(ours), len(theirs)) > WORDS_MOST:
        return False
    return ours <= theirs or theirs <= ours


def name_within(said: str) -> str:
    """The name in a sentence: "My name is Ana Ruiz, thank you" is Ana Ruiz; without such words, all of it."""
    spoken = said.split()
    around = _around(tuple(plain(word) for word in spoken))
    kept = [word for word, carries in zip(spoken, around, strict=True) if not carries]
    return " ".join(kept).strip(" ,.;:!?") if any(around) else said.strip()


def _around(said: Sequence[str]) -> list[bool]:
    """Which of these words are said around a name."""
    carries = [False] * len(said)
    for phrase in _phrases():
        for first in range(len(said) - len(phrase) + 1):
            if tuple(said[first : first + len(phrase)]) == phrase:
                carries[first : first + len(phrase)] = [True] * len(phrase)
    return carries


@cache
def _phrases() -> tuple[tuple[str, ...], ...]:
    """What is said around a name, in all languages."""
    return tuple(
        tuple(plain(word) for word in phrase.split())
        for code in codes()
        for phrase in table(code, "booking")["around_names"]
    )


def _sounds(name: str) -> set[str]:
    """The words of a name, written alike when they sound alike in English or in Spanish."""
    folded = plain(name_within(name))
    for pattern, sound in _ALIKE:
        folded = pattern.sub(sound, folded)
    return set(folded.split()) - _joins()


@cache
def _joins() -> frozenset[str]:
    """Words that make no name, as they sound, in all languages."""
    return words_of_all("language", "names", "joins")


_ALIKE = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("ph", "f"),
        ("ck|qu|q|k|c(?![eiyh])", "k"),
        ("ch", "x"),
        ("z|c", "s"),
        ("v", "b"),
        ("y", "i"),
        ("h", ""),
        (r"(.)\1+", r"\1"),
    )
)
