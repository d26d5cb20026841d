"""A stage for full calls: both peers and the real bridge, and a call held between them.

May import: scripts.loopback_box, tests.peers.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.loopback_box import (
    ACCOUNT_SID,
    API_KEY,
    AUTH_TOKEN,
    CALLER,
    CLINIC,
    FRONT_DESK,
    PUBLIC_URL,
    BoxFailed,
    LoopbackBox,
)
from tests.peers.carrier import (
    Account,
    CarrierPeer,
    Destination,
    Distance,
    MediaStream,
    Number,
    PhoneCall,
)
from tests.peers.carrier.happenings import StreamStarted
from tests.peers.carrier.timeline import Gap, Timeline
from tests.peers.carrier.ulaw import FRAME_MS
from tests.peers.realtime import RealtimePeer, Script, Session
from tests.peers.stopwatch import Crowding

DISTANCES = {
    "near": Distance(),
    "80 ms away": Distance(round_trip_ms=80, jitter_ms=20),
    "150 ms away": Distance(round_trip_ms=150, jitter_ms=20),
}
"""How far the carrier is from the box in these calls."""
BEGINS_S = 20.0
BEFORE_MS = 500
"""The bridge keeps the carrier 200 ms ahead: what held it up lies so long before a gap at most."""
ASSISTANT_FIRST = {"front_door": "assistant"}


def gaps(stream: MediaStream, crowding: Crowding, shorter_than_ms: int = 600) -> list[Gap]:
    """The silences in what was played that are longer than what the machine or the carrier held up before."""
    timeline = stream.timeline
    return [
        gap
        for gap in timeline.gaps(shorter_than_ms)
        if gap.length_ms > max(_no_core_ms(timeline, gap, crowding), timeline.stood_still_ms(gap, BEFORE_MS))
    ]


def _no_core_ms(timeline: Timeline, gap: Gap, crowding: Crowding) -> float:
    """How long bridge and peers had no core, just before a gap and in it."""
    began_s = timeline.at_s[gap.start_ms // FRAME_MS]
    return crowding.ms(began_s - BEFORE_MS / 1000, began_s + gap.length_ms / 1000)


def ahead_ms(stream: MediaStream, crowding: Crowding) -> float:
    """The most that ever lay at the carrier, without what came late and all at once for want of a core."""
    return stream.timeline.ahead_ms_max - crowding.worst_ms


@dataclass(frozen=True, slots=True)
class Stage:
    """What a full call is played on."""

    box: LoopbackBox
    carrier: CarrierPeer
    cloud: RealtimePeer
    crowding: Crowding
    """How long the bridge and the peers had no core."""

    async def ring(self, plan: str, distance: Distance = DISTANCES["near"]) -> tuple[PhoneCall, Session]:
        """Ring the clinic with a caller's plan, from a carrier so far away; the call and its session."""
        before = len(self.cloud.sessions)
        self.carrier.network.distance = distance
        phone = await self.carrier.ring(caller=CALLER, called=CLINIC, plan=plan)
        await phone.journal.wait_for(StreamStarted, timeout_s=BEGINS_S)
        session = await self.cloud.wait_for(lambda: self.cloud.sessions[before:], BEGINS_S)
        return phone, session[0]

    async def call(self, plan: str, within_s: float = 60.0) -> PhoneCall:
        """Ring the clinic with a caller's plan and wait for the end of the call."""
        phone = await self.carrier.ring(caller=CALLER, called=CLINIC, plan=plan)
        return await phone.done(within_s)


async def _begin(box: LoopbackBox) -> None:
    """Start a bridge; on a machine that is busy with other things the second try finds warm files."""
    try:
        await box.__aenter__()
    except BoxFailed:
        await box.start()


@asynccontextmanager
async def staged(
    folder: Path,
    script: str,
    *,
    staff: Mapping[str, Any] | None = None,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    starts: AbstractAsyncContextManager[Any] | None = None,
    program: str = "appliance.cli.main",
    **manner: Any,
) -> AsyncIterator[Stage]:
    """A stage with this script for the assistant; `manner` is how the service speaks (speedup, chunk_ms).

    `starts` is held while the bridge starts, which takes a core for a while: of many, few should at once.
    """
    carrier = CarrierPeer(account=Account(ACCOUNT_SID, AUTH_TOKEN))
    cloud = RealtimePeer(Script.parse(script), key=API_KEY, **manner)
    async with cloud, carrier:
        box = LoopbackBox(
            folder,
            cloud_url=cloud.url,
            rest_url=carrier.rest_url,
            staff={**ASSISTANT_FIRST, **(staff or {})},
            settings=settings,
            program=program,
        )
        async with AsyncExitStack() as stack:
            async with starts or nullcontext():
                await _begin(box)
            stack.push_async_exit(box)
            carrier.network.addresses.add(PUBLIC_URL, box.public_base)
            status = f"{PUBLIC_URL}/twilio/status"
            carrier.network.numbers[CLINIC] = Number(f"{PUBLIC_URL}/twilio/voice", status_callback=status)
            carrier.network.destinations[FRONT_DESK] = Destination.answers(2.0, 5.0)
            crowding = Crowding(box.pid, os.getpid())
            async with asyncio.TaskGroup() as tasks:
                watch = tasks.create_task(crowding.watch(), name="crowding")
                yield Stage(box, carrier, cloud, crowding)
                watch.cancel()
