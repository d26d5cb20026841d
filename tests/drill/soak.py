"""Ever new callers for a soak: what each of them does, what goes wrong meanwhile, and what the bridge holds.

May import: the standard library, aiohttp, scripts, tests.calls, tests.peers.
"""

import asyncio
import itertools
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from scripts.bench.real import BUCKET, lateness_of
from scripts.loopback_box import CLINIC
from tests.calls.stage import Stage
from tests.peers.carrier import Destination, Faults

LINES = 10
"""Two more than the box holds calls, so that some callers find no room."""
CALL_S = 75.0
BETWEEN_S = 1.5
"""Menus take no time here: without a pause those who find no room would ring many times a second."""
MISCHIEF_S = 4.0

GREETING = "Good morning, this is the clinic."
ANSWER = "We are on Elm Street, between the library and the post office, with the entrance at the back."
SCRIPT = f"""
[[turn]]
on = "greeting"
say = "{GREETING}"

[[turn]]
on = "utterance"
heard = "what time is it"
say = "{ANSWER}"

[[turn]]
on = "any"
say = "Certainly."
repeat = true
"""
TALK = "press 9\nwait for reply\nsay s2p_what_time_is_it\n"


@dataclass(frozen=True, slots=True)
class Caller:
    """One kind of caller."""

    name: str
    plan: str
    faults: Faults | None = None


CALLERS = (
    Caller("talks and breaks in", f"{TALK}wait heard 700\nsay s2p_nevermind\nwait for reply\nhang up\n"),
    Caller("hangs up in the greeting", "press 9\nwait for speech\nwait 0.3\nhang up\n"),
    Caller("wants a person in mid-answer", f"{TALK}wait heard 400\npress 0\nwait 60\n"),
    Caller("asks for the hours", "press 1\nwait 5\nhang up\n"),
    Caller("hangs up while speaking", "press 9\nwait for reply\nsay jfk\nwait 1\nhang up\n"),
    Caller("is put through", "press 2\nwait 4\npress 1\nwait 90\n"),
    Caller("leaves a message", "press 3\nleave message s2p_what_time_is_it\nhang up\n"),
    Caller("finds a department busy", "press 2\nwait 4\npress 2\nwait 90\n"),
    Caller("loses frames", f"{TALK}wait for reply\nhang up\n", Faults(lose_every=7)),
    Caller("is cut off", f"{TALK}wait 1\nhang up\n", Faults(bare_close=True)),
    Caller("is announced twice", f"{TALK}wait for reply\nhang up\n", Faults(double_voice_webhook=True)),
    Caller("is told of in the wrong order", "press 9\nwait 1\nhang up\n", Faults(reversed_callbacks=True)),
    Caller("hangs up at once", "hang up\n"),
)
UNREPORTED = Caller("is never said to be over", f"{TALK}wait for reply\nhang up\n", Faults(no_callbacks=True))

MISCHIEF = ("reset", "error", "close", "garbage", "unknown_event", "session_expired")
"""What happens to the newest session, in turns."""


@dataclass(slots=True)
class Soak:
    """The callers of a stage; `rung` and `done` count them by kind."""

    stage: Stage
    rung: Counter[str] = field(default_factory=Counter)
    troubled: list[str] = field(default_factory=list)
    _kinds: Iterator[Caller] = field(default_factory=lambda: itertools.cycle(CALLERS))
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(15550200000))

    @property
    def calls(self) -> int:
        """How many calls there were."""
        return self.rung.total()

    def prepare(self) -> None:
        """One department answers, one is busy."""
        destinations = self.stage.carrier.network.destinations
        destinations["+15550100011"] = Destination.answers(1.0, 2.0)
        destinations["+15550100012"] = Destination.busy()

    async def go_on(self, seconds: float, *, first: Caller | None = None) -> None:
        """Keep all lines busy for so long, and wait until the last caller has hung up."""
        until = time.monotonic() + seconds
        async with asyncio.TaskGroup() as tasks:
            mischief = tasks.create_task(self._mischief(), name="mischief")
            if first is not None:
                await self._call(first)
            lines = [tasks.create_task(self._line(until), name=f"line {number}") for number in range(LINES)]
            await asyncio.wait(lines)
            mischief.cancel()

    async def _line(self, until: float) -> None:
        while time.monotonic() < until:
            await self._call(next(self._kinds))
            await asyncio.sleep(BETWEEN_S)

    async def _call(self, kind: Caller) -> None:
        carrier = self.stage.carrier
        self.rung[kind.name] += 1
        caller = f"+{next(self._numbers)}"
        phone = await carrier.ring(caller=caller, called=CLINIC, plan=kind.plan, faults=kind.faults)
        await phone.done(CALL_S)
        if phone.line.caller.gave_up is not None or not phone.disposition:
            self.troubled.append(f"{kind.name}: {phone.disposition} {phone.line.caller.gave_up}")
        del carrier.calls[phone.sid]

    async def _mischief(self) -> None:
        """Break a session now and then, and refuse one now and then."""
        cloud = self.stage.cloud
        for number, kind in enumerate(itertools.cycle(MISCHIEF)):
            await asyncio.sleep(MISCHIEF_S)
            if number % 15 == 14:
                cloud.fault_at("connect", "refuse")
            if any(not session.closed for session in cloud.sessions):
                cloud.fault_now(kind)


@dataclass(frozen=True, slots=True)
class Held:
    """What the bridge holds at a moment, and how late its loop has been so far."""

    memory_mib: float
    files: int
    threads: int
    tasks: float
    live: float
    beats: dict[float, float]
    waited_s: float
    """How long its first thread was ready and got no processor."""
    at_s: float

    def late_since(self, before: "Held") -> tuple[float, float]:
        """The 99th percentile and the longest lateness between the two moments, in seconds."""
        fresh = {limit: count - before.beats.get(limit, 0.0) for limit, count in self.beats.items()}
        found = lateness_of(fresh)
        return found.p99, found.longest

    def waited_since(self, before: "Held") -> float:
        """The share of the time between in which it waited for a processor."""
        return (self.waited_s - before.waited_s) / (self.at_s - before.at_s)


async def held(stage: Stage) -> Held:
    """Ask the bridge and the kernel."""
    process = Path(f"/proc/{stage.box.pid}")
    async with aiohttp.ClientSession() as http, http.get(f"{stage.box.local_base}/metrics") as answer:
        page = await answer.text()
    return Held(
        memory_mib=_own_memory_mib(process),
        files=len(list((process / "fd").iterdir())),
        threads=len(list((process / "task").iterdir())),
        tasks=_number(page, "attendant_tasks"),
        live=_number(page, "attendant_calls_live"),
        beats={float(limit): float(count) for limit, count in BUCKET.findall(page)},
        waited_s=int((process / "schedstat").read_text().split()[1]) / 1e9,
        at_s=time.monotonic(),
    )


def _own_memory_mib(process: Path) -> float:
    """What it allocated; pages of files come and go with the machine's other work."""
    rollup = (process / "smaps_rollup").read_text()
    found = re.search(r"^Anonymous:\s+(\d+) kB$", rollup, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def _number(page: str, name: str) -> float:
    found = re.search(rf"^{name} (\S+)$", page, re.MULTILINE)
    return float(found[1]) if found else -1.0
