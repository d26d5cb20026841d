"""Batches in which the cloud fails while a session is set up, at whatever point of a call.

May import: the standard library, tests.peers, this package.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from tests.faults.calls import SESSION_S, Result, complained, concluded
from tests.faults.door import Door
from tests.faults.ground import Ground, Setup, ground
from tests.faults.network import NAME
from tests.faults.points import ABIERTO, AGAIN, ASK_HOURS, GREETING, in_pause
from tests.faults.purposes import Purpose
from tests.faults.ways import DoorWay
from tests.peers.carrier import PhoneCall
from tests.peers.carrier import happenings as h
from tests.peers.realtime import Call, Fault, Reply, Script, Turn

START, NEXT_START = "at the start of a call", "at the start of the next call"
LANGUAGE = "at a change of the language"
WAY_BACK, RENEWAL = "on the way back to the cloud", "at the renewal of a session"
HEARS_OFFERS = "wait for speech\nwait 25\nsay say_en_billing\nwait 60"
STARTS = f"wait for speech\nwait 2\n{ASK_HOURS}"
RETURNS = """
wait for speech
wait 8
say say_en_hours
wait for speech
wait 11
say say_en_billing
wait 60
"""
SPEAKS_SPANISH = "wait for reply\nsay say_es_horario\nwait 40"
ROLLS_OVER = f"wait for reply\nwait 9\n{ASK_HOURS}"
EXPIRES_S = 68.0
"""A session is renewed a minute before it expires."""
IN_PAUSE = in_pause(1)
RENEWED_MS = 11_000
"""By then the renewal was tried, and failed."""
LONGEST_S = 90.0
RENEWED, RETURNED = 4, 5
"""The sessions of a cloud that is found without its name: two calls and a probe have had those before."""


def _setup(way: DoorWay, speech: Mapping[str, str], script: Script) -> Setup:
    return Setup(script, speech, {}, way.secret, NAME if way.nameless else "")


async def _named(door: Door, way: DoorWay) -> None:
    if way.nameless:
        await door.name()


@dataclass(frozen=True, slots=True)
class AtStart:
    """Calls that begin while the cloud cannot be had: the second is spared the wait of the first.

    `returns` adds a third, which is on its way back to the cloud when that fails once more.
    """

    way: DoorWay
    returns: bool = False

    @property
    def name(self) -> str:
        return f"{self.way.name}, at the start"

    async def play(self, folder: Path, speech: Mapping[str, str]) -> list[Result]:
        """Play them; how they went."""

        async def shut(door: Door) -> None:
            await _named(door, self.way)
            await door.shut(self.way)

        results = [Result(self.way.name, point, "at once") for point in (START, NEXT_START)]
        # Where its address is remembered, the cloud takes the call that is on its way back.
        script = Script(AGAIN[Purpose.TRANSFER] if self.way.nameless else ())
        async with ground(folder, _setup(self.way, speech, script), shut) as stage:
            first = await stage.ring(0, STARTS)
            await first.journal.wait_for(h.AgentHeard, timeout_s=LONGEST_S)
            second = await stage.ring(1, STARTS)
            async with asyncio.TaskGroup() as tasks:
                for phone, result in zip((first, second), results, strict=True):
                    tasks.create_task(_begun(stage, phone, result), name=result.name)
                if self.returns:
                    results.append(Result(self.way.name, WAY_BACK, "at once"))
                    tasks.create_task(self._return(stage, results[-1]), name=results[-1].name)
            return complained(stage, results)

    async def _return(self, stage: Ground, result: Result) -> None:
        """While the offers are made a probe finds the cloud well; at their end it is not any more."""
        phone = await stage.ring(2, HEARS_OFFERS)
        await phone.journal.wait_for(h.AgentHeard, timeout_s=LONGEST_S)
        await stage.door.open()
        await stage.cloud.session(1, LONGEST_S)
        await stage.door.shut(self.way)
        await concluded(stage, phone, Purpose.TRANSFER, phone.line.now_ms, result)


async def _begun(stage: Ground, phone: PhoneCall, result: Result) -> None:
    started = await phone.journal.wait_for(h.StreamStarted, timeout_s=SESSION_S)
    await concluded(stage, phone, Purpose.HOURS, started.call_ms, result)


@dataclass(frozen=True, slots=True)
class LaterOn:
    """A call on its way back to the cloud, and one whose session is to be renewed and then expires."""

    way: DoorWay

    @property
    def name(self) -> str:
        return f"{self.way.name}, later on"

    async def play(self, folder: Path, speech: Mapping[str, str]) -> list[Result]:
        """Play both; how they went."""
        script = Script(self._turns(), expires_after_s=EXPIRES_S)

        async def name(door: Door) -> None:
            await _named(door, self.way)

        results = [
            Result(self.way.name, WAY_BACK, "at once"),
            Result(self.way.name, RENEWAL, "at once"),
        ]
        async with ground(folder, _setup(self.way, speech, script), name) as stage:
            returning, returning_ms = await self._lose_and_shut(stage)
            await asyncio.gather(
                concluded(stage, returning[0], Purpose.TRANSFER, returning_ms, results[0]),
                self._roll_over(stage, returning[1], results[1]),
            )
            return complained(stage, results)

    def _turns(self) -> tuple[Turn, ...]:
        """The greeting; and of a cloud whose address is remembered, the rest of both calls."""
        rest = {RENEWED: Purpose.HOURS, RETURNED: Purpose.TRANSFER} if self.way.nameless else {}
        turns = (replace(turn, connection=session) for session, what in rest.items() for turn in AGAIN[what])
        return (Turn("greeting", (Reply(GREETING),)), *turns)

    async def _lose_and_shut(self, stage: Ground) -> tuple[tuple[PhoneCall, PhoneCall], int]:
        """Lose the first call's session; when a probe finds the cloud well, begin the second; then shut."""
        returning = await stage.ring(0, RETURNS)
        lost = await stage.cloud.session(1, SESSION_S)
        await stage.cloud.wait_for(lambda: IN_PAUSE(lost, returning), LONGEST_S)
        lost.do(Fault("close", code=1008))
        await stage.cloud.session(2, SESSION_S)
        rolling = await stage.ring(1, ROLLS_OVER)
        await stage.cloud.session(3, SESSION_S)
        await stage.door.shut(self.way)
        return (returning, rolling), returning.line.now_ms

    async def _roll_over(self, stage: Ground, rolling: PhoneCall, result: Result) -> None:
        """After a renewal that failed the session expires. Without names it does not fail."""
        session = await stage.cloud.session(RENEWED if self.way.nameless else RENEWED - 1, LONGEST_S)
        await stage.cloud.wait_for(lambda: rolling.line.now_ms >= RENEWED_MS, LONGEST_S)
        if session.closed:
            result.wrong.append("the session did not outlive a renewal that failed")
        if not self.way.nameless:
            session.do(Fault("session_expired"))
        await concluded(stage, rolling, Purpose.HOURS, rolling.line.now_ms, result)


@dataclass(frozen=True, slots=True)
class AtLanguage:
    """A caller is to be spoken with in another language, and no session can be had for it."""

    way: DoorWay

    @property
    def name(self) -> str:
        return f"{self.way.name}, {LANGUAGE}"

    async def play(self, folder: Path, speech: Mapping[str, str]) -> list[Result]:
        """Play it; how it went."""
        changes = Reply(None, calls=(Call("set_language", '{"language": "es"}'),))
        turns = (
            Turn("greeting", (Reply(GREETING),)),
            Turn("utterance", (changes,), heard="cuál es el horario"),
            Turn("tool_output", (Reply(ABIERTO),)),
            *AGAIN[Purpose.HORARIO],
        )

        async def name(door: Door) -> None:
            await _named(door, self.way)

        result = Result(self.way.name, LANGUAGE, "at once")
        async with ground(folder, _setup(self.way, speech, Script(turns)), name) as stage:
            phone = await stage.ring(0, SPEAKS_SPANISH)
            await stage.cloud.session(1, SESSION_S)
            await stage.door.shut(self.way)
            await concluded(stage, phone, Purpose.HORARIO, phone.line.now_ms, result)
            return complained(stage, [result])
