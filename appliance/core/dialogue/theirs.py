"""The caller's own appointments by the box itself: found, told, cancelled or moved, by key and by voice.

Number, name and day of birth are asked for; whether two match is for the tools to say. What was found is
read, one of several is chosen, and a cancellation is read back. What cannot be done ends as a request.
May import: the standard library, appliance.core.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from appliance.core.booking import agreeing, birthday
from appliance.core.booking.choosing import one_meant
from appliance.core.booking.identity import WORDS_MOST
from appliance.core.dialogue.asking import ABOUT, BOOKING, Step
from appliance.core.dialogue.booking import Found, of_staff
from appliance.core.dialogue.following import Ask, Finished, Next, Person, Request, say, verbatim
from appliance.core.dialogue.moves import Do, Say
from appliance.core.dialogue.naming import name_told
from appliance.core.events import Understood
from appliance.core.numbers import TELEPHONE_DIGITS
from appliance.core.taking_back import takes_back

FIND, CANCEL = "find_appointment", "cancel_appointment"
STEPS = frozenset(
    {Step.BORN, Step.BORN_CHECK, Step.WHOSE, Step.WHICH, Step.THEIRS, Step.CANCEL_CHECK},
)
LOOK, MOVE_IT, CANCEL_IT = "find", "move", "cancel"
"""What a caller may want of an appointment."""
CHOICES = {"1": MOVE_IT, "2": CANCEL_IT, "3": ""}
"""The keys for one that was found; the last leaves it as it is."""
KEYS_MOST = 9
WRONG_MOST = 3
"""So many times nothing may be found; then staff are to look for it."""
DOUBTS_MOST = 3
"""So many answers that no tool can use; after them it is the same."""
NAME_WORDS = range(2, WORDS_MOST + 1)
"""So many a full name has."""


@dataclass(slots=True)
class Theirs:
    """What a caller wants of an appointment, who they are so far, and what was found for them.

    `phone` is empty for the number that they call from.
    """

    move: Callable[[Found], Next]
    """What follows when one is to be moved."""
    wish: str = LOOK
    phone: str = ""
    name: str = ""
    born: str = ""
    found: tuple[Found, ...] = ()
    one: Found | None = None
    _known: bool = False
    _proven: bool = False
    _heard: date | None = None
    _wrong: int = 0
    _doubts: int = 0
    _asked_for_more: bool = False

    def begin(self, wish: str, caller: str, language: str) -> Next:
        """The caller wants this of an appointment, and calls from this number."""
        self.wish, self._known = wish, bool(caller)
        if self._proven:
            return self._look(language)
        return Ask(Step.BORN, (Say("ask_born"),)) if caller else Ask(Step.WHOSE, (Say("ask_whose"),))

    def goes_on_from(self, before: "Theirs") -> None:
        """Who was found before in this call is not asked again; wrong tries count as before."""
        self._wrong, self._proven = before._wrong, before._proven
        if before._proven:
            self.phone, self.name, self.born = before.phone, before.name, before.born

    # Keys --------------------------------------------------------------------------------------------

    def key(self, step: Step, digit: str, language: str) -> Next | None:
        """A key that is a choice; None when it means nothing here."""
        place = int(digit) - 1
        match step:
            case Step.BORN_CHECK if digit in "12":
                return self._born_confirmed(language, yes=digit == "1")
            case Step.WHICH if 0 <= place < len(self.found):
                return self._take(self.found[place])
            case Step.THEIRS if digit in CHOICES:
                return self._wanted(CHOICES[digit])
            case Step.CANCEL_CHECK if digit in "12":
                return self._cancel(language, yes=digit == "1")
            case _:
                return None

    def keyed(self, step: Step, digits: str, language: str) -> Next | None:
        """Keys that are digits of a number or a day; None when they are neither."""
        if step is Step.WHOSE:
            return self._number(digits, language)
        clear = birthday.keyed(digits)
        if clear is not None:
            return self._born(clear, language)
        return self._read_back(digits, language) if len(digits) in birthday.KEYED else None

    # Words -------------------------------------------------------------------------------------------

    def said(self, step: Step, wish: Understood, language: str) -> Next | None:
        """Words; None when they are no answer to what was asked."""
        yes, decided = wish.intent == "yes", wish.intent in ("yes", "no")
        match step:
            case Step.BORN:
                return self._read_back(wish.text, language)
            case Step.BORN_CHECK if decided:
                return self._born_confirmed(language, yes=yes)
            case Step.BORN_CHECK:
                return self._read_back(wish.text, language)
            case Step.WHOSE:
                return self._number(wish.digits, language) or self._named(wish, language)
            case Step.WHICH:
                place = one_meant([each.start for each in self.found], wish.text)
                return None if place is None else self._take(self.found[place])
            case Step.THEIRS | Step.CANCEL_CHECK if takes_back(wish.text):
                return self._no_more(step, wish, language)
            case Step.THEIRS if wish.intent in (MOVE_IT, CANCEL_IT):
                return self._wanted(wish.intent)
            case Step.THEIRS if wish.intent == "no":
                return self._wanted("")
            case Step.CANCEL_CHECK if decided or wish.intent == CANCEL_IT:
                return self._cancel(language, yes=wish.intent != "no")
            case _:
                return None

    def _no_more(self, step: Step, wish: Understood, language: str) -> Next | None:
        """The caller takes something back: what they asked for, which leaves it as it is, or the appointment.

        "Yes, never mind" is neither: None, so that it is asked again.
        """
        yes = agreeing.says_yes(wish.text) and not agreeing.hedges(wish.text)
        if takes_back(wish.text, cancels=True):
            if yes:
                return None
            checks = step is Step.CANCEL_CHECK
            return self._cancel(language, yes=False) if checks else Finished((Say("nothing_changed"),))
        if step is Step.THEIRS:
            return self._wanted(CANCEL_IT)
        # "I don't need it anymore" agrees to nothing by itself.
        decided = yes or wish.intent == "no"
        return self._cancel(language, yes=yes) if decided else None

    # Who it is ---------------------------------------------------------------------------------------

    def _read_back(self, words: str, language: str) -> Next | None:
        """A day that may be misheard, or keyed in another order, is read back."""
        day = birthday.told(words, language)
        if day is None:
            return None
        self._heard = day
        return Ask(Step.BORN_CHECK, (say("confirm_born", born=birthday.said(day, language)),))

    def _born_confirmed(self, language: str, *, yes: bool) -> Next:
        if yes and self._heard is not None:
            return self._born(self._heard, language)
        return Ask(Step.BORN, (Say("ask_born"),))

    def _born(self, day: date, language: str) -> Next:
        self.born = day.isoformat()
        return self._look(language)

    def _number(self, digits: str, language: str) -> Next | None:
        if len(digits) not in TELEPHONE_DIGITS:
            return None
        self.phone = digits
        return self._look(language)

    def _named(self, wish: Understood, language: str) -> Next | None:
        name = name_told(wish)
        if len(name.split()) not in NAME_WORDS:
            return None
        self.name = name
        return self._look(language)

    def _look(self, language: str) -> Next:
        """Have it looked for, once two things are known."""
        if not self.born:
            return Ask(Step.BORN, (Say("ask_born"),))
        if not (self._known or self.phone or self.name):
            return Ask(Step.WHOSE, (Say("ask_whose"),))
        return Do(
            FIND, {"phone": self.phone, "name": self.name[:80], "born": self.born, "language": language}
        )

    # What tools answer -------------------------------------------------------------------------------

    def told(self, output: Mapping[str, Any]) -> Next:
        """What was found, what became of a cancellation, or why there is none."""
        told, why = verbatim(str(output.get("say", ""))), str(output.get("why", ""))
        if output.get("appointments"):
            self.found = tuple(_read(each) for each in output["appointments"][:KEYS_MOST])
            self._proven = bool(self.born)
            return self._found()
        if "confirmed" in output:
            return Finished(told)
        if why == "tries":
            return Person(told, "too many tries to find an appointment")
        if why == "not_agreed" and self.one is not None and not self._doubted():
            return self._check(self.one)
        if why == "not_known" and self._proven:
            # There was one, and it is no more.
            return Finished(told)
        if why == "not_known":
            return self._not_found(told)
        if why == "more" and not self._asked_for_more:
            self._asked_for_more = True
            return Ask(Step.WHOSE, (*told, Say("ask_whose")))
        if why == "who" and not self._doubted():
            return Ask(Step.BORN, (Say("ask_born"),))
        return self._request(told)

    def _doubted(self) -> bool:
        """Whether that is enough of it."""
        self._doubts += 1
        return self._doubts > DOUBTS_MOST

    def _not_found(self, told: tuple[Say, ...]) -> Next:
        """Ask for what else there is: the number or the name first, then the day again."""
        self._wrong += 1
        if self._wrong >= WRONG_MOST:
            return self._request((*told, Say("staff_look")))
        if self._wrong == 1 and not (self.phone or self.name):
            return Ask(Step.WHOSE, (*told, Say("ask_whose")))
        return Ask(Step.BORN, (*told, Say("ask_born")))

    def _request(self, told: tuple[Say, ...]) -> Request:
        """What the caller wants, for the staff."""
        subject = BOOKING.get(self.wish, ABOUT)
        if self.one is not None:
            return Request(told, subject, of_staff(self.one), self.phone)
        given = {"Day of birth": self.born, "name": self.name, "number": self.phone}
        known = ", ".join(f"{name} {value}" for name, value in given.items() if value)
        return Request(told, subject, f"Not found by the box. {known or 'Nothing was told'}.", self.phone)

    # What is done with it ----------------------------------------------------------------------------

    def _found(self) -> Next:
        if len(self.found) == 1:
            return self._take(self.found[0])
        choices = (
            say("offer_slot", start=each.said, key=str(place)) for place, each in enumerate(self.found, 1)
        )
        return Ask(Step.WHICH, (Say("several_found"), *choices))

    def _take(self, one: Found) -> Next:
        self.one = one
        match self.wish:
            case "move":
                return self.move(one)
            case "cancel":
                return self._check(one)
            case _:
                return self._tell(one)

    def _tell(self, one: Found) -> Ask:
        return Ask(Step.THEIRS, (say("you_have", start=one.said), Say("move_or_cancel")))

    def _wanted(self, wish: str) -> Next | None:
        """What follows when this is wanted of the one that was taken; nothing leaves it as it is."""
        if self.one is None:
            return None
        self.wish = wish
        return self._take(self.one) if wish else Finished()

    def _check(self, one: Found) -> Ask:
        return Ask(Step.CANCEL_CHECK, (say("confirm_cancel", start=one.start),))

    def _cancel(self, language: str, *, yes: bool) -> Next | None:
        if self.one is None:
            return None
        if not yes:
            self.wish = LOOK
            return Ask(
                Step.THEIRS,
                (Say("nothing_changed"), say("you_have", start=self.one.said), Say("move_or_cancel")),
            )
        return Do(CANCEL, {"appointment_id": self.one.appointment_id, "language": language})


def _read(told: Mapping[str, Any]) -> Found:
    said = str(told["said"])
    return Found(
        str(told.get("appointment_id", "")),
        said,
        str(told.get("start") or said),
        str(told.get("visit", "")),
        str(told.get("provider", "")),
    )
