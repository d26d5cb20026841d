"""One call: the single owner of its tasks, timers and queues. When `run` returns, nothing of it is left.

Audio goes leg -> brain -> leg without a decision; facts go through the inbox to the conversation, and the
commands that come back are performed here. May import: the standard library, appliance.core.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from appliance.core import afterwards
from appliance.core import commands as c
from appliance.core.conversation import Conversation
from appliance.core.dispositions import Disposition
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
    SpeechStopped,
    StaffDecided,
    TimerFired,
    VoiceBegan,
)
from appliance.core.gaps import Gaps
from appliance.core.playout import Playout
from appliance.core.ports import Assistant, CallLog, Leg, Toolbox, VoiceDetector
from appliance.core.pulse import Pulse
from appliance.core.replies import PROMPT
from appliance.core.soft_sound import soft_sound, sounding
from appliance.core.story import Speaker, Turn
from appliance.core.timers import Rang, Timers
from appliance.core.ulaw import BYTES_PER_MS, Gate
from appliance.core.uplink import HELD_MS, Uplink
from appliance.core.writing import write_down

log = logging.getLogger(__name__)

INBOX_MOST = 2000
TURN_EVENTS = 20
STALLED_S = 0.06
CLEAR_S = 1.0
SILENT_LEG_S = 10.0
SETTLES_S = 0.5
WORDS_S = 2.0
KEEP_DISPOSITION_S = 0.5
CUTTING = SpeechStarted | VoiceBegan | DigitPressed | TimerFired | StaffDecided | CallerHungUp | LegFailed
BREAKING_IN = SpeechStarted | VoiceBegan | DigitPressed | StaffDecided
ENDING = CallerHungUp | LegFailed | BrainLost

Late = Callable[[], Coroutine[None, None, None]]


class _Woken:
    """An inbox entry that only has the playout looked at."""


@dataclass(slots=True)
class CallCounts:
    """What a call counts for the metrics."""

    events_dropped: int = 0
    playout_dropped_ms: int = 0


@dataclass(frozen=True, slots=True)
class CallParts:
    """What a call is made of. `detector` is made for the call when it begins; None switches it off.

    `prompts` are recorded sentences by language and name, in the leg's coding.
    `narrow` makes µ-law of the caller's audio for our own ears; None for a
    leg that speaks it.
    """

    call_id: str
    leg: Leg
    brain: Assistant
    conversation: Conversation
    toolbox: Toolbox
    log: CallLog
    pulse: Pulse
    prompts: Mapping[str, Mapping[str, bytes]]
    silence_held_ms: int = HELD_MS
    detector: Callable[[Callable[[Event], None]], VoiceDetector] | None = None
    narrow: Callable[[bytes], bytes] | None = None


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
        self._playout = Playout(coding=parts.leg.coding)
        self._uplink = Uplink(parts.silence_held_ms, parts.leg.coding)
        self._gate = Gate()
        self._narrow = parts.narrow
        self._heard_bytes = 0
        self._inbox: asyncio.Queue[Event | _Woken | Rang] = asyncio.Queue(INBOX_MOST)
        self._timers = Timers(self._put)
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._frame_at = self._began
        self._gaps = Gaps(self._began)
        self._settled = asyncio.Event()
        self._worded = asyncio.Event()
        self._played: dict[str, ReplyPlayed] = {}
        self._cuts: list[c.TruncateReply | c.DeleteReply] = []
        self._detector = parts.detector(self.happened) if parts.detector else None
        self._side_tasks: asyncio.TaskGroup | None = None
        self._late: Late | None = None
        self._over = False
        self._plain_verbs: dict[type, Callable[[], Awaitable[None]]] = {
            c.Greet: self._brain.greet,
            c.CancelReply: self._brain.cancel,
            c.StopRecording: self._brain.stop_recording,
            c.AskForReply: self._brain.ask_for_reply,
            c.ProbeBrain: self._brain.probe,
        }

    async def run(
        self, over: Callable[[c.EndCall], None] = lambda _: None, late: Late | None = None
    ) -> c.EndCall:
        """Hold the call; return how it ended, when its brain has told the last of it.

        `over` is told the end when the caller's side is let go: for what comes then nobody has to wait.
        `late` is run when danger is heard in words behind the end. Cancelling this lets go of both sides.
        """
        self._parts.pulse.members.add(self._beat)
        try:
            async with self._brain, asyncio.TaskGroup() as tasks:
                self._side_tasks, self._late = tasks, late
                ear = tasks.create_task(self._brain.listen(self), name=f"{self.call_id} brain")
                end, last_words = await self._hold(tasks)
                self._stop_clocks()
                over(end)
                await asyncio.wait([last_words])
                ear.cancel()
                self._late = None
            return end
        finally:
            self._stop_clocks()
            self._end_decisions()

    async def _hold(self, tasks: asyncio.TaskGroup) -> tuple[c.EndCall, asyncio.Task[None]]:
        """Hold the caller's side; how the call ended, and what the brain does for the last of it."""
        async with self._leg:
            ear = tasks.create_task(self._leg.listen(self), name=f"{self.call_id} leg")
            end = await self._converse()
            self._end_decisions()
            last_words = tasks.create_task(self._brain.finish(), name=f"{self.call_id} last words")
            await sounding(self._leave(end), self._leg.play, self._leg.coding)
            ear.cancel()
        return end, last_words

    def _end_decisions(self) -> None:
        """From now on facts are only kept, also those that wait to be decided on."""
        self._over = True
        while not self._inbox.empty():
            waited = self._inbox.get_nowait()
            if not isinstance(waited, _Woken | Rang):
                self._keep(waited)
        self._settled.set()

    def _keep(self, event: Event) -> None:
        if isinstance(event, afterwards.KEPT):
            self._parts.log.happened(self.call_id, self._now_ms(), event)
            for command in afterwards.turns(self._conversation, event):
                if isinstance(command, c.WriteTurn | c.NoteWish):
                    write_down(self._parts.log, self.call_id, command)
                if isinstance(command, c.NoteWish) and self._late is not None:
                    self._beside(self._late(), "danger heard late")

    def _stop_clocks(self) -> None:
        self._parts.pulse.members.discard(self._beat)
        self._timers.close()
        if self._detector is not None:
            self._detector.close()
        self.counts.playout_dropped_ms = self._playout.dropped_ms

    async def _converse(self) -> c.EndCall:
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
                if self._playout.cleared.settled:
                    await self._tell_cuts()
                continue
            end = await self._decide(event)
            if end is not None:
                return end
            if self._inbox.empty():
                self._settled.set()

    async def _decide(self, entry: Event | Rang) -> c.EndCall | None:
        """Decide on an event and on what goes before it; the command that ends the call, if any."""
        event = TimerFired(entry.name) if isinstance(entry, Rang) else entry
        for fact in [*self._facts_before(event), event]:
            if fact is event and isinstance(entry, Rang) and not self._timers.over(entry):
                # It was stopped or started anew while its ring was on the way.
                return None
            self._parts.log.happened(self.call_id, self._now_ms(), fact)
            for command in self._conversation.handle(fact):
                if isinstance(command, c.EndCall):
                    return command
                await self._perform(command)
            if not self._conversation.story.awaited:
                self._worded.set()
        return None

    def _facts_before(self, event: Event) -> list[Event]:
        """What was heard so far goes before everything that may cut a reply or asks for its progress.

        That a reply was played to its end may still stand behind it in the inbox: it is told before, too.
        """
        if isinstance(event, ReplyPlayed):
            self._played.pop(event.reply_id, None)
        if isinstance(event, BREAKING_IN):
            return [*self._played.values(), *self._playout.heard_until_clear(self._loop.time())]
        if isinstance(event, CUTTING):
            return [*self._played.values(), *self._playout.heard()]
        return []

    async def settled(self) -> None:
        """Wait until everything that happened so far was decided on and done."""
        if self._over:
            return
        self._settled.clear()
        if not self._inbox.empty():
            try:
                async with asyncio.timeout(SETTLES_S):
                    await self._settled.wait()
            except TimeoutError:
                log.warning("decisions are late", extra={"call_id": self.call_id})

    async def _leave(self, end: c.EndCall) -> None:
        """Keep the disposition, then leave it with the carrier. Should we die in between, people are rung.

        A disk that is late, or full, sends nobody elsewhere than it was said to them.
        """
        try:
            async with asyncio.timeout(KEEP_DISPOSITION_S):
                await self._parts.log.leave(self.call_id, end.disposition)
        except (TimeoutError, StoreRefused) as exc:
            log.warning("disposition not on disk", extra={"call_id": self.call_id, "problem": str(exc)})
        self.left = end.disposition
        await self._leg.end(end.disposition)

    async def said(self) -> tuple[Turn, ...]:
        """All turns so far; words of the caller that are still to come are waited for, not for long."""
        self._worded.clear()
        if self._conversation.story.awaited and not self._over:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._worded.wait(), WORDS_S)
            self._conversation.story.waits_no_more()
        return self.story

    @property
    def story(self) -> tuple[Turn, ...]:
        """All turns so far, also those without words: each has its place."""
        return tuple(self._conversation.story.turns)

    @property
    def language(self) -> str:
        """The language that the call is in, such as `es`."""
        return self._conversation.dialogue.language

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

    async def caller_audio(self, audio: bytes) -> None:
        """The caller's audio, straight to the brain; the carrier's clock drives the playout."""
        if self._over:
            return
        self._frame_at = self._loop.time()
        playout = self._playout
        playout.carrier_clock(len(audio))
        ulaw_8k = audio if self._narrow is None else self._narrow(audio)
        self._heard_bytes += len(ulaw_8k)
        loud = self._gate.open(ulaw_8k)
        if self._detector is not None:
            self._detector.take(ulaw_8k, loud)
        if due := self._uplink.take(audio, loud):
            await self._brain.hear(due, loud=loud)
        if playout.waiting:
            await self._hand_over()
        self._cuts_known()

    def mark_reached(self, mark: str) -> None:
        """The carrier returned a mark."""
        self._all_happened(self._playout.mark_reached(mark, self._loop.time()))
        self._cuts_known()

    def thrown_away(self, unplayed_ms: int) -> None:
        """The carrier said how much of what it had it threw away."""
        self._playout.cleared.thrown_away(unplayed_ms)
        self._cuts_known()

    def _cuts_known(self) -> None:
        """When the carrier has told what had been played at the clear, the brain is told, too."""
        if self._cuts and self._playout.cleared.settled:
            self._put(_Woken())

    async def reply_audio(self, response_id: str, reply_id: str, audio: bytes) -> None:
        """Audio of a reply, straight to the carrier as far as it is due."""
        if self._over:
            return
        self._all_happened(self._playout.queue(response_id, reply_id, audio))
        await self._hand_over()

    def reply_complete(self, reply_id: str) -> None:
        """No more audio of this reply will come."""
        self._all_happened(self._playout.complete(reply_id))

    def happened(self, event: Event) -> None:
        """Take a fact into the inbox; a flood is dropped and counted, never waited for."""
        if self._over:
            self._keep(event)
            return
        if isinstance(event, ReplyBegan):
            self._playout.begin(event.response_id)
        elif isinstance(event, ReplyPlayed):
            self._played[event.reply_id] = event
        elif isinstance(event, SpeechStopped):
            # By the clock of our own ear, which tells of the same speech sooner or later.
            event = SpeechStopped(self._heard_bytes // BYTES_PER_MS)
        self._put(event)

    def _all_happened(self, events: Iterable[Event]) -> None:
        for event in events:
            self.happened(event)

    def _put(self, entry: Event | _Woken | Rang) -> None:
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
        if self._cuts and away_s > CLEAR_S:
            self._playout.cleared.give_up()
            self._cuts_known()
        if self._playout.waiting and away_s > STALLED_S:
            self._put(_Woken())
        if away_s > SILENT_LEG_S:
            self._put(LegFailed("no audio from the carrier"))
        starved = self._playout.starved
        if self._gaps.too_many(now_s, starved):
            # Its audio does not come, or comes in crumbs.
            self._put(ReplyStalled(starved))

    # Commands --------------------------------------------------------------------------------------

    async def _perform(self, command: c.Command) -> None:
        match command:
            case c.ClearPlayback():
                await self._tell_cuts()
                self._playout.clear()
                await self._leg.clear()
            case c.IgnoreReply():
                self._all_happened(self._playout.ignore(command.response_id))
                await self._brain.refuse()
            case c.PlayOnly():
                self._all_happened(self._playout.only(command.reply_ids))
                await self._brain.only(command.reply_ids)
            case c.PlayPrompt():
                await self._prompt(command.name, command.language)
            case c.PlaySoftSound():
                self._all_happened(self._playout.sound(command.reply_id, soft_sound(self._leg.coding)))
                await self._hand_over()
            case c.StartTimer() | c.StopTimer() | c.Attend():
                self._wait(command)
            case c.WriteTurn() | c.NoteWish() | c.NoteLanguage() | c.NoteCitation():
                write_down(self._parts.log, self.call_id, command)
            case c.RunTool():
                self._beside(self._run_tool(command), f"tool {command.call.name}")
            case c.EndCall():
                pass
            case _:
                await self._perform_on_brain(command)

    def _wait(self, command: c.StartTimer | c.StopTimer | c.Attend) -> None:
        match command:
            case c.StartTimer():
                self._timers.start(command, self._heard_bytes // BYTES_PER_MS)
            case c.StopTimer():
                self._timers.stop(command.name)
            case c.Attend() if self._detector is not None:
                self._detector.attend(command.ms)

    async def _tell_cuts(self) -> None:
        """Tell the brain how much of each cut reply was heard: as the carrier told it, else as reckoned."""
        cuts, self._cuts = self._cuts, []
        for cut in cuts:
            reckoned_ms = cut.heard_ms if isinstance(cut, c.TruncateReply) else 0
            heard_ms = self._playout.cleared.heard_ms(cut.reply_id, reckoned_ms)
            if heard_ms:
                await self._brain.truncate(cut.reply_id, heard_ms)
            else:
                await self._brain.delete(cut.reply_id)

    async def _perform_on_brain(self, command: c.BrainCommand) -> None:
        brain = self._brain
        if isinstance(command, c.TruncateReply | c.DeleteReply):
            self._cuts.append(command)
            self._cuts_known()
            return
        if not isinstance(command, c.CancelReply):
            # What was cut stands before everything else that the brain is told.
            await self._tell_cuts()
        match command:
            case c.TellBrain():
                await brain.tell(command.text)
            case c.AnswerTools():
                await brain.answer_tools(command.outputs, go_on=command.go_on)
            case c.RenewBrain():
                self._beside(brain.take_over(command.story, command.language), "renewal")
            case c.TakeUtterance() | c.TakeSoFar() | c.Overhear() | c.StartRecording():
                await self._take(command)
            case c.Speak():
                self._playout.reserve(command.reply_id)
                await brain.speak(command.reply_id, command.sentence, command.language, command.fields)
            case c.LoseBrain():
                brain.lose(command.reason)
            case c.RecallWish():
                await brain.recall(command.story)
            case _:
                await self._plain_verbs[type(command)]()

    async def _take(self, command: c.TakeUtterance | c.TakeSoFar | c.Overhear | c.StartRecording) -> None:
        brain = self._brain
        match command:
            case c.StartRecording():
                await brain.start_recording(command.since_ms)
            case c.TakeSoFar():
                await brain.take_so_far(command.began_ms, command.ended_ms, whole=command.whole)
            case c.TakeUtterance():
                await brain.take_utterance(command.began_ms, command.ended_ms)
            case c.Overhear():
                await brain.overhear(command.began_ms, command.ended_ms, command.language)

    def _beside(self, work: Coroutine[None, None, None], name: str) -> None:
        assert self._side_tasks is not None  # noqa: S101 -- set before the first command
        self._side_tasks.create_task(work, name=f"{self.call_id} {name}")

    async def _run_tool(self, command: c.RunTool) -> None:
        self.happened(await self._parts.toolbox.run(self.call_id, command.call))

    async def _prompt(self, name: str, language: str) -> None:
        """Play a recorded sentence; one that is missing counts as played, so that nothing waits for it."""
        reply_id = PROMPT + name
        audio = self._parts.prompts.get(language, {}).get(name, b"")
        if not audio:
            log.error("prompt missing", extra={"call_id": self.call_id, "prompt": name})
            self.happened(ReplyPlayed(reply_id, 0))
            return
        await self.reply_audio(reply_id, reply_id, audio)
        self.reply_complete(reply_id)
