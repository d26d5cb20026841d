"""How the box itself books, by key and voice: what it is for, when, which of the times, is that right.

It says what comes next and does nothing; times are found and held by tools, and words for a time are theirs
to understand. What cannot be booked ends as a request. May import: the standard library, appliance.core.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from appliance.core.booking.identity import name_within
from appliance.core.booking.visits import Bookable, VisitType
from appliance.core.dialogue.asking import Step
from appliance.core.dialogue.moves import LITERAL, Do, Say
from appliance.core.events import Understood

KEYS_MOST = 8
OTHER_TIME = "9"
FIRST_FREE = "1"
DOUBTS_MOST = 3
"""So many times a caller is asked for another time; then it is written down as a request."""
TIMES = frozenset({"book", "move", "none", "hours", "question", "repeat"})
"""What words for a time may be taken for."""
UNBOOKABLE = frozenset({"no_calendar", "staff", "who", "which_provider"})
STEPS = frozenset({Step.VISIT, Step.WHEN, Step.OFFERS, Step.BOOK_CHECK})
FIND, BOOK = "find_slots", "book_spoken_appointment"
OF_BOOKING = frozenset({"offers", "why", "confirmed"})
"""What the answers of tools for appointments have, and no other."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask this, and wait for the answer."""

    step: Step
    says: tuple[Say, ...]


@dataclass(frozen=True, slots=True)
class Name:
    """The time is agreed to: who comes, and at which number, is next."""


@dataclass(frozen=True, slots=True)
class Wish:
    """It cannot be booked: after these words have a request written down."""

    says: tuple[Say, ...] = ()


@dataclass(frozen=True, slots=True)
class Finished:
    """These words say what became of it."""

    says: tuple[Say, ...]


Next = Ask | Do | Name | Wish | Finished


@dataclass(slots=True)
class Booking:
    """One appointment on its way. `offers` are ids and words; `taken` is the id of the one agreed to."""

    visit: str = ""
    when: str = ""
    offers: tuple[tuple[str, str], ...] = ()
    exact: bool = False
    chosen: tuple[str, str] = ("", "")
    taken: str = ""
    _doubts: int = 0

    def begin(self, bookable: Bookable, words: str, language: str) -> Next:
        """The caller would like an appointment and has said so much of it; by key nothing."""
        self.when = words
        offered = bookable.offered
        named = bookable.visits_called(words) if words else ()
        if len(offered) == 1 or len(named) == 1:
            return self._for((named or offered)[0], language)
        return self._ask_visit(offered)

    def key(self, step: Step, digit: str, bookable: Bookable, language: str) -> Next | None:
        """A key; None when it means nothing here."""
        place = int(digit) - 1
        match step:
            case Step.VISIT if 0 <= place < len(bookable.offered[:KEYS_MOST]):
                return self._for(bookable.offered[place], language)
            case Step.WHEN if digit == FIRST_FREE:
                return self._find("", language)
            case Step.OFFERS if self.exact and digit in "12":
                return self._confirmed(yes=digit == "1")
            case Step.OFFERS if digit == OTHER_TIME:
                return self._ask_when()
            case Step.OFFERS if 0 <= place < len(self.offers):
                return self._check(self.offers[place])
            case Step.BOOK_CHECK if digit in "12":
                return self._confirmed(yes=digit == "1")
            case _:
                return None

    def said(self, step: Step, wish: Understood, bookable: Bookable, language: str) -> Next | None:
        """Words; None when they are no answer to what was asked."""
        one = len(self.offers) == 1
        if wish.intent in ("yes", "no") and (step is Step.BOOK_CHECK or (step is Step.OFFERS and one)):
            return self._confirmed(yes=wish.intent == "yes")
        if wish.intent == "no" and step is Step.OFFERS:
            return self._ask_when()
        if wish.intent not in TIMES or not wish.text:
            return None
        if step is Step.VISIT:
            named = bookable.visits_called(wish.text)
            return self._for(named[0], language) if len(named) == 1 else None
        return None if wish.intent == "repeat" else self._find(wish.text, language)

    def told(self, output: Mapping[str, Any], bookable: Bookable) -> Next:
        """What a tool answered: times, what has to be asked first, or what became of it."""
        words = (Say(LITERAL, (("text", str(output.get("say", ""))),)),) if output.get("say") else ()
        why = str(output.get("why", ""))
        if "confirmed" in output:
            return Finished(words)
        if output.get("ok"):
            self.offers = tuple((each["offer_id"], each["said"]) for each in output["offers"])
            self.exact, self.chosen = bool(output.get("exact")), self.offers[0]
            return self._ask_offers()
        self._doubts += 1
        self.taken = ""
        if why in UNBOOKABLE or self._doubts > DOUBTS_MOST:
            return Wish(words if why in UNBOOKABLE else ())
        if why == "which_visit":
            return self._ask_visit(bookable.offered)
        return Ask(Step.WHEN, (*words, Say("first_free")))

    def arguments(self, name: str, number: str, recording: str, language: str) -> dict[str, str]:
        """What books what was agreed to."""
        told = {"offer_id": self.taken, "name": name_within(name)[:80], "phone": number, "language": language}
        return {**told, "recording": recording}

    def _for(self, visit: VisitType, language: str) -> Next:
        self.visit = visit.name
        return self._find(self.when, language) if self.when else self._ask_when()

    def _find(self, when: str, language: str) -> Do:
        self.when = when
        return Do(FIND, {"visit": self.visit, "when": when[:200], "language": language})

    def _ask_visit(self, visits: Sequence[VisitType]) -> Ask:
        choices = (
            Say("offer_visit", (("visit", visit.name), ("key", str(place))))
            for place, visit in enumerate(visits[:KEYS_MOST], 1)
        )
        return Ask(Step.VISIT, (Say("ask_visit"), *choices))

    def _ask_when(self) -> Ask:
        return Ask(Step.WHEN, (Say("ask_when"), Say("first_free")))

    def _ask_offers(self) -> Ask:
        if self.exact:
            return Ask(Step.OFFERS, (Say("offer_exact", (("start", self.chosen[1]),)),))
        choices = (
            Say("offer_slot", (("start", said), ("key", str(place))))
            for place, (_, said) in enumerate(self.offers, 1)
        )
        return Ask(Step.OFFERS, (*choices, Say("other_time")))

    def _check(self, offer: tuple[str, str]) -> Ask:
        self.chosen = offer
        return Ask(Step.BOOK_CHECK, (Say("confirm_offer", (("start", offer[1]),)),))

    def _confirmed(self, *, yes: bool) -> Next:
        if not yes:
            return self._ask_when()
        self.taken = self.chosen[0]
        return Name()
