"""`python -m tests.faults.speech`: the recogniser and the synthesiser as one program.

Prints their addresses as JSON and serves until stopped. May import: tests.peers.
"""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import orjson

from scripts.loopback_box import ROOT
from tests.peers.carrier.speech import SPEECH_FOLDER
from tests.peers.recogniser import RecogniserPeer
from tests.peers.synthesiser import SynthesiserPeer

READY_S = 30.0


@asynccontextmanager
async def speech_program() -> AsyncIterator[dict[str, str]]:
    """Run the program; the section [speech] of a box that uses it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.faults.speech", cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(READY_S):
            line = await process.stdout.readline() if process.stdout else b""
        yield orjson.loads(line)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _serve() -> None:
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    async with RecogniserPeer(SPEECH_FOLDER) as ears, SynthesiserPeer(amplitude=9000) as mouth:
        addresses = {"recognition_uri": ears.uri, "synthesis_uri": mouth.address}
        print(orjson.dumps(addresses).decode(), flush=True)
        await stopped.wait()


if __name__ == "__main__":
    asyncio.run(_serve())
