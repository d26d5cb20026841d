"""Batches in which more than the cloud fails: the speech program too, or everything but the bridge.

The speech program is the real one, with weights that know ten words and the voice of last resort.
May import: the standard library, aiohttp, tests.golden, tests.peers, tests.speech.program, this package.
"""

import asyncio
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from tests.faults.calls import SESSION_S, Result, complained, concluded
from tests.faults.ground import Ground, Setup, ground
from tests.faults.points import AGAIN, GREETING, SPOKEN_MESSAGE, in_pause
from tests.faults.purposes import Purpose
from tests.golden.clinic import until
from tests.peers.carrier import PhoneCall
from tests.peers.carrier import happenings as h
from tests.peers.realtime import Fault, Reply, Script, Turn
from tests.speech.program import Program, alive, models, settings, started

LATER_S = 60.0
IN_WORDS_MS = 500
LOOK_AGAIN_S = 0.1
GONE = "unix:///nonexistent/speech.sock"
HOURS_BY_KEY = "wait for speech\nwait 2\nsay say_en_question\nwait for speech\nwait 3\npress 1\nwait 60"
BILLING_BY_KEY = "wait for speech\nwait 8\npress 2\nwait for speech\nwait 3\npress 1\nwait 60"
MESSAGE_BY_KEY = f"wait for speech\nwait 8\npress 3\n{SPOKEN_MESSAGE}"


@asynccontextmanager
async def _real_program(folder: Path) -> AsyncIterator[Program]:
    """`attendant speech` as it is installed, until it is killed; one that hangs is killed as well."""
    program = await started(await asyncio.to_thread(_set_up, folder))
    try:
        yield program
    finally:
        if program.process.returncode is None:
            await program.kill()


def _set_up(folder: Path) -> Path:
    folder.mkdir(parents=True)
    models(folder)
    return settings(folder, piper=False)


async def _spoken(stage: Ground) -> None:
    """Wait until the bridge knows that the program speaks for it."""
    async with aiohttp.ClientSession() as http, asyncio.timeout(LATER_S):
        while True:
            async with http.get(f"{stage.box.local_base}/healthz") as answer:
                parts = (await answer.json())["parts"]
            if parts["synthesis"]["state"] == "ok":
                return
            await asyncio.sleep(LOOK_AGAIN_S)


@dataclass(frozen=True, slots=True)
class Deaf:
    """No cloud, and the speech program is killed, hangs, or was never there: keys do what words cannot."""

    signal: signal.Signals | None

    @property
    def name(self) -> str:
        how = {signal.SIGKILL: "killed", signal.SIGSTOP: "hung"}
        return "absent" if self.signal is None else how[self.signal]

    async def play(self, folder: Path, _speech: Mapping[str, str]) -> list[Result]:
        """Play one call in which the program fails while the caller speaks, and a later one."""
        way = f"no cloud, speech program {self.name}"
        results = [
            Result(way, "in the caller's sentence", "by silence"),
            Result(way, "from the start of a call", "at once"),
        ]
        gone = {"recognition_uri": GONE, "synthesis_uri": GONE}
        async with AsyncExitStack() as stack:
            program, addresses = None, gone
            if self.signal is not None:
                program = await stack.enter_async_context(_real_program(folder / "speech"))
                addresses = {"uri": program.listening["speech"]}
            setup = Setup(Script(), addresses, {"cloud": {"enabled": False}})
            async with ground(folder, setup) as stage:
                first = await stage.ring(0, HOURS_BY_KEY)
                failed_ms = await self._fail(stage, first, program)
                second = await stage.ring(1, HOURS_BY_KEY)
                began = await second.journal.wait_for(h.StreamStarted, timeout_s=SESSION_S)
                await asyncio.gather(
                    concluded(stage, first, Purpose.BY_KEY, failed_ms, results[0]),
                    concluded(stage, second, Purpose.BY_KEY, began.call_ms, results[1]),
                )
                return complained(stage, results)

    async def _fail(self, stage: Ground, phone: PhoneCall, program: Program | None) -> int:
        """While the caller speaks, who was greeted by the program's own voice."""
        heard = await phone.journal.wait_for(h.CallerHeard, timeout_s=LATER_S)
        if self.signal is not None and program is not None:
            await _spoken(stage)
            program.process.send_signal(self.signal)
        return heard.call_ms


@dataclass(frozen=True, slots=True)
class BridgeAlone:
    """Cloud and speech program die together in the middle of calls: keys do everything to the end."""

    name: str = "everything but the bridge"

    async def play(self, folder: Path, _speech: Mapping[str, str]) -> list[Result]:
        """Play a message and a transfer, both by key."""
        way = "every process but the bridge killed"
        results = [
            Result(way, "before a message by key", "at once"),
            Result(way, "before a transfer by key", "at once"),
        ]
        script = Script((Turn("greeting", (Reply(GREETING),)), *AGAIN[Purpose.HOURS]))
        async with (
            _real_program(folder / "speech") as program,
            ground(folder, Setup(script, {"uri": program.listening["speech"]}, {})) as stage,
        ):
            phones = []
            for place, plan in enumerate((MESSAGE_BY_KEY, BILLING_BY_KEY)):
                phones.append(await stage.ring(place, plan))
                await stage.cloud.session(place + 1, SESSION_S)
            failed_ms = await _kill_all(stage, phones, program)
            purposes = (Purpose.MESSAGE, Purpose.TRANSFER)
            await asyncio.gather(
                *(
                    concluded(stage, phone, purpose, at_ms, result)
                    for phone, purpose, at_ms, result in zip(
                        phones, purposes, failed_ms, results, strict=True
                    )
                )
            )
            return complained(stage, results)


async def _kill_all(stage: Ground, phones: list[PhoneCall], program: Program) -> list[int]:
    """In the pause after both greetings."""
    quiet = in_pause(1)
    sessions = [*stage.cloud.sessions]
    await stage.cloud.wait_for(lambda: all(map(quiet, sessions, phones)), LATER_S)
    await stage.cloud.shut()
    children = program.children()
    await program.kill()
    await until(lambda: not any(map(alive, children)), LATER_S)
    for session in sessions:
        session.do(Fault("reset"))
    return [phone.line.now_ms for phone in phones]
