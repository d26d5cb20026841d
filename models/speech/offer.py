"""What the program says of itself when it is asked: only what it can do now.

Pure. May import: appliance, wyoming.event.
"""

from typing import Any

from wyoming.event import Event

from appliance import VERSION
from models.speech.espeak import COMMAND, VOICES

ESPEAK_LANGUAGES = sorted(language for language in VOICES if language)


def _thing(name: str, description: str) -> dict[str, Any]:
    return {
        "name": name,
        "attribution": {"name": "", "url": ""},
        "installed": True,
        "description": description,
        "version": VERSION,
    }


def info(model: str, languages: list[str], voices: dict[str, str], speaking: list[str]) -> Event:
    """The answer to `describe`. `voices` are the configured ones by language."""
    heard = _thing(model, "recognition by faster-whisper") | {"languages": languages}
    spoken = [
        _thing(name, "synthesis by piper")
        | {"languages": sorted(language for language, voice in voices.items() if voice == name)}
        for name in speaking
    ]
    spoken.append(_thing(COMMAND, "the voice of last resort") | {"languages": ESPEAK_LANGUAGES})
    program = _thing("attendant", "speech for telephone calls")
    asr = [program | {"models": [heard]}] if languages else []
    return Event("info", {"asr": asr, "tts": [program | {"voices": spoken}]})
