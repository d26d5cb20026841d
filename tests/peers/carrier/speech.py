"""Recordings that a caller plays into the telephone, with what was said in them.

Reads files. May import: the standard library, numpy, this package's ulaw.
"""

import struct
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import orjson

from tests.peers.carrier import ulaw

SPEECH_FOLDER = Path(__file__).parents[2] / "data" / "speech"
DIGITS_FOLDER = SPEECH_FOLDER.with_name("digits")
TRANSCRIPTS = "transcripts.json"
PCM, ULAW = 1, 7


class BadRecording(ValueError):
    """The file is no recording that the peer can play."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording in 20 ms frames, and its words; noise has none."""

    name: str
    frames: tuple[bytes, ...]
    transcript: str

    @property
    def length_ms(self) -> int:
        return len(self.frames) * ulaw.FRAME_MS


@lru_cache(maxsize=64)
def load(name: str, folder: Path = SPEECH_FOLDER) -> Recording:
    """Find a recording by its name in the folder, with or without .wav, or by its path."""
    path = _find(name, folder)
    ulaw_8k = wav_to_ulaw(path.read_bytes())
    frames = tuple(
        ulaw_8k[at : at + ulaw.FRAME_BYTES].ljust(ulaw.FRAME_BYTES, b"\xff")
        for at in range(0, len(ulaw_8k), ulaw.FRAME_BYTES)
    )
    return Recording(path.stem, frames, _transcript(path))


def _find(name: str, folder: Path) -> Path:
    for path in (folder / name, folder / f"{name}.wav", DIGITS_FOLDER / f"{name}.wav", Path(name)):
        if path.is_file():
            return path
    raise BadRecording(f"no recording {name!r} in {folder.name}")


def _transcript(path: Path) -> str:
    beside = path.parent / TRANSCRIPTS
    if not beside.is_file():
        return ""
    transcripts: dict[str, str] = orjson.loads(beside.read_bytes())
    return transcripts.get(path.stem, "")


def wav_to_ulaw(wav: bytes) -> bytes:
    """The sound of a WAV file (mu-law, or 16-bit PCM at 8 or 16 kHz, mono) as mu-law at 8 kHz."""
    chunks = _chunks(wav)
    if "fmt " not in chunks or "data" not in chunks:
        raise BadRecording("not a WAV file")
    kind, channels, rate = struct.unpack_from("<HHI", chunks["fmt "])
    if channels != 1 or rate not in (8000, 16000):
        raise BadRecording(f"{channels} channels at {rate} Hz: must be mono at 8000 or 16000")
    if kind == ULAW and rate == 8000:
        return chunks["data"]
    if kind != PCM:
        raise BadRecording(f"WAV of kind {kind}: must be PCM or mu-law")
    data = chunks["data"]
    pcm = np.frombuffer(data[: len(data) & ~1], "<i2").astype(np.int16)
    return ulaw.encode(_halve(pcm) if rate == 16000 else pcm)


def _chunks(wav: bytes) -> dict[str, bytes]:
    if wav[:4] != b"RIFF" or wav[8:12] != b"WAVE":
        raise BadRecording("not a WAV file")
    chunks, at = {}, 12
    while at + 8 <= len(wav):
        name, size = wav[at : at + 4].decode("latin-1"), int.from_bytes(wav[at + 4 : at + 8], "little")
        chunks[name] = wav[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
    return chunks


def _halve(pcm_16k: ulaw.Pcm) -> ulaw.Pcm:
    """16 kHz to 8 kHz through a short low-pass, so that sibilants do not fold into the voice."""
    taps = np.sinc(np.arange(-15, 16) / 2.2) * np.hamming(31)
    smooth = np.convolve(pcm_16k.astype(np.float64), taps / taps.sum(), mode="same")[::2]
    halved: ulaw.Pcm = np.clip(np.rint(smooth), -32768, 32767).astype(np.int16)
    return halved
