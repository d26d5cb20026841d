"""The caller's telephone line: what was heard and said on it, 20 ms after 20 ms, on the call's own clock.

The clock is virtual: TwiML makes it pass at once or in real time, a media stream ticks it in real time.
May import: the standard library, this package's caller and ulaw.
"""

from dataclasses import dataclass, field

from tests.peers.carrier.caller import Acts, Caller
from tests.peers.carrier.ulaw import BYTES_PER_MS, FRAME_BYTES, FRAME_MS, is_audible


@dataclass(slots=True)
class Track:
    """Sound on a clock, silence left out until somebody wants the whole."""

    _pieces: list[tuple[int, bytearray]] = field(default_factory=list)

    def write(self, at_ms: int, ulaw_8k: bytes) -> None:
        at = at_ms * BYTES_PER_MS
        if self._pieces:
            start, piece = self._pieces[-1]
            if start + len(piece) == at:
                piece += ulaw_8k
                return
        self._pieces.append((at, bytearray(ulaw_8k)))

    def render(self, from_ms: int, to_ms: int) -> bytes:
        """Mu-law from here to there, 0xFF where nothing was."""
        first, last = from_ms * BYTES_PER_MS, to_ms * BYTES_PER_MS
        whole = bytearray(b"\xff" * (last - first))
        for at, piece in self._pieces:
            start, end = max(at, first), min(at + len(piece), last)
            if start < end:
                whole[start - first : end - first] = piece[start - at : end - at]
        return bytes(whole)


@dataclass(slots=True)
class Line:
    """A caller with a telephone in hand."""

    caller: Caller
    now_ms: int = 0
    heard: Track = field(default_factory=Track)
    said: Track = field(default_factory=Track)
    audible: bool = False
    """Whether the last tick had sound for the caller."""
    speaking: bool = False
    """Whether the last tick had sound from the caller."""

    def tick(self, frame: bytes = b"", *, talking: bool = False) -> Acts:
        """20 ms pass: the caller hears the frame (or a voice that we have no sound of) and does something."""
        self.audible = talking or (bool(frame) and is_audible(frame))
        if frame:
            self.heard.write(self.now_ms, frame[:FRAME_BYTES])
        acts = self.caller.tick(self.audible, playing=bool(frame))
        self.speaking = acts.frame is not None and is_audible(acts.frame)
        if acts.frame is not None:
            self.said.write(self.now_ms, acts.frame)
        self.now_ms += FRAME_MS
        return acts

    def skip(self, ms: int) -> None:
        """Time passes in which nobody does anything."""
        self.now_ms += ms // FRAME_MS * FRAME_MS
