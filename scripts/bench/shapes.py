"""Weights of Whisper's true shapes with nothing in them: what they cost is true, what they write is not.

An utterance comes to a fixed number of tokens: from there on the decoder's position alone points to the end
of the text. May import: the standard library, numpy, ctranslate2.
"""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
from ctranslate2.specs import WhisperSpec
from numpy.typing import NDArray

# Width, layers and heads, of the encoder and of the decoder alike.
SHAPES = {"tiny": (384, 4, 6), "base": (512, 6, 8), "small": (768, 12, 12)}
VOCABULARY, MELS, FRAMES, POSITIONS = 51865, 80, 1500, 448
END_OF_TEXT, ENGLISH = 50257, 50259
PROMPT = 4
SURE = 30.0

Floats = NDArray[np.float32]


class _Shape:
    """Fills one specification."""

    def __init__(self, width: int, seed: int) -> None:
        self._width = width
        self._random = np.random.default_rng(seed)

    def weights(self, *shape: int) -> Floats:
        return (self._random.standard_normal(shape) * 0.02).astype(np.float32)

    def linear(self, layer: Any, out: int, into: int) -> None:
        layer.weight, layer.bias = self.weights(out, into), np.zeros(out, np.float32)

    def norm(self, layer: Any) -> None:
        layer.gamma, layer.beta = np.ones(self._width, np.float32), np.zeros(self._width, np.float32)

    def attention(self, layer: Any, *outs: int) -> None:
        self.norm(layer.layer_norm)
        for linear, out in zip(layer.linear, outs, strict=True):
            self.linear(linear, out, self._width)

    def block(self, layer: Any) -> None:
        width = self._width
        self.attention(layer.self_attention, 3 * width, width)
        if hasattr(layer, "attention"):
            self.attention(layer.attention, width, 2 * width, width)
        self.norm(layer.ffn.layer_norm)
        self.linear(layer.ffn.linear_0, 4 * width, width)
        self.linear(layer.ffn.linear_1, width, 4 * width)

    def convolution(self, layer: Any, into: int) -> None:
        layer.weight, layer.bias = self.weights(self._width, into, 3), np.zeros(self._width, np.float32)


def make(folder: Path, name: str, tokens: int, like: Path, *, sure: bool = False) -> None:
    """Write weights of this shape into a folder; vocabulary and tokenizer come from other weights.

    Those that are `sure` of the words that they write are believed, as what people say is.
    """
    width, layers, heads = SHAPES[name]
    spec, shape = WhisperSpec(layers, heads, layers, heads), _Shape(width, seed=1)
    encoder, decoder = spec.encoder, spec.decoder
    shape.convolution(encoder.conv1, MELS)
    shape.convolution(encoder.conv2, width)
    encoder.position_encodings.encodings = shape.weights(FRAMES, width)
    decoder.embeddings.weight = shape.weights(VOCABULARY, width)
    # One direction of the width says whether the text is at its end, louder than all the rest.
    ahead = np.zeros(width, np.float32)
    ahead[0] = 50.0
    last = np.arange(POSITIONS) >= PROMPT - 1 + tokens
    decoder.position_encodings.encodings = np.where(last[:, None], ahead, -ahead).astype(np.float32)
    decoder.projection.weight = shape.weights(VOCABULARY, width)
    if sure:
        decoder.projection.weight *= SURE
        decoder.projection.weight[END_OF_TEXT + 1 :] = 0.0
    decoder.projection.weight[:, 0] = 0.0
    decoder.projection.weight[END_OF_TEXT, 0] = 5.0
    if sure:
        # More than any other language, and less than any word: the language is told surely, too.
        decoder.projection.weight[ENGLISH, 0] = -0.35
    for side in (encoder, decoder):
        shape.norm(side.layer_norm)
        for layer in side.layer:
            shape.block(layer)
    spec.register_vocabulary([f"<{number}>" for number in range(VOCABULARY)])
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(str(folder))
    for file in ("config.json", "tokenizer.json", "vocabulary.json", "preprocessor_config.json"):
        shutil.copyfile(like / file, folder / file)
