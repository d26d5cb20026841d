"""The cloud as a `Brain`: listens and talks through one session after another.

A session is renewed before its time limit, or once after it broke: while the new one is being set up the
caller's audio is kept, then the story is told and the audio given. When none can be had, BrainLost.
May import: appliance.core, models.realtime.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Mapping
from types import MappingProxyType, TracebackType
from typing import Self

from appliance.core.coding import BYTES_PER_MS
from appliance.core.counters import Counters
from appliance.core.errors import AttendantError
from appliance.core.events import (
    BrainErred,
    BrainLost,
    BrainReady,
    BrainRenewed,
    Event,
    Heard,
    RenewalFailed,
    SessionExpiring,
    SpeechStarted,
    UtteranceTaken,
)
from appliance.core.ports import BrainEars
from appliance.core.pulse import Pulse
from appliance.core.settings import Cloud
from appliance.core.story import Speaker, Turn
from models.realtime import faults, messages
from models.realtime.dial import Dialer, DialFailed, Line
from models.realtime.faults import Action
from models.realtime.messages import SessionPlan
from models.realtime.prices import Prices
from models.realtime.session import (
    Output,
    ReplyAudio,
    ReplyAudioEnded,
    Session,
    SessionFault,
    SessionReady,
)

log = logging.getLogger(__name__)

KEPT_MS = 5000
WAITING_MOST = 100
SETUP_S = 1.5
REBUILD_S = 4.0
REBUILDS = 2
RENEW_AGAIN_S = 60.0
EXPIRY_MARGIN_S = 60
LAST_S = 3.0
"""How long the service may take to tell the last of what was used, after the call."""
FLOOD_A_BEAT, FLOOD_BEATS = 120, 10
"""So many events in 100 ms, for a second on end, are no conversation."""
GO_ON = "The line dropped for a moment. Answer what the caller said last, without a new greeting."


class _Broken(AttendantError):
    """The session is of no more use."""

    def __init__(self, code: str, action: Action) -> None:
        super().__init__(code)
        self.code = code
        self.action = action


class RealtimeBrain:
    """The cloud brain of one call. It begins by `plan`; `plans` are those of the languages to change to."""

    def __init__(
        self,
        dialer: Dialer,
        plan: SessionPlan,
        prices: Prices,
        cloud: Cloud,
        pulse: Pulse,
        story: tuple[Turn, ...] = (),
        rebuild_s: float = REBUILD_S,
        plans: Mapping[str, SessionPlan] = MappingProxyType({}),
    ) -> None:
        self._rebuild_s = rebuild_s
        self._story = story
        self._dialer = dialer
        self._plan, self._plans = plan, plans
        self._prices = prices
        self._cloud = cloud
        self._pulse = pulse
        self._session = Session(self._plan, prices)
        self._line: Line | None = None
        self._open_lines: set[Line] = set()
        self._ears: BrainEars | None = None
        self._kept: deque[bytes] = deque()
        self._kept_bytes = 0
        self.counters = Counters()
        """What is dropped is counted here; one of the process's own may stand in its place."""
        self.typed: Callable[[int], str] = lambda _: ""
        """What was typed instead of being said, by when it began; only where somebody rehearses."""
        self._holding = True
        self._waiting: deque[Callable[[Session], None]] = deque(maxlen=WAITING_MOST)
        self._next: asyncio.Future[tuple[Session, Line]] | None = None
        self._deadline: asyncio.Timeout | None = None
        self._stop_reason = ""
        self._renew_at_s = 0.0
        self._rebuilds = 0
        self._owes_after_break = False
        self._events = self._flooded_beats = 0
        self._renewing = False
        self._asked_again = False
        self._over = False
        self._leaving = False
        self._all_told = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._pulse.members.add(self._beat)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pulse.members.discard(self._beat)
        self._over = True
        # Also one that was still being set up, or that another has just taken over from.
        for line in self._open_lines:
            await line.close()

    # Listening -----------------------------------------------------------------------------------------

    async def listen(self, ears: BrainEars) -> None:
        """Connect and report, session after session, until there is none."""
        self._ears = ears
        try:
            await self._take(*await self._open())
            ears.happened(BrainReady())
            while not self._leaving:
                try:
                    await self._follow()
                except _Broken as broken:
                    await self._rebuild(broken)
        except (DialFailed, _Broken) as exc:
            self._over = True
            if not self._leaving:
                log.warning("brain lost", extra={"reason": exc.code})
                ears.happened(BrainLost(exc.code))
        finally:
            self._missed(self._session)
            self._all_told.set()

    async def _open(self) -> tuple[Session, Line]:
        """A new session that knows the story as it is by then. Raises DialFailed."""
        line = await self._dialer.dial(self._plan.model)
        self._open_lines.add(line)
        session = Session(self._plan, self._prices)
        try:
            async with asyncio.timeout(SETUP_S):
                await self._set_up(session, line)
        except (TimeoutError, _Broken) as exc:
            await line.close()
            code = exc.code if isinstance(exc, _Broken) else "setup_timeout"
            raise DialFailed(code, Action.GIVE_UP) from exc
        for turn in self._story:
            await line.send(messages.retold(turn))
        return session, line

    async def _set_up(self, session: Session, line: Line) -> None:
        while True:
            text = await line.receive()
            if text is None:
                raise _Broken(f"closed_{line.close_code}", faults.of_close(line.close_code))
            outputs = session.feed(text)
            await _send_all(session, line)
            for output in outputs:
                if isinstance(output, SessionReady):
                    return
                if isinstance(output, SessionFault):
                    raise _Broken(output.code, output.action)

    async def _take(self, session: Session, line: Line) -> None:
        """Make this session the one of the call; give it the audio and the wishes that were kept."""
        self._session, self._line = session, line
        self._renew_at_s = self._pulse.beaten_at + self._lifetime_s(session)
        self._holding = False
        if self._kept:
            audio = b"".join(self._kept)
            self._kept.clear()
            self._kept_bytes = 0
            await line.send(session.hear(audio))
        while self._waiting:
            self._waiting.popleft()(session)
        await _send_all(session, line)

    def _lifetime_s(self, session: Session) -> float:
        """How long to use a session; the service's own limit counts when the two clocks agree about it."""
        said_s = session.expires_at - time.time() - EXPIRY_MARGIN_S
        longest_s = float(self._cloud.session_longest_s)
        return min(longest_s, said_s) if said_s > 0 else longest_s

    async def _follow(self) -> None:
        """Report what the session says until another takes over. Raises _Broken when it breaks."""
        session, line = self._session, self._line
        assert line is not None  # noqa: S101 -- set by _take
        self._stop_reason = ""
        try:
            async with asyncio.timeout(None) as self._deadline:
                while (text := await line.receive()) is not None:
                    await self._take_in(text, session, line)
        except _Broken:
            if self._line is line:
                raise
            # What is wrong with a session that another has taken over from concerns nobody.
            await line.close()
            return
        except TimeoutError:
            if self._line is not line:
                await line.close()
                return
            raise _Broken(self._stop_reason, Action.GIVE_UP) from None
        finally:
            self._deadline = None
            self.counters.cloud_garbage += session.garbage
            self._missed(session)
        if self._line is line:
            raise _Broken(f"closed_{line.close_code}", faults.of_close(line.close_code))

    async def _take_in(self, text: str | bytes, session: Session, line: Line) -> None:
        self._events += 1
        for output in session.feed(text):
            await self._report(output)
        if session.outbox:
            await _send_all(session, line)
        if self._leaving and not session.owes:
            self._all_told.set()

    async def _report(self, output: Output) -> None:
        assert self._ears is not None  # noqa: S101 -- set by listen
        match output:
            case ReplyAudio():
                await self._ears.reply_audio(output.response_id, output.reply_id, output.audio)
            case ReplyAudioEnded():
                self._ears.reply_complete(output.reply_id)
            case SessionFault():
                raise _Broken(output.code, output.action)
            case SessionReady():
                pass
            case _:
                self._ears.happened(output)
                if isinstance(output, SpeechStarted):
                    # What came in one burst with it belongs behind the barge-in, not under it.
                    await self._ears.settled()

    async def _rebuild(self, broken: _Broken) -> None:
        """Ask the conversation for the story and wait for the new session. Raises _Broken again."""
        assert self._ears is not None  # noqa: S101 -- set by listen
        if self._leaving or broken.action is not Action.REBUILD or self._rebuilds >= REBUILDS:
            raise broken
        self._rebuilds += 1
        self._holding = True
        self._owes_after_break = True
        if self._line is not None:
            await self._line.close()
        self._next = asyncio.get_running_loop().create_future()
        self._ears.happened(BrainErred(broken.code, Action.REBUILD))
        try:
            async with asyncio.timeout(self._rebuild_s):
                await self._take(*await self._next)
        except (TimeoutError, DialFailed) as exc:
            raise broken from exc
        finally:
            self._next = None
        self._ears.happened(BrainRenewed())

    async def take_over(self, story: tuple[Turn, ...], language: str = "") -> None:
        """Set up a new session that knows the story, in this language, and go on in it.

        Asked again meanwhile, as when the old session breaks while it is renewed, it is the same change.
        """
        self._story = story
        self._plan = self._plans.get(language, self._plan)
        if self._renewing:
            self._asked_again = True
            return
        self._renewing, self._asked_again, self._holding = True, False, True
        try:
            await self._renew()
        finally:
            self._renewing = False

    async def finish(self) -> None:
        """Stop, and wait a moment for what the service has still to tell of answers and transcriptions."""
        self._leaving = self._over = True
        if self._line is None or self._deadline is None:
            # No session is listened to: what the last one owed is known to be missed.
            return
        session = self._session
        session.leave()
        try:
            async with asyncio.timeout(LAST_S):
                await _send_all(session, self._line)
                if session.owes:
                    await self._all_told.wait()
        except TimeoutError:
            log.info("the service does not tell the last of what was used")

    async def _renew(self) -> None:
        assert self._ears is not None  # noqa: S101 -- asked for by the conversation only
        broke_before = self._next is not None
        try:
            session, line = await self._opened_for_all()
        except DialFailed as exc:
            if not self._over:
                self._ears.happened(RenewalFailed(exc.code))
                if broke_before or self._asked_again or self._next is None:
                    await self._go_on_without(exc)
                # Else it broke just now: whoever asks for that has an attempt coming.
            return
        if self._over:
            # It came too late: nobody would close it.
            await line.close()
        elif self._next is None:
            await self._take(session, line)
            self._ears.happened(BrainRenewed())
            self._wake()
        elif not self._next.done():
            self._next.set_result((session, line))

    async def _opened_for_all(self) -> tuple[Session, Line]:
        """A new session, also for who asked while it was being set up: in the language of the last."""
        plan = self._plan
        session, line = await self._opened()
        if self._plan is plan:
            return session, line
        await line.close()
        return await self._opened()

    async def _opened(self) -> tuple[Session, Line]:
        """A new session; who asked after the first attempt began is given an attempt of their own."""
        try:
            return await self._open()
        except DialFailed:
            if not self._asked_again or self._over:
                raise
            return await self._open()

    async def _go_on_without(self, failed: DialFailed) -> None:
        """No new session: the old one goes on if there is one, and is renewed again in a minute."""
        if self._next is not None:
            if not self._next.done():
                self._next.set_exception(failed)
        elif self._line is not None:
            await self._take(self._session, self._line)
            self._renew_at_s = self._pulse.beaten_at + RENEW_AGAIN_S

    def _wake(self) -> None:
        if self._deadline is not None:
            self._deadline.reschedule(asyncio.get_running_loop().time())

    def _beat(self, now_s: float) -> None:
        """Look every 100 ms whether the network lives, what comes from it, and how old the session is."""
        events, self._events = self._events, 0
        self._flooded_beats = self._flooded_beats + 1 if events > FLOOD_A_BEAT else 0
        if self._line is None or self._deadline is None or self._holding:
            return
        if self._line.unacknowledged(self._cloud.unacked_ms):
            self._stop_reason = "unacknowledged"
            self._wake()
        elif self._flooded_beats >= FLOOD_BEATS:
            self._stop_reason = "flood"
            self._wake()
        elif now_s > self._renew_at_s:
            self._renew_at_s = now_s + RENEW_AGAIN_S
            self._happened(SessionExpiring(EXPIRY_MARGIN_S))

    def _missed(self, session: Session) -> None:
        """Nothing more comes of this session: tell what of its cost will never be known."""
        for missed in session.missed():
            self._happened(missed)

    def _happened(self, event: Event) -> None:
        if self._ears is not None:
            self._ears.happened(event)

    # Talking -------------------------------------------------------------------------------------------

    async def hear(self, audio: bytes, *, loud: bool = True) -> None:
        """The caller's audio in the leg's coding; while there is no session the last 5 s are kept."""
        if self._holding or self._line is None:
            self._keep(audio)
            return
        message = self._session.hear(audio, loud=loud)
        if self._session.outbox:
            await _send_all(self._session, self._line)
        await self._line.send(message)

    def _keep(self, audio: bytes) -> None:
        per_ms = BYTES_PER_MS[self._plan.leg]
        self._kept.append(audio)
        self._kept_bytes += len(audio)
        while self._kept_bytes > KEPT_MS * per_ms:
            dropped = len(self._kept.popleft())
            self._kept_bytes -= dropped
            self.counters.uplink_dropped_ms += dropped // per_ms

    async def greet(self) -> None:
        """Have the service speak first."""
        await self.ask_for_reply()

    async def ask_for_reply(self) -> None:
        """Ask for the answer that is owed, and say so when the line broke before it."""
        instructions = GO_ON if self._owes_after_break else None
        self._owes_after_break = False
        await self._on_session(lambda session: session.ask_for_reply(instructions))

    async def cancel(self) -> None:
        """Stop generating, if the service has not stopped itself."""
        await self._on_session(lambda session: session.cancel())

    async def truncate(self, reply_id: str, heard_ms: int) -> None:
        """Only this much of a reply was heard."""
        await self._on_session(lambda session: session.truncate(reply_id, heard_ms))

    async def delete(self, reply_id: str) -> None:
        """Nothing of a reply was heard."""
        await self._on_session(lambda session: session.delete(reply_id))

    async def take_utterance(self, began_ms: int = 0, _ended_ms: int = 0) -> None:
        """Commit the caller's turn and ask for the answer (manual turns)."""
        if text := self.typed(began_ms):
            await self._take_typed(Turn(f"typed-{began_ms}", Speaker.CALLER, text))
            return
        await self._on_session(lambda session: session.say(messages.commit(), ask=True))

    async def _take_typed(self, turn: Turn) -> None:
        """Give the service what was typed in place of the sound that stands for it."""
        self._happened(UtteranceTaken(turn.turn_id))
        self._happened(Heard(turn.turn_id, turn.text))
        await self._on_session(lambda session: session.say(messages.clear(), messages.retold(turn), ask=True))

    async def probe(self) -> None:
        """Ask for a sign of life."""
        await self._on_session(lambda session: session.say(messages.probe("probe")))

    async def tell(self, text: str) -> None:
        """Add a line about the call and ask for an answer."""
        await self._on_session(lambda session: session.say(messages.note(text), ask=True))

    async def answer_tools(self, outputs: tuple[tuple[str, str], ...], *, go_on: bool) -> None:
        """Give all outputs, then ask for one answer."""
        asked = self._session

        def answer(session: Session) -> None:
            # A session that took over meanwhile did not ask for the tools: it is told of them in words.
            given = (
                messages.tool_output(call_id, output)
                if session is asked
                else messages.note(f"A tool: {output}")
                for call_id, output in outputs
            )
            session.say(*given, ask=go_on)

        await self._on_session(answer)

    async def _on_session(self, act: Callable[[Session], None]) -> None:
        """Do something with the session and send what it makes; while there is none it waits for the next."""
        if self._line is None or self._holding:
            self.counters.wishes_dropped += len(self._waiting) == WAITING_MOST
            self._waiting.append(act)
            return
        act(self._session)
        await _send_all(self._session, self._line)


async def _send_all(session: Session, line: Line) -> None:
    """Send what waits, in order."""
    while session.outbox:
        await line.send(session.outbox.pop(0))
