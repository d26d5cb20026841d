"""The figures as a table for people and as JSON for machines.

May import: the standard library, orjson, and of the bench figures, plan, real, verdict.
"""

from collections.abc import Callable, Sequence
from typing import Any

import orjson

from scripts.bench.figures import LATE_LOAD_MS, LIMIT_MS, Figures, Spread
from scripts.bench.plan import YARDSTICK, Results
from scripts.bench.real import BESIDE_SPEECH
from scripts.bench.verdict import quiet

Row = tuple[str, Callable[[Figures], str]]


def table(results: Results) -> str:
    """All that was found, as text."""
    plan = results.plan
    way = "over TLS" if plan.tls else "without TLS"
    parts = [
        f"{plan.calls} calls, profile {plan.profile}, {plan.seconds:g} s, {plan.rounds} rounds in turns,"
        f" loopback {way}",
        _columns(results),
    ]
    for name, climb in results.climbs.items():
        if not climb:
            continue
        parts += ["", f"{name}: as calls are added", _climb(climb), _largest(results, name)]
    parts += [f"{name}: {said}" for name, said in results.failures.items()]
    if BESIDE_SPEECH in results.rounds:
        parts.append(_beside(results.rounds[BESIDE_SPEECH]))
    late = [found for rounds in results.rounds.values() for found in rounds if not found.valid]
    if late:
        parts.append(
            f"INVALID: in {len(late)} rounds the load itself was more than {LATE_LOAD_MS:g} ms late."
        )
    return "\n".join(parts)


def _beside(rounds: Sequence[Figures]) -> str:
    """How late frames of live calls were while recognition and synthesis were flat out."""
    best = min(rounds, key=lambda found: (not quiet(found), found.worst_p99_ms))
    return (
        f"frames beside recognition and synthesis flat out ({best.beside_share:.1f} cores): p99 late by"
        f" {best.worst_p99_ms:.2f} ms, to be under {LIMIT_MS:g} ms"
        + ("" if quiet(best) else "; the machine had other work: this says little")
    )


def as_json(results: Results, encrypted: Results | None = None) -> str:
    """The same for machines; the rounds over TLS under `over_tls`."""
    tree = _tree(results)
    if encrypted is not None:
        tree["over_tls"] = _tree(encrypted)
    return orjson.dumps(tree, option=orjson.OPT_INDENT_2).decode()


def _tree(results: Results) -> dict[str, Any]:
    names = list(results.rounds)
    return {
        "profile": results.plan.profile,
        "calls": results.plan.calls,
        "tls": results.plan.tls,
        "cpu_s_per_call_minute": {name: results.cpu(name) for name in names},
        "ratio": {name: results.ratio(name) for name in names},
        "largest": {name: results.largest(name) for name in results.climbs},
        "memory_kib_per_call": {name: results.memory_kib_per_call(name) for name in results.climbs},
        "rounds": {name: [found.as_json() for found in rounds] for name, rounds in results.rounds.items()},
        "climbs": {name: [found.as_json() for found in climb] for name, climb in results.climbs.items()},
        "failures": results.failures,
    }


def _columns(results: Results) -> str:
    names = list(results.rounds)
    figures = [results.typical(name) for name in names]
    ratios = [results.ratio(name) for name in names]
    lines = [
        ("", names),
        ("CPU s per call-minute, median", [f"{results.cpu(name):.3f}" for name in names]),
        (f"  in units of {YARDSTICK}", ["-" if ratio is None else f"{ratio:.2f}" for ratio in ratios]),
        ("  of each round", [_each(results.rounds[name]) for name in names]),
    ]
    lines += [(title, [cell(found) for found in figures]) for title, cell in ROWS]
    return _aligned(lines)


def _each(rounds: Sequence[Figures]) -> str:
    return " ".join(f"{found.cpu_s_per_call_minute:.2f}" for found in rounds)


def _climb(climb: Sequence[Figures]) -> str:
    lines = [("calls", [str(found.calls) for found in climb])]
    lines += [(title, [cell(found) for found in climb]) for title, cell in CLIMB_ROWS]
    return _aligned(lines)


def _largest(results: Results, name: str) -> str:
    climb, largest = results.climbs[name], results.largest(name)
    more = " or more" if climb[-1].keeps_up else ""
    memory = results.memory_kib_per_call(name)
    held = "" if memory is None else f"; another call holds {memory:.0f} KiB"
    return f"most calls with p99 under {LIMIT_MS:g} ms on one core: {largest}{more}{held}"


def _aligned(lines: Sequence[tuple[str, Sequence[str]]]) -> str:
    titles = max(len(title) for title, _ in lines)
    widths = [max(map(len, column)) for column in zip(*(cells for _, cells in lines), strict=True)]
    return "\n".join(
        f"{title:<{titles}}  "
        + "  ".join(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))
        for title, cells in lines
    )


def _both(spread: Spread) -> str:
    return f"{spread.p50_ms:.2f} / {spread.p99_ms:.2f}" if spread.pieces else "-"


def _p99(spread: Spread) -> str:
    return f"{spread.p99_ms:.2f}" if spread.pieces else "-"


def _late(found: Figures) -> str:
    late = found.loop_late
    return "-" if late is None else f"{late.p50 * 1000:.1f} / {late.p99 * 1000:.1f}"


_LOAD: tuple[Row, ...] = (
    ("pieces missing a second later", lambda found: str(found.missing)),
    ("longest silence in a reply, ms", lambda found: f"{found.gap_ms:.0f}"),
    ("subject's share of its core", lambda found: f"{found.core_share:.0%}"),
    ("load's own lateness p99 ms", lambda found: f"{found.load_late_ms:.2f}" + ("" if found.valid else " !")),
)
CLIMB_ROWS: tuple[Row, ...] = (
    ("CPU s per call-minute", lambda found: f"{found.cpu_s_per_call_minute:.3f}"),
    ("to the cloud, speech, p99 ms", lambda found: _p99(found.up_speech)),
    ("to the cloud, messages, p99 ms", lambda found: _p99(found.up_message)),
    ("to the caller, p99 ms", lambda found: _p99(found.down)),
    *_LOAD,
    ("others on the machine, in cores", lambda found: f"{found.foreign_share:.1%}"),
    ("memory MiB", lambda found: f"{found.memory_mib:.1f}"),
)
ROWS: tuple[Row, ...] = (
    ("to the cloud, p50 / p99 ms", lambda found: _both(found.up)),
    ("  frames of speech", lambda found: _both(found.up_speech)),
    ("  frames of silence, held or not", lambda found: _both(found.up_quiet)),
    ("  messages, without the holding", lambda found: _both(found.up_message)),
    ("to the caller, p50 / p99 ms", lambda found: _both(found.down)),
    ("event loop late, p50 / p99 ms", _late),
    *_LOAD,
    ("load's share of its core", lambda found: f"{found.load_share:.0%}"),
    ("others on the machine, in cores", lambda found: f"{found.foreign_share:.1%}"),
    ("speech beside it, in cores", lambda found: f"{found.beside_share:.1%}"),
    ("taken by the hypervisor", lambda found: f"{found.stolen_share:.1%}"),
    ("memory MiB", lambda found: f"{found.memory_mib:.1f}"),
)
