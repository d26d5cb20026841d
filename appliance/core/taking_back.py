"""Whether a caller takes back what they were about to leave: "never mind", "forget it, I'll call back". Pure.

Who says more than that says something else: "never mind the refill, I need the results" is a message. What
was kept already goes only when the caller names it: "never mind" may be the answer to another question.
May import: the standard library, appliance.core, appliance.languages.
"""

import re
from collections.abc import Sequence
from functools import cache

from appliance.core.booking.agreeing import plain_words
from appliance.core.story import Speaker, Turn
from appliance.languages.folders import codes
from appliance.languages.tables import table, words

SAID = ("named", "said")
"""The lists of what takes it back; the first one has what names it."""
_SENTENCE = re.compile(r"[^.!?…]+[.!?…]*")


def takes_back(text: str, *, named: bool = False) -> bool:
    """Whether this takes it back and says nothing else, in any language; with `named`, by naming it."""
    said = f" {' '.join(plain_words(text))} "
    found = [phrase for phrase in _phrases() if f" {phrase} " in said]
    if not found or (named and not _named().intersection(found)):
        return False
    for phrase in found:
        said = said.replace(f" {phrase} ", "  ")
    return set(said.split()) <= _beside()


def ends_so(text: str) -> bool:
    """Whether a message ends by being taken back: "I need a refill. Oh, never mind. Goodbye."."""
    sentences = _SENTENCE.findall(text)
    return any(takes_back(" ".join(sentences[first:])) for first in range(len(sentences)))


def taken_back(turns: Sequence[Turn], since: int) -> bool:
    """Whether the caller has taken it back behind so many turns, or by what they said last of all."""
    said = [place for place, turn in enumerate(turns) if _of_caller(turn)]
    return any(takes_back(turns[place].text) for place in said if place >= since or place == said[-1])


def kept_taken_back(turns: Sequence[Turn], since: int) -> bool:
    """The same for what was kept behind so many turns: it was named, and nothing else was asked for since."""
    said = [turn.text for turn in turns[since:] if _of_caller(turn)]
    idle = all(takes_back(text) or set(plain_words(text)) <= _beside() for text in said)
    return idle and any(takes_back(text, named=True) for text in said)


def _of_caller(turn: Turn) -> bool:
    return turn.speaker is Speaker.CALLER and bool(turn.text.strip())


@cache
def _phrases() -> Sequence[str]:
    """What takes it back, the longest first."""
    return sorted(_listed(*SAID), key=len, reverse=True)


@cache
def _named() -> frozenset[str]:
    """What takes it back and names it."""
    return _listed(SAID[0])


def _listed(*names: str) -> frozenset[str]:
    told = (table(code, "language").get("taken_back", {}) for code in codes())
    return frozenset(phrase for each in told for name in names for phrase in each.get(name, ()))


@cache
def _beside() -> frozenset[str]:
    """Words that may stand beside it."""
    return frozenset().union(*(words(table(code, "language"), "taken_back", "beside") for code in codes()))
