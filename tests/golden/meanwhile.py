"""The [meanwhile] section of a golden call: what befalls it at a certain moment.

    when the assistant is heard: the bridge is killed
    when the assistant is heard 2 times: the cloud falls silent
    when the caller is heard: the caller hangs up

May import: the standard library, appliance.store, tests.peers, this package.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from appliance.store import database
from tests.golden.assistant import read_trouble
from tests.golden.clinic import Clinic
from tests.golden.format import Line
from tests.peers.carrier import PhoneCall
from tests.peers.carrier import happenings as h
from tests.peers.realtime import Fault

MOMENTS: dict[str, Callable[[h.Happening], bool]] = {
    "the assistant takes the call": lambda e: isinstance(e, h.StreamStarted),
    "the assistant is heard": lambda e: isinstance(e, h.AgentHeard),
    "the caller is heard": lambda e: isinstance(e, h.CallerHeard),
    "the caller presses a key": lambda e: isinstance(e, h.KeyPressed),
    "the phone rings": lambda e: isinstance(e, h.VerbRun) and e.verb == "Dial",
    "the tone sounds": lambda e: isinstance(e, h.VerbRun) and e.verb == "Record",
}
MOMENT_S = 40.0
Act = Callable[[Clinic, PhoneCall], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Incident:
    """A moment, how often it has to come, and what is done then."""

    moment: Callable[[h.Happening], bool]
    count: int
    act: Act

    async def befall(self, clinic: Clinic, call: PhoneCall) -> None:
        """Wait for the moment and act."""
        await call.journal.wait_for(h.Happening, self.moment, timeout_s=MOMENT_S, count=self.count)
        await self.act(clinic, call)


def read_incident(line: Line) -> Incident:
    """Read a line. Raises GoldenError."""
    found = re.fullmatch(r"when (.+?)(?: (\d) times)?: (.+)", line.text)
    if not found or found[1] not in MOMENTS:
        raise line.wrong(f"must be `when MOMENT: ACT`; moments are {', '.join(MOMENTS)}")
    return Incident(MOMENTS[found[1]], int(found[2] or 1), _act(found[3], line))


def _act(text: str, line: Line) -> Act:
    if text.startswith("the cloud does "):
        fault = read_trouble(text.removeprefix("the cloud does "), line)
        return lambda clinic, _call: _misbehave(clinic, fault)
    if found := re.fullmatch(r"the store is locked for (\d+) ms", text):
        return lambda clinic, _call: _lock(clinic, int(found[1]))
    if text not in ACTS:
        raise line.wrong(f"no act; there are {', '.join(ACTS)}, the cloud does FAULT")
    return ACTS[text]


async def _kill(clinic: Clinic, _call: PhoneCall) -> None:
    await clinic.kill()


async def _kill_ears(clinic: Clinic, _call: PhoneCall) -> None:
    assert clinic.speech is not None
    await clinic.speech.kill()


async def _hang_up(_clinic: Clinic, call: PhoneCall) -> None:
    call.hang_up()


async def _misbehave(clinic: Clinic, fault: Fault) -> None:
    next(session for session in reversed(clinic.cloud.sessions) if not session.closed).do(fault)


async def _lock(clinic: Clinic, ms: int) -> None:
    """Another process writes for so long."""
    db = database.connect(clinic.bridge.database)
    try:
        with database.immediate(db):
            await asyncio.sleep(ms / 1000)
    finally:
        db.close()


async def _break(_clinic: Clinic, call: PhoneCall) -> None:
    call.break_stream()


ACTS: dict[str, Act] = {
    "the bridge is killed": _kill,
    "the speech program is killed": _kill_ears,
    "the caller hangs up": _hang_up,
    "the connection of the stream breaks": _break,
}
