"""`python -m tests.peers.recogniser --folder DIR --socket PATH`: serve until stopped, the address as JSON.

May import: this package.
"""

import argparse
import asyncio
import json
import signal
import sys
from pathlib import Path

from tests.peers.carrier.speech import SPEECH_FOLDER
from tests.peers.recogniser import Manner, RecogniserPeer
from tests.peers.recogniser.peer import DELAYS_S


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.peers.recogniser", description=__doc__)
    parser.add_argument("--folder", type=Path, default=SPEECH_FOLDER, help="recordings and transcripts.json")
    parser.add_argument("--socket", type=Path, help="a Unix socket; otherwise TCP")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--delay", type=float, nargs=2, default=DELAYS_S, metavar=("FROM_S", "TO_S"))
    parser.add_argument("--text", help="what is answered whatever was said")
    parser.add_argument("--mute", action="store_true", help="never answer")
    parser.add_argument("--no-confidence", action="store_true", help="answer as a server without that field")
    return parser.parse_args()


async def serve(options: argparse.Namespace) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    usual = Manner(
        text=options.text,
        confidence=None if options.no_confidence else 0.9,
        fault="mute" if options.mute else None,
    )
    peer = RecogniserPeer(
        options.folder,
        socket=options.socket,
        host=options.host,
        port=options.port,
        delays_s=(options.delay[0], options.delay[1]),
        usual=usual,
    )
    async with peer:
        sys.stdout.write(json.dumps({"recogniser": peer.uri}) + "\n")
        sys.stdout.flush()
        await stopped.wait()


if __name__ == "__main__":
    asyncio.run(serve(_arguments()))
