"""Batches in which more than the cloud fails: the speech program too, or everything but the bridge.

May import: the standard library, tests.peers, this package.
"""

import asyncio
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.faults.calls import SESSION_S, Result, complained, concluded
from tests.faults.ground import Ground, Setup, ground
from tests.faults.points import AGAIN, GREETING, SPOKEN_MESSAGE, in_pause
from tests.faults.purposes import Purpose
from tests.faults.speech import SpeechProgram, speech_program
from tests.peers.carrier import PhoneCall
from tests.peers.carrier import happenings as h
from tests.peers.realtime import Fault, Reply, Script, Turn

LATER_S = 60.0
IN_WORDS_MS = 500
GONE = "unix:///nonexistent/speech.sock"
HOURS_BY_KEY = "wait for speech\nwait 2\nsay say_en_question\nwait for speech\nwait 3\npress 1\nwait 60"
BILLING_BY_KEY = "wait for speech\nwait 8\npress 2\nwait for speech\nwait 3\npress 1\nwait 60"
MESSAGE_BY_KEY = f"wait for speech\nwait 8\npress 3\n{SPOKEN_MESSAGE}"


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
        async with speech_program() as program:
            addresses = gone if self.signal is None else program.settings
            setup = Setup(Script(), addresses, {"cloud": {"enabled": False}})
            async with ground(folder, setup) as stage:
                first = await stage.ring(0, HOURS_BY_KEY)
                failed_ms = await self._fail(first, program)
                second = await stage.ring(1, HOURS_BY_KEY)
                began = await second.journal.wait_for(h.StreamStarted, timeout_s=SESSION_S)
                await asyncio.gather(
                    concluded(stage, first, Purpose.BY_KEY, failed_ms, results[0]),
                    concluded(stage, second, Purpose.BY_KEY, began.call_ms, results[1]),
                )
                return complained(stage, results)

    async def _fail(self, phone: PhoneCall, program: SpeechProgram) -> int:
        heard = await phone.journal.wait_for(h.CallerHeard, timeout_s=LATER_S)
        if self.signal is not None:
            program.signal(self.signal)
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
        async with speech_program() as program, ground(folder, Setup(script, program.settings, {})) as stage:
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


async def _kill_all(stage: Ground, phones: list[PhoneCall], program: SpeechProgram) -> list[int]:
    """In the pause after both greetings."""
    quiet = in_pause(1)
    sessions = [*stage.cloud.sessions]
    await stage.cloud.wait_for(lambda: all(map(quiet, sessions, phones)), LATER_S)
    await stage.cloud.shut()
    program.signal(signal.SIGKILL)
    for session in sessions:
        session.do(Fault("reset"))
    return [phone.line.now_ms for phone in phones]
