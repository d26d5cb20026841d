"""Caddy out of Debian's package, by the configuration in docs/reachability, before the real bridge."""

import asyncio
import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from twilio.request_validator import RequestValidator

from appliance.core.examined import Examined, Health
from appliance.core.settings import checked
from appliance.service.doctor import address
from scripts.loopback_box import ACCOUNT_SID, AUTH_TOKEN, ROOT, LoopbackBox
from tests.service.test_broken_box import FORM
from twilio_bridge.signature import SignatureCheck

pytestmark = pytest.mark.drill
KEPT = ROOT / ".cache" / "caddy"
WAIT_S = 30
GLOBAL = """{{
	admin off
	http_port {plain}
	https_port {secure}
	local_certs
	skip_install_trust
	storage file_system {folder}/caddy
}}
"""
"""What differs from a clinic's: other ports, and certificates of Caddy's own authority."""


def program() -> str:
    """Caddy: installed, or out of its package, which is fetched once."""
    if found := shutil.which("caddy") or shutil.which(KEPT / "usr/bin/caddy"):
        return found
    KEPT.mkdir(parents=True, exist_ok=True)
    fetch = "apt-get download caddy && dpkg-deb -x caddy_*.deb . && rm caddy_*.deb"
    got = subprocess.run(
        ["sh", "-c", fetch], cwd=KEPT, capture_output=True, text=True, timeout=300, check=False
    )
    assert got.returncode == 0, got.stderr
    return str(KEPT / "usr/bin/caddy")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


class Door:
    """A bridge with Caddy before it."""

    def __init__(self, url: str, trust: ssl.SSLContext, folder: Path) -> None:
        self.url, self.trust, self._folder = url, trust, folder

    async def examined(self) -> dict[str, Examined]:
        told = {"account_sid": ACCOUNT_SID, "public_url": self.url}
        settings = checked({"box": {"data_dir": str(self._folder / "data")}, "twilio": told}, "the drill")
        return {each.part: each async for each in address.examined(settings, self.trust)}

    async def status(self, method: str, path: str, **asked: object) -> int:
        async with (
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=self.trust)) as http,
            http.request(method, f"{self.url}{path}", allow_redirects=False, **asked) as answer,  # type: ignore[arg-type]
        ):
            return answer.status


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def door(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Door]:
    folder = tmp_path_factory.mktemp("caddy")
    plain, secure = free_port(), free_port()
    url = f"https://localhost:{secure}"
    async with (
        LoopbackBox(folder, settings={"twilio": {"public_url": url}}) as box,
        running(folder, plain, secure, box.ports["public"]) as trust,
    ):
        yield Door(url, trust, folder)


@asynccontextmanager
async def running(folder: Path, plain: int, secure: int, bridge: int) -> AsyncIterator[ssl.SSLContext]:
    """Caddy, until the test is done with it; whom to trust for its certificate."""
    head = GLOBAL.format(plain=plain, secure=secure, folder=folder)
    file = folder / "Caddyfile"
    file.write_text(head + (ROOT / "docs/reachability/Caddyfile").read_text("utf-8"))
    named = {"ATTENDANT_HOST": "localhost", "ATTENDANT_PORT": str(bridge), "HOME": str(folder)}
    command = [await asyncio.to_thread(program), "run", "--adapter", "caddyfile", "--config", str(file)]
    with (folder / "caddy.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(*command, env={**os.environ, **named}, stderr=log)
    try:
        yield await _trusted(folder, secure)
    finally:
        process.terminate()
        await process.wait()


async def _trusted(folder: Path, secure: int) -> ssl.SSLContext:
    root = folder / "caddy/pki/authorities/local/root.crt"
    async with asyncio.timeout(WAIT_S):
        while True:
            try:
                context = ssl.create_default_context(cafile=str(root))
                _, writer = await asyncio.open_connection("localhost", secure, ssl=context)
            except (OSError, ssl.SSLError):
                await asyncio.to_thread((folder / "caddy.log").read_bytes)
                continue
            writer.close()
            return context


@pytest.mark.asyncio(loop_scope="module")
async def test_what_twilio_signs_and_a_calls_sound_pass(door: Door) -> None:
    found = await door.examined()
    assert {each.health for each in found.values()} == {Health.WELL} or (
        # Caddy's own certificates last for hours.
        found["address"].health is Health.WELL and "it ends on" in found["public certificate"].told
    ), found


@pytest.mark.asyncio(loop_scope="module")
async def test_a_call_that_rings_is_answered(door: Door) -> None:
    path = "/twilio/voice"
    signature = RequestValidator(AUTH_TOKEN).compute_signature(f"{door.url}{path}", FORM)
    assert SignatureCheck(AUTH_TOKEN, door.url).webhook(path, FORM, signature)
    assert await door.status("POST", path, data=FORM, headers={"X-Twilio-Signature": signature}) == 200
    assert await door.status("POST", path, data=FORM) == 403


@pytest.mark.parametrize("path", ["/", "/healthz", "/metrics", "/rehearse", "/sign-in"])
@pytest.mark.asyncio(loop_scope="module")
async def test_nothing_else_is_let_through(door: Door, path: str) -> None:
    assert await door.status("GET", path) == 404
