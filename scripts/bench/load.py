"""The load: carriers and the cloud around one subject, and the windows that are measured.

May import: the standard library, and of the bench everything but the report.
"""

import asyncio
import gc
import os
import ssl
import time
from array import array
from dataclasses import dataclass
from types import TracebackType
from typing import NamedTuple, Self

import numpy as np

from scripts.bench.carrier import Carrier
from scripts.bench.clock import Metronome, now, phase_of
from scripts.bench.cloud import Cloud
from scripts.bench.figures import Figures, spread
from scripts.bench.flow import Delays, delays, longest_gap, transits
from scripts.bench.process import each_cpu_s, family, machine_ticks, spent_since, stolen_share
from scripts.bench.script import Profile, script_of
from scripts.bench.subject import Subject, SubjectFailed, cost_of

CONNECT_S = 15.0
GRACE_S = 1.0
SETTLE_S = 0.2
RAMP_PAUSE_S = 0.02


@dataclass(slots=True)
class _Call:
    number: int
    carrier: Carrier


class _Accounts(NamedTuple):
    up: list[Delays]
    message: list[Delays]
    down: list[Delays]
    gaps: list[float]


class Load:
    """Entered before the subject starts, since the subject needs the cloud's port."""

    def __init__(self, profile: Profile, tls: ssl.SSLContext | None = None) -> None:
        self.profile: Profile = profile
        self._tls = tls
        self._metronome = Metronome(asyncio.get_running_loop())
        self._cloud = Cloud(self._metronome, profile)
        self._calls: list[_Call] = []
        self.beside = 0
        """What is at work beside the subject on purpose, by its process id."""

    async def __aenter__(self) -> Self:
        await self._cloud.listen(self._tls)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.hang_up()
        self._cloud.close()
        self._metronome.stop()

    @property
    def cloud_url(self) -> str:
        """Where the subject finds the cloud."""
        return f"{'wss' if self._tls else 'ws'}://localhost:{self._cloud.port}/v1/realtime"

    async def grow(self, subject: Subject, calls: int) -> None:
        """Bring the load up to this many calls. Raises SubjectFailed when a call is not carried."""
        fresh = []
        for number in range(len(self._calls), calls):
            fresh.append(await self._call(subject, number))
            self._calls.append(fresh[-1])
            await asyncio.sleep(RAMP_PAUSE_S)
        limit = now() + CONNECT_S
        while any(call.number not in self._cloud.sessions for call in fresh):
            if now() > limit:
                silent = [call for call in fresh if call.number not in self._cloud.sessions]
                said = silent[0].carrier.refused or "no audio reached the cloud"
                raise SubjectFailed(f"{len(silent)} of {calls} calls were not carried: {said}")
            await asyncio.sleep(0.05)

    async def window(self, subject: Subject, seconds: float) -> Figures:
        """Measure the load as it is for so long."""
        gc.collect()
        gc.freeze()
        gc.disable()
        # What the collection held up is not to be caught up within the window.
        await asyncio.sleep(SETTLE_S)
        await subject.lateness()
        self._metronome.late = array("d")
        begin, ticks = now(), machine_ticks()
        each = each_cpu_s()
        cpu, own = cost_of(subject)[0], time.process_time()
        await asyncio.sleep(seconds)
        end = now()
        cpu_after, memory = cost_of(subject)
        load_share = (time.process_time() - own) / (end - begin)
        stolen = stolen_share(ticks)
        others, beside = _by_others(each, subject.pid, self.beside)
        loop_late = await subject.lateness()
        await asyncio.sleep(GRACE_S)
        gc.enable()
        gc.unfreeze()
        closed, calls = now(), len(self._calls)
        accounts = self._delays(begin, end, closed)
        spent = cpu_after - cpu
        return Figures(
            subject=subject.name,
            profile=self.profile,
            calls=calls,
            seconds=end - begin,
            up=spread(accounts.up),
            up_speech=spread(accounts.up, True),
            up_quiet=spread(accounts.up, False),
            up_message=spread(accounts.message),
            down=spread(accounts.down),
            missing=sum(one.missing for one in (*accounts.up, *accounts.down)),
            gap_ms=max(accounts.gaps, default=0.0) * 1000,
            cpu_s_per_call_minute=spent / (calls * (end - begin) / 60),
            core_share=spent / (end - begin),
            memory_mib=memory,
            loop_late=loop_late,
            load_late_ms=float(np.percentile(self._metronome.late, 99)) * 1000,
            load_share=load_share,
            stolen_share=stolen,
            foreign_share=others / (end - begin),
            beside_share=beside / (end - begin),
        )

    async def hang_up(self) -> None:
        """End all calls."""
        for call in self._calls:
            call.carrier.end()
        self._calls.clear()
        await asyncio.sleep(0.2)

    async def _call(self, subject: Subject, number: int) -> _Call:
        script = script_of(number, self.profile)
        self._cloud.scripts[number] = script
        entry = await subject.entry(number)
        carrier = Carrier(script, entry)
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: carrier, "127.0.0.1", entry.port)
        carrier.ask()
        self._metronome.join(phase_of(number), carrier.beat)
        return _Call(number, carrier)

    def _delays(self, begin: float, end: float, closed: float) -> _Accounts:
        accounts = _Accounts([], [], [], [])
        replies = self.profile == "talk"
        for call in self._calls:
            session, carrier = self._cloud.sessions[call.number], call.carrier
            lost = session.lost
            accounts.up.append(delays(carrier.sent, session.arrived, begin, end, closed, lost=lost))
            accounts.message.append(transits(carrier.sent, session.arrived, begin, end, lost=lost))
            accounts.down.append(delays(session.sent, carrier.arrived, begin, end, closed, replies=replies))
            accounts.gaps.append(longest_gap(session.sent, carrier.arrived, begin, end, closed))
        return accounts


def _by_others(before: dict[int, float], subject: int, beside: int) -> tuple[float, float]:
    """The CPU seconds since then of all other processes, and of what is beside on purpose."""
    spent, wanted = spent_since(before), family(beside) if beside else []
    known = {os.getpid(), *family(subject), *wanted}
    others = sum(seconds for pid, seconds in spent.items() if pid not in known)
    return others, sum(spent.get(pid, 0.0) for pid in wanted)
