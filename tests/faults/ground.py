"""One bridge process with its peers, for a batch of calls at once.

May import: the standard library, scripts.loopback_box, tests.peers, this package.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import trustme

from scripts.loopback_box import (
    ACCOUNT_SID,
    API_KEY,
    AUTH_TOKEN,
    CLINIC,
    DEPARTMENTS,
    FRONT_DESK,
    PUBLIC_URL,
    BoxFailed,
    LoopbackBox,
)
from tests.faults.door import Door
from tests.golden.play import HARMLESS
from tests.peers.carrier import Account, CarrierPeer, Destination, Number, PhoneCall
from tests.peers.realtime import RealtimePeer, Script

CALLS_AT_ONCE = 40
STARTS = asyncio.Semaphore(2)
"""Bridges that begin at the same time."""
ON_CALL = DEPARTMENTS[1][1][0]
STAFF = {"front_door": "assistant", "emergency_line": ON_CALL}
GIVEN_UP, LOST = "calls go on without the cloud", '"brain lost"'
EXPECTED_ERRORS = (GIVEN_UP, "not spoken")
"""Errors that the log may hold: somebody has to look at the account; no voice is left."""


@dataclass(frozen=True, slots=True)
class Ground:
    """A bridge and its peers."""

    box: LoopbackBox
    carrier: CarrierPeer
    cloud: RealtimePeer
    door: Door

    async def ring(self, place: int, plan: str) -> PhoneCall:
        """A caller of its own rings."""
        return await self.carrier.ring(caller=f"+155502{place:05d}", called=CLINIC, plan=plan)

    def complaints(self) -> list[str]:
        """Errors in the bridge's log that no fault excuses."""
        wrong = [line for line in self._log() if not HARMLESS.match(line)]
        return [line for line in wrong if not any(each in line for each in EXPECTED_ERRORS)]

    def given_up(self) -> bool:
        """Whether calls go on without the cloud by now."""
        return any(GIVEN_UP in line for line in self._log())

    def lost(self, phone: PhoneCall) -> list[str]:
        """For which reasons this call had no cloud, or had it no longer."""
        lines = (orjson.loads(line) for line in self._log() if LOST in line)
        return [str(line["reason"]) for line in lines if line["call_sid"] == phone.sid]

    def _log(self) -> list[str]:
        return self.box.log_path.read_text("utf-8", "replace").splitlines()


@dataclass(frozen=True, slots=True)
class Setup:
    """What a batch's ground is to be like."""

    script: Script
    speech: Mapping[str, str]
    settings: Mapping[str, Mapping[str, Any]]
    secret: bool = False
    """Whether the cloud speaks TLS."""
    named: str = ""
    """The cloud's name, where it is looked up by one."""


@asynccontextmanager
async def ground(
    folder: Path, setup: Setup, before: Callable[[Door], Awaitable[None]] | None = None
) -> AsyncIterator[Ground]:
    """Start everything; `before` is done to the door before the bridge begins."""
    served, settings = _secured(folder) if setup.secret else (None, {})
    carrier = CarrierPeer(account=Account(ACCOUNT_SID, AUTH_TOKEN))
    cloud = RealtimePeer(setup.script, key=API_KEY, tls=served, rejects="event")
    async with cloud, carrier, Door(cloud) as door:
        if before is not None:
            await before(door)
        url = cloud.url.replace("127.0.0.1", setup.named) if setup.named else cloud.url
        box = LoopbackBox(
            folder,
            cloud_url=url,
            rest_url=carrier.rest_url,
            staff=STAFF,
            settings={
                "limits": {"calls_at_once": CALLS_AT_ONCE},
                "speech": dict(setup.speech),
                **settings,
                **setup.settings,
            },
        )
        await asyncio.to_thread(box.prepare)
        await _started(box)
        try:
            _staff(carrier, box)
            yield Ground(box, carrier, cloud, door)
        finally:
            await box.stop()


async def _started(box: LoopbackBox) -> None:
    """Start the bridge; on a machine that is busy with other things the second try finds warm files."""
    async with STARTS:
        try:
            await box.start()
        except BoxFailed:
            await box.start()


def _staff(carrier: CarrierPeer, box: LoopbackBox) -> None:
    """The clinic's number at the carrier, and its telephones."""
    status = f"{PUBLIC_URL}/twilio/status"
    carrier.network.addresses.add(PUBLIC_URL, box.public_base)
    carrier.network.numbers[CLINIC] = Number(f"{PUBLIC_URL}/twilio/voice", status_callback=status)
    phones = [FRONT_DESK, *(number for _, numbers, _ in DEPARTMENTS for number in numbers)]
    carrier.network.destinations.update(dict.fromkeys(phones, Destination.answers(2.0, 3.0)))


def _secured(folder: Path) -> tuple[ssl.SSLContext, dict[str, dict[str, Any]]]:
    folder.mkdir(parents=True, exist_ok=True)
    authority, served = trustme.CA(), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(served)
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    return served, {"cloud": {"ca_file": str(folder / "authority.pem")}}
