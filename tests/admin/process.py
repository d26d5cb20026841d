"""The real admin process on a box with a clinic's morning in it, for tests that need a real socket.

May import: the standard library, click, appliance, tests.admin, tests.forked.
"""

import http.client
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from urllib.parse import urlencode

from click.testing import CliRunner

from appliance.cli.main import main
from appliance.store.accounts import Role
from tests.admin import people, rows
from tests.forked import FORKED

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
def running(config: Path) -> Iterator[tuple[BaseProcess, int]]:
    """The admin process and its port, until the test is done with it."""
    told, says = FORKED.Pipe(duplex=False)
    log = config.parent / "admin.log"
    process = FORKED.Process(target=_serve, args=(config, says, log))
    process.start()
    says.close()
    try:
        with told, os.fdopen(told.fileno(), "rb", closefd=False) as lines:
            line = lines.readline()
            assert line, log.read_text()
            yield process, json.loads(line)["admin"]
    finally:
        process.terminate()
        process.join(WAIT_S)


def _serve(config: Path, says: Connection, log: Path) -> None:
    """Be `attendant admin`, in the child."""
    os.dup2(says.fileno(), sys.stdout.fileno())
    with log.open("w") as file:
        os.dup2(file.fileno(), sys.stderr.fileno())
    main(["--config", str(config), "admin"])


def link(config: Path, port: int) -> str:
    """A link by which somebody becomes the owner, or chooses a password anew, from the command."""
    done = CliRunner().invoke(main, ["--config", str(config), "admin-link", "--port", str(port)])
    assert done.exit_code == 0, done.output
    address = done.stdout.strip()
    assert address.startswith(f"http://127.0.0.1:{port}/open/")
    return address


class Browser:
    """Asks over a socket of its own as a browser does: it keeps its cookie and fills in forms."""

    def __init__(self, port: int) -> None:
        self._asked = http.client.HTTPConnection("127.0.0.1", port, timeout=WAIT_S)
        self.cookie = ""

    def ask(
        self, method: str, path: str, sent: Mapping[str, str] | None = None, **headers: str
    ) -> tuple[http.client.HTTPResponse, bytes]:
        """One request, and its answer with its body."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookie:
            named["Cookie"] = self.cookie
        if sent is not None:
            named["Content-Type"] = "application/x-www-form-urlencoded"
        self._asked.request(method, path, urlencode(sent) if sent is not None else None, named)
        answer = self._asked.getresponse()
        body = answer.read()
        if (kept := answer.headers["Set-Cookie"]) is not None:
            self.cookie = kept.partition(";")[0]
        return answer, body

    def fill(self, path: str, **sent: str) -> int:
        """Send the form that stands at an address to that address; return the status."""
        _, page = self.ask("GET", path)
        token = people.form_token(page.decode())
        return self.ask("POST", path, {**sent, "form_token": token})[0].status

    def give(self, page: str, path: str, name: str, data: bytes) -> int:
        """Send a file by a form of a page; return the status."""
        token, mark = people.form_token(self.ask("GET", page)[1].decode()), "-" * 20
        told = f'--{mark}\r\nContent-Disposition: form-data; name="form_token"\r\n\r\n{token}\r\n'
        head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        body = told.encode() + head.encode() + data + f"\r\n--{mark}--\r\n".encode()
        named = {"Cookie": self.cookie, "Content-Type": f"multipart/form-data; boundary={mark}"}
        self._asked.request("POST", path, body, named)
        answer = self._asked.getresponse()
        answer.read()
        return answer.status

    def become_owner(self, address: str) -> None:
        """Open the first link of the console, and choose a name and a password."""
        path = "/" + address.split("/", 3)[3]
        chosen = {"password": people.PASSWORD, "again": people.PASSWORD}
        assert self.fill(path, name=people.NAMES[Role.OWNER], **chosen) == 303

    def close(self) -> None:
        """Let go of the socket."""
        self._asked.close()
