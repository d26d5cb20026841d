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

    Somebody has to have said something, and a plain no counts until a yes comes after it.
    """
    told = [
        turn for turn in turns if turn.speaker in (Speaker.CALLER, Speaker.KEYPAD) and plain_words(turn.text)
    ]
    refused = max((place for place, turn in enumerate(told) if refuses(turn.text)), default=-1)
    return bool(told) and (refused < 0 or any(_says_yes(turn) for turn in told[refused + 1 :]))


def plain_words(text: str) -> Sequence[str]:
    """The words of a text, without accents."""
    return plain(text).split()


def refuses(text: str) -> bool:
    """Whether this is no more than a no, in any language: "no thanks", "no, the first one" is none."""
    words = set(plain_words(text))
    return bool(words & _listed("no")) and words <= _listed("no") | _listed("beside_no")


def _says_yes(turn: Turn) -> bool:
    if turn.speaker is Speaker.KEYPAD:
        return turn.text == YES_KEY
    return bool(set(plain_words(turn.text)) & _listed("yes"))


@cache
def _listed(name: str) -> frozenset[str]:
    """The words of this list in all languages: callers mix them."""
    return frozenset(word for code in codes() for word in table(code, "booking")["agreeing"][name])
