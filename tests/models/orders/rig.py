"""A real call with the real cloud brain, between a carrier in simulated time and the service of odd orders.

May import: appliance.core, models, this package.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import cast

from appliance.core.call import Call, CallParts
from appliance.core.conversation import Conversation
from appliance.core.events import CallerHungUp, DigitPressed, VoiceBegan, VoiceCeased
from appliance.core.phase import Phase
from appliance.core.pulse import Pulse
from appliance.core.settings import Cloud
from appliance.core.story import Turn
from appliance.core.testing import MemoryLog, NotingLeg, NoTools
from models.breaker import Breaker
from models.realtime import prices
from models.realtime.brain import RealtimeBrain
from models.realtime.dial import Dialer
from models.realtime.messages import SessionPlan
from models.standby import Standby
from tests.models.orders.service import TAG, Service
from tests.models.test_local_brain import local_brain

PLAN = SessionPlan("gpt-realtime", "marin", "You answer.", transcription_model="gpt-transcribe")
FRAME_S = 0.02
FRAME = b"\xff" * 160
SETTLES_S = 16.0


@dataclass(eq=False)
class Carrier(NotingLeg):
    """Plays at real time, and notes when it is given what was cut."""

    service: Service | None = None
    wrong: list[str] = field(default_factory=list)
    _cut: set[int] = field(default_factory=set)
    _queue: deque[tuple[int, str]] = field(default_factory=deque)
    heard_ms: int = 0

    async def play(self, ulaw_8k: bytes, mark: str) -> None:
        if ulaw_8k[0] in self._cut:
            self.wrong.append(f"played the cut answer {ulaw_8k[0] - TAG}")
        self._queue.append((len(ulaw_8k), mark))

    async def clear(self) -> None:
        assert self.service is not None
        self._cut |= self.service.known
        thrown, self._queue = self._queue, deque()
        for _, mark in thrown:
            self._mark(mark)

    def _mark(self, mark: str) -> None:
        assert self.ears is not None
        self.ears.mark_reached(mark)

    async def run(self) -> None:
        """Send a frame of the caller's and play one, for ever."""
        await self.connected.wait()
        assert self.ears is not None
        while True:
            await asyncio.sleep(FRAME_S)
            left = len(FRAME)
            while self._queue and left:
                size, mark = self._queue.popleft()
                if size > left:
                    self._queue.appendleft((size - left, mark))
                    break
                left -= size
                self._mark(mark)
            self.heard_ms += 20
            await self.ears.caller_audio(FRAME)


@dataclass(frozen=True)
class Outcome:
    """What was wrong in a call, and what was left of it."""

    wrong: list[str]
    owed: bool
    ended: bool
    without_cause: int
    """How many more answers were given than there was a cause for."""


async def _well() -> None:
    return None


async def play(script: list[tuple[int, str]], latency_ms: int) -> Outcome:
    """Hold a call in which these things happen, each so many ms after the one before; then let it settle."""
    service = Service(latency_ms / 1000)
    leg, log, pulse = Carrier(service=service), MemoryLog(), Pulse()
    pulse.start()
    cloud, dialer = Cloud(), cast(Dialer, service)

    def make(story: tuple[Turn, ...], _language: str) -> RealtimeBrain:
        return RealtimeBrain(dialer, PLAN, prices.load(), cloud, pulse, story)

    conversation = Conversation()
    standby = Standby(local_brain(), make, Breaker(_well), spare=False)
    call = Call(CallParts("c1", leg, standby, conversation, NoTools(), log, pulse, {}))
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(call.run(), name="call")
        carrying = tasks.create_task(leg.run(), name="carrier")
        for wait_ms, word in script:
            await asyncio.sleep(wait_ms / 1000)
            _do(word, call, leg, service)
        service.settle()
        await asyncio.sleep(SETTLES_S)
        owed = conversation.turn.owed and conversation.phase is Phase.TALKING
        ended = running.done()
        call.happened(CallerHungUp())
        await running
        carrying.cancel()
    pulse.stop()
    return Outcome([*service.wrong, *leg.wrong], owed, ended, max(0, service.given - service.causes))


def _do(word: str, call: Call, leg: Carrier, service: Service) -> None:
    at_ms = leg.heard_ms
    match word:
        case "our ear begins":
            call.happened(VoiceBegan(max(0, at_ms - 300)))
        case "our ear begins late":
            call.happened(VoiceBegan(max(0, at_ms - 3000)))
        case "our ear ceases":
            _ceases(call, service, max(0, at_ms - 600))
        case "our ear ceases late":
            _ceases(call, service, max(0, at_ms - 2500))
        case "key":
            service.causes += 1
            call.happened(DigitPressed("5"))
        case _:
            if word.startswith("hush") and service.speaking:
                service.hushed_ms = at_ms
            service.act(word)


def _ceases(call: Call, service: Service, at_ms: int) -> None:
    """Our ear hears an end: what the service has not heard to its end by then is a cause of its own."""
    service.causes += at_ms > service.hushed_ms
    call.happened(VoiceCeased(at_ms, 400))
