"""A sound file that others made, as samples: only what we know by its first bytes, and never all at once.

The library is told which format it is and is given the file itself, so that no list in it leads elsewhere.
May import: the standard library, av, numpy.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import av
import numpy as np
from numpy.typing import NDArray

Int16 = NDArray[np.int16]

HEAD = 16
NARROW_HZ, WIDE_HZ = 8000, 16000
CODECS = frozenset(
    {
        *("pcm_s16le", "pcm_s16be", "pcm_u8", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_mulaw", "pcm_alaw"),
        *("mp3float", "mp3", "flac", "opus", "libopus", "vorbis", "libvorbis", "gsm", "gsm_ms", "adpcm_ms"),
        *("adpcm_ima_wav", "g722", "speex", "libspeex"),
    }
)
"""What telephones and switchboards write. Decoders that nobody needs are no risk that anybody takes."""
CHANNELS_MOST, RATE_LEAST, RATE_MOST = 8, 4000, 192_000


class Unusable(Exception):
    """It cannot be made samples of. `state` is one word: empty, format, broken."""

    def __init__(self, state: str, problem: str) -> None:
        super().__init__(problem)
        self.state = state


@dataclass(frozen=True, slots=True)
class Source:
    """What is in the file, and at which rate it is kept: that of the telephone, or 16 kHz for a wider one."""

    format: str
    codec: str
    rate_hz: int

    @property
    def kept_hz(self) -> int:
        """The rate at which it is kept."""
        return NARROW_HZ if self.rate_hz <= NARROW_HZ else WIDE_HZ


def format_of(head: bytes) -> str:
    """What a file that begins so is. Raises Unusable."""
    if not head:
        raise Unusable("empty", "the file is empty")
    if head[:4] in (b"RIFF", b"RIFX") and head[8:12] == b"WAVE":
        return "wav"
    if head[:4] == b"fLaC":
        return "flac"
    if head[:4] == b"OggS":
        return "ogg"
    if head[:3] == b"ID3" or (head[0] == 0xFF and len(head) > 1 and head[1] & 0xE6 in (0xE2, 0xE4, 0xE6)):
        return "mp3"
    raise Unusable("format", "it is none of WAV, FLAC, Ogg and MP3")


def samples(path: Path, told: list[Source]) -> Iterator[Int16]:
    """The sound, mono, at the rate at which it is kept; before the first, its source is put into `told`.

    A file that breaks off gives what there is of it. Raises Unusable when that is nothing, OSError.
    """
    with path.open("rb") as file:
        name = format_of(file.read(HEAD))
        file.seek(0)
        yield from _read(file, name, told)


def _read(file: BinaryIO, name: str, told: list[Source]) -> Iterator[Int16]:
    any_sound = False
    try:
        with av.open(file, "r", format=name, metadata_errors="replace") as container:
            stream = _stream(container, name, told)
            resampler = av.AudioResampler(format="s16", layout="mono", rate=told[0].kept_hz)
            for frame in container.decode(stream):
                for made in resampler.resample(frame):
                    any_sound = True
                    yield _plain(made)
            for made in resampler.resample(None):
                yield _plain(made)
    except (av.FFmpegError, ValueError, OverflowError) as exc:
        if not any_sound:
            raise Unusable("broken", f"it cannot be decoded: {type(exc).__name__}") from exc


def _plain(frame: av.AudioFrame) -> Int16:
    return frame.to_ndarray().reshape(-1).astype(np.int16, copy=False)


def _stream(container: av.container.InputContainer, name: str, told: list[Source]) -> av.AudioStream:
    """The first sound in it. Raises Unusable."""
    if not container.streams.audio:
        raise Unusable("format", "there is no sound in it")
    stream = container.streams.audio[0]
    context = stream.codec_context
    # Of a coding that the library does not know there is no context, whatever its types say.
    coding = getattr(context, "name", "unknown")
    if coding not in CODECS:
        raise Unusable("format", f"its coding, {coding}, is none that telephones use")
    rate, channels = stream.rate or 0, stream.channels or 0
    if not RATE_LEAST <= rate <= RATE_MOST or not 1 <= channels <= CHANNELS_MOST:
        raise Unusable("broken", f"it says that it has {rate} Hz and {channels} channels")
    context.thread_count = 1
    told.append(Source(name, coding, rate))
    return stream
