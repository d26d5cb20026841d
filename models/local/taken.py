"""What an utterance is taken for in a call: a key that is said, a question for medical advice, or a wish.

The call watches for phrases of danger, and for the wish for a person, before this is asked. May import: the
standard library, appliance.core, models.
"""

from collections.abc import Callable
from dataclasses import dataclass

from appliance.core.menu import spoken_key
from appliance.core.numbers import digits
from appliance.core.phrases.advice import asks_advice
from appliance.core.wishes import Intent, Wish
from models.local.intents import Departments, Understanding

SURE, SURE_OF_DANGER = 0.8, 0.6
"""So sure a wish has to be to go before a question for medical advice: the words may be those of both."""
OPEN = frozenset({Intent.QUESTION, Intent.NONE})


@dataclass(frozen=True, slots=True)
class Taken:
    """The wish, and the digits that were spoken; of a key that is said, no wish and that key."""

    wish: Wish
    digits: str = ""


def taken(
    understanding: Understanding | None,
    text: str,
    departments: Departments = (),
    language: str | None = None,
    answered: Callable[[], bool] = lambda: False,
) -> Taken:
    """What this utterance is taken for. `answered` tells whether the clinic's documents answer it."""
    if key := spoken_key(text):
        # A key that is said is as good as one that is pressed.
        return Taken(Wish(Intent.NONE), key)
    if understanding is None:
        return Taken(Wish(Intent.NONE))
    wish = understanding.wish(text, departments, language)
    return Taken(_judged(wish, text, answered), digits(text, language) or "")


def _judged(wish: Wish, text: str, answered: Callable[[], bool]) -> Wish:
    danger = wish.intent is Intent.EMERGENCY
    plain = wish.confidence >= (SURE_OF_DANGER if danger else SURE)
    if (wish.intent in OPEN or not plain) and asks_advice(text):
        # It is answered as a question is: by a sentence of ours, and a person.
        return Wish(Intent.QUESTION, confidence=wish.confidence)
    if wish.intent is Intent.NONE and answered():
        # Whatever it sounds like: there is an answer to it.
        return Wish(Intent.QUESTION, confidence=wish.confidence)
    if danger and not plain:
        # The phrases decide about danger; by likeness alone it has to be plain.
        return Wish(Intent.NONE, confidence=wish.confidence)
    return wish
