"""`python -m tests.faults [--few] [--json FILE] [--write]`: play the table; `--write` makes its page anew.

As root it does so in a network namespace of its own, with everything it starts, and nothing of that outlives
it; otherwise the ways that take one are left out. May import: the standard library, this package.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from scripts.loopback_box import ROOT
from tests.faults import network
from tests.faults.page import page
from tests.faults.whole import play

PAGE = ROOT / "docs" / "faults.md"
APART = ("unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
ENTER = """
mount -t tmpfs none /mnt
echo "nameserver 127.0.0.1" >/mnt/names
mount --bind /mnt/names /etc/resolv.conf
exec "$@"
"""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--few", action="store_true", help="only what every test run plays")
    parser.add_argument("--json", type=Path, help="where the results go")
    parser.add_argument("--write", action="store_true", help=f"make {PAGE.name} anew")
    return parser.parse_args()


def _enter() -> None:
    """Become this program in a namespace of its own, with a name server on its own loopback."""
    command = [*APART, "sh", "-ec", ENTER, "sh", sys.executable, "-m", "tests.faults", *sys.argv[1:]]
    os.execvpe(command[0], command, {**os.environ, network.INSIDE: "yes", "PYTHONPATH": str(ROOT)})  # noqa: S606


def main() -> None:
    options = _arguments()
    if not network.inside() and not network.cannot():
        _enter()
    with tempfile.TemporaryDirectory(prefix="faults") as folder:
        results = asyncio.run(play(Path(folder), all_of_it=not options.few))
    if options.json:
        options.json.write_text(json.dumps([asdict(result) for result in results]))
    text = page(results)
    print(text)
    if options.write:
        PAGE.write_text(text)
    raise SystemExit(any(result.wrong for result in results))


if __name__ == "__main__":
    main()
