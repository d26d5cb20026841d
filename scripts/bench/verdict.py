"""What a run proves of the goals: kept, broken, or not judged since the machine was too busy.

Only what is proven is called broken: a window counts where the load was in time, the hypervisor kept nothing
for itself and, where milliseconds count or the bridge goes before nobody, no other process was at work; and
what another window of the same run could do is no fault of the bridge's.
May import: the standard library, and of the bench figures, plan, real.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from scripts.bench.figures import LIMIT_MS, Figures
from scripts.bench.plan import YARDSTICK, Results
from scripts.bench.real import BESIDE_SPEECH

GOALS_OF_CPU = {"bridge, detector off": 1.0, "bridge, detector on": 1.3}
"""In units of the minimal bridge."""
ROUNDS_SURE, UNSURE = 5, 0.25
"""With fewer rounds the share by which a goal must be missed before that is proven: one is that unsteady."""
GOALS_OF_LATENCY = {40: 2.0, 200: LIMIT_MS}
"""The 99th percentile that is added either way, in ms, by the number of calls."""
GOAL_OF_MEMORY_KIB = 1024.0
WHOLE_UP_TO = 40
"""Up to so many calls every frame must arrive and every reply be whole."""
GAP_MS = 20.0
FLAT_OUT_LEAST = 0.8
"""Cores that recognition and synthesis keep busy when they are flat out."""
STOLEN_MOST = 0.01
FOREIGN_MOST = 0.03


class Judgement(StrEnum):
    """What is said of a goal."""

    KEPT = "kept"
    BROKEN = "BROKEN"
    OPEN = "not judged"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One goal of one bridge, and what was found."""

    goal: str
    judgement: Judgement
    found: str

    def __str__(self) -> str:
        return f"{self.judgement:<10}  {self.goal}: {self.found}"


def quiet(found: Figures) -> bool:
    """Whether the machine was idle enough for milliseconds to be the bridge's own."""
    return _undisturbed(found) and found.foreign_share <= FOREIGN_MOST


def judged(results: Results) -> list[Verdict]:
    """A verdict on every goal that the run has figures for."""
    bridges = [name for name in (*results.rounds, *results.climbs) if name.startswith("bridge")]
    verdicts: list[Verdict] = []
    for name in dict.fromkeys(bridges):
        windows = [*results.rounds.get(name, ()), *results.climbs.get(name, ())]
        verdicts += _whole(name, [found for found in windows if found.calls <= WHOLE_UP_TO])
        verdicts += _cpu(results, name)
        verdicts += _latency(results, name)
        verdicts += _memory(results, name)
        if name == BESIDE_SPEECH:
            verdicts += _beside_speech(windows)
        if name in results.failures:
            verdicts.append(Verdict(f"{name}: runs", Judgement.BROKEN, results.failures[name]))
    return verdicts


def _whole(name: str, windows: list[Figures]) -> Iterator[Verdict]:
    # Beside speech the bridge goes before nobody else's work: there a busy machine is heard by callers.
    counts = quiet if name == BESIDE_SPEECH else _undisturbed
    sure = [found for found in windows if counts(found)]
    for goal, worst, most in (
        ("pieces that did not arrive", max((found.missing for found in sure), default=0), 0),
        ("longest silence in a reply, ms", round(max((found.gap_ms for found in sure), default=0)), GAP_MS),
    ):
        found = Judgement.OPEN if not sure else Judgement.KEPT if worst <= most else Judgement.BROKEN
        yield Verdict(f"{name}: {goal}", found, f"{worst} in {len(sure)} of {len(windows)} windows")


def _cpu(results: Results, name: str) -> Iterator[Verdict]:
    goal, ratio = GOALS_OF_CPU.get(name), results.ratio(name) if name in results.rounds else None
    if goal is None or ratio is None:
        return
    own = min(found.cpu_s_per_call_minute for found in results.rounds[name])
    least = own / max(found.cpu_s_per_call_minute for found in results.rounds[YARDSTICK])
    most = goal if len(results.rounds[name]) >= ROUNDS_SURE else goal * (1 + UNSURE)
    # Where the rounds disagree about it, nothing is proven.
    found = Judgement.KEPT if ratio <= goal else Judgement.BROKEN if least > most else Judgement.OPEN
    said = f"{ratio:.2f} of the minimal bridge's, {least:.2f} at the least"
    yield Verdict(f"{name}: CPU at most {goal:g}", found, said)


def _latency(results: Results, name: str) -> Iterator[Verdict]:
    for calls, goal in GOALS_OF_LATENCY.items():
        windows = _windows(results, name, calls)
        if not windows:
            continue
        best = min((found.worst_p99_ms for found in windows if quiet(found)), default=None)
        others = [found.worst_p99_ms for found in _windows(results, YARDSTICK, calls) if quiet(found)]
        able = min(others, default=goal + 1) <= goal
        most = goal if results.plan.rounds >= ROUNDS_SURE else goal * (1 + UNSURE)
        proven = best is not None and best > most and able
        kept = best is not None and best <= goal
        found = Judgement.KEPT if kept else Judgement.BROKEN if proven else Judgement.OPEN
        said = "no quiet window" if best is None else f"{best:.2f} ms in the best of {len(windows)} windows"
        yield Verdict(f"{name}: p99 at {calls} calls at most {goal:g} ms", found, said)


def _beside_speech(windows: list[Figures]) -> Iterator[Verdict]:
    sure = [found for found in windows if quiet(found) and found.beside_share >= FLAT_OUT_LEAST]
    best = min((found.worst_p99_ms for found in sure), default=None)
    kept = best is not None and best <= LIMIT_MS
    found = Judgement.OPEN if best is None else Judgement.KEPT if kept else Judgement.BROKEN
    said = f"{best or 0:.2f} ms in the best of {len(sure)} of {len(windows)} windows"
    yield Verdict(f"{BESIDE_SPEECH}: p99 at most {LIMIT_MS:g} ms", found, said)


def _undisturbed(found: Figures) -> bool:
    return found.valid and found.stolen_share <= STOLEN_MOST


def _windows(results: Results, name: str, calls: int) -> list[Figures]:
    return [found for found in results.climbs.get(name, ()) if found.calls == calls]


def _memory(results: Results, name: str) -> Iterator[Verdict]:
    held = results.memory_kib_per_call(name)
    if held is not None:
        found = Judgement.KEPT if held <= GOAL_OF_MEMORY_KIB else Judgement.BROKEN
        yield Verdict(
            f"{name}: memory of a call at most {GOAL_OF_MEMORY_KIB:g} KiB", found, f"{held:.0f} KiB"
        )
