"""One call: the single owner of its tasks, timers and queues. When `run` returns, nothing of it is left.

Audio goes leg -> brain -> leg without a decision; facts go through the inbox to the conversation, and the
commands that come back are performed here. May import: the standard library, appliance.core.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass

from appliance.core.commands import (
    AnswerTools,
    AskForReply,
    BrainCommand,
    CancelReply,
    ClearPlayback,
    Command,
    DeleteReply,
    EndCall,
    Greet,
    IgnoreReply,
    LoseBrain,
    NoteWish,
    PlayPrompt,
    ProbeBrain,
    RecallWish,
    RenewBrain,
    RunTool,
    Speak,
    StartRecording,
    StartTimer,
    StopRecording,
    StopTimer,
    TakeUtterance,
    TellBrain,
    TruncateReply,
    WriteTurn,
)
from appliance.core.conversation import Conversation
from appliance.core.dispositions import PEOPLE, Disposition
from appliance.core.errors import StoreRefused
from appliance.core.events import (
    BrainLost,
    CallerHungUp,
    DigitPressed,
    Event,
    LegFailed,
    ReplyBegan,
    ReplyPlayed,
    ReplyStalled,
    SpeechStarted,
    TimerFired,
    VoiceBegan,
)
from appliance.core.playout import Playout
from appliance.core.ports import Assistant, CallLog, Leg, Toolbox, VoiceDetector
from appliance.core.pulse import Pulse
from appliance.core.replies import PROMPT
from appliance.core.story import Speaker
from appliance.core.ulaw import Gate
from appliance.core.uplink import HELD_MS, Uplink

log = logging.getLogger(__name__)

INBOX_MOST = 2000
TURN_EVENTS = 20
STALLED_S = 0.06
SILENT_LEG_S = 10.0
STARVED_S = 2.0
SETTLES_S = 0.5
KEEP_DISPOSITION_S = 0.5
CUTTING = SpeechStarted | VoiceBegan | DigitPressed | TimerFired | CallerHungUp | LegFailed
ENDING = CallerHungUp | LegFailed | BrainLost


class _Woken:
    """An inbox entry that only has the playout looked at."""


@dataclass(slots=True)
class CallCounts:
    """What a call counts for the metrics."""

    events_dropped: int = 0
    playout_dropped_ms: int = 0


@dataclass(frozen=True, slots=True)
class CallParts:
    """What a call is made of. `detector` is made for the call when it begins; None switches it off."""

    call_id: str
    leg: Leg
    brain: Assistant
    conversation: Conversation
    toolbox: Toolbox
    log: CallLog
    pulse: Pulse
    prompts: dict[str, bytes]
    silence_held_ms: int = HELD_MS
    detector: Callable[[Callable[[Event], None]], VoiceDetector] | None = None


class Call:
    """Holds one call from answer to end."""

    def __init__(self, parts: CallParts) -> None:
        self.call_id = parts.call_id
        self.counts = CallCounts()
        self.left: Disposition | None = None
        self._parts = parts
        self._leg = parts.leg
        self._brain = parts.brain
        self._conversation = parts.conversation
        self._playout = Playout()
        self._uplink = Uplink(parts.silence_held_ms)
        self._gate = Gate()
        self._inbox: asyncio.Queue[Event | _Woken] = asyncio.Queue(INBOX_MOST)
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._frame_at = self._fed_at = self._began
        self._settled = asyncio.Event()
        self._played: dict[str, ReplyPlayed] = {}
        self._detector = parts.detector(self.happened) if parts.detector else None
        self._side_tasks: asyncio.TaskGroup | None = None
        self._plain_verbs: dict[type, Callable[[], Awaitable[None]]] = {
            Greet: self._brain.greet,
            CancelReply: self._brain.cancel,
            StartRecording: self._brain.start_recording,
            StopRecording: self._brain.stop_recording,
            AskForReply: self._brain.ask_for_reply,
            ProbeBrain: self._brain.probe,
        }

    async def run(self) -> EndCall:
        """Hold the call; return how it ended. Cancelling this lets go of both sides too."""
        self._parts.pulse.members.add(self._beat)
        try:
            async with self._leg, self._brain, asyncio.TaskGroup() as tasks:
                self._side_tasks = tasks
                ears = [
                    tasks.create_task(self._leg.listen(self), name=f"{self.call_id} leg"),
                    tasks.create_task(self._brain.listen(self), name=f"{self.call_id} brain"),
                ]
                end = await self._converse()
                await self._leave(end)
                for ear in ears:
                    ear.cancel()
            return end
        finally:
            self._let_go()

    def _let_go(self) -> None:
        self._parts.pulse.members.discard(self._beat)
        for timer in self._timers.values():
            timer.cancel()
        if self._detector is not None:
            self._detector.close()
        self.counts.playout_dropped_ms = self._playout.dropped_ms

    async def _converse(self) -> EndCall:
        """Take events out of the inbox until the conversation ends the call."""
        taken = 0
        while True:
            taken += 1
            if taken % TURN_EVENTS == 0:
                # A full inbox never waits: without this a flood in one call would hold up all others.
                await asyncio.sleep(0)
            event = await self._inbox.get()
            if isinstance(event, _Woken):
                await self._hand_over()
                continue
            for fact in [*self._facts_before(event), event]:
                self._parts.log.happened(self.call_id, self._now_ms(), fact)
                for command in self._conversation.handle(fact):
                    if isinstance(command, EndCall):
                        return command
                    await self._perform(command)
            if self._inbox.empty():
                self._settled.set()

    def _facts_before(self, event: Event) -> list[Event]:
        """What was heard so far goes before everything that may cut a reply or asks for its progress.

        That a reply was played to its end may still stand behind it in the inbox: it is told before, too.
        """
        if isinstance(event, ReplyPlayed):
            self._played.pop(event.reply_id, None)
        if isinstance(event, CUTTING):
            return [*self._played.values(), *self._playout.heard()]
        return []

    async def settled(self) -> None:
        """Wait until everything that happened so far was decided on and done."""
        self._settled.clear()
        if not self._inbox.empty():
            try:
                async with asyncio.timeout(SETTLES_S):
                    await self._settled.wait()
            except TimeoutError:
                log.warning("decisions are late", extra={"call_id": self.call_id})

    async def _leave(self, end: EndCall) -> None:
        """Keep the disposition, then leave it with the carrier. Without either, people are rung."""
        disposition = end.disposition
        try:
            async with asyncio.timeout(KEEP_DISPOSITION_S):
                await self._parts.log.leave(self.call_id, disposition)
        except (TimeoutError, StoreRefused) as exc:
            log.warning("disposition not kept", extra={"call_id": self.call_id, "problem": str(exc)})
            disposition = PEOPLE
        self.left = disposition
        await self._leg.end(disposition)

    @property
    def talked(self) -> bool:
        """Whether the caller said or keyed something and was answered."""
        asked = False
        for turn in self._conversation.story.turns:
            if asked and turn.speaker is Speaker.ATTENDANT:
                return True
            asked = asked or turn.speaker in (Speaker.CALLER, Speaker.KEYPAD)
        return False

    def _now_ms(self) -> int:
        return int((self._loop.time() - self._began) * 1000)

    # Audio and facts from both sides ---------------------------------------------------------------

    async def caller_audio(self, ulaw_8k: bytes) -> None:
        """The caller's audio, straight to the brain; the carrier's clock drives the playout."""
        self._frame_at = self._loop.time()
        playout = self._playout
        playout.carrier_clock(len(ulaw_8k))
        loud = self._gate.open(ulaw_8k)
        if self._detector is not None:
            self._detector.take(ulaw_8k, loud)
        due = self._uplink.take(ulaw_8k, loud)
        if due:
            await self._brain.hear(due)
        if playout.waiting:
            await self._hand_over()

    def mark_reached(self, mark: str) -> None:
        """The carrier returned a mark."""
        for event in self._playout.mark_reached(mark, self._loop.time()):
            self.happened(event)

    async def reply_audio(self, response_id: str, reply_id: str, ulaw_8k: bytes) -> None:
        """Audio of a reply, straight to the carrier as far as it is due."""
        for event in self._playout.queue(response_id, reply_id, ulaw_8k):
            self.happened(event)
        await self._hand_over()

    def reply_complete(self, reply_id: str) -> None:
        """No more audio of this reply will come."""
        for event in self._playout.complete(reply_id):
            self.happened(event)

    def happened(self, event: Event) -> None:
        """Take a fact into the inbox; a flood is dropped and counted, never waited for."""
        if isinstance(event, ReplyBegan):
            self._playout.begin(event.response_id)
        elif isinstance(event, ReplyPlayed):
            self._played[event.reply_id] = event
        self._put(event)

    def _put(self, entry: Event | _Woken) -> None:
        try:
            self._inbox.put_nowait(entry)
        except asyncio.QueueFull:
            self.counts.events_dropped += 1
            if isinstance(entry, ENDING):
                # An end is never lost in a flood; something of the flood is.
                self._inbox.get_nowait()
                self._inbox.put_nowait(entry)

    async def _hand_over(self) -> None:
        # One at a time: should a piece have to wait, a clear may come before the next.
        while piece := self._playout.next_due(self._loop.time()):
            await self._leg.play(*piece)

    def _beat(self, now_s: float) -> None:
        """Keep the playout going when the caller's frames, which drive it, stay away; not for ever."""
        away_s = now_s - self._frame_at
        if self._playout.waiting and away_s > STALLED_S:
            self._put(_Woken())
        if away_s > SILENT_LEG_S:
            self._put(LegFailed("no audio from the carrier"))
        starved = self._playout.starved
        if not starved:
            self._fed_at = now_s
        elif now_s - self._fed_at > STARVED_S:
            self._fed_at = now_s
            self._put(ReplyStalled(starved))

    # Commands --------------------------------------------------------------------------------------

    async def _perform(self, command: Command) -> None:
        match command:
            case ClearPlayback():
                self._playout.clear()
                await self._leg.clear()
            case IgnoreReply():
                for event in self._playout.ignore(command.response_id):
                    self.happened(event)
            case PlayPrompt():
                await self._prompt(command.name)
            case StartTimer():
                self._start_timer(command)
            case StopTimer():
                self._stop_timer(command.name)
            case WriteTurn() | NoteWish():
                self._write_down(command)
            case RunTool():
                self._beside(self._run_tool(command), f"tool {command.call.name}")
            case EndCall():
                pass
            case _:
                await self._perform_on_brain(command)

    def _write_down(self, command: WriteTurn | NoteWish) -> None:
        call_log = self._parts.log
        match command:
            case NoteWish():
                call_log.wished(self.call_id, command.what, command.topic)
            case WriteTurn():
                place, speaker, text = command.place, command.speaker, command.text
                call_log.turn(self.call_id, place, speaker, text, final=command.final, cut=command.cut)

    async def _perform_on_brain(self, command: BrainCommand) -> None:
        brain = self._brain
        match command:
            case TruncateReply():
                await brain.truncate(command.reply_id, command.heard_ms)
            case DeleteReply():
                await brain.delete(command.reply_id)
            case TellBrain():
                await brain.tell(command.text)
            case AnswerTools():
                await brain.answer_tools(command.outputs, go_on=command.go_on)
            case RenewBrain():
                self._beside(brain.take_over(command.story), "renewal")
            case TakeUtterance():
                await brain.take_utterance(command.began_ms, command.ended_ms)
            case Speak():
                await brain.speak(command.reply_id, command.sentence, command.language, command.fields)
            case LoseBrain():
                brain.lose(command.reason)
            case RecallWish():
                await brain.recall(command.story)
            case _:
                await self._plain_verbs[type(command)]()

    def _beside(self, work: Coroutine[None, None, None], name: str) -> None:
        assert self._side_tasks is not None  # noqa: S101 -- set before the first command
        self._side_tasks.create_task(work, name=f"{self.call_id} {name}")

    async def _run_tool(self, command: RunTool) -> None:
        self.happened(await self._parts.toolbox.run(self.call_id, command.call))

    async def _prompt(self, name: str) -> None:
        """Play a recorded sentence; one that is missing counts as played, so that nothing waits for it."""
        reply_id = PROMPT + name
        audio = self._parts.prompts.get(name, b"")
        if not audio:
            log.error("prompt missing", extra={"call_id": self.call_id, "prompt": name})
            self.happened(ReplyPlayed(reply_id, 0))
            return
        await self.reply_audio(reply_id, reply_id, audio)
        self.reply_complete(reply_id)

    def _start_timer(self, command: StartTimer) -> None:
        self._stop_timer(command.name)
        fired = TimerFired(command.name)
        self._timers[command.name] = self._loop.call_later(command.ms / 1000, self.happened, fired)

    def _stop_timer(self, name: str) -> None:
        timer = self._timers.pop(name, None)
        if timer is not None:
            timer.cancel()
