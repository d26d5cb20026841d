"""Whether a caller has agreed: to an offer that was read out, or to have an appointment cancelled. Pure.

May import: the standard library, appliance.core, appliance.languages.
"""

from collections.abc import Iterable, Sequence
from functools import cache

from appliance.core.menu import plain
from appliance.core.story import Speaker, Turn
from appliance.languages.prompts import codes
from appliance.languages.tables import table

YES_KEY = "1"


def agreed(turns: Iterable[Turn]) -> bool:
    """Whether these turns, all since the question, may be taken for a yes.

    Somebody has to have said something. A plain no counts until a yes comes after it, and so does a "maybe".
    """
    told = [
        turn for turn in turns if turn.speaker in (Speaker.CALLER, Speaker.KEYPAD) and plain_words(turn.text)
    ]
    undecided = max((place for place, turn in enumerate(told) if _holds_back(turn)), default=-1)
    return bool(told) and (undecided < 0 or any(_agrees(turn) for turn in told[undecided + 1 :]))


def since_told(turns: Sequence[Turn]) -> Sequence[Turn]:
    """The turns behind the first of the attendant's: what came before that was no answer to it.

    One that was cut before any of it was heard tells nothing.
    """
    for place, turn in enumerate(turns):
        if turn.speaker is Speaker.ATTENDANT and (turn.text or not turn.cut):
            return turns[place + 1 :]
    return ()


def hedges(text: str) -> bool:
    """Whether these words put it off, in any language: "maybe", "yes, but later", "quizás después"."""
    said = f" {' '.join(plain_words(text))} "
    return any(f" {words} " in said for words in _listed("hedges"))


def says_yes(text: str) -> bool:
    """Whether a word of agreement is in it, in any language."""
    return bool(set(plain_words(text)) & _listed("yes"))


def plain_words(text: str) -> Sequence[str]:
    """The words of a text, without accents."""
    return plain(text).split()


def refuses(text: str) -> bool:
    """Whether this is no more than a no, in any language: "no thanks", "no, the first one" is none."""
    words = set(plain_words(text))
    return bool(words & _listed("no")) and words <= _listed("no") | _listed("beside_no")


def _holds_back(turn: Turn) -> bool:
    return refuses(turn.text) or hedges(turn.text)


def _agrees(turn: Turn) -> bool:
    """Keys say no word; one who speaks says yes, and nothing that takes it back."""
    return turn.text == YES_KEY if turn.speaker is Speaker.KEYPAD else says_yes(turn.text)


@cache
def _listed(name: str) -> frozenset[str]:
    """The words of this list in all languages: callers mix them."""
    return frozenset(word for code in codes() for word in table(code, "booking")["agreeing"].get(name, ()))
