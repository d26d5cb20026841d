"""Makes the weights of the classifier of wishes anew: `python -m scripts.train_intents` (some five minutes).

It learns from appliance/languages/<code>/intents.toml. The same data give the same weights on one machine.
May import: the standard library, numpy, scripts, models, appliance.core.
"""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from appliance.core.wishes import Intent
from models.embed import Embedder
from models.local import lexicon, traits
from models.local.classifier import INTENTS, SHIPPED, Float32, Traits, weighed
from models.local.directory import directory
from scripts.said_by_callers import SEED, Sentences, Strangers

EACH = 1400
"""Sentences of each wish in each language."""
LEAST_SEEN = 4
"""A trait that fewer sentences have is left out."""
EPOCHS, BATCH, RATE, DECAY = 8, 256, 0.02, 1e-6
WITHOUT_MEANING = 0.35
"""The share of sentences learnt without their embedding, so that words alone suffice where there is none."""
MEANING_SHARE = 0.75
"""The weight that the embedding keeps: the network is English, and Spanish rests on words."""

Told = list[tuple[str, Intent]]


def examples() -> Told:
    """The sentences of all languages with their wishes, in a random order."""
    drawing = [Sentences.of(language) for language in lexicon.LANGUAGES]
    made = [(text, intent) for each in drawing for intent in INTENTS for text in each.drawn(intent, EACH)]
    random.Random(SEED).shuffle(made)
    return made


def traits_of(told: Told) -> tuple[dict[int, int], list[Traits]]:
    """The traits that are seen often enough, and each text as these."""
    usual = directory(())
    strangers = Strangers.among(text for text, _ in told)
    groups = []
    for text, intent in told:
        tokens = strangers.put(text, intent)
        marked = usual.marked(tokens, usual.mentions(tokens))
        groups.append((traits.word_traits(tokens, marked), traits.piece_traits(tokens)))
    seen = Counter(number for group in groups for part in group for number in part)
    kept = sorted(number for number, count in seen.items() if count >= LEAST_SEEN)
    place = {number: row for row, number in enumerate(kept)}
    return place, [weighed(place, group) for group in groups]


@dataclass(slots=True)
class Learner:
    """Softmax regression, learnt in small batches (Adam): weights of traits, of an embedding, and a bias."""

    weights: list[Float32]
    steps: int = 0
    first: list[Float32] = field(default_factory=list)
    second: list[Float32] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.first = [np.zeros_like(each) for each in self.weights]
        self.second = [np.zeros_like(each) for each in self.weights]

    def learn(self, rows: Float32, heard: Float32, wanted: Float32, rate: float) -> None:
        """Go one step towards what is wanted for these sentences."""
        traits, meaning, bias = self.weights
        scores = rows @ traits + heard @ meaning + bias
        raised = np.exp(scores - scores.max(axis=1, keepdims=True))
        off = (raised / raised.sum(axis=1, keepdims=True) - wanted) / len(wanted)
        self._step([rows.T @ off + DECAY * traits, heard.T @ off + DECAY * meaning, off.sum(axis=0)], rate)

    def _step(self, slopes: list[Float32], rate: float) -> None:
        self.steps += 1
        for slot, slope in enumerate(slopes):
            self.first[slot] = 0.9 * self.first[slot] + 0.1 * slope
            self.second[slot] = 0.99 * self.second[slot] + 0.01 * slope * slope
            ahead = self.first[slot] / (1 - 0.9**self.steps)
            spread = np.sqrt(self.second[slot] / (1 - 0.99**self.steps)) + 1e-8
            self.weights[slot] -= (rate * ahead / spread).astype(np.float32)


def _batches(count: int, chance: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    for _ in range(EPOCHS):
        order = chance.permutation(count)
        for start in range(0, count - BATCH + 1, BATCH):
            yield order[start : start + BATCH]


def learnt(traits: list[Traits], meanings: Float32, wishes: NDArray[np.int64], width: int) -> list[Float32]:
    """The weights of traits, embedding and bias."""
    chance = np.random.default_rng(SEED)
    shapes = ((width, len(INTENTS)), (meanings.shape[1], len(INTENTS)), (len(INTENTS),))
    learner = Learner([np.zeros(shape, np.float32) for shape in shapes])
    wanted = np.eye(len(INTENTS), dtype=np.float32)[wishes]
    total = EPOCHS * (len(traits) // BATCH)
    for batch in _batches(len(traits), chance):
        rows = np.zeros((BATCH, width), np.float32)
        for line, each in enumerate(batch):
            rows[line, traits[each].rows] = traits[each].shares
        heard = meanings[batch] * (chance.random((BATCH, 1)) > WITHOUT_MEANING).astype(np.float32)
        learner.learn(rows, heard, wanted[batch], RATE * (1 - learner.steps / total) + 1e-4)
    return learner.weights


def keep(place: dict[int, int], weights: list[Float32]) -> None:
    """Write the weights, those of traits in a byte each."""
    traits, meaning, bias = weights
    scale = np.abs(traits).max(axis=0) / 127
    np.savez_compressed(
        SHIPPED,
        numbers=np.array(list(place), np.uint32),
        traits=np.rint(traits / scale).astype(np.int8),
        scale=scale.astype(np.float32),
        meaning=(MEANING_SHARE * meaning).astype(np.float16),
        bias=bias.astype(np.float32),
        learnt_from=np.array(lexicon.digest()),
    )


def main() -> None:
    """Learn and keep the weights."""
    told = examples()
    place, traits = traits_of(told)
    meanings = Embedder().embed([text for text, _ in told])
    wishes = np.array([INTENTS.index(intent) for _, intent in told])
    keep(place, learnt(traits, meanings, wishes, len(place)))
    print(f"{len(told)} sentences, {len(place)} traits: {SHIPPED.stat().st_size} bytes")


if __name__ == "__main__":
    main()
