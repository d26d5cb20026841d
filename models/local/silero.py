"""The Silero voice-activity network (v6, as faster-whisper carries it), straight on onnxruntime.

One session serves all calls; each call keeps its own recurrent state. Several windows of one call go through
in one run. May import: models.local, numpy, onnxruntime.
"""

import importlib.util
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnxruntime as ort

from models.local.doubling import TAPS, Float32, doubled, linear

WINDOW = 512
CONTEXT = 64
SAMPLES_PER_MS = 16
STATE = (1, 1, 128)


def shipped_weights() -> Path | None:
    """The network's file inside the installed faster-whisper; None when that is not installed."""
    spec = importlib.util.find_spec("faster_whisper")
    for folder in (spec.submodule_search_locations if spec else None) or []:
        path = Path(folder) / "assets" / "silero_vad_v6.onnx"
        if path.is_file():
            return path
    return None


def _state() -> Float32:
    return np.zeros(STATE, np.float32)


@dataclass(slots=True)
class Ear:
    """What the network remembers of one line."""

    h: Float32 = field(default_factory=_state)
    c: Float32 = field(default_factory=_state)
    tail: Float32 = field(default_factory=lambda: np.zeros(CONTEXT, np.float32))
    left: Float32 = field(default_factory=lambda: np.zeros(0, np.float32))
    past: Float32 = field(default_factory=lambda: np.zeros(TAPS - 1, np.float32))

    def forget(self) -> int:
        """Begin anew after a silence; return how many ms were left that filled no window."""
        left_ms = len(self.left) // SAMPLES_PER_MS
        self.h, self.c = _state(), _state()
        self.tail = np.zeros(CONTEXT, np.float32)
        self.left = np.zeros(0, np.float32)
        return left_ms

    def doubled(self, ulaw_8k: bytes) -> Float32:
        """The next audio of the line at 16 kHz, 4 ms late, in -1..1."""
        line = np.concatenate((self.past, linear(ulaw_8k)))
        self.past = line[1 - TAPS :]
        return doubled(line)


class Silero:
    """The network. `probabilities` may be called from one thread at a time for an ear."""

    def __init__(self, path: Path) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def probabilities(self, ear: Ear, ulaw_8k: bytes) -> list[float]:
        """The probability of speech in each whole 32 ms of what was given so far."""
        samples = np.concatenate((ear.left, ear.doubled(ulaw_8k)))
        count = len(samples) // WINDOW
        ear.left = samples[count * WINDOW :]
        if not count:
            return []
        line = np.concatenate((ear.tail, samples[: count * WINDOW]))
        ear.tail = line[-CONTEXT:]
        windows = np.lib.stride_tricks.sliding_window_view(line, CONTEXT + WINDOW)[::WINDOW]
        fed = {"input": np.ascontiguousarray(windows), "h": ear.h, "c": ear.c}
        likely, ear.h, ear.c = self._session.run(None, fed)
        return [float(each) for each in np.ravel(likely)]
