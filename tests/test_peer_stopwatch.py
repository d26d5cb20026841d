"""The stopwatch that tells a late peer from a late box."""

import asyncio
import os
import time

from tests.peers.stopwatch import (
    Crowding,
    WatchedLoop,
    all_waited_for_core_s,
    looks_so_far,
    stolen_s,
    waited_for_core_s,
)


def test_a_loop_that_was_busy_does_not_count_it_as_the_others_delay() -> None:
    """The answer comes while the loop computes: it cannot say when, but that it was not there before."""

    async def ask() -> tuple[int, int, float]:
        ours, theirs = os.pipe()
        loop = asyncio.get_running_loop()
        came = asyncio.Event()
        loop.add_reader(ours, came.set)
        await asyncio.sleep(0)
        asked = looks_so_far()
        os.write(theirs, b"an answer that is there at once")
        began_s = time.monotonic()
        while time.monotonic() - began_s < 0.1:
            pass
        await came.wait()
        loop.remove_reader(ours)
        os.close(ours)
        os.close(theirs)
        return asked, looks_so_far(), time.monotonic() - began_s

    with asyncio.Runner(loop_factory=WatchedLoop) as runner:
        loop = runner.get_loop()
        asked, answered, took_s = runner.run(ask())
        assert isinstance(loop, WatchedLoop)
        assert took_s >= 0.1
        assert loop.looks.not_before_s(answered) <= loop.looks.written_s(asked)


async def test_another_loop_counts_nothing() -> None:
    assert looks_so_far() == 0


def test_a_process_that_is_gone_waits_for_nothing() -> None:
    assert waited_for_core_s(2**22 + 1) == all_waited_for_core_s(2**22 + 1) == 0.0


def test_stolen_time_only_grows() -> None:
    assert 0 <= stolen_s() <= stolen_s()


def test_crowding_is_told_for_a_time_and_never_negative() -> None:
    crowding = Crowding(os.getpid())
    assert crowding.ms(0, 1) == crowding.worst_ms == 0.0
    began_s = time.monotonic()
    for _ in range(3):
        crowding.look()
    over_all = crowding.ms(began_s, time.monotonic())
    assert over_all >= crowding.ms(began_s, began_s + 0.01) >= 0
    assert crowding.worst_ms == over_all
