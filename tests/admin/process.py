"""The real admin process on a box with a clinic's morning in it, for tests that need a real socket.

May import: the standard library, pytest, tests.admin.rows.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.admin import rows

ROOT = Path(__file__).parents[2]
WAIT_S = 30.0
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


def attendant(config: Path, *arguments: str) -> list[str]:
    """The command, as it is typed."""
    return [sys.executable, "-m", "appliance.cli.main", "--config", str(config), *arguments]


def prepare(folder: Path) -> Path:
    """Make a box with rows in it; return its settings file."""
    data = folder / "data"
    data.mkdir(mode=0o700)
    rows.fill(data / "attendant.db")
    file = folder / "attendant.toml"
    file.write_text(f'[box]\ndata_dir = "{data}"\n[listen]\nadmin_port = 0\n')
    return file


@contextmanager
def running(config: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The admin process and its port, until the test is done with it."""
    with (
        (config.parent / "admin.log").open("w") as log,
        subprocess.Popen(
            attendant(config, "admin"), stdout=subprocess.PIPE, stderr=log, text=True, env=ENVIRONMENT
        ) as process,
    ):
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line, (config.parent / "admin.log").read_text()
            yield process, json.loads(line)["admin"]
        finally:
            process.terminate()
            process.wait(WAIT_S)


def link(config: Path, port: int) -> str:
    """A link that opens the pages, from the command."""
    command = attendant(config, "admin-link", "--port", str(port))
    done = subprocess.run(
        command, env=ENVIRONMENT, capture_output=True, text=True, check=True, timeout=WAIT_S
    )
    address = done.stdout.strip()
    assert address.startswith(f"http://127.0.0.1:{port}/open/")
    return address
