"""Run as a program of its own in a network namespace of its own: what a cut network does to the brain.

`black_hole`: packets to and from the service vanish in the middle of a session. `deaf_names`: the name server
is there and never answers. Prints what came of it as JSON. Takes root; see test_cut_off.py.
"""

import asyncio
import os
import socket
import subprocess
import sys
import time
from contextlib import AsyncExitStack
from typing import Any

import orjson

from appliance.core.events import BrainLost, BrainReady
from appliance.core.settings import Cloud
from models.realtime.dial import Dialer, DialFailed
from tests.models.ears import listening
from tests.peers.realtime import RealtimePeer, Script
from tests.peers.stopwatch import own_s

FRAME = b"\x10" * 160
DIALS = 40
"""More than the default executor ever has threads."""


def run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


async def black_hole() -> dict[str, Any]:
    """Talk until the network is cut, and for a while after."""
    async with RealtimePeer(Script()) as peer, listening(peer.url) as line:
        await line.ears.wait_for(lambda: line.ears.of(BrainReady))
        port = peer.url.rpartition(":")[2].partition("/")[0]
        run("nft", "add", "table", "inet", "cut")
        run("nft", "add", "chain", "inet", "cut", "in", "{ type filter hook input priority 0 ; }")
        for end in ("sport", "dport"):
            run("nft", "add", "rule", "inet", "cut", "in", "tcp", end, port, "drop")
        began, own_began = time.monotonic(), own_s()

        async def talk() -> None:
            while not line.ears.of(BrainLost):
                await line.brain.hear(FRAME)
                await asyncio.sleep(0.02)

        async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
            tasks.create_task(talk(), name="caller")
            await line.ears.wait_for(lambda: line.ears.of(BrainLost), 10)
        (lost,) = line.ears.of(BrainLost)
        run("nft", "flush", "ruleset")
        passed_s, took_s = time.monotonic() - began, own_s() - own_began
        return {"reason": getattr(lost, "reason", ""), "passed_s": passed_s, "took_s": took_s}


async def deaf_names() -> dict[str, Any]:
    """Dial more names than there are threads, while nobody answers questions about names.

    Once the first question has been asked, a thread is asked for.
    """
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 53))
        server.setblocking(False)
        # What it takes to make so many of them ready is not what a dial takes.
        async with AsyncExitStack() as stack, asyncio.TaskGroup() as tasks:
            dialers = [await stack.enter_async_context(_dialer(number)) for number in range(DIALS)]
            dialled = [tasks.create_task(_failure(each), name="dial") for each in dialers]
            await loop.sock_recv(server, 512)
            asked = own_s()
            await asyncio.to_thread(str)
            thread_s = own_s() - asked
        failures = [each.result() for each in dialled]
    return {
        "reasons": sorted({code for code, _ in failures}),
        "took_s": max(took_s for _, took_s in failures),
        "thread_s": thread_s,
    }


def _dialer(number: int) -> Dialer:
    """One with a name of its own: what is being asked for is not asked for again."""
    cloud = Cloud.model_validate({"url": f"wss://api{number}.example.com/v1/realtime"})
    return Dialer(cloud, "sk-test")


async def _failure(dialer: Dialer) -> tuple[str, float]:
    """The code of a dial that fails, and how long it took."""
    began = own_s()
    try:
        await dialer.dial("gpt-realtime-2.1")
    except DialFailed as exc:
        return exc.code, own_s() - began
    return "", own_s() - began


def main() -> None:
    run("ip", "link", "set", "lo", "up")
    what = {"black_hole": black_hole, "deaf_names": deaf_names}[sys.argv[1]]
    print(orjson.dumps(asyncio.run(what())).decode(), flush=True)
    # A thread of the name look-ups frees what forty dialers leave, and does not stand the interpreter's end.
    os._exit(0)


if __name__ == "__main__":
    main()
