"""Sentence embeddings by a network on disk, straight on onnxruntime. One thread, shared by all who ask.

The network that ships with the product is English (all-MiniLM-L6-v2, 384 numbers a text). May import:
appliance.core, numpy, onnxruntime, tokenizers.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime as ort
import tokenizers
from numpy.typing import NDArray

from appliance.core.errors import EmbedderFailed

Float32 = NDArray[np.float32]

SHIPPED = Path(__file__).parent / "embedded" / "all-MiniLM-L6-v2-int8"
NETWORK, TOKENS = "model_int8.onnx", "tokenizer.json"
LONGEST_TOKENS = 256
AT_ONCE = 16
PREFIXES = {"multilingual-e5-small": ("passage: ", "query: ")}
"""What a network was taught to find before passages and before questions, by the name of its weights."""
SUMS = "SHA256SUMS"


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


def _session(path: Path, threads: int) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    # Short questions are told a tenth sooner; what many passages at once would keep is not worth it.
    options.enable_cpu_mem_arena = threads == 1
    options.log_severity_level = 4
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def _tokenizer(path: Path) -> tokenizers.Tokenizer:
    tokenizer = tokenizers.Tokenizer.from_file(str(path))
    tokenizer.enable_truncation(LONGEST_TOKENS)
    tokenizer.enable_padding()
    return tokenizer


class Embedder:
    """Texts to unit vectors. `embed` may be called from several threads, and computes in so many."""

    def __init__(self, folder: Path = SHIPPED, threads: int = 1) -> None:
        _checked(folder)
        try:
            self._tokenizer = _tokenizer(folder / TOKENS)
            self._session = _session(folder / NETWORK, threads)
        except OSError as exc:
            raise EmbedderFailed(f"The embedding model in {folder} cannot be read: {exc}") from exc
        self.model_id = folder.name
        self.size = int(self._session.get_outputs()[0].shape[-1])
        self._wanted = {each.name for each in self._session.get_inputs()}
        self._before_passages, self._before_questions = PREFIXES.get(folder.name, ("", ""))

    def embed(self, texts: Sequence[str], *, asked: bool = False) -> Float32:
        """One row a text, in order, each of length 1; `asked`: the texts are questions."""
        before = self._before_questions if asked else self._before_passages
        made = np.zeros((len(texts), self.size), np.float32)
        # Texts of like length go together, so that little is spent on padding.
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        for start in range(0, len(order), AT_ONCE):
            places = order[start : start + AT_ONCE]
            made[places] = self._run([before + texts[place] for place in places])
        return made

    def count(self, text: str) -> int:
        """How many tokens a text is, whatever its length."""
        coded = self._tokenizer.encode(text, add_special_tokens=False)
        # What is behind the longest that is embedded is filled up, and that counts for nothing.
        return sum(sum(part.attention_mask) for part in (coded, *coded.overflowing))

    def _run(self, texts: list[str]) -> Float32:
        coded = self._tokenizer.encode_batch(texts)
        mask = np.array([each.attention_mask for each in coded], np.int64)
        ids = np.array([each.ids for each in coded], np.int64)
        fed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        told = self._session.run(None, {name: fed[name] for name in self._wanted})[0]
        rows = np.asarray(told, np.float32)
        if rows.ndim == 3:
            # A row for each token: the text is their mean.
            told_of = mask[:, :, None].astype(np.float32)
            rows = (rows * told_of).sum(axis=1) / told_of.sum(axis=1)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        unit: Float32 = rows / np.maximum(lengths, 1e-12)
        return unit
