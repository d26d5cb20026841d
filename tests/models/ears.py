"""A call as a brain sees it: ears that keep what they hear, and a way to wait for it.

May import: the standard library, appliance.core, models.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from appliance.core.events import BrainErred, Event, SessionExpiring
from appliance.core.pulse import Pulse
from appliance.core.settings import Cloud
from appliance.core.story import Turn
from models.realtime import dial as realtime
from models.realtime import prices
from models.realtime.brain import RealtimeBrain
from models.realtime.dial import Dialer
from models.realtime.messages import SessionPlan

KEY = "sk-test"
PLAN = SessionPlan(
    "gpt-realtime-2.1-mini", "marin", "You answer the telephone.", transcription_model="gpt-transcribe"
)


@dataclass(slots=True)
class Ears:
    """Implements `BrainEars`; a renewal that is asked for is granted with this story."""

    events: list[Event] = field(default_factory=list)
    audio: bytearray = field(default_factory=bytearray)
    story: tuple[Turn, ...] = ()
    brain: RealtimeBrain | None = None
    tasks: asyncio.TaskGroup | None = None
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def reply_audio(self, response_id: str, reply_id: str, ulaw_8k: bytes) -> None:
        self.audio += ulaw_8k
        self._changed.set()

    def reply_complete(self, reply_id: str) -> None:
        self._changed.set()

    async def settled(self) -> None:
        """Everything is done at once here."""

    def happened(self, event: Event) -> None:
        self.events.append(event)
        wants_renewal = isinstance(event, SessionExpiring) or (
            isinstance(event, BrainErred) and event.action == "rebuild"
        )
        if wants_renewal and self.brain and self.tasks:
            self.tasks.create_task(self.brain.take_over(self.story), name="renewal")
        self._changed.set()

    def of(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]

    async def wait_for(self, seen: Callable[[], Any], within_s: float = 5.0) -> None:
        async with asyncio.timeout(within_s):
            while not seen():
                self._changed.clear()
                await self._changed.wait()


@dataclass(frozen=True, slots=True)
class Line:
    """A brain that listens, and its ears."""

    brain: RealtimeBrain
    ears: Ears
    dialer: "SlowDialer"


class SlowDialer(Dialer):
    """Dials when the test lets it."""

    def __init__(self, cloud: Cloud, key: str) -> None:
        super().__init__(cloud, key)
        self.free = asyncio.Event()
        self.free.set()
        self.waits = asyncio.Event()
        self.asked = 0

    async def dial(self, model: str) -> realtime.Line:
        self.asked += 1
        if not self.free.is_set():
            self.waits.set()
        await self.free.wait()
        return await super().dial(model)


@asynccontextmanager
async def listening(
    url: str,
    plan: SessionPlan = PLAN,
    key: str = KEY,
    plans: Mapping[str, SessionPlan] = MappingProxyType({}),
    **cloud: Any,
) -> AsyncIterator[Line]:
    """A brain connected to this service (`ws://…/v1`)."""
    settings = Cloud.model_validate({"url": f"{url}/realtime", **cloud})
    pulse = Pulse()
    pulse.start()
    try:
        async with SlowDialer(settings, key) as dialer:
            brain = RealtimeBrain(dialer, plan, prices.load(), settings, pulse, plans=plans)
            async with brain, asyncio.TaskGroup() as tasks:
                ears = Ears(brain=brain, tasks=tasks)
                listens = tasks.create_task(brain.listen(ears), name="listen")
                yield Line(brain, ears, dialer)
                listens.cancel()
    finally:
        pulse.stop()
