"""Appointments by the box itself: a new one, and those that a caller has, behind one face for the dialogue.

May import: the standard library, appliance.core.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from appliance.core.booking import agreeing
from appliance.core.booking.wanted import names_time
from appliance.core.dialogue import booking, theirs
from appliance.core.dialogue.asking import BOOKING, HEARD_FIRST, Step
from appliance.core.dialogue.booking import Booking, Found
from appliance.core.dialogue.facts import Facts
from appliance.core.dialogue.following import Next, Request, Wish
from appliance.core.dialogue.moves import Do
from appliance.core.dialogue.theirs import LOOK, Theirs
from appliance.core.events import Understood
from appliance.core.menu import plain
from appliance.core.numbers import runs
from appliance.languages.prompts import codes
from appliance.languages.tables import table

STEPS = booking.STEPS | theirs.STEPS
OF_BOOKING = frozenset({"offers", "why", "confirmed", "appointments"})
"""What the answers of tools for appointments have, and no other."""
OF_THEIRS = frozenset({theirs.FIND, theirs.CANCEL})
CHECKS = frozenset({Step.OFFERS, Step.BOOK_CHECK, Step.CANCEL_CHECK})
"""Where something is done after a yes."""
BY_LINK = frozenset({Step.VISIT, Step.WHEN, Step.OFFERS, Step.BOOK_CHECK})
"""Where who looks for a time may rather have a link."""
LEFT_ALONE = frozenset({"emergency", "person", "goodbye", "leave_message", "language_switch"})
"""What is wanted by these words, whatever else they name."""


@dataclass(slots=True)
class Appointments:
    """What the caller wants of appointments, as far as it is known."""

    new: Booking = field(default_factory=Booking)
    theirs: Theirs = field(init=False)
    _asked: str = ""

    def __post_init__(self) -> None:
        self.theirs = Theirs(self._moved)

    @property
    def cancels(self) -> bool:
        """Whether one is to be cancelled."""
        return self.theirs.wish == theirs.CANCEL_IT

    def wanted(self, wish: Understood, facts: Facts, language: str) -> Next:
        """An appointment is wanted, or something of one that there is."""
        if wish.intent == "book":
            if not facts.bookable.offered or wants_link(wish, facts):
                return Wish()
            return self._asks(self.new.begin(facts.bookable, wish.text, language))
        return self._asks(self.theirs.begin(wish.intent, facts.caller, language))

    def anew(self) -> "Appointments":
        """Nothing is wanted any more; who has been found in this call is known still."""
        made = Appointments()
        made.theirs.goes_on_from(self.theirs)
        return made

    def key(self, step: Step, digit: str, facts: Facts, language: str) -> Next | None:
        """A key that is a choice; None when it means nothing here."""
        if step in theirs.STEPS:
            return self._answers(self.theirs.key(step, digit, language))
        return self._answers(self.new.key(step, digit, facts.bookable, language))

    def agrees(self, step: Step, digit: str) -> bool:
        """Whether this key has something done that was asked for by a yes."""
        asked = step in CHECKS and (step is not Step.OFFERS or self.new.exact)
        return digit == agreeing.YES_KEY and (asked or step in HEARD_FIRST)

    def keyed(self, step: Step, digits: str, language: str) -> Next | None:
        """Keys that were gathered; None when they cannot be what was asked for."""
        if step in theirs.STEPS:
            return self._answers(self.theirs.keyed(step, digits, language))
        return self._answers(self.new.keyed(digits, language))

    def said(self, step: Step, wish: Understood, facts: Facts, language: str) -> Next | None:
        """Words; None when they are no answer to what was asked."""
        if step in BY_LINK and self.new.instead_of is None and wants_link(wish, facts):
            return Wish()
        wish = _weighed(step, wish, language)
        if step in theirs.STEPS:
            return self._answers(self.theirs.said(step, wish, language))
        return self._answers(self.new.said(step, wish, facts.bookable, language))

    def told(self, output: Mapping[str, Any], facts: Facts, language: str) -> Next | None:
        """What a tool for appointments answered."""
        asked, self._asked = self._asked, ""
        if asked in OF_THEIRS or "appointments" in output:
            return self._answers(self.theirs.told(output))
        return self._answers(self.new.told(output, facts.bookable, language))

    def _moved(self, found: Found) -> Next:
        self.new = Booking()
        return self.new.move(found)

    def _answers(self, then: Next | None) -> Next | None:
        return None if then is None else self._asks(then)

    def _asks(self, then: Next) -> Next:
        """Know which tool is asked now, as its answer does not tell; and where to call back."""
        if isinstance(then, Do):
            self._asked = then.tool
        if isinstance(then, Request) and not then.number:
            return replace(then, number=self.theirs.phone)
        return then


def _weighed(step: Step, wish: Understood, language: str) -> Understood:
    """Words with a "perhaps" in them decide nothing, and a time is one whatever it is taken for."""
    if step in CHECKS and agreeing.hedges(wish.text):
        return replace(wish, intent="no")
    if wish.intent not in ("yes", "goodbye") or agreeing.says_yes(wish.text):
        return wish
    rather_a_time = names_time(wish.text, language) or (wish.intent == "yes" and bool(runs(wish.text)))
    return replace(wish, intent="none") if rather_a_time else wish


def asks_for_theirs(wish: Understood) -> bool:
    """Whether the caller asks about an appointment that there is: "when is my appointment?"."""
    return wish.intent not in LEFT_ALONE and _asks_for("theirs", wish.text)


def wants_link(wish: Understood, facts: Facts) -> bool:
    """Whether the caller would rather have a link to book by, where one can be texted."""
    # "Send me a message with the link" leaves none.
    asks = wish.intent not in LEFT_ALONE - {"leave_message"} and _asks_for("link", wish.text)
    return asks and facts.link is not None


def wish_of(wish: Understood, facts: Facts) -> Understood:
    """The same; what asks for a link as a wish to book, what asks about an appointment as one to find it."""
    if wants_link(wish, facts):
        return replace(wish, intent="book")
    return replace(wish, intent=LOOK) if facts.finds and asks_for_theirs(wish) else wish


def for_staff(wish: Understood, facts: Facts) -> bool:
    """Whether this is a wish for an appointment that the box cannot do anything about: a request."""
    return (wish.intent == "book" and not facts.bookable.offered) or (
        wish.intent in BOOKING and wish.intent != "book" and not facts.finds
    )


def _asks_for(what: str, text: str) -> bool:
    said = plain(text)
    return bool(said) and any(asks.search(said) and not more.search(said) for asks, more in _asking(what))


@cache
def _asking(what: str) -> tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]:
    """How callers ask for this in each language, and the words with which they want more than that."""
    made = list[tuple[re.Pattern[str], re.Pattern[str]]]()
    for code in codes():
        asked = table(code, "booking").get(what)
        if asked is None:
            # In such a language it is by key alone, or not asked for.
            continue
        told = {name: "|".join(words) for name, words in asked.items()}
        asks = (
            rf"\b(?:{told['asks']})(?: \w+){{0,2}} (?:{told['ours']})\b",
            rf"\b(?:{told['anywhere']})\b",
            rf"^(?:{told['alone']})$",
        )
        made.append((re.compile("|".join(asks)), re.compile(rf"\b(?:{told['more']})")))
    return tuple(made)
