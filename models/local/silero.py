"""The Silero voice-activity network (v6, as faster-whisper carries it), straight on onnxruntime.

One session serves all calls; each call keeps its own recurrent state. Several windows of one call go through
in one run. The network takes 16 kHz and was taught with wide sound: what a line has above 3 kHz, cut off by
the telephone's band and full of its noise, makes it unsure of speech, so it is not given that.
May import: appliance.core, models.local, numpy, onnxruntime.
"""

import importlib.util
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnxruntime as ort
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

from appliance.core.errors import AttendantError
from models.local.doubling import Float32, linear

WINDOW = 512
CONTEXT = 64
SAMPLES_PER_MS = 16
STATE = (1, 1, 128)
TAPS = 32
PASSES_HZ = 3000
# From so many on, numpy convolves in the fast way.
FAST_TAPS = 32
FAINTEST = 1e-9
# The engine has a dozen kinds without a common one; these are what a file and its first run raise.
_BROKEN = (
    ort_errors.EPFail,
    ort_errors.Fail,
    ort_errors.InvalidArgument,
    ort_errors.InvalidGraph,
    ort_errors.InvalidProtobuf,
    ort_errors.NoModel,
    ort_errors.NoSuchFile,
    ort_errors.NotImplemented,
    ort_errors.RuntimeException,
)


class DetectorBroken(AttendantError):
    """The network cannot be used: go on without an ear of our own, and say so."""


def shipped_weights() -> Path | None:
    """The network's file inside the installed faster-whisper; None when that is not installed."""
    spec = importlib.util.find_spec("faster_whisper")
    for folder in (spec.submodule_search_locations if spec else None) or []:
        path = Path(folder) / "assets" / "silero_vad_v6.onnx"
        if path.is_file():
            return path
    return None


def _low_pass() -> tuple[Float32, Float32]:
    """A low-pass at 16 kHz, as the taps that fall on the line's samples and those that fall between them."""
    at = np.arange(TAPS) - (TAPS - 1) / 2
    weights = np.sinc(2 * PASSES_HZ / 16000 * at) * np.hamming(TAPS)
    scaled = (2 * weights / weights.sum()).astype(np.float32)
    unused = (0, FAST_TAPS - TAPS // 2)
    return np.pad(scaled[0::2], unused), np.pad(scaled[1::2], unused)


EVEN, ODD = _low_pass()


def _state() -> Float32:
    return np.zeros(STATE, np.float32)


@dataclass(slots=True)
class Ear:
    """What the network remembers of one line."""

    h: Float32 = field(default_factory=_state)
    c: Float32 = field(default_factory=_state)
    tail: Float32 = field(default_factory=lambda: np.zeros(CONTEXT, np.float32))
    left: Float32 = field(default_factory=lambda: np.zeros(0, np.float32))
    past: Float32 = field(default_factory=lambda: np.zeros(len(EVEN) - 1, np.float32))

    def forget(self) -> int:
        """Begin anew after a silence; return how many ms were left that filled no window."""
        left_ms = len(self.left) // SAMPLES_PER_MS
        self.h, self.c = _state(), _state()
        self.tail = np.zeros(CONTEXT, np.float32)
        self.left = np.zeros(0, np.float32)
        return left_ms

    def doubled(self, ulaw_8k: bytes) -> Float32:
        """The next audio of the line at 16 kHz, 1 ms late, in -1..1."""
        line = np.concatenate((self.past, linear(ulaw_8k)))
        self.past = line[1 - len(EVEN) :]
        made = np.empty(2 * (len(line) - len(EVEN) + 1), np.float32)
        made[0::2] = np.convolve(line, EVEN, "valid")
        made[1::2] = np.convolve(line, ODD, "valid")
        return made

    def windows(self, samples_16k: Float32) -> Float32 | None:
        """The whole windows that what was given so far fills, each with its context; None when it is none."""
        samples = np.concatenate((self.left, samples_16k))
        count = len(samples) // WINDOW
        self.left = samples[count * WINDOW :]
        if not count:
            return None
        line = np.concatenate((self.tail, samples[: count * WINDOW]))
        self.tail = line[-CONTEXT:]
        return np.ascontiguousarray(
            np.lib.stride_tricks.sliding_window_view(line, CONTEXT + WINDOW)[::WINDOW]
        )


class Window(NamedTuple):
    """32 ms of a line: the probability of speech, and how loud it is (0 dB: full scale)."""

    likely: float
    loud_db: float


class Silero:
    """The network. `windows` may be called from one thread at a time for an ear.

    Raises DetectorBroken when the file is not the network, or not all of it.
    """

    def __init__(self, path: Path) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
            self.windows_16k(Ear(), np.zeros(WINDOW, np.float32))
        except (*_BROKEN, OSError, ValueError) as exc:
            problem = str(exc).partition("\n")[0]
            raise DetectorBroken(f"The speech detector {path} cannot be used: {problem}") from exc

    def windows(self, ear: Ear, ulaw_8k: bytes) -> list[Window]:
        """What each whole 32 ms of what was given so far sounds like."""
        return self.windows_16k(ear, ear.doubled(ulaw_8k))

    def windows_16k(self, ear: Ear, samples_16k: Float32) -> list[Window]:
        """The same for samples of a wide line, in -1..1."""
        given = ear.windows(samples_16k)
        if given is None:
            return []
        likely, ear.h, ear.c = self._session.run(None, {"input": given, "h": ear.h, "c": ear.c})
        return [Window(*each) for each in zip(np.ravel(likely).tolist(), loud_db(given), strict=True)]


def loud_db(windows: Float32) -> list[float]:
    """How loud each window is."""
    power = np.einsum("ij,ij->i", windows, windows) / (CONTEXT + WINDOW)
    decibels: list[float] = (10 * np.log10(power + FAINTEST)).tolist()
    return decibels
