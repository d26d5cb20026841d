"""The caller's audio on its way to the brain.

Frames with speech travel at once, silent ones wait for each other, so that silence costs the network and
the processor little.

May import: the standard library, appliance.core.
"""

from appliance.core.coding import BYTES_PER_MS, Coding

HELD_MS = 60


class Uplink:
    """Gathers silent frames in the leg's coding, at most `held_ms` of them."""

    def __init__(self, held_ms: int = HELD_MS, coding: Coding = "ulaw_8k") -> None:
        self._most = held_ms * BYTES_PER_MS[coding]
        self._held = b""

    def take(self, frame: bytes, loud: bool) -> bytes:
        """Take the next frame; return what is to be sent now, empty for nothing yet."""
        audio = self._held + frame if self._held else frame
        if loud or len(audio) >= self._most:
            self._held = b""
            return audio
        self._held = audio
        return b""
