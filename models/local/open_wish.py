"""What a caller wanted of the cloud and has not got yet, with what was said of it: nobody is asked twice.

Pure. May import: the standard library, appliance.core.
"""

from dataclasses import dataclass, replace

from appliance.core.events import Understood
from appliance.core.numbers import TELEPHONE_DIGITS, words_beside
from appliance.core.taking_back import takes_back

NOTHING = Understood("", "none")
NO_WISH = frozenset({"none", "yes", "no", "repeat"})
ANSWERS = frozenset({"yes", "no", "repeat"})
BOOKINGS = frozenset({"book", "move", "cancel"})
MESSAGES = BOOKINGS | {"leave_message"}
LONG_WISHES = MESSAGES | {"transfer_department"}
AROUND_A_NUMBER = 5
"""So many words may stand around a number that is told alone: "you reach me at"."""

LEAST_WORDS = 3
"""Fewer are no message: a name, or a caller who thinks."""


@dataclass(slots=True)
class OpenWish:
    """Reads a story, turn after turn: an answer ends a question, a tool ends any wish.

    What follows the wish to leave a message is the message; a wish for an appointment says itself when.
    """

    wish: Understood = NOTHING
    _number: str = ""

    def caller(self, wanted: Understood, text: str) -> None:
        """The caller said this, and it was taken for that."""
        if takes_back(text, cancels=self.wish.intent == "cancel"):
            self.wish = NOTHING
            return
        told_number = len(wanted.digits) in TELEPHONE_DIGITS
        if told_number:
            self._number = wanted.digits
        alone = told_number and words_beside(text) <= AROUND_A_NUMBER
        if self.wish.intent in MESSAGES:
            if wanted.intent not in ANSWERS and not alone:
                self.wish = replace(self.wish, text=joined(self.wish.text, text))
        elif wanted.intent not in NO_WISH:
            says = wanted.intent in BOOKINGS or wanted.intent == "question"
            self.wish = replace(wanted, text=text if says else "")

    def tool(self) -> None:
        """A tool was run for the caller."""
        self.wish = NOTHING

    def attendant(self) -> None:
        """The assistant said something."""
        if self.wish.intent not in LONG_WISHES:
            self.wish = NOTHING

    def keypad(self, digits: str) -> None:
        """The caller pressed keys."""
        if len(digits) in TELEPHONE_DIGITS:
            self._number = digits

    @property
    def found(self) -> Understood:
        """The wish that is open; with the number at which to call back, for one that asks for it."""
        wish = self.wish
        if wish.intent not in MESSAGES:
            return replace(wish, recalled=True)
        text = wish.text if len(wish.text.split()) >= LEAST_WORDS else ""
        return replace(wish, text=text, digits=self._number, recalled=True)


def joined(before: str, text: str) -> str:
    """Two things that were said one after the other, as sentences."""
    return f"{before.rstrip(' .')}. {text}" if before else text
