"""A soak: ever new callers, some of whom have bad luck, and nothing of them is left when they are gone.

A warm-up with all kinds of callers comes first; what the bridge holds after it is the measure. With --full it
lasts an hour, and what the bridge remembers of calls that are over has reached its bound by then.
"""

import asyncio
import time
from pathlib import Path

import orjson
import pytest

from appliance.store import calls, database
from tests.calls.stage import Stage, staged
from tests.drill.soak import SCRIPT, UNREPORTED, Held, Soak, held

pytestmark = pytest.mark.drill

WARM_S, SOAK_S, FULL_S = 55.0, 125.0, 3600.0
SETTLED_S = 120.0
LOOK_S = 1.0
GROWTH_MIB, GROWTH_FULL_MIB = 8.0, 1.0
"""The most that memory may grow within 100 calls. The box remembers 2000 calls that are over, and allocator
and caches fill up for the first thousand; 100 calls of which nothing is let go are 15 MiB and more."""
LATE_P99_S, LATE_LONGEST_S = 0.05, 1.0
WAITED_MOST = 0.1


async def test_nothing_is_left_of_ever_new_calls(
    tmp_path: Path, full: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    async with staged(tmp_path, SCRIPT, staff={"front_door": "menu"}, record=0) as stage:
        soak = Soak(stage)
        soak.prepare()
        await soak.go_on(WARM_S, first=UNREPORTED)
        warm, warm_calls = await _quiet(stage), soak.calls
        await soak.go_on(FULL_S if full else SOAK_S)
        end = await _quiet(stage, warm)
        with capsys.disabled():
            print(_told(soak, warm, end, soak.calls - warm_calls))
        _check_log(stage.box.log_path)
    assert soak.troubled == []
    assert stage.cloud.sessions == []
    assert (end.tasks, end.threads) == (warm.tasks, warm.threads)
    assert end.files <= warm.files
    growth = (end.memory_mib - warm.memory_mib) * 100 / (soak.calls - warm_calls)
    assert growth <= (GROWTH_FULL_MIB if full else GROWTH_MIB)
    p99, longest = end.late_since(warm)
    if end.waited_since(warm) <= WAITED_MOST:
        assert p99 <= LATE_P99_S
        assert longest <= LATE_LONGEST_S


async def _quiet(stage: Stage, before: Held | None = None) -> Held:
    """Wait until every call is filed and let go of; what is held then. Tells what is left when it is not."""
    until = time.monotonic() + SETTLED_S
    while True:
        unfiled = await asyncio.to_thread(_unfiled, stage.box.database)
        now = await held(stage)
        left = before is not None and (now.tasks, now.threads, now.files) > (
            before.tasks,
            before.threads,
            before.files,
        )
        if not (unfiled or now.live or stage.cloud.sessions or left):
            return now
        if time.monotonic() > until:
            assert unfiled == []
            assert stage.cloud.sessions == []
            assert now.live == 0
            return now
        await asyncio.sleep(LOOK_S)


def _unfiled(path: Path) -> list[str]:
    """The calls without an end or an outcome."""
    db = database.connect_readonly(path)
    try:
        every = calls.page(db, limit=100_000)
    finally:
        db.close()
    return [call.call_sid for call in every if call.ended_at is None or call.outcome is None]


def _check_log(path: Path) -> None:
    lines = [orjson.loads(line) for line in path.read_text("utf-8").splitlines()]
    wrong = [line for line in lines if line["level"] not in ("info", "warning") or "traceback" in line]
    assert wrong == []


def _told(soak: Soak, warm: Held, end: Held, fresh: int) -> str:
    grown = (end.memory_mib - warm.memory_mib) * 100 / fresh
    p99, longest = end.late_since(warm)
    waited = end.waited_since(warm)
    busy = "" if waited <= WAITED_MOST else " (the machine was too busy for the loop to be judged)"
    return (
        f"\n{soak.calls} calls, {fresh} of them after the warm-up: {dict(soak.rung)}\n"
        f"memory {warm.memory_mib:.1f} -> {end.memory_mib:.1f} MiB, {grown:.2f} MiB in 100 calls\n"
        f"files {warm.files} -> {end.files}, threads {warm.threads} -> {end.threads},"
        f" tasks {warm.tasks:.0f} -> {end.tasks:.0f}\n"
        f"the loop was late by at most {p99 * 1000:g} ms in 99 %, {longest * 1000:g} ms always;"
        f" it waited for a processor {waited:.1%} of the time{busy}"
    )
