"""A stage for full calls: both peers and the real bridge, and a call held between them.

May import: scripts.loopback_box, tests.peers.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
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
    LoopbackBox,
)
from tests.peers.carrier import Account, CarrierPeer, Destination, Number, PhoneCall
from tests.peers.realtime import RealtimePeer, Script

ASSISTANT_FIRST = {"front_door": "assistant"}


@dataclass(frozen=True, slots=True)
class Stage:
    """What a full call is played on."""

    box: LoopbackBox
    carrier: CarrierPeer
    cloud: RealtimePeer

    async def call(self, plan: str, within_s: float = 60.0) -> PhoneCall:
        """Ring the clinic with a caller's plan and wait for the end of the call."""
        phone = await self.carrier.ring(caller=CALLER, called=CLINIC, plan=plan)
        return await phone.done(within_s)


@asynccontextmanager
async def staged(
    folder: Path,
    script: str,
    *,
    staff: Mapping[str, Any] | None = None,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    **manner: Any,
) -> AsyncIterator[Stage]:
    """A stage with this script for the assistant; `manner` is how the service speaks (speedup, chunk_ms)."""
    carrier = CarrierPeer(account=Account(ACCOUNT_SID, AUTH_TOKEN))
    cloud = RealtimePeer(Script.parse(script), key=API_KEY, **manner)
    async with cloud, carrier:
        box = LoopbackBox(
            folder,
            cloud_url=cloud.url,
            rest_url=carrier.rest_url,
            staff={**ASSISTANT_FIRST, **(staff or {})},
            settings=settings,
        )
        async with box:
            carrier.network.addresses.add(PUBLIC_URL, box.public_base)
            status = f"{PUBLIC_URL}/twilio/status"
            carrier.network.numbers[CLINIC] = Number(f"{PUBLIC_URL}/twilio/voice", status_callback=status)
            carrier.network.destinations[FRONT_DESK] = Destination.answers(2.0, 5.0)
            yield Stage(box, carrier, cloud)
