"""`python -m tests.peers.realtime --script FILE`: serve until stopped, the address on stdout as JSON.

May import: this package.
"""

import argparse
import asyncio
import json
import signal
import ssl
import sys
from pathlib import Path

from tests.peers.realtime import SCRIPTS, RealtimePeer


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.peers.realtime", description=__doc__)
    parser.add_argument("--script", type=Path, default=SCRIPTS / "receptionist.toml")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--key", default="sk-test", help="the only bearer that is let in")
    parser.add_argument("--voice", choices=("synth", "espeak"), help="how replies sound")
    parser.add_argument("--speedup", type=float, help="how much faster than speech the audio is sent")
    parser.add_argument("--rejects", choices=("http", "event"), default="http")
    parser.add_argument("--tls-cert", type=Path)
    parser.add_argument("--tls-key", type=Path)
    return parser.parse_args()


def _tls(certificate: Path | None, key: Path | None) -> ssl.SSLContext | None:
    if certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return context


async def serve(options: argparse.Namespace) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    peer = RealtimePeer(
        options.script,
        host=options.host,
        port=options.port,
        key=options.key,
        voice=options.voice,
        speedup=options.speedup,
        rejects=options.rejects,
        record=0,
        tls=_tls(options.tls_cert, options.tls_key),
    )
    async with peer:
        sys.stdout.write(json.dumps({"realtime": peer.url}) + "\n")
        sys.stdout.flush()
        await stopped.wait()


if __name__ == "__main__":
    asyncio.run(serve(_arguments()))
