"""HTTP and WebSocket by hand, so that what is sent can be wrong in any way.

May import: the standard library.
"""

import asyncio
import os
import struct
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

OPCODES = {"continuation": 0, "text": 1, "binary": 2, "close": 8, "ping": 9, "pong": 10, "reserved": 11}
ANSWER_S = 10.0


@dataclass(slots=True)
class Connection:
    """One connection to the box."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        """Send as far as the box takes it: one that has refused already need not read the rest."""
        try:
            for at in range(0, len(data), 65_536):
                self.writer.write(data[at : at + 65_536])
                await self.writer.drain()
        except ConnectionError:
            return

    async def status(self) -> int:
        """The status of the answer; 0 when the connection ended without one."""
        try:
            async with asyncio.timeout(ANSWER_S):
                line = await self.reader.readline()
        except ConnectionError:
            return 0
        return int(line.split()[1]) if line.startswith(b"HTTP/1.") else 0

    async def headers(self) -> None:
        """Skip the rest of the answer's head."""
        while (await self.reader.readline()).strip():
            pass


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Connection]:
    """A connection to a port of this machine, gone without a word at the end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Connection(reader, writer)
    finally:
        writer.transport.abort()


def request(method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """The bytes of a request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: box.example.test"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body


def chunked(body: bytes, size: int = 8000) -> bytes:
    """A body in chunks."""
    pieces = (body[at : at + size] for at in range(0, len(body), size))
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def frame(opcode: int, payload: bytes, *, fin: bool = True, masked: bool = True) -> bytes:
    """A WebSocket frame of a client (RFC 6455, section 5.2)."""
    head = bytes([(0x80 if fin else 0) | opcode])
    bit = 0x80 if masked else 0
    if len(payload) < 126:
        head += bytes([bit | len(payload)])
    elif len(payload) < 65_536:
        head += bytes([bit | 126]) + struct.pack("!H", len(payload))
    else:
        head += bytes([bit | 127]) + struct.pack("!Q", len(payload))
    # A mask of zeros is a mask: the payload stays legible.
    return head + (bytes(4) if masked else b"") + payload


@dataclass(slots=True)
class Socket:
    """A WebSocket whose frames are ours to write."""

    connection: Connection
    texts: list[bytes] = field(default_factory=list)

    async def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        await self.connection.send(data)

    async def close_code(self, within_s: float) -> int:
        """Read until the box closes; return the code, 1006 when it just hung up. Raises TimeoutError."""
        async with asyncio.timeout(within_s):
            try:
                while True:
                    opcode, payload = await self._frame()
                    if opcode == OPCODES["close"]:
                        return int.from_bytes(payload[:2], "big") if payload else 1005
                    self.texts.append(payload)
            except (asyncio.IncompleteReadError, ConnectionError):
                return 1006

    async def _frame(self) -> tuple[int, bytes]:
        first, second = await self.connection.reader.readexactly(2)
        length = second & 0x7F
        if length == 126:
            length = int.from_bytes(await self.connection.reader.readexactly(2), "big")
        elif length == 127:
            length = int.from_bytes(await self.connection.reader.readexactly(8), "big")
        return first & 0x0F, await self.connection.reader.readexactly(length)


async def handshake(connection: Connection, path: str, headers: Mapping[str, str]) -> int:
    """Ask for a WebSocket; return the status."""
    asked = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": b64encode(os.urandom(16)).decode(),
        **headers,
    }
    await connection.send(request("GET", path, {name: text for name, text in asked.items() if text}))
    status = await connection.status()
    if status == 101:
        await connection.headers()
    return status
