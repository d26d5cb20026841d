"""A box that stays: the bridge, a simulated assistant and the admin page on loopback, until Ctrl-C.

`scripts/dev serve [--folder DIR]`. A bridge that dies is started again. May import: scripts, tests.peers.
"""

import argparse
import asyncio
import sys
from pathlib import Path

from scripts.loopback_box import API_KEY, ROOT, BoxFailed, LoopbackBox
from tests.peers.realtime import SCRIPTS, RealtimePeer, Script


async def serve(folder: Path) -> None:
    """Serve until cancelled."""
    script = Script.read(SCRIPTS / "hello.toml")
    async with RealtimePeer(script, key=API_KEY) as cloud, LoopbackBox(folder, cloud_url=cloud.url) as box:
        while True:
            print(f"Carrier's door  {box.public_base}/twilio/voice", flush=True)
            print(f"Health          {box.local_base}/healthz", flush=True)
            print(f"Admin page      attendant --config {box.config} admin", flush=True)
            status = await box.ended()
            print(f"The bridge ended with status {status}; it is started again.", file=sys.stderr)
            await box.start()


def main() -> int:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser("serve", description="Run a box on loopback.")
    parser.add_argument("--folder", type=Path, default=ROOT / ".try" / "serve")
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    try:
        asyncio.run(serve(folder))
    except BoxFailed as exc:
        print(f"The bridge did not begin:\n{exc}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
