"""Whether a caller takes back what they were about to leave: "never mind", "forget it, I'll call back". Pure.

Who says more than that says something else: "never mind the refill, I need the results" is a message. What
was kept already goes only when the caller names it: "never mind" may be the answer to another question.
Of what is to be cancelled "I don't need it anymore" is no more than the reason. In doubt a message stands.
May import: the standard library, appliance.core, appliance.languages.
"""

from collections.abc import Sequence
from functools import cache

from appliance.core.booking.agreeing import plain_words, within, without
from appliance.core.story import Speaker, Turn
from appliance.languages.folders import codes
from appliance.languages.tables import table, words_of_all

NAMED, SAID, UNWANTED = "named", "said", "unwanted"
"""The lists of what takes it back: by naming it, otherwise, and by what is also said of what is cancelled."""


def takes_back(text: str, *, named: bool = False, cancels: bool = False) -> bool:
    """Whether this takes it back and says nothing else, in any language; with `named`, by naming it.

    With `cancels` it is a cancellation that is taken back.
    """
    others = () if named else (SAID,) if cancels else (SAID, UNWANTED)
    found = within(text, _listed(NAMED, SAID, UNWANTED))
    return not _listed(NAMED, *others).isdisjoint(found) and adds_nothing(without(text, found))


def speaks_of_cancelling(text: str) -> bool:
    """Whether something is to be cancelled by these words, in any language."""
    return not _words("cancels").isdisjoint(plain_words(text))


def taken_back(turns: Sequence[Turn], since: int) -> bool:
    """Whether the caller has taken it back behind so many turns, or by what they said last of all."""
    said = [place for place, turn in enumerate(turns) if _of_caller(turn)]
    cancels = any(speaks_of_cancelling(turns[place].text) for place in said)
    last = (turns[place].text for place in said if place >= since or place == said[-1])
    return any(takes_back(text, cancels=cancels) for text in last)


def kept_taken_back(turns: Sequence[Turn], since: int) -> bool:
    """The same for what was kept behind so many turns: it was named, and nothing else was asked for since."""
    said = [turn.text for turn in turns[since:] if _of_caller(turn)]
    idle = all(takes_back(text) or adds_nothing(text) for text in said)
    return idle and any(takes_back(text, named=True) for text in said)


def said_so(turns: Sequence[Turn]) -> bool:
    """Whether the last that the caller said in these turns takes back what was kept, by naming it."""
    said = [turn.text for turn in turns if _of_caller(turn)]
    return bool(said) and takes_back(said[-1], named=True)


def adds_nothing(text: str) -> bool:
    """Whether these are no more than words that may stand beside it."""
    return set(plain_words(text)) <= _words("beside")


def _of_caller(turn: Turn) -> bool:
    return turn.speaker is Speaker.CALLER and bool(turn.text.strip())


@cache
def _listed(*names: str) -> frozenset[str]:
    told = (table(code, "language").get("taken_back", {}) for code in codes())
    return frozenset(phrase for each in told for name in names for phrase in each.get(name, ()))


@cache
def _words(name: str) -> frozenset[str]:
    return words_of_all("language", "taken_back", name)
