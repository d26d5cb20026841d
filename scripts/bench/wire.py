"""WebSocket frames as cheaply as Python can make them, and a peer that speaks them over a raw transport.

Only what a load needs: text, ping, pong and close, no fragments, no extensions. Our own client frames carry
the mask 00000000, which is legal and leaves the bytes as they are. May import: the standard library.
"""

import asyncio
import base64
import hashlib
import os
from typing import cast

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
KEY = "YXR0ZW5kYW50LWJlbmNoLQ=="
NO_MASK = b"\0\0\0\0"
LONGEST = 16 * 1024 * 1024


class WireError(Exception):
    """The other side sent what this small reader cannot take."""


def server_frame(payload: bytes, opcode: int = TEXT) -> bytes:
    """A frame as a server sends it."""
    return _head(opcode, len(payload), 0) + payload


def client_frame(payload: bytes, opcode: int = TEXT) -> bytes:
    """A frame as a client sends it, masked with zeros."""
    return _head(opcode, len(payload), 0x80) + NO_MASK + payload


def _head(opcode: int, size: int, masked: int) -> bytes:
    if size < 126:
        return bytes((0x80 | opcode, masked | size))
    if size < 0x10000:
        return bytes((0x80 | opcode, masked | 126)) + size.to_bytes(2, "big")
    return bytes((0x80 | opcode, masked | 127)) + size.to_bytes(8, "big")


def accept_of(key: bytes) -> bytes:
    """What a server answers to this Sec-WebSocket-Key."""
    return base64.b64encode(hashlib.sha1(key + GUID, usedforsecurity=False).digest())


class FrameReader:
    """Feed it bytes in any pieces; it returns the frames they complete, as opcode and payload."""

    __slots__ = ("_tail",)

    def __init__(self) -> None:
        self._tail = b""

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """Take what arrived. Raises WireError at a fragment, an extension or a frame beyond all measure."""
        if self._tail:
            data = self._tail + data
        frames = []
        at, end = 0, len(data)
        while end - at >= 2:
            first, size = data[at], data[at + 1]
            if first & 0xF0 != 0x80:
                raise WireError(f"a fragment or an extension: {data[at : at + 8].hex()}")
            body = at + 2
            masked, size = size & 0x80, size & 0x7F
            if size >= 126:
                wide = 2 if size == 126 else 8
                if end - body < wide:
                    break
                size = int.from_bytes(data[body : body + wide], "big")
                body += wide
                if size > LONGEST:
                    raise WireError(f"a frame of {size} bytes")
            if masked:
                body += 4
            if end - body < size:
                break
            payload = data[body : body + size]
            frames.append((first & 0x0F, _unmasked(payload, data[body - 4 : body]) if masked else payload))
            at = body + size
        self._tail = data[at:]
        return frames


def _unmasked(payload: bytes, mask: bytes) -> bytes:
    if mask == NO_MASK:
        return payload
    size = len(payload)
    key = int.from_bytes((mask * (size // 4 + 1))[:size], "little")
    return (int.from_bytes(payload, "little") ^ key).to_bytes(size, "little")


class Peer(asyncio.Protocol):
    """One end of a WebSocket: the head of the upgrade, then frames. Writes go straight to the socket."""

    def __init__(self) -> None:
        self.reader = FrameReader()
        self.open = False
        self._head: bytes | None = b""
        self._fd = -1
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport; a plain one is written to past its buffer."""
        # uvloop's transports have the verbs of asyncio.Transport, but not its name.
        self._transport = cast(asyncio.Transport, transport)
        if transport.get_extra_info("ssl_object") is None:
            self._fd = transport.get_extra_info("socket").fileno()

    def connection_lost(self, exc: Exception | None) -> None:
        """The other side has gone."""
        self.open, self._fd = False, -1

    def data_received(self, data: bytes) -> None:
        """Sort out the head, then hand on each message."""
        if self._head is not None:
            self._head += data
            head, ended, data = self._head.partition(b"\r\n\r\n")
            if not ended:
                return
            self._head = None
            self.open = True
            self.upgraded(head)
        for opcode, payload in self.reader.feed(data):
            if opcode == TEXT:
                self.message(payload)
            elif opcode == PING:
                self.send(self.framed(payload, PONG))
            elif opcode == CLOSE:
                self.send(self.framed(payload[:2], CLOSE))
                self.close()

    def send(self, frame: bytes) -> None:
        """Write a frame at once; what the socket does not take waits in the transport."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        if self._fd >= 0 and not transport.get_write_buffer_size():
            try:
                written = os.write(self._fd, frame)
            except BlockingIOError:
                written = 0
            except OSError:
                self.close()
                return
            if written == len(frame):
                return
            frame = frame[written:]
        transport.write(frame)

    def close(self) -> None:
        """Let go of the connection."""
        self.open, self._fd = False, -1
        if self._transport is not None:
            self._transport.close()

    def framed(self, payload: bytes, opcode: int = TEXT) -> bytes:
        """A frame in this peer's direction."""
        return server_frame(payload, opcode)

    def upgraded(self, head: bytes) -> None:
        """Take note that frames follow; head is the request or the answer."""
        raise NotImplementedError

    def message(self, payload: bytes) -> None:
        """Take a text message."""
        raise NotImplementedError
