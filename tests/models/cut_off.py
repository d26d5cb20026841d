"""Run as a program of its own in a network namespace of its own: what a cut network does to the brain.

`black_hole`: packets to and from the service vanish in the middle of a session. `deaf_names`: the name server
is there and never answers. Prints what came of it as JSON. Takes root; see test_cut_off.py.
"""

import asyncio
import socket
import subprocess
import sys
import time
from typing import Any

import orjson

from appliance.core.events import BrainLost, BrainReady
from appliance.core.settings import Cloud
from models.realtime.dial import Dialer, DialFailed
from tests.models.ears import listening
from tests.peers.realtime import RealtimePeer, Script

FRAME = b"\x10" * 160


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
        began = time.monotonic()

        async def talk() -> None:
            while not line.ears.of(BrainLost):
                await line.brain.hear(FRAME)
                await asyncio.sleep(0.02)

        async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
            tasks.create_task(talk(), name="caller")
            await line.ears.wait_for(lambda: line.ears.of(BrainLost), 10)
        (lost,) = line.ears.of(BrainLost)
        run("nft", "flush", "ruleset")
        return {"reason": getattr(lost, "reason", ""), "took_s": time.monotonic() - began}


async def deaf_names() -> dict[str, Any]:
    """Dial a name while nobody answers questions about names; a thread is asked for meanwhile."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 53))
        cloud = Cloud.model_validate({"url": "wss://api.example.com/v1/realtime"})
        began = time.monotonic()

        async def thread() -> float:
            asked = time.monotonic()
            await asyncio.to_thread(str)
            return time.monotonic() - asked

        async with Dialer(cloud, "sk-test") as dialer, asyncio.TaskGroup() as tasks:
            threads = [tasks.create_task(thread(), name=f"thread {number}") for number in range(20)]
            code = ""
            try:
                await dialer.dial("gpt-realtime-2.1")
            except DialFailed as exc:
                code = exc.code
            took_s = time.monotonic() - began
        return {"reason": code, "took_s": took_s, "thread_s": max(each.result() for each in threads)}


def main() -> None:
    run("ip", "link", "set", "lo", "up")
    what = {"black_hole": black_hole, "deaf_names": deaf_names}[sys.argv[1]]
    print(orjson.dumps(asyncio.run(what())).decode())


if __name__ == "__main__":
    main()
