"""What an utterance means by a network of many languages: a second opinion beside the words.

The network that ships is English. Weights that know more languages are heard in those of which meanings.toml
says so, where they are here; what their embeddings mean scripts/train_meaning.py learns (meanings/*.npz).
May import: the standard library, numpy, pydantic, appliance.core, models.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Self

import numpy as np
from pydantic import Field, TypeAdapter

from appliance.core.errors import EmbedderFailed
from appliance.core.frozen import Frozen
from appliance.core.linear import Float32, WeightsUnreadable, chances, stored_in
from appliance.core.ports import Embedder
from models import embed

TABLE = Path(__file__).parent / "meanings.toml"
LEARNT = Path(__file__).parent / "meanings"
LEAST = 1e-3
"""The chance that an opinion leaves to every wish."""


class Say(Frozen):
    """When a network is asked in a language, and how much it has to say."""

    doubt: float = Field(ge=0, le=1)
    """It is asked where no wish is likelier than this without it."""

    share: float = Field(ge=0, le=4)
    """How much its opinion counts beside all others."""

    unsure: float = Field(ge=0, le=1)
    """Below this chance nothing was understood."""


@cache
def told() -> Mapping[str, Mapping[str, Say]]:
    """What each network has to say, by its name and by language."""
    return TypeAdapter(dict[str, dict[str, Say]]).validate_python(tomllib.loads(TABLE.read_text("utf-8")))


@dataclass(frozen=True, slots=True)
class Head:
    """What embeddings mean: a row of weights for each number of one, a column for each wish, and a bias."""

    middle: Float32
    """Where all utterances lie: what they have in common tells nothing."""

    weights: Float32
    bias: Float32

    @classmethod
    def load(cls, path: Path) -> Self:
        """The weights in this file. Raises WeightsUnreadable."""
        with stored_in(path) as stored:
            middle, weights, bias = (
                stored[name].astype(np.float32) for name in ("middle", "weights", "bias")
            )
            if weights.shape != (len(middle), len(bias)):
                raise ValueError("they do not fit each other")
            return cls(middle, weights, bias)

    def opinion(self, embedding: Float32) -> Float32:
        """How likely each wish is by this alone, as logarithms: never quite sure of anything."""
        apart: Float32 = embedding - self.middle
        scores: Float32 = self.bias + apart @ self.weights
        found: Float32 = np.log(chances(scores) + np.float32(LEAST))
        return found


class Meaning:
    """A network and its say. May be asked from several threads."""

    def __init__(self, embedder: Embedder, head: Head, says: Mapping[str, Say]) -> None:
        self.embedder = embedder
        self._head = head
        self._says = says

    @classmethod
    def of(cls, folder: Path) -> Self:
        """By the weights in this folder. Raises EmbedderFailed when they cannot be used for this."""
        says = told().get(folder.name)
        if says is None:
            known = ", ".join(told())
            raise EmbedderFailed(f"Nobody taught us what wishes mean to {folder.name}. Known: {known}.")
        try:
            head = Head.load(LEARNT / f"{folder.name}.npz")
        except WeightsUnreadable as exc:
            raise EmbedderFailed(str(exc)) from exc
        embedder = embed.Embedder(folder)
        if embedder.size != len(head.middle):
            raise EmbedderFailed(f"{folder} gives {embedder.size} numbers, and not {len(head.middle)}.")
        return cls(embedder, head, says)

    def say(self, language: str) -> Say | None:
        """How much it has to say in this language; None for nothing."""
        return self._says.get(language)

    def opinion(self, text: str, say: Say) -> Float32:
        """What it has to say of a text, to be added to what the words say."""
        made: Float32 = say.share * self._head.opinion(self.embedder.embed([text], asked=True)[0])
        return made
