"""A real Redis for tests: Debian's `redis-server` on a socket of its own, to be killed and begun again.

May import: the standard library, pytest.
"""

import shutil
import subprocess
from pathlib import Path

import pytest

needs_redis = pytest.mark.skipif(
    shutil.which("redis-server") is None,
    reason="redis-server is missing; Debian has it in `redis-server`, and ./scripts/dev test installs it",
)
WAIT_S = 20.0
READY = "ready to accept connections"


class RedisServer:
    """One. Nothing of it is kept when it ends: what was rung is lost."""

    def __init__(self, folder: Path, password: str = "") -> None:
        self._folder = folder
        self._password = password
        self._process: subprocess.Popen[str] | None = None
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"unix://{self._folder}/r.sock"

    def start(self) -> None:
        """Begin, and return when it listens."""
        settings = (
            f'port 0\nunixsocket {self._folder}/r.sock\nsave ""\nappendonly no\ndaemonize no\n'
            f"dir {self._folder}\n" + (f"requirepass {self._password}\n" if self._password else "")
        )
        self._process = subprocess.Popen(
            ["redis-server", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=self._folder
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(settings)
        self._process.stdin.close()
        said = []
        for line in self._process.stdout:
            said.append(line)
            if READY in line:
                return
        raise AssertionError("".join(said))

    def kill(self) -> None:
        """End it as a power cut would; fine when it does not run."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(WAIT_S)
            if self._process.stdout is not None:
                self._process.stdout.close()
            self._process = None
