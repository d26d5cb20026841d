"""How a number to call back is known: whether the caller was asked about it, and has said yes.

That they call from it is no yes. Pure. May import: the standard library, appliance.core, appliance.languages.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import cache

from appliance.core import telephone
from appliance.core.booking import agreeing
from appliance.core.numbers import TELEPHONE_DIGITS, runs
from appliance.core.story import Speaker, Turn
from appliance.languages.prompts import codes
from appliance.languages.tables import table

LAST = 4
"""So many digits of a number, at its end, are enough to ask about it."""


class NumberFrom(StrEnum):
    """How a number to call back came to be known."""

    CONFIRMED = "confirmed"
    """The caller was asked about it, or keyed it in, and said yes."""
    HEARD = "heard"
    """The caller said it, and it was not read back to them before it was written down."""
    CALLER_ID = "caller_id"
    """It is the one that they call from; they have not confirmed it."""


def confirmed(number: str, turns: Iterable[Turn], *, own: bool) -> bool:
    """Whether the caller has said yes to this number (E.164, or bare digits), and no "no" since.

    `own`: it is the one that they call from, and may be asked about by these words alone.
    """
    asked = answered = sure = False
    for turn in turns:
        if turn.speaker is Speaker.ATTENDANT and turn.text:
            asked = (asked and not answered) or asks_about(turn.text, number, own=own)
            answered = False
        elif turn.speaker in (Speaker.CALLER, Speaker.KEYPAD) and turn.text.strip():
            offers = own and turn.speaker is Speaker.CALLER and _offers(turn.text)
            sure = offers or (_sure(turn) if asked and _decides(turn) else sure)
            answered = True
    return sure


def _offers(text: str) -> bool:
    """Whether the caller themselves wants to be called where they call from: "call me at this number"."""
    return _has(agreeing.stated(text), "own_number") and not agreeing.denies(text)


def asks_about(text: str, number: str = "", *, own: bool = True) -> bool:
    """Whether these words of the attendant's name a number, or that from which the caller calls (`own`)."""
    if own and _has(text, "asks_number"):
        return True
    digits = telephone.national(number)
    return bool(digits) and any(_names(run, digits) for run in runs(text))


def asks_name(text: str) -> bool:
    """Whether these words of the attendant's ask who comes."""
    return _has(text, "asks_name")


def asks_to_act(text: str) -> bool:
    """Whether these words of the attendant's ask whether to go ahead with a time, or an appointment."""
    return _has(text, "asks_to_act")


def checks(text: str) -> bool:
    """Whether these words of the attendant's ask whether a number, or a name, is right."""
    spoken = any(len(run) >= TELEPHONE_DIGITS.start for run in runs(text))
    return spoken or asks_about(text) or _has(text, "checks_name")


def _names(run: str, digits: str) -> bool:
    return run.endswith(digits) or (len(run) >= LAST and digits.endswith(run))


def _decides(turn: Turn) -> bool:
    return _sure(turn) or agreeing.denies(turn.text) or agreeing.hedges(turn.text)


def _sure(turn: Turn) -> bool:
    if turn.speaker is Speaker.KEYPAD:
        return turn.text == agreeing.YES_KEY
    return agreeing.yes(turn.text)


def _has(text: str, name: str) -> bool:
    return bool(agreeing.within(text, _listed(name)))


@cache
def _listed(name: str) -> Sequence[str]:
    """The words of this list in all languages: callers mix them."""
    return tuple(words for code in codes() for words in table(code, "booking").get(name, ()))
