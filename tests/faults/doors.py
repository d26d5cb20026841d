"""Batches in which the cloud fails while a session is set up, at whatever point of a call.

Its address is remembered, so a name server that is dead keeps nobody from it but at the first start.
May import: the standard library, tests.golden, tests.peers, this package.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.faults.calls import SESSION_S, Result, complained, concluded
from tests.faults.door import Door
from tests.faults.ground import Ground, Setup, ground
from tests.faults.network import NAME
from tests.faults.points import ABIERTO, AGAIN, ASK_HOURS, GREETING, in_pause
from tests.faults.purposes import Purpose
from tests.faults.ways import DoorWay
from tests.golden.clinic import until
from tests.peers.carrier import PhoneCall
from tests.peers.carrier import happenings as h
from tests.peers.realtime import Call, Fault, Reply, Script, Session, Turn

START, BESIDE = "at the start of a call", "at the start of a call beside it"
NEXT_START = "at the start of the next call"
LANGUAGE = "at a change of the language"
WAY_BACK, RENEWAL = "on the way back to the cloud", "at the renewal of a session"
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
ROLLS = 3
"""The session that is to be renewed: the other call and a probe have had those before."""


def _setup(way: DoorWay, speech: Mapping[str, str], script: Script) -> Setup:
    return Setup(script, speech, {}, way.secret, NAME if way.nameless else "")


async def _named(door: Door, way: DoorWay) -> None:
    if way.nameless:
        await door.name()


@dataclass(frozen=True, slots=True)
class AtStart:
    """Two calls begin at once while the cloud cannot be had, and the next, which is spared their wait."""

    way: DoorWay

    @property
    def name(self) -> str:
        return f"{self.way.name}, at the start"

    async def play(self, folder: Path, speech: Mapping[str, str]) -> list[Result]:
        """Play them; how they went."""

        async def shut(door: Door) -> None:
            await _named(door, self.way)
            await door.shut(self.way)

        results = [_result(self.way, point) for point in (START, BESIDE, NEXT_START)]
        async with ground(folder, _setup(self.way, speech, Script()), shut) as stage:
            together = [await stage.ring(place, STARTS) for place in range(2)]
            await until(stage.given_up, SESSION_S)
            phones = [*together, await stage.ring(2, STARTS)]
            await asyncio.gather(
                *(_begun(stage, phone, result) for phone, result in zip(phones, results, strict=True))
            )
            return complained(stage, results)


def _result(way: DoorWay, point: str, *, goes_local: bool = True) -> Result:
    return Result(way.name, point, "at once", goes_local, codes=way.codes)


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
        script = Script((Turn("greeting", (Reply(GREETING),)),), expires_after_s=EXPIRES_S)
        way_back, renewal = Result(self.way.name, WAY_BACK, "at once"), _result(self.way, RENEWAL)
        async with ground(folder, _setup(self.way, speech, script)) as stage:
            (returning, rolling), returning_ms = await self._lose_and_shut(stage)
            await asyncio.gather(
                concluded(stage, returning, Purpose.TRANSFER, returning_ms, way_back),
                self._roll_over(stage, rolling, renewal),
            )
            # No event of a call tells of a cloud that was about to come.
            if set(self.way.codes).isdisjoint(stage.lost(returning)):
                way_back.wrong.append(f"the fault was not met, but {stage.lost(returning)}")
            return complained(stage, [way_back, renewal])

    async def _lose_and_shut(self, stage: Ground) -> tuple[tuple[PhoneCall, PhoneCall], int]:
        """Lose the first call's session; when a probe finds the cloud well, begin the second; then shut."""
        returning = await stage.ring(0, RETURNS)
        lost = await stage.cloud.session(1, SESSION_S)
        await stage.cloud.wait_for(lambda: IN_PAUSE(lost, returning), LONGEST_S)
        lost.do(Fault("close", code=1008))
        await stage.cloud.session(2, SESSION_S)
        rolling = await stage.ring(1, ROLLS_OVER)
        await stage.cloud.session(ROLLS, SESSION_S)
        await stage.door.shut(self.way)
        return (returning, rolling), returning.line.now_ms

    async def _roll_over(self, stage: Ground, rolling: PhoneCall, result: Result) -> None:
        """After a renewal that failed the session expires."""
        session = await stage.cloud.session(ROLLS, LONGEST_S)
        await stage.cloud.wait_for(lambda: rolling.line.now_ms >= RENEWED_MS, LONGEST_S)
        if session.closed:
            result.wrong.append("the session did not outlive a renewal that failed")
        session.do(Fault("session_expired"))
        await concluded(stage, rolling, Purpose.HOURS, rolling.line.now_ms, result)


def _has_answered(session: Session) -> bool:
    """Whether it has asked for the other language, for which the box now looks for a session."""
    return bool(session.sent_of("response.function_call_arguments.done"))


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
        # The session of before goes on.
        result = _result(self.way, LANGUAGE, goes_local=False)
        async with ground(folder, _setup(self.way, speech, Script(turns))) as stage:
            phone = await stage.ring(0, SPEAKS_SPANISH)
            session = await stage.cloud.session(1, SESSION_S)
            await stage.door.shut(self.way)
            await stage.cloud.wait_for(lambda: _has_answered(session), LONGEST_S)
            await concluded(stage, phone, Purpose.HORARIO, phone.line.now_ms, result)
            return complained(stage, [result])
