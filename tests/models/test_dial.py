"""Connecting to the service: every way in which it can fail, within the budget and with a short code."""

import asyncio
import base64
import hashlib
import os
import re
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import trustme
import uvloop

from appliance.core.settings import Cloud
from models.realtime.dial import USER_TIMEOUT_MS, Dialer, DialFailed
from models.realtime.faults import Action
from tests.peers.realtime import Fault, RealtimePeer, Reply, Script, Turn
from tests.peers.stopwatch import own_s

BUDGET_MS = 600
LATE_S = BUDGET_MS / 1000 + 2
"""What has no budget waits for minutes."""
SCRIPT = Script()
MODEL = "gpt-realtime-2.1"


async def failure(url: str, key: str = "sk-test", **cloud: Any) -> tuple[str, Action, float]:
    """The code and action of a dial that fails, and the time it took."""
    settings = Cloud.model_validate({"url": f"{url}/realtime", "connect_ms": BUDGET_MS, **cloud})
    async with Dialer(settings, key) as dialer:
        began = own_s()
        with pytest.raises(DialFailed) as failed:
            await dialer.dial(MODEL)
        return failed.value.code, failed.value.action, own_s() - began


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


def connected_to(end: socket.socket, port: int) -> bool:
    with suppress(OSError):
        return bool(end.getpeername()[1:2] == (port,))
    return False


def is_socket(descriptor: str) -> bool:
    # Other threads close theirs meanwhile.
    with suppress(FileNotFoundError):
        return os.readlink(descriptor).startswith("socket:")
    return False


def user_timeouts_ms(port: int) -> list[int]:
    """What the kernel says of our ends of the connections to a port."""
    found = []
    for entry in os.scandir("/proc/self/fd"):
        if is_socket(entry.path):
            with socket.socket(fileno=os.dup(int(entry.name))) as end:
                if connected_to(end, port):
                    found.append(end.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT))
    return found


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
def test_the_kernel_is_to_give_an_unacknowledged_line_up(run: Callable[[Any], None]) -> None:
    async def dialled() -> None:
        async with RealtimePeer(SCRIPT) as peer:
            settings = Cloud.model_validate({"url": f"{peer.url}/realtime"})
            async with Dialer(settings, "sk-test") as dialer:
                line = await dialer.dial(MODEL)
                assert user_timeouts_ms(urlsplit(peer.url).port or 0) == [USER_TIMEOUT_MS]
                await line.close()

    run(dialled())


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
        assert took_s < LATE_S


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
        assert took_s < LATE_S
        if serve is quiet:
            assert took_s >= BUDGET_MS / 1000 - 0.05


async def test_tls_that_hangs_fails_in_time() -> None:
    async with raw_server(quiet) as address:
        code, _, took_s = await failure(f"wss://{address}")
        assert code == "timeout"
        assert took_s < LATE_S


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


GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
CLOSE_1008 = b"\x88\x02\x03\xf0"


LOOPS = 10
"""Turns of the loop in which it has surely looked at all its sockets."""


async def close_and_go(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Speaks WebSocket (RFC 6455): takes the handshake, says why it closes, and waits for no answer."""
    head = await reader.readuntil(b"\r\n\r\n")
    key = re.findall(rb"Sec-WebSocket-Key: (\S+)", head)[0]
    accept = base64.b64encode(hashlib.sha1(key + GUID, usedforsecurity=False).digest())
    writer.write(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n" + CLOSE_1008
    )
    writer.close()


async def test_the_reason_of_a_service_that_does_not_wait_for_an_answer_is_known() -> None:
    gone = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await close_and_go(reader, writer)
        await writer.wait_closed()
        gone.set()

    async with raw_server(serve) as address:
        settings = Cloud.model_validate({"url": f"ws://{address}/realtime"})
        async with asyncio.timeout(5), Dialer(settings, "sk-test") as dialer:
            line = await dialer.dial(MODEL)
            # Its end is here before anybody asks for the reason.
            await gone.wait()
            for _ in range(LOOPS):
                await asyncio.sleep(0)
            assert await line.receive() is None
            assert line.close_code == 1008


def connecting(fault: Fault) -> Script:
    return Script(connect=(fault,))


def answering(fault: Fault) -> Script:
    return Script(turns=(Turn(on="out_of_band", replies=(Reply(say="Yes."),), faults=(fault,)),))


@pytest.mark.parametrize(
    ("script", "code"),
    [
        (Script(), ""),
        (connecting(Fault("refuse_event", at="connect", code="insufficient_quota")), "insufficient_quota"),
        (connecting(Fault("silence", at="connect")), "setup_timeout"),
        (connecting(Fault("close", at="connect", code=1013)), "closed_1013"),
        (answering(Fault("silence", at="reply")), "mute"),
        (answering(Fault("close", at="reply", code=1011)), "closed_1011"),
        (answering(Fault("fail", code="server_error")), "server_error"),
    ],
)
async def test_a_probe_finds_out_whether_the_service_answers(script: Script, code: str) -> None:
    async with RealtimePeer(script, rejects="event") as peer:
        settings = Cloud.model_validate({"url": f"{peer.url}/realtime"})
        async with asyncio.timeout(10), Dialer(settings, "sk-test") as dialer:
            if not code:
                await dialer.probe(MODEL)
                return
            with pytest.raises(DialFailed) as failed:
                await dialer.probe(MODEL, answered_s=0.5)
    assert failed.value.code == code


async def test_a_name_that_does_not_exist_is_told() -> None:
    code, action, took_s = await failure("ws://no-such-host.invalid")
    assert (code, action) == ("dns", Action.GIVE_UP)
    assert took_s < LATE_S


class CountedThreads(ThreadPoolExecutor):
    """Threads as the loop's default ones are, counted when they are asked for."""

    asked = 0

    def submit(self, *work: Any, **options: Any) -> Future[Any]:
        self.asked += 1
        return super().submit(*work, **options)


async def test_a_name_is_looked_up_without_the_threads_that_others_need() -> None:
    threads = CountedThreads(1)
    asyncio.get_running_loop().set_default_executor(threads)
    assert (await failure("ws://no-such-host.invalid"))[0] == "dns"
    assert threads.asked == 0
    await asyncio.to_thread(str)
    assert threads.asked == 1
