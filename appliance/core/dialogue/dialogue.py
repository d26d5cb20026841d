"""Where the local assistant stands in a call, and what follows from a wish, a key, a silence, a tool.

Every state knows help, repeat, back and a person. Two misunderstandings lead to keys, four to a person; four
silences end the call politely. May import: the standard library, appliance.core.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto

from appliance.core.dialogue.facts import Facts
from appliance.core.dialogue.moves import LITERAL, Do, Leave, Move, Record, Say
from appliance.core.dispositions import GOODBYE, PEOPLE, Disposition, transfer
from appliance.core.events import Understood
from appliance.core.menu import DepartmentLine
from appliance.core.staff import EMERGENCY_LINE

MISSES_TO_KEYS = 2
MISSES_TO_PERSON = 4
SILENCES_IN_CLOUD = 2
NUMBER_DIGITS = range(7, 16)
BOOKING = {
    "book": "Appointment wanted",
    "move": "Appointment to be moved",
    "cancel": "Appointment to be cancelled",
}
ASKED = {BOOKING["book"]: "ask_booking", BOOKING["move"]: "ask_move", BOOKING["cancel"]: "ask_cancel"}
MESSAGE = "Message"
QUESTION = "Question"


class Step(Enum):
    """What the caller was asked last."""

    OFFER = auto()
    DEPARTMENT = auto()
    MESSAGE_OFFERED = auto()
    MESSAGE = auto()
    MESSAGE_CHECK = auto()
    NUMBER_KNOWN = auto()
    NUMBER = auto()
    NUMBER_CHECK = auto()
    WAITING = auto()


@dataclass(slots=True)
class Dialogue:
    """The state of the local assistant in one call."""

    facts: Facts = field(default_factory=Facts)
    language: str = "en"
    step: Step = Step.OFFER
    subject: str = ""
    message: str = ""
    recording: str = ""
    number: str = ""
    served: bool = False
    misses: int = 0
    silences: int = 0
    last: tuple[Say, ...] = ()
    _doing: str = ""

    # What begins it ----------------------------------------------------------------------------------

    def greet(self) -> list[Move]:
        """Begin a call that no cloud has begun."""
        facts = self.facts
        welcome = Say("welcome", (("business_name", facts.business_name),))
        if self.language == facts.languages[0] and facts.greeting:
            welcome = Say(LITERAL, (("text", facts.greeting),))
        return [welcome, *self._asked(Step.OFFER, *self._offer())]

    def resume(self, wish: Understood) -> list[Move]:
        """Go on where the cloud was lost: with the wish that is still open, or a question."""
        if self.step is not Step.OFFER:
            return [*self.last]
        if wish.intent in ("none", "yes", "no", "repeat", "goodbye"):
            return self._asked(Step.OFFER, *self._offer())
        return self.understood(wish)

    @property
    def recording_now(self) -> bool:
        """Whether the caller was asked to speak a message."""
        return self.step is Step.MESSAGE

    # What the caller wants ---------------------------------------------------------------------------

    def understood(self, wish: Understood) -> list[Move]:
        """The caller said something, and this is what it was taken for."""
        self.silences = 0
        if wish.intent == "unheard":
            # Our own ear is out of order: keys are the way, and it is not the caller's fault.
            self.misses = MISSES_TO_KEYS - 1
            return self.missed()
        here = self._answered(wish)
        if here is not None:
            self.misses = 0
            return here
        act = _WISHES.get(wish.intent)
        if act is None:
            return self.missed()
        self.misses = 0
        return act(self, wish)

    def _answered(self, wish: Understood) -> list[Move] | None:
        """What the step makes of the caller's words; None when they are no answer to what was asked."""
        match self.step:
            case Step.DEPARTMENT if wish.intent == "transfer_department" or wish.department:
                return self._department(wish)
            case Step.MESSAGE_OFFERED | Step.MESSAGE_CHECK | Step.NUMBER_KNOWN | Step.NUMBER_CHECK:
                if wish.intent in ("yes", "no"):
                    return self._confirmed(yes=wish.intent == "yes")
            case Step.NUMBER if len(wish.digits) in NUMBER_DIGITS:
                return self._number_given(wish.digits)
            case _:
                pass
        return None

    def missed(self) -> list[Move]:
        """Nothing was understood: ask again, then offer keys, then a person."""
        self.misses += 1
        if self.misses >= MISSES_TO_PERSON:
            return [Say("not_understood_person"), Leave(PEOPLE, "the caller was not understood")]
        lead = Say("not_understood" if self.misses < MISSES_TO_KEYS else "not_understood_keys")
        again = self.last if self.misses < MISSES_TO_KEYS or self.step is not Step.OFFER else self._offer()
        return [lead, *again]

    def silent(self) -> list[Move]:
        """The caller said nothing: ask, ask again, offer a message, end politely."""
        self.silences += 1
        match self.silences:
            case 1:
                return [Say("nobody_heard"), *self.last]
            case 2:
                return [Say("nobody_heard_again"), *self._asked(Step.OFFER, *self._offer())]
            case 3:
                return self._asked(Step.MESSAGE_OFFERED, Say("offer_message"))
            case _:
                return [Say("nobody_goodbye"), Leave(GOODBYE, "the caller said nothing")]

    def silent_in_cloud(self) -> list[Move]:
        """The caller says nothing to the cloud: ask twice, end politely."""
        self.silences += 1
        if self.silences > SILENCES_IN_CLOUD:
            return [Say("nobody_goodbye"), Leave(GOODBYE, "the caller said nothing")]
        return [Say("nobody_heard" if self.silences == 1 else "nobody_heard_again")]

    def alarmed(self, what: str, language: str = "") -> list[Move]:
        """Danger, or the wish for a person, was found in words of this language: it is answered in it."""
        if language in self.facts.languages:
            self.language = language
        if what == "person":
            return self._person("the caller asked for a person")
        number = " ".join(self.facts.emergency_number)
        warned = Say("emergency_911") if number == "9 1 1" else Say("emergency", (("number", number),))
        if self.facts.emergency_line:
            return [warned, Say("emergency_line"), Leave(transfer(EMERGENCY_LINE), "an emergency")]
        return [warned]

    # Keys ----------------------------------------------------------------------------------------------

    @property
    def takes_number(self) -> bool:
        """Whether keys are gathered until # (a telephone number) instead of each being a choice."""
        return self.step is Step.NUMBER

    def key(self, digit: str) -> list[Move]:
        """A key was pressed, outside of a number; 0 never comes here."""
        self.silences = 0
        if digit == "*":
            return self._asked(Step.OFFER, *self._offer())
        if digit == "#":
            return [*self.last]
        self.misses = 0
        match self.step:
            case Step.DEPARTMENT:
                place = int(digit)
                lines = self.facts.departments
                return self._transfer(lines[place - 1]) if 1 <= place <= len(lines) else self.missed()
            case Step.MESSAGE_OFFERED | Step.MESSAGE_CHECK | Step.NUMBER_KNOWN | Step.NUMBER_CHECK:
                return self._confirmed(yes=digit == "1") if digit in "12" else self.missed()
            case Step.MESSAGE | Step.WAITING:
                return []
            case _:
                return self._chosen(digit)

    def keys(self, digits: str) -> list[Move]:
        """A number was keyed in."""
        self.silences = 0
        if len(digits) in NUMBER_DIGITS:
            return self._number_given(digits)
        return [Say("ask_number_again"), *self.last]

    def _chosen(self, digit: str) -> list[Move]:
        offered = next((name for name, key in self.facts.offers if key == digit), "")
        match offered:
            case "offer_hours":
                return self._hours()
            case "offer_department":
                return self._ask_department()
            case "offer_leave_message":
                return self._ask_message(MESSAGE)
            case "offer_book":
                return self._ask_message(BOOKING["book"])
            case "offer_language":
                return self._wants_language(Understood("", "language_switch"))
            case _:
                return self.missed()

    # What is done ----------------------------------------------------------------------------------------

    def _offer(self) -> tuple[Say, ...]:
        """What can be had, by voice and by key at the same time."""
        facts = self.facts
        offered = [
            Say(name, (("key", key),))
            for name, key in facts.offers
            if name != "offer_department" or facts.departments
        ]
        return (Say("how_can_i_help"), *offered)

    def _hours(self) -> list[Move]:
        return self._do("get_business_hours", language=self.language)

    def _ask_department(self) -> list[Move]:
        lines = self.facts.departments
        if not lines:
            return self._person("the caller asked for a department and there is none")
        choices = (
            Say("offer_one_department", (("department", line.name), ("key", str(place))))
            for place, line in enumerate(lines, 1)
        )
        return self._asked(Step.DEPARTMENT, Say("ask_department"), *choices)

    def _department(self, wish: Understood) -> list[Move]:
        line = self.facts.department(wish.department) if wish.department else None
        return self._transfer(line) if line else self._ask_department()

    def _transfer(self, line: DepartmentLine) -> list[Move]:
        return self._do("transfer_to_department", department=line.name)

    def _person(self, why: str) -> list[Move]:
        return [Say("connecting"), Leave(PEOPLE, why)]

    def _ask_message(self, subject: str) -> list[Move]:
        self.subject = subject
        ask = ASKED.get(subject, "ask_message")
        return [*self._asked(Step.MESSAGE, Say(ask)), Record()]

    def recorded(self, recording: str, text: str) -> list[Move]:
        """The caller's message is on disk (`recording`), and this is what was understood of it."""
        if not recording:
            return [Say("message_too_short"), *self._ask_message(self.subject)]
        self.recording, self.message = recording, text
        if text:
            read = ("confirm_request", "wish") if self.subject in ASKED else ("confirm_message", "message")
            return self._asked(Step.MESSAGE_CHECK, Say(read[0], ((read[1], text),)))
        return self._ask_number()

    def _ask_number(self) -> list[Move]:
        if self.facts.caller and not self.number:
            known = (("number", self.facts.caller),)
            return self._asked(Step.NUMBER_KNOWN, Say("number_known", known))
        return self._asked(Step.NUMBER, Say("ask_number"))

    def _number_given(self, digits: str) -> list[Move]:
        self.number = digits
        return self._asked(Step.NUMBER_CHECK, Say("confirm_number", (("number", digits),)))

    def _confirmed(self, *, yes: bool) -> list[Move]:
        match self.step:
            case Step.MESSAGE_OFFERED:
                return self._ask_message(self.subject or MESSAGE) if yes else self._more()
            case Step.MESSAGE_CHECK:
                return self._ask_number() if yes else self._ask_message(self.subject)
            case Step.NUMBER_KNOWN:
                if yes:
                    self.number = self.facts.caller
                    return self._send()
                return self._asked(Step.NUMBER, Say("ask_number"))
            case _:
                return self._send() if yes else self._asked(Step.NUMBER, Say("ask_number"))

    def _send(self) -> list[Move]:
        said = self.message or "Spoken; listen to the recording."
        body = f"{said} Call back: {self.number}"
        return self._do("take_spoken_message", subject=self.subject, body=body, recording=self.recording)

    def _more(self) -> list[Move]:
        self.served = True
        return self._asked(Step.OFFER, Say("anything_else"), Say("help"))

    def _do(self, tool: str, **arguments: str) -> list[Move]:
        self._doing = tool
        self.step = Step.WAITING
        return [Do(tool, arguments)]

    def done(self, *, ok: bool, said: str, leave: Disposition | None) -> list[Move]:
        """The tool is back: `said` is for the caller, `leave` how the call is to end by it."""
        tool, self._doing = self._doing, ""
        if leave is not None:
            return [self._connecting(leave), Leave(leave, f"the local assistant: {str(leave) or 'people'}")]
        if not ok:
            why = Leave(PEOPLE, f"{tool} did not work")
            return [Say("message_failed" if tool == "take_spoken_message" else "connecting"), why]
        if tool == "take_spoken_message":
            kept = Say("request_kept" if self.subject in ASKED else "message_kept")
            self.subject = self.message = self.recording = self.number = ""
            return [kept, *self._more()]
        return [Say(LITERAL, (("text", said),)), *self._more()]

    def _connecting(self, leave: Disposition) -> Say:
        line = self.facts.department(leave.department) if leave.department else None
        return Say("connecting_department", (("department", line.name),)) if line else Say("connecting")

    # Wishes that count in every state ----------------------------------------------------------------

    def _wants_hours(self, _wish: Understood) -> list[Move]:
        return self._hours()

    def _wants_message(self, _wish: Understood) -> list[Move]:
        return self._ask_message(MESSAGE)

    def _wants_booking(self, wish: Understood) -> list[Move]:
        return self._ask_message(BOOKING[wish.intent])

    def _wants_answer(self, _wish: Understood) -> list[Move]:
        self.subject = QUESTION
        return self._asked(Step.MESSAGE_OFFERED, Say("not_known"), Say("offer_message"))

    def _wants_language(self, wish: Understood) -> list[Move]:
        other = wish.language or next((each for each in self.facts.languages if each != self.language), "")
        if other not in self.facts.languages:
            return self._person("the caller speaks another language")
        self.language = other
        return [Say("language_now"), *self._asked(Step.OFFER, *self._offer())]

    def _wants_repeat(self, _wish: Understood) -> list[Move]:
        return [*self.last]

    def _wants_person(self, _wish: Understood) -> list[Move]:
        return self._person("the caller asked for a person")

    def _wants_goodbye(self, _wish: Understood) -> list[Move]:
        return [Say("goodbye"), Leave(GOODBYE, "the caller said goodbye")]

    def _says_no(self, _wish: Understood) -> list[Move]:
        """No to "anything else?" is a goodbye."""
        return self._wants_goodbye(_wish) if self.served else self.missed()

    def _asked(self, step: Step, *said: Say) -> list[Move]:
        self.step, self.last = step, said
        return [*said]


_WISHES: dict[str, Callable[[Dialogue, Understood], list[Move]]] = {
    "emergency": lambda dialogue, _wish: dialogue.alarmed("emergency"),
    "hours": Dialogue._wants_hours,
    "transfer_department": Dialogue._department,
    "leave_message": Dialogue._wants_message,
    "book": Dialogue._wants_booking,
    "move": Dialogue._wants_booking,
    "cancel": Dialogue._wants_booking,
    "question": Dialogue._wants_answer,
    "language_switch": Dialogue._wants_language,
    "repeat": Dialogue._wants_repeat,
    "person": Dialogue._wants_person,
    "goodbye": Dialogue._wants_goodbye,
    "no": Dialogue._says_no,
}
