"""A name server (RFC 1035) on a real UDP socket, which knows some names and may say nothing at all.

May import: the standard library.
"""

import asyncio
import struct
from collections.abc import Mapping
from types import TracebackType
from typing import Self

HEADER = struct.Struct("!6H")
A, IN = 1, 1
ANSWERED, NO_SUCH_NAME = 0x8180, 0x8183
POINTER = 0xC00C
"""To the name of the question, which stands behind the header."""


class NameServer(asyncio.DatagramProtocol):
    """Serves while it is entered, at 127.0.0.1 and `port`. `mute` is one that is dead.

    Who asks may go by an answer for `lives_s`.
    """

    def __init__(self, known: Mapping[str, str], *, lives_s: int = 60) -> None:
        self.known = dict(known)
        self.lives_s = lives_s
        self.mute = False
        self.asked: list[str] = []
        self.port = 0
        self._transport: asyncio.DatagramTransport | None = None

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        self.port = self._transport.get_extra_info("sockname")[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._transport is not None:
            self._transport.close()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer one question."""
        number, _, questions, *_ = HEADER.unpack_from(data)
        if questions != 1 or self._transport is None:
            return
        name, end = _name(data, HEADER.size)
        kind, _ = struct.unpack_from("!2H", data, end)
        self.asked.append(name)
        if self.mute:
            return
        question = data[HEADER.size : end + 4]
        address = self.known.get(name)
        # Of a name that is known there may be no address of this kind: an answer without one.
        answers = _address(address, self.lives_s) if address is not None and kind == A else b""
        code = NO_SUCH_NAME if address is None else ANSWERED
        head = HEADER.pack(number, code, 1, int(bool(answers)), 0, 0)
        self._transport.sendto(head + question + answers, addr)


def _name(data: bytes, at: int) -> tuple[str, int]:
    labels = []
    while length := data[at]:
        labels.append(data[at + 1 : at + 1 + length].decode("ascii").lower())
        at += 1 + length
    return ".".join(labels), at + 1


def _address(address: str, lives_s: int) -> bytes:
    packed = bytes(map(int, address.split(".")))
    return struct.pack("!3HIH", POINTER, A, IN, lives_s, len(packed)) + packed
