"""Sentence embeddings by a network on disk, straight on onnxruntime. One thread, shared by all who ask.

The network that ships with the product is English (all-MiniLM-L6-v2, 384 numbers a text). May import:
appliance.core, numpy, onnxruntime, tokenizers.
"""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import onnxruntime as ort
import tokenizers
from numpy.typing import NDArray

from appliance.core.errors import AttendantError

Float32 = NDArray[np.float32]

SHIPPED = Path(__file__).parent / "embedded" / "all-MiniLM-L6-v2-int8"
NETWORK, TOKENS = "model_int8.onnx", "tokenizer.json"
LONGEST_TOKENS = 256
AT_ONCE = 16
SUMS = "SHA256SUMS"


class EmbedderFailed(AttendantError):
    """The embedding network cannot be used. Understanding and search go on by words alone."""


def _checked(folder: Path) -> None:
    """Refuse a model that lacks a file, or whose file is not what its list of checksums says."""
    missing = [name for name in (NETWORK, TOKENS) if not (folder / name).is_file()]
    if missing:
        raise EmbedderFailed(f"The embedding model in {folder} lacks {' and '.join(missing)}.")
    # The packages do not say of a file that it is broken: one raises a bare Exception, one a dozen kinds.
    sums = folder / SUMS
    for line in sums.read_text("utf-8").splitlines() if sums.is_file() else ():
        digest, _, name = line.partition("  ")
        if hashlib.sha256((folder / name).read_bytes()).hexdigest() != digest:
            raise EmbedderFailed(f"The embedding model in {folder} is broken: {name} is not what it was.")


def _session(path: Path) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def _tokenizer(path: Path) -> tokenizers.Tokenizer:
    tokenizer = tokenizers.Tokenizer.from_file(str(path))
    tokenizer.enable_truncation(LONGEST_TOKENS)
    tokenizer.enable_padding()
    return tokenizer


class Embedder:
    """Texts to unit vectors. `embed` may be called from several threads."""

    def __init__(self, folder: Path = SHIPPED) -> None:
        _checked(folder)
        try:
            self._tokenizer = _tokenizer(folder / TOKENS)
            self._session = _session(folder / NETWORK)
        except OSError as exc:
            raise EmbedderFailed(f"The embedding model in {folder} cannot be read: {exc}") from exc
        self.model_id = folder.name
        self.size = int(self._session.get_outputs()[0].shape[-1])

    def embed(self, texts: Sequence[str]) -> Float32:
        """One row a text, in order, each of length 1."""
        made = np.zeros((len(texts), self.size), np.float32)
        # Texts of like length go together, so that little is spent on padding.
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        for start in range(0, len(order), AT_ONCE):
            places = order[start : start + AT_ONCE]
            made[places] = self._run([texts[place] for place in places])
        return made

    def _run(self, texts: Iterable[str]) -> Float32:
        coded = self._tokenizer.encode_batch(list(texts))
        fed = {
            "input_ids": np.array([each.ids for each in coded], np.int64),
            "attention_mask": np.array([each.attention_mask for each in coded], np.int64),
        }
        rows = np.asarray(self._session.run(None, fed)[0], np.float32)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        unit: Float32 = rows / np.maximum(lengths, 1e-12)
        return unit
