"""A line to the cloud that loses 30 % of its packets, and one that is too slow: real calls over a real loss.

It is played in a network of its own, in which the kernel drops packets at random (nft, numgen). Needs root.
"""

import asyncio
import ctypes
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import pytest

from scripts.loopback_box import LoopbackBox
from tests.calls.stage import Stage, staged
from tests.peers.carrier import PhoneCall

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(os.geteuid() != 0 or shutil.which("nft") is None, reason="takes root, and nft"),
]
T = TypeVar("T")
CLONE_NEWNET = 0x40000000
"""unshare(2)."""
LONGEST_S = 120
SILENT_MOST_MS = 6000
"""The longest silence before somebody is heard again: a silent cloud is given up within 5 s."""
SCRIPT = """
[[turn]]
on = "greeting"
say = "Good morning, this is the clinic. How may I help you today? I can tell you when we are open."
[[turn]]
on = "any"
say = "We are open from eight to five on every day of the week but Sunday, and on Saturday until noon."
repeat = true
"""
PLAN = """
wait for speech
wait 4
press 0
wait 8
hang up
"""
LOSS = "numgen random mod 100 < 30 counter drop"
SLOW = "limit rate over 3 kbytes/second counter drop"


def in_a_network_of_its_own(scenario: Callable[[], Coroutine[None, None, T]]) -> T:
    """What a scenario returns that runs in a thread whose sockets, and programs, are in another network."""

    def run() -> T:
        if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "no network of its own")
        _done("ip", "link", "set", "lo", "up")
        _done("nft", "add table inet cut; add chain inet cut in { type filter hook input priority 0 ; }")
        return asyncio.run(scenario())

    with ThreadPoolExecutor(1) as apart, begun_here():
        return apart.submit(run).result(LONGEST_S)


@contextmanager
def begun_here() -> Iterator[None]:
    """Bridges are begun by us, and not by a process of the network outside."""
    before, LoopbackBox.begin = LoopbackBox.begin, None
    try:
        yield
    finally:
        LoopbackBox.begin = before


def _done(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=20).stdout


def _bad(stage: Stage, rule: str) -> None:
    """From now on the line to the cloud is so, in both directions."""
    port = urlsplit(stage.cloud.url).port
    for way in ("dport", "sport"):
        _done("nft", f"add rule inet cut in tcp {way} {port} {rule}")


def _lost() -> int:
    """How many packets were dropped."""
    return sum(map(int, re.findall(r"counter packets (\d+)", _done("nft", "list chain inet cut in"))))


@pytest.mark.parametrize(("rule", "at"), [(LOSS, "in it"), (SLOW, "before the call")], ids=["loss", "slow"])
def test_the_caller_is_served_and_led_to_people(tmp_path: Path, rule: str, at: str) -> None:
    async def scenario() -> tuple[PhoneCall, int]:
        async with staged(tmp_path, SCRIPT, settings={"local": {"enabled": True}}) as stage:
            if at == "before the call":
                _bad(stage, rule)
            call = await stage.carrier.ring(caller="+15550100002", called="+15550100001", plan=PLAN)
            if at == "in it":
                await asyncio.to_thread(_bad, stage, rule)
            await call.done(LONGEST_S / 2)
            return call, await asyncio.to_thread(_lost)

    call, lost = in_a_network_of_its_own(scenario)
    assert lost > 0
    assert call.disposition == "caller-hung-up"
    assert call.dials
    silences = call.stream.timeline.gaps(LONGEST_S * 1000)
    assert max((each.length_ms for each in silences), default=0) <= SILENT_MOST_MS
