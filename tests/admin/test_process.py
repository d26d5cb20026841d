"""The real process: waitress on a real socket, the link from the real command."""

import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.admin import rows

ROOT = Path(__file__).parents[2]
WAIT_S = 30.0


def attendant(config: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "appliance.cli.main", "--config", str(config), *arguments]


ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


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


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The settings file of a box with rows."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    rows.fill(folder / "attendant.db")
    file = tmp_path / "attendant.toml"
    file.write_text(f'[box]\ndata_dir = "{folder}"\n[listen]\nadmin_port = 0\n')
    return file


def link(config: Path, port: int) -> str:
    """The path of a link, from the command."""
    command = attendant(config, "admin-link", "--port", str(port))
    done = subprocess.run(
        command, env=ENVIRONMENT, capture_output=True, text=True, check=True, timeout=WAIT_S
    )
    address = done.stdout.strip()
    assert address.startswith(f"http://127.0.0.1:{port}/open/")
    return "/" + address.split("/", 3)[3]


def test_the_process_serves_the_pages_and_stops_when_told(config: Path) -> None:
    with running(config) as (process, port):
        asked = http.client.HTTPConnection("127.0.0.1", port, timeout=WAIT_S)
        asked.request("GET", link(config, port))
        entered = asked.getresponse()
        entered.read()
        assert entered.status == 303
        assert "Server" not in entered.headers
        cookie = {"Cookie": entered.headers["Set-Cookie"].partition(";")[0]}
        asked.request("GET", "/calls/talk", headers=cookie)
        page = asked.getresponse()
        assert page.status == 200
        assert b"Riverside Family Clinic" in page.read()
        asked.request("GET", "/messages/1/recording", headers={**cookie, "Range": "bytes=0-3"})
        part = asked.getresponse()
        assert (part.status, part.read()) == (206, b"RIFF")
        asked.request("GET", "/calls", headers={**cookie, "Host": "evil.example"})
        foreign = asked.getresponse()
        foreign.read()
        assert foreign.status == 421
        asked.close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(WAIT_S) == 0


def test_a_port_that_is_taken_is_said(config: Path) -> None:
    with running(config) as (_, port):
        text = config.read_text().replace("admin_port = 0", f"admin_port = {port}")
        second = config.with_name("second.toml")
        second.write_text(text)
        done = subprocess.run(
            attendant(second, "admin"),
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            check=False,
            timeout=WAIT_S,
        )
    assert done.returncode == 1
    assert f"127.0.0.1:{port} cannot be listened on" in done.stderr.splitlines()[-1]
    assert done.stdout == ""
