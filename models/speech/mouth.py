"""The child that speaks: piper, one breath at a time, asked through pipes.

The only module that imports piper, which is GPL-3.0-or-later: nothing else of ours shares a process with it.
May import: numpy, onnxruntime, piper, models.speech.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import onnxruntime as ort
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors
from piper import PiperVoice, SynthesisConfig
from piper.config import PiperConfig

from models.speech.pipes import Pipes, told

# Each sentence scaled to full range for itself makes the loudness jump from one to the next.
SPOKEN = SynthesisConfig(normalize_audio=False)
FAILS = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    RuntimeError,
    ort_errors.Fail,
    ort_errors.InvalidArgument,
    ort_errors.InvalidGraph,
    ort_errors.InvalidProtobuf,
    ort_errors.NoSuchFile,
    ort_errors.NotImplemented,
    ort_errors.RuntimeException,
)


def loaded(folder: Path, threads: int) -> PiperVoice:
    """The voice whose files are in this folder, on a session that keeps to its threads."""
    path = next(iter(sorted(folder.rglob("*.onnx"))), None)
    if path is None:
        raise FileNotFoundError(f"{folder} has no voice in it")
    options = ort.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    config = PiperConfig.from_dict(json.loads(Path(f"{path}.json").read_text("utf-8")))
    return PiperVoice(session=session, config=config, download_dir=folder)


def spoken(voice: PiperVoice, text: str) -> bytes:
    """The text as audio, of the voice's rate."""
    return b"".join(part.audio_int16_bytes for part in voice.synthesize(text, SPOKEN))


def _voices(folders: dict[str, str], threads: int) -> tuple[dict[str, PiperVoice], dict[str, str]]:
    """The voices that speak, and for the others why they do not."""
    voices, problems = {}, {}
    for name, folder in folders.items():
        try:
            voice = loaded(Path(folder), threads)
            if not spoken(voice, "0."):
                raise ValueError("it makes no sound")
            voices[name] = voice
        except FAILS as exc:
            problems[name] = f"{type(exc).__name__}: {exc}"[:200]
    return voices, problems


def _answer(voices: dict[str, PiperVoice], asked: dict[str, Any]) -> tuple[str, dict[str, Any], bytes]:
    voice = voices[asked["voice"]]
    try:
        return "spoken", {"rate": voice.config.sample_rate}, spoken(voice, asked["text"])
    except FAILS as exc:
        # The text is private: only what kind of thing went wrong is told.
        return "error", {"text": type(exc).__name__, "code": "text"}, b""


def main() -> int:
    """Speak until the program is gone."""
    pipes, given = Pipes(), told()
    began = time.monotonic()
    voices, problems = _voices(given["folders"], given["threads"])
    took_ms = round((time.monotonic() - began) * 1000)
    pipes.say("ready", {"voices": sorted(voices), "problems": problems, "took_ms": took_ms})
    for asked in pipes.questions():
        pipes.say(*_answer(voices, asked.data))
    return 0


if __name__ == "__main__":
    sys.exit(main())
