"""The session object: what it is at first, how an update changes it, and what may not change.

Sans-I/O. May import: refusals.
"""

import re
from copy import deepcopy
from typing import Any

from tests.peers.realtime.refusals import Refused, wrong_value

Config = dict[str, Any]

REASONING_MODELS = re.compile(r"gpt-realtime-2(\.\d)?(-mini)?")
TRANSCRIPTION_MODELS = (
    "gpt-transcribe",
    "gpt-live-transcribe",
    "gpt-realtime-whisper",
    "whisper-1",
    "gpt-4o-transcribe",
    "gpt-4o-mini-transcribe",
    "gpt-4o-mini-transcribe-2025-12-15",
    "gpt-4o-transcribe-diarize",
)
ONLY_WITH = {
    "languages": ("gpt-transcribe", "gpt-live-transcribe"),
    "keywords": ("gpt-transcribe", "gpt-live-transcribe"),
    "delay": ("gpt-realtime-whisper",),
}

_SERVER_VAD = {
    "type": "server_vad",
    "threshold": 0.5,
    "prefix_padding_ms": 300,
    "silence_duration_ms": 500,
    "idle_timeout_ms": None,
    "create_response": True,
    "interrupt_response": True,
}
_SEMANTIC_VAD = {
    "type": "semantic_vad",
    "eagerness": "auto",
    "create_response": True,
    "interrupt_response": True,
}
_AT_FIRST = {"server_vad": _SERVER_VAD, "semantic_vad": _SEMANTIC_VAD}
_TRANSCRIPTION = {"model": "whisper-1", "language": None, "prompt": None}


def new_session(session_id: str, model: str, expires_at: int) -> Config:
    """What a session is before its first update."""
    pcm = {"type": "audio/pcm", "rate": 24_000}
    return {
        "type": "realtime",
        "object": "realtime.session",
        "id": session_id,
        "model": model,
        "expires_at": expires_at,
        "output_modalities": ["audio"],
        "instructions": "Your knowledge cutoff is 2023-10. You are a helpful, witty, and friendly AI.",
        "tools": [],
        "tool_choice": "auto",
        "max_output_tokens": "inf",
        "tracing": None,
        "truncation": "auto",
        "prompt": None,
        "include": None,
        "audio": {
            "input": {
                "format": dict(pcm),
                "transcription": None,
                "noise_reduction": None,
                "turn_detection": dict(_SERVER_VAD),
            },
            "output": {"format": dict(pcm), "voice": "alloy", "speed": 1.0},
        },
    }


def updated(config: Config, change: Config) -> Config:
    """Present keys change, null included; absent keys stay. The object given is left alone."""
    config, change = deepcopy(config), deepcopy(change)
    audio = change.pop("audio", {})
    config.update(change)
    _merge_input(config["audio"]["input"], audio.get("input", {}))
    output = audio.get("output", {})
    if "format" in output:
        config["audio"]["output"]["format"] = _full_format(output.pop("format"))
    config["audio"]["output"].update(output)
    return config


def _merge_input(now: Config, change: Config) -> None:
    if "format" in change:
        now["format"] = _full_format(change.pop("format"))
    detection = change.pop("turn_detection", now["turn_detection"])
    now["turn_detection"] = detection and _detection(now["turn_detection"], detection)
    transcription = change.pop("transcription", now["transcription"])
    now["transcription"] = transcription and {
        **(now["transcription"] or _TRANSCRIPTION),
        **transcription,
    }
    reduction = change.pop("noise_reduction", now["noise_reduction"])
    now["noise_reduction"] = reduction and {**(now["noise_reduction"] or {"strength": 1.0}), **reduction}


def _detection(now: Config | None, change: Config) -> Config:
    same = now is not None and now["type"] == change["type"]
    return {**(now if now is not None and same else _AT_FIRST[change["type"]]), **change}


def _full_format(change: Config) -> Config:
    return {"type": "audio/pcm", "rate": 24_000} if change["type"] == "audio/pcm" else dict(change)


def refuse_frozen(config: Config, change: Config, *, spoke: bool, heard: bool, speaking: bool) -> None:
    """Raise when the update touches what is settled by now."""
    if change["type"] != config["type"]:
        message = "Passing a transcription session update event to a realtime session is not allowed."
        raise Refused("invalid_parameter", message, "session.type")
    if change.get("model", config["model"]) != config["model"]:
        raise Refused("cannot_update_model", "The model of a session cannot be changed.", "session.model")
    if config["tracing"] is not None and change.get("tracing", config["tracing"]) != config["tracing"]:
        raise Refused("cannot_update_tracing", "Tracing cannot be changed once it is on.", "session.tracing")
    _refuse_unsupported(config, change)
    if sorted(change.get("output_modalities", ["audio"])) not in (["audio"], ["text"]):
        raise both_modalities("session.output_modalities")
    audio = change.get("audio", {})
    output = audio.get("output", {})
    refuse_voice(config, output, spoke=spoke, path="session.audio.output.voice")
    if (
        speaking
        and output.get("speed", config["audio"]["output"]["speed"]) != config["audio"]["output"]["speed"]
    ):
        message = "The speed cannot be changed while a response is in progress."
        raise Refused("invalid_value", message, "session.audio.output.speed")
    for side, flowed in (("input", heard), ("output", spoke)):
        now = config["audio"][side]["format"]
        if flowed and audio.get(side, {}).get("format", now)["type"] != now["type"]:
            message = f"The {side} format cannot be changed once there was audio."
            raise Refused("invalid_value", message, f"session.audio.{side}.format")


def _refuse_unsupported(config: Config, change: Config) -> None:
    for name in ("reasoning", "parallel_tool_calls"):
        if change.get(name) is not None and not REASONING_MODELS.fullmatch(config["model"]):
            raise _unsupported(name, config["model"], "session")
    transcription = change.get("audio", {}).get("input", {}).get("transcription") or {}
    now = config["audio"]["input"]["transcription"] or _TRANSCRIPTION
    model = transcription.get("model", now["model"])
    path = "session.audio.input.transcription"
    if model not in TRANSCRIPTION_MODELS:
        raise wrong_value(f"{path}.model", model, TRANSCRIPTION_MODELS)
    for name, models in ONLY_WITH.items():
        if transcription.get(name) is not None and model not in models:
            raise _unsupported(name, model, path)


def _unsupported(name: str, model: str, path: str) -> Refused:
    message = f"Unsupported parameter: '{name}' is not supported with the model '{model}'."
    return Refused("unsupported_parameter", message, f"{path}.{name}")


def refuse_voice(config: Config, output: Config, *, spoke: bool, path: str) -> None:
    now = config["audio"]["output"]["voice"]
    if spoke and output.get("voice", now) != now:
        message = "Cannot update a conversation's voice if assistant audio is present."
        raise Refused("cannot_update_voice", message, path)


def both_modalities(path: str) -> Refused:
    message = "Invalid modalities: expected exactly one of ['audio'] and ['text']."
    return Refused("invalid_value", message, path)
