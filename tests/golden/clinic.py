"""A clinic for a golden call: the real bridge as a process, its two peers on real sockets.

A bridge serves one call after the other; each call gets peers of its own at the same ports.

May import: the standard library, aiohttp, scripts.loopback_box, tests.clinic_documents, tests.peers, this
package's format.
"""

import asyncio
import random
import re
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
import orjson

from appliance.core.staff import StaffSettings
from appliance.store.bookings import Booking
from scripts.loopback_box import (
    ACCOUNT_SID,
    API_KEY,
    AUTH_TOKEN,
    CALLER,
    CLINIC,
    DEPARTMENTS,
    FALLBACK_URL,
    FRONT_DESK,
    GOODBYE_URL,
    PUBLIC_URL,
    BoxFailed,
    LoopbackBox,
)
from tests import clinic_documents
from tests.golden import calendars
from tests.golden.booked import Books, bookable
from tests.golden.calendars import InTheBox, Service
from tests.golden.filed import count, shut, spend
from tests.golden.format import Line
from tests.peers.carrier import Account, CarrierPeer, Destination, Faults, Number, RestFault, TwimlBins
from tests.peers.carrier.speech import SPEECH_FOLDER
from tests.peers.realtime import RealtimePeer, Script
from tests.peers.recogniser import Manner, RecogniserPeer
from tests.speech.program import WEIGHTS, Program, started

T = TypeVar("T")
PHONES = {"front desk": FRONT_DESK, **{name.lower(): numbers[0] for name, numbers, _ in DEPARTMENTS}}
FAULTS = {
    "the carrier asks twice": Faults(double_voice_webhook=True),
    "the carrier asks once more after the end": Faults(replay_after_end=True),
    "the carrier reports the end twice": Faults(double_callbacks=True),
    "the carrier closes without a word": Faults(bare_close=True),
}


NEW_MENU = StaffSettings().model_dump(mode="json")["menu"]
DIFFERENT: dict[str, dict[str, Any]] = {
    "the menu is that of a new box": {"staff": {"menu": NEW_MENU}},
    "the key is wrong": {"api_key": "sk-wrong"},
    "the cloud refuses by an event": {"rejects": "event"},
    "the cloud is down": {"cloud_down": True},
    "the box is dead": {"box_dead": True},
    "the carrier has a fallback": {"fallback": True},
    "the box goes on by itself": {"local": True},
    "the box hears by itself": {"local": True, "ears": Manner()},
    "the ears of the box are slow": {"local": True, "ears": Manner(after_s=1.7)},
    "the ears of the box are too slow": {"local": True, "ears": Manner(after_s=6.0)},
    "the ears of the box never answer": {"local": True, "ears": Manner(fault="mute")},
    "the ears of the box break down": {"local": True, "ears": Manner(fault="close late")},
    "the ears of the box hear nonsense": {"local": True, "ears": Manner(text="the yellow submarine")},
    "the ears of the box hear nobody": {"local": True, "ears": Manner(text="")},
    "the box hears digits by itself": {"local": True, "digits": True},
    "the clinic has documents": {"documents": True},
    "the ears of the box hear a question for advice": {
        "local": True,
        "ears": Manner(text="how much ibuprofen can I take for my back"),
    },
    "the ears of the box hear what no document knows": {
        "local": True,
        "ears": Manner(text="do you sell glasses"),
    },
    "the ears of the box hear about lost property": {
        "local": True,
        "ears": Manner(text="where is the lost property"),
    },
    "the ears of the box hear about the portal": {
        "local": True,
        "ears": Manner(text="how do I sign up for the portal"),
    },
    "the caller rings from a mobile telephone": {"caller": "+14155550102"},
    "the caller withholds the number": {"caller": "+266696687"},
    "the carrier takes no texts": {
        "rest_faults": [RestFault(r"Messages", "POST", 20500, times=99)],
    },
    "appointments can be booked": {"bookable": bookable("own")},
    "appointments are kept at Google, which is not set up": {
        "bookable": bookable("google:lee@clinic.example")
    },
}
DIGITS = {
    "models_dir": str(WEIGHTS),
    "whisper": "whisper-digits-en",
    "whisper_threads": 1,
    "piper": False,
    "recognise_ms": 10_000,
}
LOOK_AGAIN_S = 0.02
STARTS_AT_ONCE = 2
FREE_PORTS = range(20_000, 30_000)
"""Below the range that the kernel takes ports of outgoing connections from."""


@dataclass(slots=True)
class Arrangement:
    """How a clinic differs from the usual one, as the [clinic] section says."""

    settings: dict[str, dict[str, Any]] = field(default_factory=dict)
    staff: dict[str, Any] = field(default_factory=dict)
    api_key: str = API_KEY
    phones: dict[str, Destination] = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)
    rest_faults: list[RestFault] = field(default_factory=list)
    cloud_down: bool = False
    box_dead: bool = False
    fallback: bool = False
    spent_usd: float = 0.0
    shut: list[str] = field(default_factory=list)
    local: bool = False
    ears: Manner | None = None
    digits: bool = False
    bookable: dict[str, Any] = field(default_factory=dict)
    books: Books = field(default_factory=Books)
    documents: bool = False
    rejects: str = "http"
    caller: str = CALLER

    @property
    def audio(self) -> str:
        """What the service hears and speaks."""
        return str(self.settings.get("cloud", {}).get("audio", "pcmu"))

    @property
    def usual(self) -> bool:
        """Whether a bridge with the usual settings does."""
        changed = self.settings or self.staff or self.local or self.spent_usd
        differs = changed or self.bookable or self.shut or self.documents
        return not differs and self.api_key == API_KEY


def read_arrangement(lines: tuple[Line, ...]) -> Arrangement:
    """Read a [clinic] section. Raises GoldenError."""
    arrangement = Arrangement()
    for line in lines:
        kinds = (_setting, _phone, _shut, _booked, _fault, _spent, _day)
        if not any(kind(arrangement, line) for kind in kinds):
            raise line.wrong("neither a setting, nor a telephone, nor a fault of the carrier")
    return arrangement


def _setting(arrangement: Arrangement, line: Line) -> bool:
    found = re.fullmatch(r"(\w+)\.(\w+) = (.+)", line.text)
    if not found:
        return False
    section = arrangement.staff if found[1] == "staff" else arrangement.settings.setdefault(found[1], {})
    section[found[2]] = orjson.loads(found[3])
    return True


def _phone(arrangement: Arrangement, line: Line) -> bool:
    found = re.fullmatch(
        r"(.+?) (?:(is busy)|(does not answer)|answers after (\d+) s, (the caller )?hangs up after (\d+) s)",
        line.text,
    )
    if not found or found[1] not in PHONES:
        return False
    destination = Destination.no_answer()
    if found[2]:
        destination = Destination.busy()
    elif found[4]:
        destination = Destination.answers(float(found[4]), float(found[6]), hangs_up_first=not found[5])
    arrangement.phones[PHONES[found[1]]] = destination
    return True


def _shut(arrangement: Arrangement, line: Line) -> bool:
    found = re.fullmatch(r"the department (\w+) is closed", line.text)
    if found:
        arrangement.shut.append(found[1].lower())
    return bool(found)


def _booked(arrangement: Arrangement, line: Line) -> bool:
    known = arrangement.books.read(line)
    if arrangement.books.kept_at or arrangement.books.stands:
        arrangement.bookable = bookable(arrangement.books.calendar)
    return known


def _day(arrangement: Arrangement, line: Line) -> bool:
    found = re.fullmatch(r"it is not (\w+day) at the clinic", line.text)
    if found:
        arrangement.staff["time_zone"] = calendars.zone_without(found[1])
    return bool(found)


def _spent(arrangement: Arrangement, line: Line) -> bool:
    found = re.fullmatch(r"the cloud has cost (\d+\.\d+) dollars today", line.text)
    if found:
        arrangement.spent_usd = float(found[1])
    return bool(found)


def _fault(arrangement: Arrangement, line: Line) -> bool:
    if line.text in FAULTS:
        arrangement.faults = FAULTS[line.text]
    elif line.text == "the carrier cannot change calls":
        arrangement.rest_faults = [RestFault(r"Calls/CA", "POST", 20500, times=99)]
    else:
        for name, value in DIFFERENT.get(line.text, {}).items():
            # Other lines may add to it.
            setattr(arrangement, name, deepcopy(value))
        return line.text in DIFFERENT
    return True


class Bench:
    """The bridges of a test run, of which the usual ones are used again."""

    def __init__(self, folder: Path, at_once: int) -> None:
        self._folder = folder
        self._seats = asyncio.Semaphore(at_once)
        self._idle: list[Box] = []
        self._starts = asyncio.Semaphore(STARTS_AT_ONCE)
        self._ports = _free_ports()
        self._count = 0

    @asynccontextmanager
    async def clinic(self, arrangement: Arrangement, script: Script) -> AsyncIterator["Clinic"]:
        """A clinic for one call."""
        async with self._seats:
            box = self._idle.pop() if arrangement.usual and self._idle else await self._new(arrangement)
            try:
                async with _staffed(box, arrangement, script, self._starts) as clinic:
                    yield clinic
            except BaseException:
                await box.stop()
                raise
            if arrangement.usual:
                self._idle.append(box)
            else:
                await box.stop()

    async def _new(self, arrangement: Arrangement) -> "Box":
        self._count += 1
        cloud_port, rest_port = next(self._ports), next(self._ports)
        folder = self._folder / f"box{self._count}"
        local: dict[str, dict[str, Any]] = {
            "local": {"enabled": arrangement.local},
            # What becomes of a recording after a call is tested elsewhere; here it has to be fetched.
            "voicemail": {"written_down": False, "delete_at_carrier": False},
            "speech": {"rendered_ahead": False},
        }
        if arrangement.ears or arrangement.digits:
            local["speech"]["uri"] = f"unix://{folder / 'speech.sock'}"
        if arrangement.digits:
            local["speech"] |= DIGITS
        place = self._folder / f"calendars{self._count}"
        service = await asyncio.to_thread(calendars.opened, arrangement.books.kept_at, place)
        bridge = LoopbackBox(
            folder,
            cloud_url=f"ws://127.0.0.1:{cloud_port}/v1",
            rest_url=f"http://127.0.0.1:{rest_port}",
            settings={**local, **arrangement.settings, **service.settings()},
            staff=arrangement.staff,
            api_key=arrangement.api_key,
            bookable=arrangement.bookable,
        )
        await asyncio.to_thread(bridge.prepare)
        if arrangement.bookable:
            await asyncio.to_thread(arrangement.books.prepare, bridge, service)
        if arrangement.documents:
            await asyncio.to_thread(clinic_documents.given_to, folder / "data", bridge.database)
        if arrangement.shut:
            await asyncio.to_thread(shut, bridge.database, arrangement.shut)
        if arrangement.spent_usd:
            await asyncio.to_thread(spend, bridge.database, arrangement.spent_usd)
        async with self._starts:
            await _started(bridge)
        return Box(bridge, cloud_port, rest_port, service)

    async def close(self) -> None:
        """Stop every bridge that is left."""
        while self._idle:
            await self._idle.pop().stop()


@dataclass(slots=True)
class Box:
    """A running bridge and the ports at which it looks for its peers."""

    bridge: LoopbackBox
    cloud_port: int
    rest_port: int
    service: Service = field(default_factory=InTheBox)

    async def stop(self) -> None:
        """Stop the bridge, and what was there for it alone."""
        try:
            await self.bridge.stop()
        finally:
            await asyncio.to_thread(self.service.close)


@dataclass(slots=True)
class Clinic:
    """A bridge and its peers, for one call."""

    bridge: LoopbackBox
    carrier: CarrierPeer
    cloud: RealtimePeer
    arrangement: Arrangement
    log_begins: int
    """So many lines were in the bridge's log before."""
    calls_before: int
    service: Service
    """Where appointments are kept."""
    starts: asyncio.Semaphore
    """Held while a process starts, which takes a core for a while."""
    speech: Program | None
    """The real one, where the box hears digits by itself."""
    killed: bool = False

    def arrive(self) -> None:
        """Tell the carrier where the bridge is, which moves when it is started again."""
        self.carrier.network.addresses.add(PUBLIC_URL, self.bridge.public_base)

    async def kill(self) -> None:
        """End the bridge without a word."""
        self.killed = True
        self.bridge.signal(signal.SIGKILL)
        await self.bridge.ended()

    async def start_again(self) -> None:
        """Start the bridge that was killed."""
        async with self.starts:
            await _started(self.bridge)
        self.arrive()

    def standing(self, bookings: list[Booking]) -> list[str]:
        """What stands in the calendar, beside what the store has of it."""
        return calendars.lines(self.service, self.bridge, bookings)

    def log(self) -> list[str]:
        """The lines that the bridge wrote since."""
        return self.bridge.log_path.read_text("utf-8", "replace").splitlines()[self.log_begins :]

    async def metric(self, name: str) -> float:
        """A number that the bridge shows."""
        async with aiohttp.ClientSession() as http, http.get(f"{self.bridge.local_base}/metrics") as page:
            text = await page.text()
        found = re.search(rf"^{name} (\S+)$", text, re.MULTILINE)
        return float(found[1]) if found else -1.0


async def _started(bridge: LoopbackBox) -> None:
    """Start a bridge; on a machine that is busy with other things the second try finds warm files."""
    try:
        await bridge.start()
    except BoxFailed:
        await bridge.start()


@asynccontextmanager
async def _staffed(
    box: Box, arrangement: Arrangement, script: Script, starts: asyncio.Semaphore
) -> AsyncIterator[Clinic]:
    carrier = CarrierPeer(account=Account(ACCOUNT_SID, AUTH_TOKEN), rest_port=box.rest_port)
    cloud = RealtimePeer(script, port=box.cloud_port, key=API_KEY, rejects=arrangement.rejects)
    number = Number(PUBLIC_URL + "/twilio/voice", status_callback=PUBLIC_URL + "/twilio/status")
    carrier.network.numbers[CLINIC] = number
    carrier.network.destinations.update(dict.fromkeys(PHONES.values(), Destination.no_answer()))
    carrier.network.destinations.update(arrangement.phones)
    carrier.rest_faults += arrangement.rest_faults
    async with (
        carrier,
        _recogniser(box, arrangement) as speech,
        _fallback(box, arrangement, carrier, starts),
    ):
        log_begins, calls_before = box.bridge.log_path.read_bytes().count(b"\n"), count(box.bridge.database)
        begins = (log_begins, calls_before, box.service, starts, speech)
        clinic = Clinic(box.bridge, carrier, cloud, arrangement, *begins)
        clinic.arrive()
        if arrangement.cloud_down:
            yield clinic
            return
        async with cloud:
            yield clinic


@asynccontextmanager
async def _fallback(
    box: Box, arrangement: Arrangement, carrier: CarrierPeer, starts: asyncio.Semaphore
) -> AsyncIterator[None]:
    """What the box prints for the carrier to keep, kept and set up at the number."""
    if not arrangement.fallback:
        yield
        return
    async with TwimlBins(carrier.network.addresses) as bins:
        async with starts:
            bins.keep(GOODBYE_URL, await box.bridge.printed("fallback", "goodbye"))
            bins.keep(FALLBACK_URL, await box.bridge.printed("fallback", "answer"))
        number = carrier.network.numbers[CLINIC]
        carrier.network.numbers[CLINIC] = replace(number, fallback_url=FALLBACK_URL)
        yield


@asynccontextmanager
async def _recogniser(box: Box, arrangement: Arrangement) -> AsyncIterator[Program | None]:
    """What hears for the box; it cannot speak, so that the box speaks by itself."""
    if arrangement.digits:
        program = await started(box.bridge.config)
        try:
            yield program
        finally:
            await program.end()
        return
    if arrangement.ears is None:
        yield None
        return
    socket_path = box.bridge.folder / "speech.sock"
    async with RecogniserPeer(SPEECH_FOLDER, socket=socket_path, usual=arrangement.ears):
        yield None


def _free_ports() -> Iterator[int]:
    """Ports that are free now, each of them once."""
    for port in random.sample(FREE_PORTS, len(FREE_PORTS)):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        yield port


async def until(look: Callable[[], T], timeout_s: float = 10.0) -> T:
    """Look until there is something: another process's file rings no bell when it changes."""
    async with asyncio.timeout(timeout_s):
        for pause_s in iter(lambda: LOOK_AGAIN_S, None):
            found = await asyncio.to_thread(look)
            if found:
                return found
            await asyncio.sleep(pause_s)
    raise AssertionError("unreachable")
