"""Any sound file as music for telephones: mono, 8 kHz, µ-law, softer than speech.

Blocks, and computes. May import: av, numpy, appliance.core, models.local.shaping.
"""

from pathlib import Path

import av
import numpy as np
from av.error import FFmpegError

from appliance.core import ulaw
from appliance.core.errors import AttendantError
from models.local.shaping import LOUDEST, LOUDNESS, loudness

RATE = 8000
FRAME = RATE // 50
SOFTER = 0.35
"""How loud music is beside speech: -9 dB."""
SHORTEST_S, LONGEST_S = 5, 600


class NotMusic(AttendantError):
    """A file that cannot be played to callers."""


def telephone_music(path: Path) -> bytes:
    """The sound of a file (WAV, MP3, Ogg, FLAC, M4A ...) as µ-law at 8 kHz. Raises NotMusic."""
    samples = _samples(path)
    if len(samples) < SHORTEST_S * RATE:
        raise NotMusic(f"{path.name} is shorter than {SHORTEST_S} s.")
    level = loudness(samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME))
    peak = float(np.abs(samples.astype(np.int32)).max())
    if level < 1:
        raise NotMusic(f"{path.name} is silent.")
    gain = min(LOUDNESS * SOFTER / level, LOUDEST / peak)
    return ulaw.encode((samples * gain).astype(np.int16))


def _samples(path: Path) -> ulaw.Pcm16:
    """What is heard in a file, at our rate. Raises NotMusic."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    pieces: list[ulaw.Pcm16] = []
    try:
        with av.open(path) as file:
            if not file.streams.audio:
                raise NotMusic(f"There is no sound in {path.name}.")
            for frame in file.decode(audio=0):
                pieces += _heard(resampler, frame)
                if sum(map(len, pieces)) > LONGEST_S * RATE:
                    raise NotMusic(
                        f"{path.name} is longer than {LONGEST_S // 60} minutes: cut it into pieces."
                    )
            pieces += _heard(resampler, None)
    except FFmpegError as exc:
        raise NotMusic(f"{path.name} cannot be read as sound: {exc.strerror}.") from exc
    except OSError as exc:
        raise NotMusic(f"{path} cannot be read: {exc.strerror}.") from exc
    return np.concatenate(pieces) if pieces else np.empty(0, np.int16)


def _heard(resampler: av.AudioResampler, frame: av.AudioFrame | None) -> list[ulaw.Pcm16]:
    return [each.to_ndarray().reshape(-1).astype(np.int16) for each in resampler.resample(frame)]
