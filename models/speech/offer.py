"""What the program says of itself when it is asked: only what it can do now.

Pure. May import: appliance, models.local.espeak, wyoming.event.
"""

from dataclasses import dataclass
from typing import Any

from wyoming.event import Event

from appliance import VERSION
from models.local.espeak import PROGRAM
from models.local.espeak import voices as espeak_voices


def _thing(name: str, description: str) -> dict[str, Any]:
    return {
        "name": name,
        "attribution": {"name": "", "url": ""},
        "installed": True,
        "description": description,
        "version": VERSION,
    }


@dataclass(frozen=True, slots=True)
class Abilities:
    """What there is. `voices` are the configured ones by language; a load is what `Child.load` says."""

    model: str
    languages: list[str]
    voices: dict[str, str]
    speaking: list[str]
    ears_load: dict[str, int]
    mouth_load: dict[str, int]


def info(has: Abilities) -> Event:
    """The answer to `describe`."""
    speaking, voices = has.speaking, has.voices
    heard = _thing(has.model, "recognition by faster-whisper") | {"languages": has.languages}
    spoken = [
        _thing(name, "synthesis by piper")
        | {"languages": sorted(language for language, voice in voices.items() if voice == name)}
        for name in speaking
    ]
    spoken.append(_thing(PROGRAM, "the voice of last resort") | {"languages": sorted(espeak_voices())})
    program = _thing("attendant", "speech for telephone calls")
    asr = [program | {"models": [heard], "load": has.ears_load}] if has.languages else []
    return Event("info", {"asr": asr, "tts": [program | {"voices": spoken, "load": has.mouth_load}]})
