"""The word to who runs us, and what becomes of a bridge that does not give it."""

import asyncio
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from appliance.core.pulse import Pulse
from appliance.service.watchdog import Watchdog
from scripts.loopback_box import LoopbackBox
from scripts.supervised import supervised

BACK_S = 15.0
"""A bridge begins in some seconds on a busy machine; how soon callers are with people is not told by it."""


@pytest.fixture
def ear(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as ear:
        ear.bind(str(tmp_path / "notify"))
        yield ear


def told(ear: socket.socket) -> list[str]:
    words = []
    while True:
        try:
            words.append(ear.recv(4096).decode())
        except BlockingIOError:
            return words


def beats(pulse: Pulse, *at_s: float) -> None:
    """Beat at these times."""
    for now_s in at_s:
        for beat in range(5):
            for member in pulse.members.of(beat):
                member(now_s)


def test_it_is_fed_once_a_second_between_ready_and_stopping(ear: socket.socket) -> None:
    pulse = Pulse()
    where = {"NOTIFY_SOCKET": str(ear.getsockname()), "WATCHDOG_USEC": "3000000"}
    watchdog = Watchdog(where, pulse, lambda: True)
    beats(pulse, 9.0)
    assert told(ear) == []
    watchdog.begin()
    beats(pulse, 10.0, 10.1, 10.9, 11.0, 11.1, 12.0)
    assert told(ear) == ["READY=1", *["WATCHDOG=1"] * 3]
    watchdog.end()
    beats(pulse, 14.0)
    assert told(ear) == ["STOPPING=1"]


def test_one_that_can_do_its_work_no_more_does_not_feed_it(ear: socket.socket) -> None:
    pulse, fit = Pulse(), [True]
    where = {"NOTIFY_SOCKET": str(ear.getsockname()), "WATCHDOG_USEC": "3000000"}
    watchdog = Watchdog(where, pulse, lambda: fit[0])
    watchdog.begin()
    beats(pulse, 10.0)
    fit[0] = False
    beats(pulse, 11.0, 12.0)
    assert told(ear) == ["READY=1", "WATCHDOG=1"]
    watchdog.end()


def test_without_a_watchdog_only_the_beginning_is_told(ear: socket.socket) -> None:
    pulse = Pulse()
    watchdog = Watchdog({"NOTIFY_SOCKET": str(ear.getsockname())}, pulse, lambda: True)
    watchdog.begin()
    beats(pulse, 10.0)
    assert told(ear) == ["READY=1"]
    watchdog.end()


def test_nobody_is_told_where_nobody_listens(tmp_path: Path) -> None:
    for where in ({}, {"NOTIFY_SOCKET": str(tmp_path / "nobody"), "WATCHDOG_USEC": "3000000"}):
        pulse = Pulse()
        watchdog = Watchdog(where, pulse, lambda: True)
        watchdog.begin()
        beats(pulse, 10.0)
        watchdog.end()


async def alive(box: LoopbackBox) -> None:
    """Wait until it says so, at the port at which it was first."""
    async with asyncio.timeout(BACK_S), aiohttp.ClientSession() as http:
        while True:
            try:
                async with http.get(f"{box.local_base}/alive", timeout=aiohttp.ClientTimeout(0.5)) as answer:
                    assert await answer.text() == "ok"
                    return
            except (aiohttp.ClientError, TimeoutError):
                await asyncio.sleep(0.05)


@pytest.mark.drill
async def test_a_bridge_that_hangs_is_ended_after_three_seconds_and_begun_anew(tmp_path: Path) -> None:
    box, lines = LoopbackBox(tmp_path), list[str]()
    async with supervised(box, lines.append):
        before, where = box.pid, box.local_base
        await alive(box)
        hung_s = time.monotonic()
        box.signal(signal.SIGSTOP)
        await box.ended()
        assert 1.9 < time.monotonic() - hung_s < 4.5
        await alive(box)
        assert box.pid != before
        assert box.local_base == where
        assert "Fatal Python error: Aborted" in box.log_path.read_text()
        # One that is killed is begun anew as well.
        box.signal(signal.SIGKILL)
        await box.ended()
        await alive(box)
    assert [line.split(";")[0] for line in lines] == [
        "The bridge has told nothing for 3 s",
        "The bridge ended with status -6",
        "The bridge ended with status -9",
    ]
