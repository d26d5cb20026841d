"""Connecting to the service: every way in which it can fail, within the budget and with a short code."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme

from appliance.core.settings import Cloud
from models.realtime.dial import Dialer, DialFailed
from models.realtime.faults import Action
from tests.peers.realtime import Fault, RealtimePeer, Script

BUDGET_MS = 600
SCRIPT = Script()
MODEL = "gpt-realtime-2.1"


async def failure(url: str, key: str = "sk-test", **cloud: Any) -> tuple[str, Action, float]:
    """The code and action of a dial that fails, and the time it took."""
    settings = Cloud.model_validate({"url": f"{url}/realtime", "connect_ms": BUDGET_MS, **cloud})
    began = time.monotonic()
    async with Dialer(settings, key) as dialer:
        with pytest.raises(DialFailed) as failed:
            await dialer.dial(MODEL)
        return failed.value.code, failed.value.action, time.monotonic() - began


Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Any]


@asynccontextmanager
async def raw_server(serve: Serve) -> AsyncIterator[str]:
    """A socket that does not speak the protocol."""
    writers: list[asyncio.StreamWriter] = []

    async def keep(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        await serve(reader, writer)

    server = await asyncio.start_server(keep, "127.0.0.1", 0)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()


async def test_a_line_is_opened_with_the_key_and_the_model() -> None:
    async with RealtimePeer(SCRIPT) as peer:
        settings = Cloud.model_validate({"url": f"{peer.url}/realtime"})
        async with Dialer(settings, "sk-test") as dialer:
            line = await dialer.dial(MODEL)
            session = await peer.session()
            assert session.config["model"] == MODEL
            assert b"session.created" in bytes(str(await line.receive()), "utf-8")
            assert not line.unacknowledged(300)
            await line.close()
            assert not line.unacknowledged(300)
            await line.send("nobody hears this")
            assert await line.receive() is None


@pytest.mark.parametrize(
    ("status", "action", "tries"),
    [
        (401, Action.GIVE_UP, 1),
        (403, Action.GIVE_UP, 1),
        (404, Action.GIVE_UP, 1),
        (429, Action.RETRY, 2),
        (500, Action.RETRY, 2),
        (503, Action.RETRY, 2),
    ],
)
async def test_a_refused_handshake_is_tried_again_only_where_that_helps(
    status: int, action: Action, tries: int
) -> None:
    faults = (Fault("refuse", at="connect", status=status, times=0),)
    async with RealtimePeer(Script(connect=faults)) as peer:
        code, asked, took_s = await failure(peer.url)
        assert (code, asked) == (f"status_{status}", action)
        assert peer.connections == tries
        assert took_s < 1


async def test_a_wrong_key_and_a_wrong_model_are_refused() -> None:
    async with RealtimePeer(SCRIPT) as peer:
        assert (await failure(peer.url, "sk-wrong"))[0] == "status_401"
    async with RealtimePeer(SCRIPT, models=("another",)) as peer:
        assert (await failure(peer.url))[0] == "status_404"


async def test_a_moment_of_too_many_requests_is_overcome() -> None:
    async with RealtimePeer(Script(connect=(Fault("refuse", at="connect", status=429),))) as peer:
        settings = Cloud.model_validate({"url": f"{peer.url}/realtime"})
        async with Dialer(settings, "sk-test") as dialer:
            await (await dialer.dial(MODEL)).close()
        assert (peer.connections, peer.refused) == (2, [429])


async def test_nobody_there_is_refused() -> None:
    async with raw_server(lambda *_: asyncio.Event().wait()) as address:
        pass
    assert (await failure(f"ws://{address}"))[:2] == ("refused", Action.RETRY)


async def quiet(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Accepts, and says nothing."""


async def hung_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def babbling(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"220 smtp.example.com ESMTP ready\r\n")


async def plain_http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")


async def wrong_accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    writer.write(f"{head}Sec-WebSocket-Accept: no\r\n\r\n".encode())


async def redirected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/x\r\nContent-Length: 0\r\n\r\n")


@pytest.mark.parametrize(
    ("serve", "codes"),
    [
        (quiet, {"timeout"}),
        (hung_up, {"refused"}),
        (babbling, {"refused", "status_400"}),
        (plain_http, {"status_200"}),
        (wrong_accept, {"status_101"}),
        (redirected, {"refused", "status_302"}),
    ],
)
async def test_what_does_not_speak_the_protocol_fails_in_time(serve: Serve, codes: set[str]) -> None:
    async with raw_server(serve) as address:
        code, _, took_s = await failure(f"ws://{address}")
        assert code in codes
        assert took_s < BUDGET_MS / 1000 + 0.4
        if serve is quiet:
            assert took_s >= BUDGET_MS / 1000 - 0.05


async def test_tls_that_hangs_fails_in_time() -> None:
    async with raw_server(quiet) as address:
        code, _, took_s = await failure(f"wss://{address}")
        assert code == "timeout"
        assert took_s < BUDGET_MS / 1000 + 0.4


async def test_tls_that_is_none_is_told() -> None:
    async with raw_server(plain_http) as address:
        assert (await failure(f"wss://{address}"))[0] in ("tls", "timeout")


async def test_only_a_trusted_certificate_will_do(tmp_path: Path) -> None:
    authority, other = trustme.CA(), trustme.CA()
    served = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(served)
    for name, ca in (("right.pem", authority), ("wrong.pem", other)):
        ca.cert_pem.write_to_path(str(tmp_path / name))
    async with RealtimePeer(SCRIPT, tls=served) as peer:
        settings = Cloud.model_validate({"url": f"{peer.url}/realtime", "ca_file": tmp_path / "right.pem"})
        async with Dialer(settings, "sk-test") as dialer:
            await (await dialer.dial(MODEL)).close()
        code, action, _ = await failure(peer.url, ca_file=tmp_path / "wrong.pem")
        assert (code, action) == ("certificate", Action.GIVE_UP)


async def test_a_name_that_does_not_exist_is_told() -> None:
    code, action, took_s = await failure("ws://no-such-host.invalid")
    assert (code, action) == ("dns", Action.GIVE_UP)
    assert took_s < BUDGET_MS / 1000 + 0.4
