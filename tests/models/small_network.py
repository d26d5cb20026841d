"""A real network of a few words, in a folder as weights of embeddings are: each word goes its own direction.

May import: the standard library, numpy, tokenizers, models.embed.
"""

from pathlib import Path

import numpy as np
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit

from models.embed import NETWORK, TOKENS
from tests.models import onnx_table


def put(folder: Path, words: tuple[str, ...], size: int = 384) -> Path:
    """Write one that knows these words; all others are one to it."""
    folder.mkdir(parents=True)
    known = {word: place for place, word in enumerate(("[UNK]", "[PAD]", "query:", "passage:", *words))}
    tokenizer = Tokenizer(WordLevel(known, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    tokenizer.save(str(folder / TOKENS))
    table = np.random.default_rng(1).standard_normal((len(known), size)).astype(np.float32)
    (folder / NETWORK).write_bytes(onnx_table.network(table))
    return folder
