"""How the box itself finds a time, by key and voice: what it is for, when, which of the times, is that right.

The time is for a new appointment, or for one that is moved. It says what comes next and does nothing; times
are found and held by tools, and words for a time are theirs to understand. What cannot be booked or moved
ends as a request. May import: the standard library, appliance.core.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from appliance.core.booking import birthday
from appliance.core.booking.identity import name_within
from appliance.core.booking.piecemeal import PIECES_MOST
from appliance.core.booking.visits import Bookable, Provider, VisitType
from appliance.core.booking.wanted import names_time, silent_on_when
from appliance.core.dialogue.asking import BOOKING, Step
from appliance.core.dialogue.following import Ask, Finished, Name, Next, Request, Wish, say, verbatim
from appliance.core.dialogue.moves import Do, Say
from appliance.core.events import Understood

KEYS_MOST = 8
LATER = "9"
FIRST_FREE = "1"
DOUBTS_MOST = 3
"""So many times a caller is asked for another time; then it is written down as a request."""
ROUNDS_MOST = 5
"""So many times a caller is led on to later times by key; then it is written down as a request."""
NAME_MOST = 80
LETTERS_MOST = 200
"""So many letters of what a caller says of a time are looked through."""
TIMES = frozenset({"book", "move", "none", "hours", "question", "repeat"})
"""What words for a time may be taken for."""
UNBOOKABLE = frozenset({"no_calendar", "no_more", "staff", "more", "who"})
NOT_MOVABLE = frozenset({"which_visit", "which_provider"})
"""Why one cannot be moved that is as it was booked, where a new one is asked about."""
OF_BIRTH = frozenset({Step.PATIENT_BORN, Step.PATIENT_BORN_CHECK})
STEPS = OF_BIRTH | {Step.VISIT, Step.WHEN, Step.OFFERS, Step.BOOK_CHECK}
WITHOUT = "1"
"""The key for a booking without the day of birth."""
FIND, BOOK = "find_slots", "book_spoken_appointment"
MOVE = "move_appointment"


@dataclass(frozen=True, slots=True)
class Found:
    """An appointment of the caller's. `said` is its time, and how sure it is; `start` the time alone."""

    appointment_id: str
    said: str
    start: str
    visit: str = ""
    provider: str = ""


@dataclass(slots=True)
class Booking:
    """One appointment on its way. `offers` are ids and words; `taken` is the id of the one agreed to.

    `instead_of` is the one that is moved.
    """

    instead_of: Found | None = None
    visit: str = ""
    provider: str = ""
    """Whom the caller has named: with one of that name, or with anybody."""
    pieces: tuple[str, ...] = ()
    """What the caller has said of when, the last words last: a time may be told piece by piece."""
    offers: tuple[tuple[str, str], ...] = ()
    exact: bool = False
    chosen: tuple[str, str] = ("", "")
    taken: str = ""
    born: str | None = None
    """The patient's day of birth; empty where it is not told, None where it was not asked for."""
    unnamed: bool = False
    """Whether nobody has said a name: then the day of birth is told by keys in its place."""
    _heard: date | None = None
    _doubts: int = 0
    _rounds: int = 0

    def begin(self, bookable: Bookable, words: str, language: str) -> Next:
        """The caller would like an appointment and has said so much of it; by key nothing."""
        offered = bookable.offered
        named = bookable.visits_called(words) if words else ()
        if words:
            self._hears(words)
            self._names_provider(words, bookable)
        if len(offered) == 1 or len(named) == 1:
            return self._for((named or offered)[0], language)
        return self._ask_visit(offered)

    def move(self, old: Found) -> Next:
        """The caller would like to come at another time than that of this appointment."""
        self.instead_of, self.visit, self.provider = old, old.visit, old.provider
        return self._ask_when(say("you_have", start=old.said))

    def key(self, step: Step, digit: str, bookable: Bookable, language: str) -> Next | None:
        """A key; None when it means nothing here."""
        place = int(digit) - 1
        match step:
            case Step.VISIT if 0 <= place < len(bookable.offered[:KEYS_MOST]):
                return self._for(bookable.offered[place], language)
            case Step.WHEN if digit == FIRST_FREE:
                self.pieces = ()
                return self._find(language)
            case Step.OFFERS if self.exact and digit in "12":
                return self._confirmed(language, yes=digit == "1")
            case Step.WHEN | Step.OFFERS if self.offers and digit == LATER:
                return self._later(language)
            case Step.OFFERS if 0 <= place < len(self.offers):
                return self._check(self.offers[place])
            case Step.BOOK_CHECK if digit in "12":
                return self._confirmed(language, yes=digit == "1")
            case Step.PATIENT_BORN_CHECK if digit in "12":
                return self._born_confirmed(yes=digit == "1")
            case _:
                return None

    def keyed(self, digits: str, language: str) -> Next | None:
        """The keys of a day of birth, or the one that leaves it out, or has the name said after all."""
        day = birthday.keyed(digits)
        if day is None and digits != WITHOUT:
            return self._read_back(digits, language) if len(digits) in birthday.KEYED else None
        if day is None:
            # Without a name it cannot be left out: the name is said after all, and it is asked for later.
            self.born, self.unnamed = None if self.unnamed else "", False
            return Name()
        self.born = day.isoformat()
        return Name()

    def without_name(self) -> Ask:
        """No name was heard: the patient may be told by keys alone."""
        self.unnamed, self.born = True, None
        return self._ask_born()

    def said(self, step: Step, wish: Understood, bookable: Bookable, language: str) -> Next | None:
        """Words; None when they are no answer to what was asked."""
        if step is Step.PATIENT_BORN_CHECK and wish.intent in ("yes", "no"):
            return self._born_confirmed(yes=wish.intent == "yes")
        if step in OF_BIRTH:
            return self._read_back(wish.text, language)
        wish = self._weighed(wish, bookable, language)
        one = len(self.offers) == 1
        if wish.intent in ("yes", "no") and (step is Step.BOOK_CHECK or (step is Step.OFFERS and one)):
            return self._confirmed(language, yes=wish.intent == "yes")
        if wish.intent == "no" and step is Step.OFFERS:
            return self._ask_when()
        if wish.intent not in TIMES or not wish.text:
            return None
        if step is Step.VISIT:
            return self._named(wish.text, bookable, language)
        if wish.intent == "repeat":
            return None
        if not self._names_provider(wish.text, bookable) or not silent_on_when(wish.text, language):
            self._hears(wish.text)
        return self._find(language) if self.pieces else self._ask_when()

    def _weighed(self, wish: Understood, bookable: Bookable, language: str) -> Understood:
        """When and with whom is that whatever it is taken for: "or rather Wednesday", "with Dr. Ruiz"."""
        when = wish.intent == "no" and names_time(wish.text, language)
        whom = wish.intent == "transfer_department" and not wish.department
        if when or (whom and self._called(wish.text, bookable)):
            return replace(wish, intent="none")
        return wish

    def _named(self, words: str, bookable: Bookable, language: str) -> Next | None:
        """What it is for was named, and perhaps when with it."""
        named = bookable.visits_called(words)
        if len(named) != 1:
            return None
        self._names_provider(words, bookable)
        if names_time(words, language):
            self._hears(words)
        return self._for(named[0], language)

    def _hears(self, words: str) -> None:
        """The caller has said this of when."""
        self.pieces = (*self.pieces, words[:LETTERS_MOST])[-PIECES_MOST:]

    def _names_provider(self, words: str, bookable: Bookable) -> bool:
        """Whether the caller has named with whom, which is kept until they name somebody else."""
        named = self._called(words, bookable)
        if named:
            # Of several it is asked which.
            self.provider = " ".join(each.name for each in named)[:NAME_MOST]
        return bool(named)

    def _called(self, words: str, bookable: Bookable) -> tuple[Provider, ...]:
        """The providers that are named in these words, of those whom it can be with."""
        visit = next((each for each in bookable.visit if each.name == self.visit), None)
        return bookable.providers_called(words, bookable.providers_of(visit) if visit else bookable.provider)

    def told(self, output: Mapping[str, Any], bookable: Bookable, language: str) -> Next:
        """What a tool answered: times, what has to be asked first, or what became of it."""
        told, why = verbatim(str(output.get("say", ""))), str(output.get("why", ""))
        if "confirmed" in output:
            return Finished(told)
        if output.get("ok"):
            self.offers = tuple((each["offer_id"], each["said"]) for each in output["offers"])
            self.exact, self.chosen = bool(output.get("exact")), self.offers[0]
            return self._ask_offers(verbatim(str(output.get("lead", ""))))
        self._doubts += 1
        self.taken = ""
        unbookable = why in UNBOOKABLE or (why in NOT_MOVABLE and self.instead_of is not None)
        if unbookable or self._doubts > DOUBTS_MOST:
            return self._request(told if unbookable else ())
        if why == "which_visit":
            return self._ask_visit(bookable.offered)
        if why == "which_provider":
            self.provider = ""
        if why == "not_agreed" and self.chosen[0]:
            return self._check(self.chosen)
        return self._when(*told)

    def _request(self, told: tuple[Say, ...]) -> Next:
        if self.instead_of is None:
            return Wish(told)
        free = "none of the times that were offered" if self._rounds else "the first free time"
        wanted = f'"{", ".join(self.pieces)}"' if self.pieces else free
        about = f"{of_staff(self.instead_of)} Wanted instead: {wanted}."
        return Request(told, BOOKING["move"], about)

    def book(self, name: str, number: str, recording: str, language: str, *, finds: bool) -> Next:
        """Book what was agreed to.

        A name that is only recorded finds nothing later: where callers are told about their appointments
        the day of birth is asked for beside it.
        """
        if self.born is None and finds and not name:
            return self._ask_born()
        told = {"offer_id": self.taken, "name": name_within(name)[:80], "phone": number, "language": language}
        return Do(BOOK, {**told, "born": self.born or "", "recording": recording})

    def _read_back(self, text: str, language: str) -> Next | None:
        """A day that may be misheard, or keyed in another order, is read back."""
        self._heard = birthday.told(text, language)
        if self._heard is None:
            return None
        born = birthday.said(self._heard, language)
        return Ask(Step.PATIENT_BORN_CHECK, (say("confirm_born", born=born),))

    def _born_confirmed(self, *, yes: bool) -> Next:
        if not yes or self._heard is None:
            return self._ask_born()
        self.born = self._heard.isoformat()
        return Name()

    def left_over(self, said: str) -> str:
        """What staff read of one that was not told to the end; empty where nobody said who comes."""
        by_keys = f"By keys alone: born {self.born}." if self.unnamed and self.born else ""
        return f"{self.chosen[1]}. {said or by_keys}" if said or by_keys else ""

    def _ask_born(self) -> Ask:
        return Ask(Step.PATIENT_BORN, (Say("ask_born_unnamed" if self.unnamed else "ask_patient_born"),))

    def _for(self, visit: VisitType, language: str) -> Next:
        self.visit = visit.name
        return self._find(language) if self.pieces else self._ask_when()

    def _later(self, language: str) -> Next:
        """Times behind those that were offered; at the end a request."""
        self._rounds += 1
        return self._request(()) if self._rounds > ROUNDS_MOST else self._find(language, self.offers[-1][0])

    def _find(self, language: str, behind: str = "") -> Do:
        *earlier, when = self.pieces or ("",)
        wanted = {"visit": self.visit, "when": when, "language": language}
        if earlier:
            wanted["earlier"] = "\n".join(earlier)
        if behind:
            wanted["behind"] = behind
        if self.provider:
            wanted["provider"] = self.provider
        return Do(FIND, wanted)

    def _ask_visit(self, visits: Sequence[VisitType]) -> Ask:
        choices = (
            say("offer_visit", visit=visit.name, key=str(place))
            for place, visit in enumerate(visits[:KEYS_MOST], 1)
        )
        return Ask(Step.VISIT, (Say("ask_visit"), *choices))

    def _ask_when(self, *before: Say) -> Ask:
        return self._when(*before, Say("ask_when"))

    def _when(self, *asked: Say) -> Ask:
        """When, by these words; by key the first free times, or later ones than those that were offered."""
        later = (Say("later_times"),) if self.offers else ()
        return Ask(Step.WHEN, (*asked, Say("first_free"), *later))

    def _ask_offers(self, lead: tuple[Say, ...]) -> Ask:
        if self.exact:
            return Ask(Step.OFFERS, (self._is_that_right("offer_exact", self.chosen[1]),))
        choices = (
            say("offer_slot", start=start, key=str(place)) for place, (_, start) in enumerate(self.offers, 1)
        )
        return Ask(Step.OFFERS, (*lead, *choices, Say("other_time")))

    def _check(self, offer: tuple[str, str]) -> Ask:
        self.chosen = offer
        return Ask(Step.BOOK_CHECK, (self._is_that_right("confirm_offer", offer[1]),))

    def _is_that_right(self, new: str, start: str) -> Say:
        """The time read back: by this sentence for a new appointment, beside the old time for a moved one."""
        if self.instead_of is None:
            return say(new, start=start)
        return say("confirm_move", old=self.instead_of.start, start=start)

    def _confirmed(self, language: str, *, yes: bool) -> Next:
        if not yes:
            return self._ask_when()
        if self.instead_of is not None:
            moved = {"appointment_id": self.instead_of.appointment_id, "offer_id": self.chosen[0]}
            return Do(MOVE, {**moved, "language": language})
        self.taken = self.chosen[0]
        return Name()


def of_staff(found: Found) -> str:
    """Which appointment it is, for the staff."""
    visit, provider = found.visit or "Appointment", found.provider
    return f"{visit}{f' with {provider}' if provider else ''}: {found.start.rstrip('.')}."
