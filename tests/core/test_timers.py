"""Timers of a call: what has passed of a wait already is not waited for again."""

import asyncio

import pytest

from appliance.core.commands import StartTimer
from appliance.core.timers import LEAST_LEFT_MS, Rang, Timers

NOW_MS = 5000


@pytest.mark.parametrize(
    ("timer", "left_ms"),
    [
        (StartTimer("x", 1400), 1400),
        (StartTimer("x", 1400, NOW_MS - 700), 700),
        (StartTimer("x", 1400, NOW_MS - 3000), LEAST_LEFT_MS),
        (StartTimer("x", 100, NOW_MS - 3000), 100),
        (StartTimer("x", 1400, NOW_MS + 40), 1400),
    ],
)
async def test_a_wait_counts_from_where_it_began(timer: StartTimer, left_ms: int) -> None:
    loop, rang = asyncio.get_running_loop(), list[Rang]()
    timers = Timers(rang.append)
    timers.start(timer, NOW_MS)
    handle = timers._running["x"][1]
    assert handle.when() - loop.time() == pytest.approx(left_ms / 1000, abs=0.05)
    timers.close()
    assert not rang
