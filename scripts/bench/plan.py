"""What is run, in which order: rounds in turns, so that a noisy machine is noisy for all, and the climb.

May import: the standard library, trustme, and of the bench everything but the report.
"""

import asyncio
import ssl
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import trustme

from scripts.bench.figures import Figures
from scripts.bench.load import Load
from scripts.bench.real import BESIDE_SPEECH, Attendant
from scripts.bench.script import Profile
from scripts.bench.subject import Child, Subject, SubjectFailed, Yardstick

TRIES = 3
YARDSTICK = "minimal"
UVLOOP = "minimal on uvloop"
FLAT_OUT_S = 130.0
FLAT_OUT = ("--flat-out", "--whisper", "tiny", "--waiting-most", "8")

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What the options ask for."""

    contenders: tuple[str, ...]
    climbers: tuple[str, ...]
    profile: Profile = "talk"
    calls: int = 10
    seconds: float = 8.0
    rounds: int = 2
    rounds_beside: int = 1
    """The same of the bridge beside speech: its rounds load weights first, and judge milliseconds alone."""
    warm_s: float = 3.5
    steps: tuple[int, ...] = ()
    step_s: float = 6.0
    tls: bool = False


@dataclass(slots=True)
class Results:
    """What came out."""

    plan: Plan
    rounds: dict[str, list[Figures]] = field(default_factory=dict)
    climbs: dict[str, list[Figures]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)

    @property
    def valid(self) -> bool:
        """Whether the load was in time in all rounds."""
        return all(found.valid for rounds in self.rounds.values() for found in rounds)

    def typical(self, name: str) -> Figures:
        """The round in the middle, by CPU; the lower one of two."""
        rounds = sorted(self.rounds[name], key=lambda found: found.cpu_s_per_call_minute)
        return rounds[(len(rounds) - 1) // 2]

    def cpu(self, name: str) -> float:
        """CPU seconds per call-minute: the median of the rounds."""
        return median(found.cpu_s_per_call_minute for found in self.rounds[name])

    def ratio(self, name: str) -> float | None:
        """The CPU of a contender, in yardsticks."""
        return self.cpu(name) / self.cpu(YARDSTICK) if YARDSTICK in self.rounds else None

    def least_ratio(self, name: str) -> float | None:
        """The cheapest round of a contender, in cheapest rounds of the yardstick: what disturbs only adds."""
        return self._least(name) / self._least(YARDSTICK) if YARDSTICK in self.rounds else None

    def ratio_at(self, name: str, calls: int) -> float | None:
        """The CPU of a contender at a step of the climb, in yardsticks at the same step."""
        own, yardstick = self._at(name, calls), self._at(YARDSTICK, calls)
        return own / yardstick if own and yardstick else None

    def _least(self, name: str) -> float:
        return min(found.cpu_s_per_call_minute for found in self.rounds[name])

    def _at(self, name: str, calls: int) -> float | None:
        costs = [found.cpu_s_per_call_minute for found in self.climbs.get(name, ()) if found.calls == calls]
        return median(costs) if costs else None

    def largest(self, name: str) -> int:
        """The most calls that were carried in time; 0 when not even the first step was."""
        kept: Iterable[int] = (found.calls for found in self.climbs.get(name, ()) if found.keeps_up)
        return max(kept, default=0)

    def memory_kib_per_call(self, name: str) -> float | None:
        """What another call holds, by the climb."""
        climb = self.climbs.get(name, [])
        first, last = (climb[0], climb[-1]) if climb else (None, None)
        if first is None or last is None or first.calls == last.calls:
            return None
        return (last.memory_mib - first.memory_mib) * 1024 / (last.calls - first.calls)


async def carry_out(plan: Plan, say: Say) -> Results:
    """Run all of it."""
    results = Results(plan)
    for turn in range(plan.rounds):
        for name in plan.contenders:
            if name == BESIDE_SPEECH and turn >= plan.rounds_beside:
                continue
            say(f"round {turn + 1} of {plan.rounds}: {plan.calls} calls through {name}")
            into = results.rounds.setdefault(name, [])
            async with _set_up(plan, name, plan.calls) as (load, subject):
                await _windows(plan, load, subject, (plan.calls,), plan.seconds, into)
    for name in plan.climbers if plan.steps else ():
        say(f"up to {plan.steps[-1]} calls through {name}")
        into = results.climbs.setdefault(name, [])
        async with _set_up(plan, name, plan.steps[-1]) as (load, subject):
            try:
                await _windows(plan, load, subject, plan.steps, plan.step_s, into)
            except SubjectFailed as exc:
                results.failures[name] = str(exc)
    return results


async def _windows(
    plan: Plan, load: Load, subject: Subject, steps: Sequence[int], seconds: float, into: list[Figures]
) -> None:
    """Measure at each number of calls, until they are too many."""
    for calls in steps:
        await load.grow(subject, calls)
        await asyncio.sleep(plan.warm_s)
        figures = await load.window(subject, seconds)
        for _ in range(TRIES - 1):
            if figures.valid and (figures.keeps_up or len(steps) == 1):
                break
            # Somebody else's work may have been in the way: what cannot be done cannot be done twice.
            figures = await load.window(subject, seconds)
        into.append(figures)
        if not figures.keeps_up:
            break


@asynccontextmanager
async def _set_up(plan: Plan, name: str, calls: int) -> AsyncIterator[tuple[Load, Subject]]:
    with TemporaryDirectory(prefix="bench-") as scratch:
        tls, ca_file = certificate(Path(scratch)) if plan.tls else (None, None)
        async with (
            _beside(name) as beside,
            Load(plan.profile, tls) as load,
            subject_of(name, load.cloud_url, calls, ca_file) as subject,
        ):
            load.beside = beside
            yield load, subject
            await load.hang_up()


@asynccontextmanager
async def _beside(name: str) -> AsyncIterator[int]:
    """What is to be at work beside this contender, by its process id; 0 for nothing."""
    if name != BESIDE_SPEECH:
        yield 0
        return
    program = Child([sys.executable, "-m", "scripts.bench_speech", *FLAT_OUT], favoured=False)
    await program.start()
    try:
        await program.said(FLAT_OUT_S)
        yield program.pid
    finally:
        await program.stop()


def subject_of(name: str, cloud_url: str, calls: int, ca_file: Path | None) -> Subject:
    """The contender of this name."""
    if name.startswith("bridge"):
        return Attendant(name, cloud_url, calls=calls, ca_file=ca_file)
    options = ["--uvloop"] if name == UVLOOP else []
    return Yardstick(name, cloud_url, *options, *(("--ca", str(ca_file)) if ca_file else ()))


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A certificate for the cloud, and the file of who signed it."""
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    ca_file = folder / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    return context, ca_file
