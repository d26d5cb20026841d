"""The way that Twilio goes, gone by the doctor: a real bridge behind TLS, and what is wrong before one."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
import trustme
from aiohttp import web

from appliance.core.examined import Examined, Health
from appliance.core.settings import Settings, checked
from appliance.service.doctor import address
from scripts.loopback_box import ACCOUNT_SID, AUTH_TOKEN, LoopbackBox
from twilio_bridge.server import HERE, UNSIGNED

AUTHORITY = trustme.CA()
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


def trust() -> ssl.SSLContext:
    context = ssl.create_default_context()
    AUTHORITY.configure_trust(context)
    return context


def served(name: str = "localhost") -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    AUTHORITY.issue_cert(name).configure_cert(context)
    return context


def settings_of(folder: Path, url: str, token: str = AUTH_TOKEN) -> Settings:
    secrets = folder / "own" / "secrets"
    secrets.mkdir(mode=0o700, parents=True, exist_ok=True)
    (secrets / "twilio_auth_token").touch(mode=0o600)
    (secrets / "twilio_auth_token").write_text(token)
    twilio = {"account_sid": ACCOUNT_SID, "public_url": url}
    return checked({"box": {"data_dir": str(folder / "own")}, "twilio": twilio}, "the test")


async def looked(settings: Settings, trusted: ssl.SSLContext | None = None) -> dict[str, Examined]:
    return {each.part: each async for each in address.examined(settings, trusted or trust())}


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def tunnel(free: socket.socket, to: Callable[[], int]) -> AsyncIterator[None]:
    """Opens TLS and hands everything on as it is, as the end of a tunnel does."""

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", to())
        await asyncio.gather(_pipe(reader, back), _pipe(there, writer))

    server = await asyncio.start_server(carry, sock=free, ssl=served())
    async with server:
        yield


@pytest.fixture
def free() -> socket.socket:
    """A port to be served at."""
    return socket.create_server(("127.0.0.1", 0))


async def test_a_bridge_behind_a_tunnel_is_reached_by_webhooks_and_sound(
    tmp_path: Path, free: socket.socket
) -> None:
    url = f"https://localhost:{free.getsockname()[1]}"
    async with (
        LoopbackBox(tmp_path, settings={"twilio": {"public_url": url}}) as box,
        tunnel(free, lambda: box.ports["public"]),
    ):
        found = await looked(settings_of(tmp_path, url))
        assert found["address"].health is Health.WELL, found
        assert found["public certificate"].health is Health.WELL
        other = await looked(settings_of(tmp_path, url, "another token"))
        assert other["address"].health is Health.MISSING
        assert "restarted after a change of public_url or of the token" in other["address"].told
        stranger = await looked(settings_of(tmp_path, url), ssl.create_default_context())
    assert "is not to be trusted" in stranger["address"].told


@asynccontextmanager
async def answering(free: socket.socket, answer: Answer) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.SockSite(runner, free, ssl_context=served()).start()
    yield f"https://localhost:{free.getsockname()[1]}"
    await runner.cleanup()


def status(code: int, text: str = "", leads_to: str = "") -> Answer:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=code, text=text, headers={"Location": leads_to} if leads_to else {})

    return answer


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (status(403, UNSIGNED), "public_url must be exactly this address"),
        (status(403, "Sorry, you have been blocked"), "answers 403 instead of the bridge"),
        (status(502), "does not reach the bridge"),
        (status(530, "error code: 1033"), "does cloudflared"),
        (status(302, leads_to="https://team.cloudflareaccess.com/login"), "team.cloudflareaccess.com (302)"),
        (status(301, leads_to=f"/elsewhere{HERE}"), "leads on to elsewhere (301)"),
        (status(404), f"knows nothing of {HERE}"),
        (status(204), "no WebSocket (204)"),
    ],
)
async def test_what_stands_wrongly_before_it_is_explained(
    tmp_path: Path, free: socket.socket, answer: Answer, says: str
) -> None:
    async with answering(free, answer) as url:
        found = await looked(settings_of(tmp_path, url))
    assert found["address"].health is Health.MISSING
    assert says in found["address"].told


async def test_what_is_not_reached_from_inside_is_no_alarm(tmp_path: Path, free: socket.socket) -> None:
    url = f"https://localhost:{free.getsockname()[1]}"
    free.close()
    found = await looked(settings_of(tmp_path, url))
    assert found["address"].health is Health.NOTE
    assert "Some routers lead nobody from inside back" in found["address"].told


async def test_a_box_without_twilio_has_no_address(tmp_path: Path) -> None:
    assert await looked(checked({"box": {"data_dir": str(tmp_path)}}, "the test")) == {}
