"""The real process: waitress on a real socket, the link from the real command."""

import http.client
import signal
import subprocess
from pathlib import Path

import pytest

from tests.admin.process import ENVIRONMENT, WAIT_S, attendant, link, prepare, running


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The settings file of a box with rows."""
    return prepare(tmp_path)


def test_the_process_serves_the_pages_and_stops_when_told(config: Path) -> None:
    with running(config) as (process, port):
        asked = http.client.HTTPConnection("127.0.0.1", port, timeout=WAIT_S)
        asked.request("GET", "/" + link(config, port).split("/", 3)[3])
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
