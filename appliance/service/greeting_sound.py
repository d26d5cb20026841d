"""A greeting that somebody recorded by telephone: judged, brought to our loudness, and when callers hear it.

May import: the standard library, numpy, appliance.core, appliance.languages, models.local.
"""

import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from appliance.core import ulaw
from appliance.core.errors import AttendantError
from appliance.core.staff import CLOSED, StaffSettings
from appliance.languages.folders import code_of
from models.local.rendering import shaped
from models.local.shaping import LOUDNESS, MOST_GAIN, loudness
from models.local.speech_client import Sound

RATE = 8000
SHORTEST_S, LONGEST_S = 1.0, 30.0
QUIETEST = LOUDNESS / MOST_GAIN
"""The effective value of speech below which we cannot make it loud enough."""


class NotRecorded(AttendantError):
    """There is no such recording, or none that can be read."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What is said of a recording (`well`, `quiet`, `short`, `long`), and the sound of one that is well."""

    said: str
    sound: bytes = b""


def judged(path: Path) -> Judged:
    """Judge a recording of 16 bits at 8 kHz. Raises NotRecorded."""
    pcm = _samples(path)
    frames = pcm[: len(pcm) // 160 * 160].reshape(-1, 160)
    if loudness(frames) < QUIETEST:
        return Judged("quiet")
    sound = shaped([Sound(pcm.tobytes(), RATE)], "ulaw_8k")
    if not SHORTEST_S <= len(sound) / RATE <= LONGEST_S:
        return Judged("short" if len(sound) < SHORTEST_S * RATE else "long")
    return Judged("well", sound)


def kept_said(staff: StaffSettings, greeting: str) -> str:
    """When callers hear a greeting that was kept for this place: by the name of a sentence."""
    if not greeting:
        return "kept_open" if staff.greeting_closed else "kept"
    if greeting.endswith(CLOSED):
        return "kept_closed"
    home = greeting == code_of(staff.language) and staff.voicemail_prompt_closed
    return "kept_open" if home or f"{greeting}{CLOSED}" in staff.voicemail_recordings else "kept"


def _samples(path: Path) -> ulaw.Pcm16:
    """A recording as the PBX writes it: 16 bits at 8 kHz. Raises NotRecorded."""
    try:
        with wave.open(str(path)) as file:
            if (file.getnchannels(), file.getsampwidth(), file.getframerate()) != (1, 2, RATE):
                raise NotRecorded("The recording is not 16 bits at 8 kHz.")
            return np.frombuffer(file.readframes(file.getnframes()), np.int16)
    except (OSError, EOFError, wave.Error) as exc:
        raise NotRecorded(f"The recording cannot be read: {exc}.") from exc
