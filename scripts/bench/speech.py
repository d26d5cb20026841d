"""What is said on a simulated call: a caller who speaks, pauses and listens, or one who only breathes.

Frames are 160 bytes of mu-law, kept ready as base64. The first three seconds of every call are silence that
spells the call's number and the frame's, in the signs of zeros, so that the cloud can tell whose audio it
hears. May import: the standard library, numpy.
"""

import base64
import random
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FRAME = 160
LEAD = 150
TURN = 600
SPOKEN_FROM = 15
SPOKEN = 200
HEARD = 225
ANSWERED = 240
WORDED = 260
REPLY_FRAMES = 250
LOUD = 300.0
# Always the same: figures of two benches are to be comparable.
VOICES = ("jfk.wav", "office_ambience.wav")
MAGIC = bytes(
    (0xFF, 0xFF, 0x7F, 0x7F, 0xFF, 0x7F, 0xFF, 0x7F, 0x7F, 0xFF, 0x7F, 0x7F, 0xFF, 0xFF, 0xFF, 0x7F)
)
STAMP = len(MAGIC) + 32


@dataclass(frozen=True, slots=True)
class Track:
    """Audio that repeats: its frames as base64, and which of them are speech."""

    frames: list[bytes]
    loud: bytes


def stamp(number: int, frame: int) -> bytes:
    """A frame of silence that says whose it is and which."""
    bits = f"{number:016b}{frame:016b}"
    return MAGIC + bytes(0x7F if bit == "1" else 0xFF for bit in bits) + bytes([0xFF]) * (FRAME - STAMP)


def read_stamp(ulaw_8k: bytes) -> tuple[int, int, int] | None:
    """The call, the frame and where in the bytes that frame begins, if this is stamped silence."""
    at = ulaw_8k.find(MAGIC)
    if at < 0 or len(ulaw_8k) < at + STAMP:
        return None
    bits = "".join("1" if byte == 0x7F else "0" for byte in ulaw_8k[at + len(MAGIC) : at + STAMP])
    return int(bits[:16], 2), int(bits[16:], 2), at


@cache
def quiet() -> Track:
    """A turn's length of faint noise, as of a line on which nobody speaks."""
    drawn = random.Random(7)
    noise = bytes(drawn.choice((0xFF, 0x7F, 0xFE, 0x7E, 0xFD)) for _ in range(TURN * FRAME))
    return Track(_cut(noise), bytes(TURN))


@cache
def talk(voice: int) -> Track:
    """Four seconds of a recorded voice and eight of faint noise."""
    said = recordings()[voice % len(recordings())][: SPOKEN * FRAME]
    frames = [*_cut(said), *quiet().frames[SPOKEN:]]
    heard = linear(said).reshape(-1, FRAME)
    loud = np.sqrt(np.mean(heard * heard, axis=1)) >= LOUD
    return Track(frames, loud.astype(np.uint8).tobytes() + bytes(TURN - SPOKEN))


@cache
def reply() -> bytes:
    """Five seconds of mu-law that the cloud says."""
    return recordings()[-1][: REPLY_FRAMES * FRAME]


@cache
def recordings() -> list[bytes]:
    """The recorded voices, five seconds of mu-law each; a rattle when there are none."""
    need = REPLY_FRAMES * FRAME
    found = [_ulaw(folder() / name) for name in VOICES if (folder() / name).is_file()]
    return [audio[:need] for audio in found if len(audio) >= need] or [_rattle(need)]


def folder() -> Path:
    """Where the recordings are."""
    return Path(__file__).resolve().parents[2] / "tests" / "data" / "speech"


def linear(ulaw_8k: bytes) -> NDArray[np.float64]:
    """The samples of mu-law audio (G.711)."""
    code = ~np.frombuffer(ulaw_8k, np.uint8)
    size = (((code & 0x0F).astype(np.int32) << 3) + 0x84 << ((code >> 4) & 7)) - 0x84
    return np.where(code & 0x80, -size, size).astype(np.float64)


def _ulaw(path: Path) -> bytes:
    data = path.read_bytes()
    at, tag, audio = 12, 0, b""
    while data[:4] == b"RIFF" and at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        if data[at : at + 4] == b"fmt ":
            tag = int.from_bytes(data[at + 8 : at + 10], "little")
        if data[at : at + 4] == b"data":
            audio = data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
    return audio if tag == 7 else b""


def _rattle(size: int) -> bytes:
    drawn = random.Random(1)
    return bytes(drawn.randrange(256) if at // 800 % 2 else 0xFF for at in range(size))


def _cut(ulaw_8k: bytes) -> list[bytes]:
    return [base64.b64encode(ulaw_8k[at : at + FRAME]) for at in range(0, len(ulaw_8k), FRAME)]
