"""What the switchboard knows of one call, from its offer to its end.

May import: the standard library, appliance.core, appliance.languages, appliance.store.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from appliance.core import front_door, telephone
from appliance.core.call import Call
from appliance.core.dialogue.facts import Facts
from appliance.core.dispositions import GOODBYE, HUNG_UP, PEOPLE, Disposition, Outcome
from appliance.core.errors import CarrierFailed
from appliance.core.leaving import ON_CALL
from appliance.core.menu import Choice
from appliance.core.other_languages import home_of, spoken, spoken_in
from appliance.core.ports import BringBack, CallLog
from appliance.core.staff import Office
from appliance.core.steps import Ask, CallEnded, CallOffered, RingEnded, Step, Steps, TakeVoicemail
from appliance.core.story import Turn
from appliance.core.taking_back import kept_taken_back, taken_back
from appliance.languages.folders import code_of
from appliance.store import calls

log = logging.getLogger(__name__)

MESSAGE, WISH = "message", "wish"
"""What a caller may leave open."""
GONE = "its channel is gone"
"""What is known of the end of a call that the carrier itself knows no more."""
OPEN_TO_MORE = (None, Outcome.ABANDONED, Outcome.HOURS, Outcome.UNANSWERED)
"""How a call may stand of which the carrier knows more: a talk with a person, or a message."""


@dataclass(frozen=True, slots=True)
class Brief:
    """What a desk may want to know of a call before it takes it."""

    caller: str
    office: Office
    story: tuple[Turn, ...]
    language: str = ""
    """The language of the call, where it is not the clinic's own."""


@dataclass(frozen=True, slots=True)
class KeptMessage:
    """A message that was kept behind so many turns, known by `once`, and what has it stand no more.

    One of which the caller was not `sure` goes more easily.
    """

    behind: int
    once: str
    sure: bool
    undo: Callable[[], None]

    def taken_back(self, turns: Sequence[Turn]) -> bool:
        """Whether the caller has taken it back by the end of the call."""
        return (kept_taken_back if self.sure else taken_back)(turns, self.behind)


@dataclass(slots=True)
class KnownCall:
    """A call from its offer to its end."""

    call_id: str
    offer: CallOffered
    office: Office
    first: Steps = ()
    token: str = ""
    token_until: float = 0.0
    misses: int = 0
    call: Call | None = None
    left: Disposition | None = None
    talked: bool = False
    interrupted: bool = False
    aside: CallLog | None = None
    """Takes down a call of the box to itself: one that is in no book and costs nothing."""
    reason: str = ""
    outcome: Outcome | None = None
    over: bool = False
    """Nobody is let in any more."""
    settled: bool = False
    """How it ended is known from the carrier, or will never be."""
    filed: bool = False
    counted: bool = False
    end: CallEnded | None = None
    turn: int = 0
    """Of the last menu that was asked."""
    answered: tuple[int, Steps] = (0, ())
    """The turn of the last menu that was answered, and with what we went on."""
    opened: asyncio.Event = field(default_factory=asyncio.Event)
    free: asyncio.Event = field(default_factory=asyncio.Event)
    story: tuple[Turn, ...] = ()
    """What was said in media legs that are over."""
    chosen: tuple[str, ...] = ()
    """The way through the menus, of a call that an earlier process began."""
    own: Office | None = None
    """The office as it is in the clinic's own language, once the caller has chosen another."""
    unreached: str = ""
    """The department whose phones rang in vain before the caller came back."""
    unreached_why: str = ""
    danger: bool = False
    """Whether danger was heard in what the caller said last, when the call had left us already."""
    left_open: dict[str, tuple[int, Callable[[], None]]] = field(default_factory=dict)
    """What was told behind so many turns and waits for an answer, and what writes it down without one."""
    kept: dict[str, KeptMessage] = field(default_factory=dict)
    """The messages that were kept and stand, by what each is known by at first, the last one last."""
    withdrawn: Counter[str] = field(default_factory=Counter)
    """How often the caller has taken back each message, by what it is known by at first."""
    hung_up_at: float | None = None
    heard_at: float = 0.0
    began_at: float = field(init=False)
    """Since when it is known to this process, by the same clock."""

    def __post_init__(self) -> None:
        self.began_at = self.heard_at

    @property
    def held(self) -> bool:
        """Whether its media leg is with us."""
        return not self.free.is_set()

    @property
    def greeted_by_recording(self) -> bool:
        """Whether the assistant begins with the clinic's recording: no carrier's menu has played it."""
        menu = any(isinstance(step, Ask) for step in self.first)
        return bool(self.office.recording) and not (menu or self.story or self.unreached)

    @property
    def disposition(self) -> Disposition | None:
        """What our media leg left, if there was one and it came to leave anything."""
        return self.call.left if self.call else self.left

    @property
    def brief(self) -> Brief:
        """The call in brief."""
        own, language = self.own or self.office, self.language
        return Brief(self.offer.caller, own, self.turns, "" if language == home_of(own) else language)

    @property
    def turns(self) -> tuple[Turn, ...]:
        """What was said so far."""
        return self.call.story if self.call else self.story

    @property
    def language(self) -> str:
        """The language that it is in, such as `es`: the clinic's until the caller chooses or is heard."""
        return code_of(self.office.staff.language) if self.call is None else self.call.language

    def spoken_to(self, office: Office) -> Office:
        """An office that was read, in the language that the caller chose in an earlier process of ours."""
        chosen = [step.rpartition(":")[2] for step in self.chosen]
        code = next((each for each in reversed(chosen) if each in spoken(office)), "")
        self.own = office if code else None
        return spoken_in(office, code) if code else office

    def goes_on_in(self, code: str) -> None:
        """All that is said from now on is said in this language, if callers can have it."""
        own = self.own or self.office
        if code in spoken(own):
            self.own, self.office = own, own if code == home_of(own) else spoken_in(own, code)

    @property
    def after_leg(self) -> Steps:
        """What follows our media leg, where the carrier asks us."""
        if self.danger:
            return front_door.danger(self.office)
        return front_door.after_leg(self.office, self.disposition or PEOPLE)

    def facts(self, *, assistant: bool, link: str | None, page: str) -> Facts:
        """What the local assistant knows; `assistant`, `link` and `page` as there."""
        recorded, caller = self.greeted_by_recording, self.offer.caller
        known = Facts.of(
            self.office, caller, self.unreached, assistant=assistant, recorded=recorded, link=link, page=page
        )
        return replace(known, danger=self.danger, unreached_why=self.unreached_why)

    async def brought_back(self, back: BringBack) -> None:
        """Danger was heard as the call left us: it is answered, unless help or a person has the caller."""
        await self.free.wait()
        if self.danger or self.over or self.hung_up_at is not None or self.left == ON_CALL:
            return
        # The carrier may ask what comes next before it has answered us.
        self.danger = True
        try:
            self.danger = await back()
        except CarrierFailed as exc:
            self.danger = False
            log.warning("a caller in danger was not brought back", extra={"problem": str(exc)})

    def leave_open(self, what: str, write: Callable[[], None] | None) -> None:
        """Know what waits for an answer of the caller; None: nothing of it does any more."""
        self.left_open.pop(what, None)
        if write is not None:
            self.left_open[what] = len(self.turns), write

    def keeps(self, first: str, once: str, undo: Callable[[], None], *, sure: bool) -> None:
        """A message is kept, known by `once`, at first by `first`; `undo` and `sure` as there."""
        self.kept.pop(first, None)
        self.kept[first] = KeptMessage(len(self.turns), once, sure, undo)

    def withdrew(self, first: str) -> None:
        """The message stands no more: told again, it is another one."""
        self.withdrawn[first] += 1
        self.kept.pop(first, None)

    def keep_left_open(self) -> None:
        """Have written down what still waits for an answer, and have stand no more what was taken back."""
        while self.left_open:
            since, write = self.left_open.popitem()[1]
            if not taken_back(self.turns, since):
                write()
        for first, message in tuple(self.kept.items()):
            gone = message.taken_back(self.turns)
            if gone:
                message.undo()
            if gone or not message.sure:
                # Who comes back from a department and says "never mind" means something else.
                del self.kept[first]

    def part_from(self, call: Call) -> None:
        """Keep what is left of a call: it is large itself, and the box knows of it for long."""
        self.keep_left_open()
        if self.call is call:
            self.left, self.talked, self.call = call.left, call.talked, None
            self.danger = False
            self.story = call.story
            self.goes_on_in(call.language)

    async def said(self) -> tuple[Turn, ...]:
        """All turns so far; words of the caller that are still to come are waited for, not for long."""
        return self.story if self.call is None else await self.call.said()

    @property
    def went(self) -> Outcome:
        """How the call is filed, as things stand."""
        if self.outcome is not None:
            return self.outcome
        if self._cut_off:
            return Outcome.INTERRUPTED
        if self.disposition == GOODBYE or self.talked:
            return Outcome.HANDLED
        if self.interrupted:
            return Outcome.INTERRUPTED
        return Outcome.FAILED if self.reason == "a fault of ours" else Outcome.ABANDONED

    @property
    def open_to_more(self) -> bool:
        """Whether later word of the carrier's may say that it went otherwise."""
        return self.outcome in OPEN_TO_MORE

    def looked_up(self, phones: Sequence[RingEnded], *, voicemail: bool) -> None:
        """Take on what the carrier's books say of the phones that rang, and whether a message was left."""
        results = {phone.result for phone in phones} - {"canceled"}
        if self.open_to_more:
            if "answered" in results:
                self.outcome = Outcome.TRANSFERRED
            elif voicemail:
                self.outcome = Outcome.VOICEMAIL
            elif results:
                self.outcome = Outcome.UNANSWERED

    @property
    def _cut_off(self) -> bool:
        """Whether the carrier lost the call where nobody can say how it went on."""
        lost = self.end is not None and self.end.status == GONE
        return lost and self.reason != HUNG_UP and self.disposition != GOODBYE

    def resume(self, row: calls.Call) -> None:
        """Take on a call that is kept already: one that only the sweep has filed may still go on."""
        self.call_id, self.left, self.chosen = row.id, row.disposition, row.menu_path
        self.offer = CallOffered(row.call_sid, row.from_number, row.to_number, row.carrier)
        self.interrupted = row.outcome is Outcome.INTERRUPTED
        self.outcome = None if self.interrupted else row.outcome
        self.reason = row.reason
        self.filed = row.ended_at is not None
        self.settled = self.filed and row.ask_at is None
        self.over = self.filed and (self.settled or row.reason != calls.SWEPT)
        self.counted = self.over
        if (
            not self.over
            and self.outcome is None
            and row.menu_path[-1:] == (f"{front_door.MAIN}:{Choice.HOURS}",)
        ):
            self.outcome = Outcome.HOURS


def region_of(known: KnownCall) -> str:
    """The country in which the clinic dials its numbers, such as US."""
    staff = known.office.staff
    return telephone.region((known.offer.called_number, staff.caller_id or "", *staff.people))


def numbered(known: KnownCall, steps: Steps) -> Steps:
    """The steps with a turn of its own for each menu, so that an answer that comes twice is known."""
    numbered: list[Step] = []
    for step in steps:
        if isinstance(step, Ask | TakeVoicemail) and step.menu:
            known.turn += 1
            numbered.append(replace(step, turn=known.turn))
        else:
            numbered.append(step)
    return tuple(numbered)
