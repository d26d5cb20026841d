"""What a telephone sends: one packet each 20 ms, a key if one is pressed, else speech, else silence.

Sans-I/O. May import: the standard library, numpy, this package's codec, rtp and sound.
"""

import secrets
from collections import deque
from collections.abc import Callable, Iterator

import numpy as np

from tests.peers.phone.codec import Codec
from tests.peers.phone.rtp import KEYS, TICKS_PER_FRAME, KeyEvent, Packet
from tests.peers.phone.sound import FRAME_MS, Pcm, resampled

END_PACKETS = 3
PAUSE_FRAMES = 3
"""Between two keys, so that the same key twice is two keys."""
KEY_MS = 160
Told = Callable[[str, str], None]


class NoKeys(ValueError):
    """The other side cannot be told of this key."""


class Mouth:
    """Queues of speech and keys, and the numbers of the packets. `told` hears what begins and ends."""

    def __init__(self, codec: Codec, events: int | None, told: Told) -> None:
        self.codec = codec
        self.events = events
        self._told = told
        self._speech: deque[Pcm] = deque()
        self._keys: deque[Iterator[tuple[KeyEvent, int] | None]] = deque()
        self._speaking = False
        self._pressing = False
        self._seq = secrets.randbelow(1 << 15)
        self._timestamp = secrets.randbelow(1 << 31)
        self._ssrc = secrets.randbits(32)

    @property
    def frame(self) -> int:
        """Samples in 20 ms."""
        return self.codec.rate_hz * FRAME_MS // 1000

    @property
    def idle(self) -> bool:
        """Whether all that was to be said and pressed has been sent."""
        return not self._speech and not self._keys and not self._speaking

    def speak_as(self, codec: Codec, events: int | None) -> None:
        """Go on in another coding."""
        if codec.rate_hz != self.codec.rate_hz:
            self._speech = deque(resampled(pcm, self.codec.rate_hz, codec.rate_hz) for pcm in self._speech)
        self.codec, self.events = codec, events

    def say(self, pcm: Pcm) -> None:
        """Say this behind what is being said; samples of the codec's rate."""
        if len(pcm):
            self._speech.append(pcm)

    def be_silent(self) -> None:
        """Say nothing of what is left."""
        self._speech.clear()

    def press(self, keys: str, ms: int = KEY_MS) -> None:
        """Press keys one after the other, each for so long; raise NoKeys when they cannot be told."""
        if self.events is None or not all(key in KEYS for key in keys):
            raise NoKeys(f"{keys!r}, events {self.events}")
        self._keys.extend(self._press(key, ms) for key in keys)

    def _press(self, key: str, ms: int) -> Iterator[tuple[KeyEvent, int] | None]:
        began, frames = self._timestamp, max(1, ms // FRAME_MS)
        self._told("key", key)
        for frame in range(1, frames + 1):
            yield KeyEvent(key, False, frame * TICKS_PER_FRAME), began
        for _ in range(END_PACKETS):
            yield KeyEvent(key, True, frames * TICKS_PER_FRAME), began
        for _ in range(PAUSE_FRAMES):
            yield None

    def tick(self) -> bytes:
        """20 ms pass: the packet for them."""
        pressed = self._key()
        if pressed is None or self.events is None:
            packet = self._packet(self.codec.payload, self._timestamp, self.codec.encode(self._next_pcm()))
        else:
            event, began = pressed
            packet = self._packet(self.events, began, event.write())
        self.skip()
        return packet

    def skip(self) -> None:
        """20 ms pass in which nothing may be sent."""
        self._timestamp = (self._timestamp + TICKS_PER_FRAME) & 0xFFFFFFFF

    def _key(self) -> tuple[KeyEvent, int] | None:
        while self._keys:
            try:
                pressed = next(self._keys[0])
            except StopIteration:
                self._keys.popleft()
                continue
            return pressed
        return None

    def _packet(self, payload_type: int, timestamp: int, payload: bytes) -> bytes:
        begins = payload_type == self.events and not self._pressing
        self._pressing = payload_type == self.events
        packet = Packet(payload_type, self._seq, timestamp, self._ssrc, payload, begins)
        self._seq = (self._seq + 1) & 0xFFFF
        return packet.write()

    def _next_pcm(self) -> Pcm:
        pieces, missing = [], self.frame
        while missing and self._speech:
            piece = self._speech.popleft()
            pieces.append(piece[:missing])
            if len(piece) > missing:
                self._speech.appendleft(piece[missing:])
            missing -= len(pieces[-1])
        self._tell_speech(bool(pieces))
        return np.concatenate((*pieces, np.zeros(missing, np.int16)))

    def _tell_speech(self, speaking: bool) -> None:
        if speaking != self._speaking:
            self._speaking = speaking
            self._told("speech", "begins" if speaking else "ends")
