"""A telephone that is not ours: the program `baresip` of Debian (package baresip-core), without a sound card.

It registers, dials, is rung, plays a WAV, records what it hears (its module sndfile), presses keys and
transfers, all by its control socket: JSON in netstrings. Each has a folder of its own.
May import: the standard library, numpy, the phone peer's address and sound, the realtime peer's bell.
"""

import asyncio
import json
import random
import shutil
import socket
import time
from asyncio.subprocess import STDOUT, Process
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import numpy as np

from tests.peers.phone.address import Where
from tests.peers.phone.sound import NARROW_HZ, Pcm, read_wav, write_wav
from tests.peers.realtime.bell import Bell

T = TypeVar("T")
MODULE_FOLDERS = (Path("/usr/lib/baresip/modules"), *Path("/usr/lib").glob("*/baresip/modules"))
PAUSE_S = 1
BEHIND_S = 600
"""Silence behind what is played: at the end of its file baresip would hang up."""
STARTS_S = 10.0
LEAVES_S = 3.0
WAIT_S = 10.0
LOG_LINES = 8
LONGEST_NETSTRING = 1 << 20
OF_NOBODY = (10240, 32000)
STEP = 40
TRIES = 50

CONFIG = """\
poll_method epoll
sip_listen {ip}:{sip_port}
call_local_timeout 120
call_max_calls 4
audio_path {folder}
audio_player aufile,/dev/null
audio_source aufile,{source}
audio_alert aufile,/dev/null
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
snd_path {folder}
rtp_ports {rtp_first}-{rtp_last}
module_path {modules}
module g711.so
module aufile.so
module sndfile.so
module_app account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control_port}
"""
ACCOUNT = (
    "<sip:{user}@{host}:{port};transport=udp>;auth_user={user};auth_pass={password};answermode={answers}"
    ";regint={regint};audio_codecs=PCMU/8000/1,PCMA/8000/1;dtmfmode=rtpevent\n"
)


class Unwilling(Exception):
    """baresip did not do what it was told."""


def found() -> bool:
    """Whether the program is here."""
    return shutil.which("baresip") is not None and _modules() is not None


def _modules() -> Path | None:
    return next((folder for folder in MODULE_FOLDERS if (folder / "ctrl_tcp.so").is_file()), None)


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that baresip told, such as CALL_RINGING."""

    at_s: float
    """time.monotonic() when we read it."""
    type: str
    param: str
    peer: str


class Netstrings:
    """Feed it bytes in any pieces; it returns the texts they complete. Raise ValueError for other bytes."""

    def __init__(self) -> None:
        self._tail = b""

    def feed(self, data: bytes) -> list[bytes]:
        buffer, texts = self._tail + data, []
        while b":" in buffer:
            length, _, rest = buffer.partition(b":")
            if not length.isdigit() or int(length) > LONGEST_NETSTRING:
                raise ValueError(f"no netstring: {buffer[:80]!r}")
            end = int(length)
            if len(rest) <= end:
                break
            if rest[end : end + 1] != b",":
                raise ValueError(f"no end of a netstring: {rest[end : end + 80]!r}")
            texts.append(rest[:end])
            buffer = rest[end + 1 :]
        self._tail = buffer
        return texts


class Baresip:
    """`async with Baresip("desk1", "secret", server=("127.0.0.1", 5060), folder=tmp_path) as phone:`.

    Without a server it registers nowhere. `answers`: whether it takes calls by itself. `play`: what it says,
    so many `times` with a pause behind each.
    """

    def __init__(
        self,
        user: str,
        password: str = "",
        *,
        folder: Path,
        server: Where | None = None,
        ip: str = "127.0.0.1",
        answers: bool = True,
        play: Path | None = None,
        times: int = 1,
    ) -> None:
        self.user = user
        self.happened: list[Happened] = []
        self._password, self._server, self._ip = password, server, ip
        self._answers, self._play, self._times = answers, play, times
        self._folder = folder
        self._bell = Bell()
        self._replies: dict[str, dict[str, Any]] = {}
        self._asked = 0
        self._process: Process | None = None
        self._tasks = asyncio.TaskGroup()

    @property
    def uri(self) -> str:
        """By what another phone can dial it without a server."""
        return f"sip:{self.user}@{self._ip}:{self._sip_port}"

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self._write_files)
        log = self._folder / "log"
        with log.open("wb") as out:
            self._process = await asyncio.create_subprocess_exec(
                "baresip",
                "-f",
                str(self._folder),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=STDOUT,
            )
        try:
            reader, self._writer = await self._connect()
        except TimeoutError:
            await self._leave()
            raise Unwilling(f"no control socket; {self._last_lines()}") from None
        await self._tasks.__aenter__()
        self._reading = self._tasks.create_task(self._read(reader), name="baresip")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            with suppress(ConnectionError):
                self._send("quit", "")
            await self._leave()
        finally:
            self._reading.cancel()
            # What the body raised passes as it is; only a cancellation is for the group to judge.
            ours = (None, None, None) if kind is not asyncio.CancelledError else (kind, exc, trace)
            await self._tasks.__aexit__(*ours)
            self._writer.close()
            with suppress(ConnectionError):
                await self._writer.wait_closed()

    # What it does

    async def registered(self, timeout_s: float = WAIT_S) -> None:
        """Wait until the server knows it."""
        told = await self.command("reginfo")
        if "OK" not in told:
            await self.until("REGISTER_OK", timeout_s=timeout_s)

    async def dial(self, target: str) -> None:
        """Call a number of the server, or a whole URI."""
        if ":" not in target and self._server:
            target = f"sip:{target}@{self._server[0]}:{self._server[1]}"
        await self.command("dial", target)

    async def answer(self) -> None:
        await self.command("accept")

    async def hang_up(self) -> None:
        await self.command("hangup")

    async def press(self, keys: str) -> None:
        """Press keys, as RFC 4733 events."""
        await self.command("sndcode", keys)

    async def refer(self, target: str) -> None:
        """Transfer the call (blind)."""
        if ":" not in target and self._server:
            target = f"sip:{target}@{self._server[0]}:{self._server[1]}"
        await self.command("transfer", target)

    async def command(self, name: str, params: str = "") -> str:
        """Have it do something; what it says. Raise Unwilling."""
        token = self._send(name, params)
        reply = await self.wait_for(lambda: self._replies.pop(token, None), WAIT_S)
        if reply is None or not reply.get("ok"):
            raise Unwilling(f"{name} {params}: {reply}; {self._last_lines()}")
        return str(reply.get("data", ""))

    # What it tells

    def of(self, type_: str) -> list[Happened]:
        """Everything of this type so far, such as CALL_ESTABLISHED."""
        return [each for each in self.happened if each.type == type_]

    async def until(self, type_: str, count: int = 1, timeout_s: float = WAIT_S) -> Happened:
        """Wait until it told this so often; the last of them."""
        await self.wait_for(lambda: len(self.of(type_)) >= count, timeout_s)
        return self.of(type_)[count - 1]

    async def wait_for(self, predicate: Callable[[], T], timeout_s: float = WAIT_S) -> T:
        """Wait, event by event, until the predicate is true; return what it returned."""
        return await self._bell.wait_for(predicate, timeout_s, self._last_lines)

    def heard_8k(self) -> Pcm:
        """What it recorded of its last call, without the time before the first packet."""
        files = sorted(self._folder.glob("dump-*-dec.wav"), key=lambda path: path.stat().st_mtime_ns)
        if not files:
            raise Unwilling(f"nothing was recorded; {self._last_lines()}")
        # The file may still be open, and then its head does not know how long it is.
        _, _, data = files[-1].read_bytes().partition(b"data")
        return np.frombuffer(data[4 : 4 + (len(data) - 4) // 2 * 2], "<i2").astype(np.int16)

    # Within

    def _write_files(self) -> None:
        modules = _modules()
        if modules is None:
            raise Unwilling("there is no baresip with its modules: install baresip-core")
        self._folder.mkdir(parents=True, exist_ok=True)
        source = self._folder / "source.wav"
        said = read_wav(self._play, NARROW_HZ) if self._play else np.zeros(0, np.int16)
        pause, rest = (np.zeros(seconds * NARROW_HZ, np.int16) for seconds in (PAUSE_S, BEHIND_S))
        write_wav(source, np.concatenate((*((said, pause) * self._times), rest)), NARROW_HZ)
        self._sip_port = _free_ports()
        self._control_port, rtp_first = self._sip_port + 2, self._sip_port + 4
        config = CONFIG.format(
            ip=self._ip,
            sip_port=self._sip_port,
            control_port=self._control_port,
            folder=self._folder,
            source=source,
            rtp_first=rtp_first,
            rtp_last=self._sip_port + STEP - 2,
            modules=modules,
        )
        host, port = self._server or (self._ip, self._sip_port)
        account = ACCOUNT.format(
            user=self.user,
            password=self._password,
            host=host,
            port=port,
            answers="auto" if self._answers else "manual",
            regint=60 if self._server else 0,
        )
        for name, text in (("config", config), ("accounts", account), ("contacts", "")):
            (self._folder / name).write_text(text)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Its control socket, as soon as it listens."""
        async with asyncio.timeout(STARTS_S):
            while True:
                with suppress(ConnectionError):
                    return await asyncio.open_connection("127.0.0.1", self._control_port)
                # It tells nobody when it begins to listen.
                await asyncio.sleep(0.05)

    async def _read(self, reader: asyncio.StreamReader) -> None:
        netstrings = Netstrings()
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                for text in netstrings.feed(data):
                    self._take(json.loads(text))
                self._bell.ring()

    def _take(self, told: dict[str, Any]) -> None:
        if told.get("response"):
            self._replies[str(told.get("token", ""))] = told
            return
        peer = told.get("peeruri") or told.get("peer") or ""
        entry = Happened(time.monotonic(), str(told.get("type")), str(told.get("param", "")), str(peer))
        self.happened.append(entry)

    def _send(self, name: str, params: str) -> str:
        self._asked += 1
        token = str(self._asked)
        text = json.dumps({"command": name, "params": params, "token": token}).encode()
        self._writer.write(b"%d:%s," % (len(text), text))
        return token

    async def _leave(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        try:
            async with asyncio.timeout(LEAVES_S):
                await process.wait()
        except TimeoutError:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    def _last_lines(self) -> str:
        lines = (self._folder / "log").read_text(errors="replace").splitlines()[-LOG_LINES:]
        told = [each.type for each in self.happened[-LOG_LINES:]]
        return f"told {told}, log {lines}"


def _free_ports() -> int:
    """A port that is free with those behind it, below those that the system gives to whoever asks for any.

    With UDP and TCP it listens on the first, with TLS on the second; the third is for its control socket.
    """
    for first in random.sample(range(*OF_NOBODY, STEP), TRIES):
        wanted = [(socket.SOCK_DGRAM, 0), *((socket.SOCK_STREAM, place) for place in range(3))]
        with ExitStack() as held, suppress(OSError):
            for kind, place in wanted:
                held.enter_context(socket.socket(socket.AF_INET, kind)).bind(("127.0.0.1", first + place))
            return first
    raise Unwilling("no port is free for it")
