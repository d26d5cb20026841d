"""Sound as files: WAV of one or two voices, and MP3 that is as long as it should be but silent.

Pure. May import: the standard library, numpy, this package's ulaw.
"""

import struct

import numpy as np

from tests.peers.carrier import ulaw

MP3_FRAME = bytes((0xFF, 0xE3, 0x18, 0xC4)).ljust(72, b"\x00")
"""72 ms of silence: MPEG 2.5 layer III, 8 kbit/s, 8 kHz, mono."""
MP3_FRAME_MS = 72


def wav(*voices_8k: bytes) -> bytes:
    """A WAV file, 16-bit PCM at 8 kHz, one channel for each mu-law voice; short ones are filled up."""
    longest = max(len(voice) for voice in voices_8k)
    channels = [ulaw.decode(voice.ljust(longest, b"\xff")) for voice in voices_8k]
    data = np.stack(channels, axis=1).astype("<i2").tobytes()
    count = len(channels)
    head = struct.pack("<HHIIHH", 1, count, 8000, 16000 * count, 2 * count, 16)
    body = b"WAVEfmt " + struct.pack("<I", len(head)) + head + b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def silent_mp3(length_ms: int) -> bytes:
    """An MP3 file of this length; what was said is not in it."""
    return MP3_FRAME * max(1, -(-length_ms // MP3_FRAME_MS))
