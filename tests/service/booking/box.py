"""A call with the box alone: the real conversation, tools and desk, without ears and without sound.

May import: appliance, models, tests.service.booking.
"""

from collections.abc import Callable

from appliance.core import phrases
from appliance.core.booking.linking import LinkDesk
from appliance.core.commands import (
    Command,
    EndCall,
    PlayPrompt,
    RunTool,
    Speak,
    StartRecording,
    StopRecording,
)
from appliance.core.conversation import Conversation
from appliance.core.dialogue.dialogue import Dialogue
from appliance.core.dialogue.facts import Facts
from appliance.core.events import (
    BrainChanged,
    CallAnswered,
    DigitPressed,
    Event,
    Heard,
    MessageRecorded,
    ReplyPlayed,
    ReplyQueued,
    TimerFired,
    ToolAnswered,
    Understood,
    UtteranceTaken,
    VoiceBegan,
    VoiceCeased,
)
from appliance.core.menu import spoken_key
from appliance.core.numbers import digits
from appliance.core.replies import PROMPT
from appliance.core.story import Turn
from appliance.service.booking.desk import CallDesk
from appliance.service.booking.evidence import Evidence
from appliance.tools.tool import Desk, Note
from appliance.tools.toolbox import Clinic as Toolbox
from models.local import sentences
from tests.service.booking.clinic import CALLER, Clinic, evidence

RECORDING = "message-0a1b-2c3d.wav"


class Box:
    """A call with the box alone: `said` is what the caller has heard."""

    def __init__(
        self,
        office: Clinic,
        language: str = "en",
        caller: str = CALLER,
        links: Callable[[Evidence], LinkDesk] | None = None,
    ) -> None:
        """`links`: those that are texted in this call, to the caller's own number if there is one."""
        facts = Facts.of(office.office, caller, link=caller if links else None)
        self.conversation = Conversation(
            dialogue=Dialogue(facts, language), watch=phrases.Watcher(phrases.load(by_likeness=False))
        )
        told = evidence(caller, self._story)
        desk = CallDesk(office.books, office.office, "CA1", told)
        self.kept: list[Note] = []

        async def keep(note: Note) -> None:
            self.kept.append(note)

        self._tools = Toolbox(
            Desk(
                *("CA1", caller, office.office, keep, desk, links(told) if links else None),
                leave_open=self.kept.append,
            ),
            lambda name, meta: None,
        )
        self.said: list[str] = []
        self.left: object = None
        self.records = False
        self.sounds = True
        """Whether what is said begins to be heard; else the caller speaks before it."""
        self._ms = 1000

    def _story(self) -> tuple[Turn, ...]:
        return tuple(self.conversation.story.turns)

    async def begin(self) -> None:
        await self.happens(CallAnswered(), BrainChanged("local", "no cloud"))

    async def happens(self, *events: Event) -> None:
        """These happen, and all that follows from them: tools answer, sentences are heard."""
        due = [*events]
        while due:
            for command in self.conversation.handle(due.pop(0)):
                due += await self._done(command)

    async def _done(self, command: Command) -> list[Event]:
        match command:
            case RunTool():
                answered: ToolAnswered = await self._tools.run("call", command.call)
                return [answered]
            case Speak():
                text = sentences.text(command.sentence, command.language, command.fields)
                self.said.append(text)
                played = [ReplyPlayed(command.reply_id, 1000)] if self.sounds else []
                return [ReplyQueued(command.reply_id), *played]
            case PlayPrompt():
                return [ReplyQueued(PROMPT + command.name), ReplyPlayed(PROMPT + command.name, 1000)]
            case StartRecording():
                self.records = True
            case StopRecording():
                self.records = False
            case EndCall():
                self.left = command.disposition
            case _:
                pass
        return []

    async def key(self, *digits: str) -> None:
        for digit in digits:
            await self.happens(DigitPressed(digit))

    async def keys(self, number: str) -> None:
        """Key in a number; the pause behind it ends it."""
        await self.key(*number)
        await self.happens(TimerFired("keys"))

    async def says(self, text: str, intent: str = "none") -> None:
        self._ms += 3000
        heard = f"heard-{self._ms}"
        await self.happens(
            VoiceBegan(self._ms),
            VoiceCeased(self._ms + 1000, 1000),
            UtteranceTaken(heard),
            Heard(heard, text),
            Understood(heard, intent, digits=spoken_key(text) or digits(text) or "", text=text),
        )

    async def names(self, text: str) -> None:
        """Speak into the recording, and press pound."""
        assert self.records
        await self.happens(VoiceBegan(self._ms + 1), VoiceCeased(self._ms + 2000, 1900))
        await self.key("#")
        await self.happens(MessageRecorded(RECORDING, text, 2000))

    async def keeps_silent(self) -> None:
        """Say nothing where a name is recorded, and press pound."""
        assert self.records
        await self.key("#")
        await self.happens(MessageRecorded("", "", 0))

    def heard(self, words: str) -> bool:
        return any(words in text for text in self.said)


async def box_of(office: Clinic, language: str = "en", caller: str = CALLER) -> Box:
    box = Box(office, language, caller)
    await box.begin()
    return box


async def booked(office: Clinic, *when: str) -> None:
    """Ana has these appointments, told by an earlier call."""
    for place, each in enumerate(when or ("Tuesday 2pm",)):
        assert (await office.caller(f"CA0{place}").books(each)).sure
