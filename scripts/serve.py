"""A box that stays: the bridge, the worker and a simulated assistant on loopback, until Ctrl-C.

`scripts/dev serve [--folder DIR] [--phones ADDRESS]`. A bridge that dies or hangs is started again, as the
installed one is. With phones it runs an Asterisk too, at which telephones of the LAN register.

May import: scripts, tests.asterisk, tests.peers.
"""

import argparse
import asyncio
import sys
from contextlib import AsyncExitStack
from pathlib import Path

from scripts.loopback_box import API_KEY, ROOT, BoxFailed, LoopbackBox
from scripts.serve_phones import Phones, furnish
from scripts.supervised import supervised
from tests.asterisk.pbx import PbxFailed
from tests.peers.realtime import SCRIPTS, RealtimePeer, Script


async def serve(folder: Path, phones: Phones | None = None) -> None:
    """Serve until cancelled."""
    script = Script.read(SCRIPTS / "hello.toml")
    async with AsyncExitStack() as stack:
        cloud = await stack.enter_async_context(RealtimePeer(script, key=API_KEY))
        box = LoopbackBox(folder, cloud_url=cloud.url, **(phones.furnishing if phones else {}))
        if phones:
            await furnish(box)
        await stack.enter_async_context(
            supervised(box, lambda line: print(line, file=sys.stderr, flush=True))
        )
        await stack.enter_async_context(box.beside("worker"))
        if phones:
            await stack.enter_async_context(phones.asterisk(box))
        print(f"Carrier's door  {box.public_base}/twilio/voice", flush=True)
        print(f"Health          {box.local_base}/healthz", flush=True)
        print(f"Admin page      attendant --config {box.config} admin", flush=True)
        await asyncio.Event().wait()


def main() -> int:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser("serve", description="Run a box on loopback.")
    parser.add_argument("--folder", type=Path, default=ROOT / ".try" / "serve")
    parser.add_argument(
        "--phones",
        metavar="ADDRESS",
        help="Run Asterisk as well; telephones register at this address of this machine.",
    )
    parser.add_argument("--sip-port", type=int, default=5060)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    phones = Phones(asked.phones, asked.sip_port) if asked.phones else None
    try:
        asyncio.run(serve(asked.folder, phones))
    except (BoxFailed, PbxFailed) as exc:
        print(f"It did not begin:\n{exc}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
