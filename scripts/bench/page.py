"""The figures as Markdown: the tables of docs/performance.md, put between its marks.

May import: the standard library, click, and of the bench figures, plan, script, subject.
"""

import os
import platform
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from click import ClickException

from scripts.bench.figures import LIMIT_MS, Figures, Spread
from scripts.bench.plan import YARDSTICK, Results
from scripts.bench.script import Profile
from scripts.bench.subject import ROOT

BEGIN, END = "<!-- figures: made by scripts/dev bench -->", "<!-- end of the figures -->"

Cell = Callable[[Figures], str]


class Unmarked(ClickException):
    """The page has no place for the tables."""


def around(file: Path) -> tuple[str, str]:
    """What stands before and behind the tables of a page; nothing of a new one. Raises Unmarked."""
    if not file.exists():
        return "", ""
    before, begun, rest = file.read_text("utf-8").partition(f"{BEGIN}\n")
    _, ended, after = rest.partition(f"{END}\n")
    if not (begun and ended):
        raise Unmarked(f"{file} has no lines {BEGIN!r} and {END!r} for the tables to go between")
    return before, after


def put(results: Results, encrypted: Results | None, file: Path) -> None:
    """Write the tables into a page, between its marks, or as a new one. Raises Unmarked."""
    before, after = around(file)
    file.write_text(f"{before}{BEGIN}\n{markdown(results, encrypted)}\n{END}\n{after}", "utf-8")


def markdown(results: Results, encrypted: Results | None) -> str:
    """All tables, and what they were measured on."""
    parts = [_measured(results), *_rounds(results, encrypted)]
    for name, climb in results.climbs.items():
        parts += _climb(results, name, climb) if climb else ()
    parts += [f"{name} failed: {said}" for name, said in results.failures.items()]
    return "\n".join(parts)


def machine() -> str:
    """The machine in a few words."""
    system = platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    named = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    cpu = named[0].partition(":")[2].strip() if named else platform.machine()
    kernel, python = platform.release().partition("-")[0], platform.python_version()
    return f"{os.cpu_count()} cores ({cpu}), {system}, kernel {kernel}, Python {python}"


def _measured(results: Results) -> str:
    plan = results.plan
    late = "" if results.valid else " **The load itself was late in some rounds: they say little.**"
    return (
        f"Measured on {datetime.now(UTC):%Y-%m-%d}{_commit()}, on {machine()}: profile"
        f" `{plan.profile}`, {plan.rounds} rounds of {plan.seconds:g} s in"
        f" turns.{late}\n"
    )


def _commit() -> str:
    """What was measured; nothing where this is no clone."""
    if shutil.which("git") is None:
        return ""
    asked = ["git", "-C", str(ROOT), "describe", "--always", "--exclude", "*", "--dirty=, changed"]
    found = subprocess.run(asked, capture_output=True, text=True, check=False)
    return f" at commit {found.stdout.strip()}" if found.returncode == 0 else ""


def _rounds(results: Results, encrypted: Results | None) -> Iterator[str]:
    names = list(results.rounds)
    typical = [results.typical(name) for name in names]
    yield from _head([f"{results.plan.calls} calls", *names])
    yield _row("CPU seconds per call-minute, median", [f"{results.cpu(name):.3f}" for name in names])
    yield _row(f"in units of {YARDSTICK}", [_units(results.ratio(name)) for name in names])
    least = [_units(results.least_ratio(name)) for name in names]
    yield _row(f"the cheapest round, in cheapest rounds of {YARDSTICK}", least)
    if encrypted is not None:
        ratios = [_units(encrypted.ratio(name) if name in encrypted.rounds else None) for name in names]
        yield _row(f"over TLS to the cloud, in units of {YARDSTICK} over TLS", ratios)
    for title, cell in ROUND_ROWS:
        yield _row(title.format(down=DOWN[results.plan.profile]), [cell(found) for found in typical])
    yield ""


def _climb(results: Results, name: str, climb: Sequence[Figures]) -> Iterator[str]:
    yield from _head([name, *(str(found.calls) for found in climb)])
    for title, cell in CLIMB_ROWS:
        yield _row(title.format(down=DOWN[results.plan.profile]), [cell(found) for found in climb])
    if name != YARDSTICK:
        units = [_units(results.ratio_at(name, found.calls)) for found in climb]
        yield _row(f"CPU in units of {YARDSTICK} at as many calls", units)
    more = " or more" if climb[-1].keeps_up else ""
    held = results.memory_kib_per_call(name)
    memory = "" if held is None else f" Another call holds {held:.0f} KiB."
    yield f"\nThe most calls with p99 under {LIMIT_MS:g} ms: {results.largest(name)}{more}.{memory}\n"


def _head(cells: Sequence[str]) -> Iterator[str]:
    yield "| " + " | ".join(cells) + " |"
    yield "| " + " | ".join("---" for _ in cells) + " |"


def _row(title: str, cells: Sequence[str]) -> str:
    return "| " + " | ".join([title, *cells]) + " |"


def _units(ratio: float | None) -> str:
    return "-" if ratio is None else f"{ratio:.2f}"


def _both(spread: Spread) -> str:
    return f"{spread.p50_ms:.2f} / {spread.p99_ms:.2f}" if spread.pieces else "-"


def _p99(spread: Spread) -> str:
    return f"{spread.p99_ms:.1f}" if spread.pieces else "-"


def _late(found: Figures) -> str:
    late = found.loop_late
    return "-" if late is None else f"{late.p50 * 1000:.1f} / {late.p99 * 1000:.1f}"


DOWN: Mapping[Profile, str] = {"talk": "the first sound of each reply", "duplex": "each piece of a reply"}
"""What is measured of the way to the caller."""
ROUND_ROWS: tuple[tuple[str, Cell], ...] = (
    ("added to a frame of speech, to the cloud, p50 / p99 ms", lambda found: _both(found.up_speech)),
    ("added to {down}, to the caller, p50 / p99 ms", lambda found: _both(found.down)),
    ("event loop late, p50 / p99 ms", _late),
    ("pieces lost", lambda found: str(found.missing)),
    ("longest silence in a reply, ms", lambda found: f"{found.gap_ms:.0f}"),
    ("memory MiB, whole process", lambda found: f"{found.memory_mib:.1f}"),
)
CLIMB_ROWS: tuple[tuple[str, Cell], ...] = (
    ("speech to the cloud, p99 ms", lambda found: _p99(found.up_speech)),
    ("{down} to the caller, p99 ms", lambda found: _p99(found.down)),
    ("longest silence in a reply, ms", lambda found: f"{found.gap_ms:.0f}"),
    ("share of the core", lambda found: f"{found.core_share:.0%}"),
    ("the load was late itself", lambda found: "-" if found.valid else "yes"),
)
