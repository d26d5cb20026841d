"""A leg of any coding at the port `Leg`: it plays what it is given at real time, and speaks recordings.

It stands for a carrier that speaks PCM, such as a PBX: frames of 20 ms both ways, marks when they were
played, and all of them back at a clear. May import: appliance.core, tests.peers.
"""

import asyncio
from collections import deque
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from appliance.core.coding import BYTES_PER_MS, RATES, Coding
from appliance.core.dispositions import Disposition
from appliance.core.events import CallAnswered, CallerHungUp
from appliance.core.ports import LegEars
from tests.peers.carrier import speech
from tests.peers.realtime.bell import Bell
from tests.peers.realtime.g711 import decode_ulaw, encode

FRAME_MS = 20
WAIT_S = 30.0


def spoken(name: str, coding: Coding, over: NDArray[np.float64] | None = None) -> bytes:
    """A recording as this leg's caller speaks it; `over` is mixed in, at the leg's rate."""
    pcm_8k = decode_ulaw(b"".join(speech.load(name).frames)).astype(np.float64)
    times = RATES[coding] // 8000
    pcm = np.interp(np.arange(len(pcm_8k) * times) / times, np.arange(len(pcm_8k)), pcm_8k)
    if over is not None:
        pcm = pcm + np.resize(over, len(pcm))
    samples = np.clip(np.rint(pcm), -32768, 32767).astype(np.int16)
    return encode(samples, "audio/pcmu") if coding == "ulaw_8k" else samples.tobytes()


class PcmLeg:
    """The caller's side of one call. `received` is all that came, `played` what the caller heard of it."""

    def __init__(self, coding: Coding) -> None:
        self.coding: Coding = coding
        self.received, self.played = bytearray(), bytearray()
        self.cleared_at: list[tuple[int, int]] = []
        """For each clear that threw something away: up to which byte was played, and how much had come."""
        self.left: Disposition | None = None
        self._frame = FRAME_MS * BYTES_PER_MS[coding]
        self._silence = b"\xff" * self._frame if coding == "ulaw_8k" else bytes(self._frame)
        self._at = 0
        self._marks: deque[tuple[int, str]] = deque()
        self._says = b""
        self._gone = False
        self._ears: LegEars | None = None
        self._bell = Bell()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._gone = True

    # The port ------------------------------------------------------------------------------------------

    async def listen(self, ears: LegEars) -> None:
        self._ears = ears
        ears.happened(CallAnswered())
        loop = asyncio.get_running_loop()
        due_s = loop.time()
        while not self._gone:
            due_s += FRAME_MS / 1000
            await asyncio.sleep(due_s - loop.time())
            self._play_frame(ears)
            frame, self._says = self._says[: self._frame], self._says[self._frame :]
            await ears.caller_audio(frame.ljust(self._frame, self._silence[:1]) if frame else self._silence)
            self._bell.ring()
        ears.happened(CallerHungUp())

    def _play_frame(self, ears: LegEars) -> None:
        self.played += self.received[self._at : self._at + self._frame]
        self._at = min(len(self.received), self._at + self._frame)
        while self._marks and self._marks[0][0] <= self._at:
            ears.mark_reached(self._marks.popleft()[1])

    async def play(self, audio: bytes, mark: str) -> None:
        self.received += audio
        self._marks.append((len(self.received), mark))

    async def clear(self) -> None:
        if self._at < len(self.received):
            self.cleared_at.append((self._at, len(self.received)))
        self._at = len(self.received)
        thrown, self._marks = self._marks, deque()
        ears = self._ears
        assert ears is not None
        for _, mark in thrown:
            asyncio.get_running_loop().call_soon(ears.mark_reached, mark)

    async def end(self, disposition: Disposition) -> None:
        self.left, self._gone = disposition, True

    # The caller ----------------------------------------------------------------------------------------

    def say(self, sound: bytes) -> None:
        """Speak, from the next frame on."""
        self._says += sound

    def hang_up(self) -> None:
        self._gone = True

    async def until_said(self) -> None:
        await self._bell.wait_for(lambda: not self._says, WAIT_S, lambda: "the caller still speaks")

    async def until_heard(self, ms: int, since: int = 0) -> None:
        """Until so much was played, counted from a byte of what was received."""
        wanted = since + ms * BYTES_PER_MS[self.coding]
        await self._bell.wait_for(lambda: self._at >= wanted, WAIT_S, lambda: f"played {self._at}")

    async def until_quiet(self, since: int = 0) -> None:
        """Until something came after this byte, and all of it was played."""
        await self._bell.wait_for(
            lambda: since < len(self.received) == self._at, WAIT_S, lambda: f"played {self._at}"
        )
