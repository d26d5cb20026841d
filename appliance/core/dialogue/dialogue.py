"""Where the local assistant stands in a call, and what follows from a wish, a key, a silence, a tool.

Every state knows help, repeat, back and a person. Two misunderstandings lead to keys, four to a person; four
silences end the call politely. May import: the standard library, appliance.core.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from appliance.core.dialogue import asking
from appliance.core.dialogue.appointments import OF_BOOKING, Appointments, for_staff, wish_of
from appliance.core.dialogue.appointments import STEPS as OF_APPOINTMENTS
from appliance.core.dialogue.asking import Step
from appliance.core.dialogue.documents import DOCUMENTS, told
from appliance.core.dialogue.facts import FOR_FETCHING, Facts
from appliance.core.dialogue.following import Ask, Finished, Name, Next, Person, Request, Wish
from appliance.core.dialogue.left import Left, names_nothing, nothing_kept
from appliance.core.dialogue.link import LINKS, PAGE, Link
from appliance.core.dialogue.moves import LITERAL, Do, Fetch, Leave, Move, Record, Say
from appliance.core.dialogue.naming import name_told
from appliance.core.dispositions import GOODBYE, PEOPLE, Disposition, transfer
from appliance.core.events import Understood
from appliance.core.menu import DepartmentLine
from appliance.core.numbers import TELEPHONE_DIGITS
from appliance.core.staff import EMERGENCY_LINE
from appliance.core.taking_back import adds_nothing, takes_back
from appliance.core.tongue import spoken


@dataclass(slots=True)
class Dialogue:
    """The state of the local assistant in one call."""

    facts: Facts = field(default_factory=Facts)
    language: str = "en"
    step: Step = Step.OFFER
    left: Left = field(default_factory=Left)
    link: Link = field(default_factory=Link)
    booking: Appointments = field(default_factory=Appointments)
    served: bool = False
    kept_last: bool = False
    """Whether a message was kept, and nothing else was asked for since."""
    misses: int = 0
    silences: int = 0
    last: tuple[Say, ...] = ()
    _doing: str = ""

    # What begins it ----------------------------------------------------------------------------------

    def greet(self) -> list[Move]:
        """Begin a call that no cloud has begun, or go on with one that comes back."""
        facts = self.facts
        if facts.danger:
            on = [] if facts.emergency_line else self._person("an emergency")
            return [*self.alarmed("emergency"), *on]
        if facts.unreached:
            nobody = Say(facts.nobody_there, (("department", facts.unreached),))
            return [nobody, *self._asked(Step.MESSAGE_OFFERED, Say("offer_message"))]
        return [facts.welcome(self.language), *self._offers()]

    def resume(self, wish: Understood) -> list[Move]:
        """Go on where the cloud was lost: with the wish that is still open, or a question."""
        if self.step is not Step.OFFER:
            return self.again()
        if wish.intent in ("none", "yes", "no", "repeat"):
            return self._offers()
        if wish.intent == "leave_message" or for_staff(wish, self.facts):
            return self._message_goes_on(wish)
        return self.understood(wish)

    def _message_goes_on(self, wish: Understood) -> list[Move]:
        """What the cloud was told of a message, or of an appointment, is not asked for again."""
        subject, self.left.number = asking.SUBJECTS[wish.intent], wish.digits
        if not wish.text:
            return self._ask_message(subject)
        self.left.subject, self.left.text = subject, wish.text
        return self._ask_who() if len(wish.text) > asking.TOLD_MOST else self._read_back()

    def again(self) -> list[Move]:
        """What the caller was asked last, asked again."""
        return [*self.last, Record()] if self.step is Step.MESSAGE else [*self.last]

    @property
    def collecting(self) -> bool:
        """Whether something is being collected that nobody else knows of."""
        return self.step in asking.COLLECTING

    def handed_over(self) -> None:
        """The cloud goes on: what was asked here is asked no more."""
        self.step, self.last = Step.OFFER, ()
        self.without_assistant()
        self._forget()
        self.misses, self.silences, self.kept_last = 0, 0, False

    def _forget(self) -> None:
        """What was collected is done with."""
        self.left, self.booking, self.link = Left(), self.booking.anew(), Link()

    # What the caller wants ---------------------------------------------------------------------------

    def hears(self, text: str) -> None:
        """These are the caller's words, to whichever brain: we go on in their language."""
        self.silences = 0 if text.strip() else self.silences
        self.goes_on_in(spoken(text, self.facts.languages))

    def goes_on_in(self, language: str) -> None:
        """Speak this language, if it is one of ours."""
        if language in self.facts.languages:
            self.language = language

    def understood(self, wish: Understood) -> list[Move]:
        """The caller said something, and this is what it was taken for."""
        self.silences = 0
        if wish.intent == "unheard" and not self.facts.assistant:
            # Our own ear is out of order: keys are the way at once.
            self.misses = max(self.misses, asking.MISSES_TO_KEYS - 1)
            return self.missed()
        if (key := asking.key_said(self.step, wish)) and not self.in_number(key, ""):
            return self.key(key) if key != "0" else self._person(asking.ASKED_FOR_PERSON)
        if names_nothing(self.step, wish.text, kept=self.kept_last):
            return self.missed()
        if (here := self._answered(wish)) is not None:
            self.misses = 0
            return here
        self.kept_last = self.kept_last and adds_nothing(wish.text)
        if self.step is Step.OFFER and self.facts.wants_assistant(wish):
            return [Fetch(wish)]
        wish = wish_of(wish, self.facts)
        if (act := _WISHES.get(wish.intent)) is None:
            return self.missed()
        self.misses = 0
        return act(self, wish)

    def _answered(self, wish: Understood) -> list[Move] | None:
        """What the step makes of the caller's words; None when they are no answer to what was asked."""
        match self.step:
            case at if self.left.given_up(at, wish.text, kept=self.kept_last, cancels=self.booking.cancels):
                return self._goes_on(nothing_kept(self.language))
            case Step.DEPARTMENT if wish.intent == "transfer_department" or wish.department:
                return self._department(wish)
            case step if step in asking.OF_MESSAGE and wish.intent in ("yes", "no"):
                return self._confirmed(yes=wish.intent == "yes")
            case Step.WHO if name := name_told(wish):
                self.left.name = name
                return self._ask_number()
            case Step.NUMBER if len(wish.digits) in TELEPHONE_DIGITS:
                return self._number_given(wish.digits)
            case Step.LINK:
                return self._goes_on(self.link.said(wish, self.facts.texted(self.link.about), self.language))
            case step if step in OF_APPOINTMENTS:
                return self._goes_on(self.booking.said(step, wish, self.facts, self.language))
            case _:
                return None

    def missed(self) -> list[Move]:
        """Nothing was understood: ask again, then offer keys, then a person."""
        self.misses += 1
        if self.misses >= asking.MISSES_TO_PERSON:
            why = "the caller was not understood"
            return [*self.left_over(), Say("not_understood_person"), Leave(PEOPLE, why)]
        lead = Say("not_understood" if self.misses < asking.MISSES_TO_KEYS else "not_understood_keys")
        if self.misses >= asking.MISSES_TO_KEYS and self.step is Step.OFFER:
            return [lead, *self.facts.offered(self.language)]
        return [lead, *self.again()]

    def silent(self) -> list[Move]:
        """The caller said nothing: ask, ask again, offer a message, end politely."""
        self.silences += 1
        match self.silences:
            case 1:
                return [Say("nobody_heard"), *self.again()]
            case 2 if self.step is Step.URGENT:
                return self._send()  # all else of it is told, and nobody has said that it presses
            case 2:
                return [Say("nobody_heard_again"), *self._offers()]
            case 3:
                return self._asked(Step.MESSAGE_OFFERED, Say("offer_message"))
            case _:
                return [*self.left_over(), Say("nobody_goodbye"), Leave(GOODBYE, "the caller said nothing")]

    def silent_in_cloud(self) -> list[Move]:
        """The caller says nothing to the cloud: ask twice, offer a message, end politely."""
        self.silences += 1
        if self.silences > len(asking.SILENCES_IN_CLOUD):
            return [Say("nobody_goodbye"), Leave(GOODBYE, "the caller said nothing")]
        return [Say(asking.SILENCES_IN_CLOUD[self.silences - 1])]

    def alarmed(self, what: str, language: str = "") -> list[Move]:
        """Danger, or the wish for a person, was found in words of this language: it is answered in it."""
        self.goes_on_in(language)
        if what == "person":
            return self._person(asking.ASKED_FOR_PERSON)
        warned = self.facts.warned()
        if self.facts.emergency_line:
            return [warned, Say("emergency_line"), Leave(transfer(EMERGENCY_LINE), "an emergency")]
        # A message that was being spoken is asked for anew.
        return [warned, *self.again()] if self.step is Step.MESSAGE else [warned]

    # Keys ----------------------------------------------------------------------------------------------

    def in_number(self, digit: str, before: str) -> bool:
        """Whether a key belongs to a number: # ends one that was begun, and alone has it asked for again."""
        return self.step in asking.GATHERED and digit != "*" and (digit != "#" or bool(before))

    def key(self, digit: str) -> list[Move]:
        """A key was pressed, outside of a number; 0 never comes here."""
        self.silences = 0
        if digit == "*":
            return self._offers()
        if digit == "#":
            return self.again()
        if (chosen := self._keyed(digit)) is None:
            return self.missed()
        self.misses = 0
        return chosen

    def _keyed(self, digit: str) -> list[Move] | None:
        """What a key means where the caller is; None when it means nothing there."""
        match self.step:
            case Step.DEPARTMENT:
                place, lines = int(digit), self.facts.departments
                return self._transfer(lines[place - 1]) if 1 <= place <= len(lines) else None
            case step if step in asking.OF_MESSAGE:
                return self._confirmed(yes=digit == "1") if digit in "12" else None
            case Step.WHO:
                return self._ask_number() if digit == asking.NAMELESS else None
            case Step.MESSAGE:
                # It cut what we said: the message may begin.
                return [Record()]
            case Step.WAITING:
                return []
            case Step.LINK:
                return self._goes_on(self.link.key(digit, self.facts.texted(self.link.about), self.language))
            case step if step in OF_APPOINTMENTS:
                return self._goes_on(self.booking.key(step, digit, self.facts, self.language))
            case _:
                return self._chosen(digit)

    def keys(self, digits: str) -> list[Move]:
        """A number was keyed in."""
        self.silences = 0
        if self.step in OF_APPOINTMENTS:
            return self._goes_on(self.booking.keyed(self.step, digits, self.language)) or self.missed()
        if len(digits) in TELEPHONE_DIGITS:
            return self._number_given(digits)
        return [Say("ask_number_again"), *self.again()]

    def _chosen(self, digit: str) -> list[Move] | None:
        if other := self.facts.language_of(digit, self.language):
            return self._wants_language(Understood("", "language_switch", language=other))
        act = _OFFERS.get(self.facts.offer_of(digit))
        return None if act is None else act(self)

    # What is done ----------------------------------------------------------------------------------------

    def _hours(self, asked: str = "") -> list[Move]:
        return self._do("get_business_hours", language=self.language, day=asked[: asking.DAY_MOST])

    def _ask_department(self) -> list[Move]:
        if not self.facts.departments:
            return self._person("the caller asked for a department and there is none")
        return self._asked(Step.DEPARTMENT, Say("ask_department"), *self.facts.each_department())

    def _department(self, wish: Understood) -> list[Move]:
        line = self.facts.department(wish.department) if wish.department else None
        return self._transfer(line) if line else self._ask_department()

    def _transfer(self, line: DepartmentLine) -> list[Move]:
        # It may be closed: then this is whom a message is for.
        self.left.subject = f"{asking.MESSAGE} for {line.name}"
        return self._do("transfer_to_department", department=line.name, language=self.language)

    def _person(self, why: str) -> list[Move]:
        return [Say("connecting"), Leave(PEOPLE, why)]

    def _ask_message(self, subject: str) -> list[Move]:
        if subject != asking.QUESTION:
            self.left.question = ""
        if subject != asking.PATIENT:
            self.booking = self.booking.anew()
        self.left.subject, self.link.texting = subject, False
        ask = asking.ASKED.get(subject, "ask_message")
        return [*self._asked(Step.MESSAGE, Say(ask)), Record()]

    def recorded(self, recording: str, text: str, *, kept: bool = True) -> list[Move]:
        """The caller's message is on disk (`recording`), and this is what was understood of it.

        Without a recording nothing was said or, when it was not `kept`, the disk did not take it.
        """
        if self.step is not Step.MESSAGE:
            return []
        if not kept:
            return [Say("message_failed"), Leave(PEOPLE, "the message was not kept")]
        if not recording and self.silences:
            return self.silent()
        if not recording:
            self.silences = 1
            if self.left.subject == asking.PATIENT:
                return self._goes_on(self.booking.new.without_name()) or []
            return [Say("message_too_short"), *self._ask_message(self.left.subject)]
        if takes_back(text, cancels=self.left.cancels):
            return self._goes_on(nothing_kept(self.language)) or []
        self.silences, self.left.recording, self.left.text = 0, recording, text
        return self._read_back() if text else self._ask_number()

    def _read_back(self) -> list[Move]:
        name, part = ("confirm_message", "message") if self.left.of_message else ("confirm_request", "wish")
        return self._asked(Step.MESSAGE_CHECK, Say(name, ((part, self.left.text),)))

    def _ask_number(self) -> list[Move]:
        if self.left.number:
            return self._number_given(self.left.number)
        if self.facts.caller:
            return self._asked(Step.NUMBER_KNOWN, Say("number_known", (("number", self.facts.caller),)))
        return self._asked(Step.NUMBER, Say("ask_number"))

    def _ask_who(self) -> list[Move]:
        """Ask who leaves a message, where it does not tell that itself."""
        known = self.left.whose or not self.left.of_message
        return self._ask_number() if known else self._asked(Step.WHO, Say("ask_who"))

    def _number_given(self, digits: str) -> list[Move]:
        self.left.number, self.left.confirmed = digits, False
        return self._asked(Step.NUMBER_CHECK, Say("confirm_number", (("number", digits),)))

    def _confirmed(self, *, yes: bool) -> list[Move]:
        match self.step:
            case Step.MESSAGE_OFFERED:
                return self._ask_message(self.left.subject or asking.MESSAGE) if yes else self._more()
            case Step.MESSAGE_CHECK:
                return self._ask_who() if yes else self._ask_message(self.left.subject)
            case Step.URGENT:
                self.left.urgent = yes
                return self._send()
            case step:
                if step is Step.NUMBER_KNOWN and yes:
                    self.left.number = self.facts.caller
                self.left.confirmed = yes
                return self._numbered() if yes else self._asked(Step.NUMBER, Say("ask_number"))

    def _numbered(self) -> list[Move]:
        """It is known where to call back: a message may be urgent, what else was asked for is done now."""
        done = self.link.texting or self.booking.new.taken or not self.left.of_message
        return self._send() if done else self._asked(Step.URGENT, Say("ask_urgent"))

    def _send(self) -> list[Move]:
        if self.link.texting:
            return self._goes_on(self.link.send(self.left.number, self.language)) or []
        if self.booking.new.taken:
            who = (self.left.text, self.left.number, self.left.recording, self.language)
            return self._goes_on(self.booking.new.book(*who, finds=self.facts.finds)) or []
        return self._goes_on(self.left.kept()) or []

    def spoken_last(self, recording: str, text: str) -> list[Move]:
        """The caller hung up in the middle of a message: it is kept, unless it only takes it back."""
        self.left.recording, self.left.text = recording, text
        return [] if takes_back(text, cancels=self.left.cancels) else self.left_over()

    def left_over(self) -> list[Move]:
        """The caller hung up, or answers no more, with a message that was not confirmed to the end."""
        told = self.left.text or (asking.SPOKEN if self.left.recording else "")
        if patient := self.left.subject == asking.PATIENT:
            # Who it is for was not told to the end: then it is a request.
            told = self.booking.new.left_over(told)
        if not told or self.step is Step.WAITING:
            return []
        self.left.number, self.left.text = self.left.number or self.facts.caller, told
        if patient:
            self.left.subject, self.booking = asking.BOOKING["book"], self.booking.anew()
        return self._goes_on(self.left.kept(sure=False)) or []

    def _more(self) -> list[Move]:
        self._forget()
        self.served = True
        return self._asked(Step.OFFER, Say("anything_else"), Say("help"))

    def _do(self, tool: str, **arguments: str) -> list[Move]:
        self._doing, self.step = tool, Step.WAITING
        return [Do(tool, arguments)]

    def done(
        self, output: Mapping[str, Any], said: str, leave: Disposition | None, asked: str = ""
    ) -> list[Move]:
        """The tool is back: `said` is for the caller, `leave` how the call is to end by it."""
        ok, (tool, self._doing) = bool(output.get("ok")), (asked or self._doing, "")
        self.kept_last = ok and tool in asking.TAKES
        if tool in LINKS:
            return self._goes_on(self.link.told(output)) or []
        if tool in DOCUMENTS:
            return self._of_documents(output)
        if OF_BOOKING & output.keys():
            return self._goes_on(self.booking.told(output, self.facts, self.language)) or []
        if leave == GOODBYE:
            return self._says_goodbye()
        if leave is not None:
            why = f"the local assistant: {str(leave) or 'people'}"
            return [self.facts.connecting(leave), Leave(leave, why)]
        if not ok and said:
            return [Say(LITERAL, (("text", said),)), *self._asked(Step.MESSAGE_OFFERED, Say("offer_message"))]
        if not ok:
            said_so = Say("message_failed" if tool in asking.TAKES else "connecting")
            return [said_so, Leave(PEOPLE, f"{tool} did not work")]
        if tool in asking.TAKES:
            return [Say("message_kept" if self.left.of_message else "request_kept"), *self._more()]
        return [Say(LITERAL, (("text", said),)), *self._more()]

    def without_assistant(self) -> None:
        """The assistant cannot be had: we do what we can by ourselves, and offer it no more."""
        self.facts = self.facts.without_assistant()
        self.last = tuple(say for say in self.last if say.sentence != FOR_FETCHING)

    # Wishes that count in every state ----------------------------------------------------------------

    def _wants_appointment(self, wish: Understood) -> list[Move]:
        if for_staff(wish, self.facts):
            linked = self._goes_on(Wish()) if wish.intent == "book" else None
            return linked or self._ask_message(asking.BOOKING[wish.intent])
        self._forget()
        self.left.number = wish.digits if len(wish.digits) in TELEPHONE_DIGITS else ""
        return self._goes_on(self.booking.wanted(wish, self.facts, self.language)) or []

    def _goes_on(self, then: Next | None) -> list[Move] | None:
        """What the booking makes of it; None when it is no answer to what was asked."""
        match then := self.link.instead(then, self.facts.link):
            case Ask():
                return self._asked(then.step, *then.says)
            case Do():
                return self._do(then.tool, **then.arguments)
            case Name():
                # Who comes may be known already, as another time was taken before.
                if self.booking.new.unnamed:
                    return self._ask_number()
                return self._send() if self.left.recording else self._ask_message(asking.PATIENT)
            case Wish():
                return [*then.says, *self._ask_message(asking.BOOKING["book"])]
            case Request():
                self._forget()
                self.left.subject, self.left.text, self.left.number = then.subject, then.told, then.number
                return [*then.says, *self._ask_number()]
            case Finished():
                return [*then.says, *self._more()]
            case Person():
                return [*then.says, Leave(PEOPLE, then.why)]
            case None:
                return None

    def _wants_answer(self, wish: Understood) -> list[Move]:
        asked = self.left.question = wish.text[: asking.TOLD_MOST]
        return self._do(asking.ANSWERS, question=asked) if asked else self._of_documents({})

    def _of_documents(self, output: Mapping[str, Any]) -> list[Move]:
        """What they say, or what is done where they say nothing."""
        then = told(output, self.language, self.facts.page)
        if isinstance(then, Ask):
            self.left.subject = asking.QUESTION
            self.link = Link(PAGE) if then.step is Step.LINK else self.link
        return self._goes_on(then) or []

    def _wants_language(self, wish: Understood) -> list[Move]:
        other = wish.language or self.facts.other_than(self.language)
        if other not in self.facts.languages:
            return self._person("the caller speaks another language")
        self.language = other
        return [Say("language_now"), *self._offers()]

    def _says_goodbye(self) -> list[Move]:
        return [*self.left_over(), Say("goodbye"), Leave(GOODBYE, "the caller said goodbye")]

    def _offers(self) -> list[Move]:
        return self._asked(Step.OFFER, *self.facts.offered(self.language))

    def _asked(self, step: Step, *said: Say) -> list[Move]:
        self.step, self.last = step, said
        self.kept_last = self.kept_last and step is Step.OFFER
        return [*said]


_OFFERS: dict[str, Callable[[Dialogue], list[Move]]] = {
    "offer_hours": Dialogue._hours,
    "offer_department": Dialogue._ask_department,
    "offer_leave_message": lambda dialogue: dialogue._ask_message(asking.MESSAGE),
    "offer_book": lambda dialogue: dialogue._wants_appointment(Understood("", "book")),
    "offer_theirs": lambda dialogue: dialogue._wants_appointment(Understood("", "find")),
    "offer_assistant": lambda _dialogue: [Fetch(Understood("", "none"))],
}
_WISHES: dict[str, Callable[[Dialogue, Understood], list[Move]]] = {
    "emergency": lambda dialogue, _wish: dialogue.alarmed("emergency"),
    "hours": lambda dialogue, wish: dialogue._hours(wish.text),
    "transfer_department": Dialogue._department,
    "leave_message": lambda dialogue, _wish: dialogue._ask_message(asking.MESSAGE),
    **dict.fromkeys(("book", "move", "cancel", "find"), Dialogue._wants_appointment),
    "question": Dialogue._wants_answer,
    "language_switch": Dialogue._wants_language,
    "repeat": lambda dialogue, _wish: dialogue.again(),
    "person": lambda dialogue, _wish: dialogue._person(asking.ASKED_FOR_PERSON),
    "goodbye": lambda dialogue, _wish: dialogue._says_goodbye(),
    # No to "anything else?" is a goodbye.
    "no": lambda dialogue, _wish: dialogue._says_goodbye() if dialogue.served else dialogue.missed(),
}
