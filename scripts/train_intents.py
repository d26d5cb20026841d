"""Makes the weights of the classifier of wishes anew: `python -m scripts.train_intents` (some five minutes).

It learns from appliance/languages/<code>/intents.toml. The same data give the same weights on one machine.
May import: the standard library, numpy, scripts, models, appliance.core.
"""

import random
from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from appliance.core import traits
from appliance.core.linear import Float32, Places, Traits, packed, weighed
from appliance.core.wishes import Intent
from models.embed import Embedder
from models.local import lexicon
from models.local.classifier import INTENTS, SHIPPED
from models.local.directory import directory
from scripts.said_by_callers import SEED, Sentences, Strangers
from scripts.softmax import Learner, batches, dense

EACH = 1400
"""Sentences of each wish in each language."""
LEAST_SEEN = 4
"""A trait that fewer sentences have is left out."""
EPOCHS, BATCH, RATE = 8, 256, 0.02
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


def traits_of(told: Told) -> tuple[Places, list[Traits]]:
    """The traits that are seen often enough, and each text as these."""
    usual = directory(())
    strangers = Strangers.among(text for text, _ in told)
    groups = []
    for text, intent in told:
        tokens = strangers.put(text, intent)
        marked = usual.marked(tokens, usual.mentions(tokens))
        groups.append((traits.word_traits(tokens, marked), traits.piece_traits(tokens)))
    seen = Counter(number for group in groups for part in group for number in part)
    places = Places.of(number for number, count in seen.items() if count >= LEAST_SEEN)
    return places, [weighed(places, group) for group in groups]


def learnt(traits: list[Traits], meanings: Float32, wishes: NDArray[np.int64], width: int) -> list[Float32]:
    """The weights of traits, embedding and bias."""
    chance = np.random.default_rng(SEED)
    shapes = ((width, len(INTENTS)), (meanings.shape[1], len(INTENTS)), (len(INTENTS),))
    learner = Learner(*shapes)
    wanted = np.eye(len(INTENTS), dtype=np.float32)[wishes]
    total = EPOCHS * (len(traits) // BATCH)
    for batch in batches(len(traits), BATCH, EPOCHS, chance):
        rows = dense([traits[each] for each in batch], width)
        heard = meanings[batch] * (chance.random((BATCH, 1)) > WITHOUT_MEANING).astype(np.float32)
        learner.learn((rows, heard), wanted[batch], RATE * (1 - learner.steps / total) + 1e-4)
    return learner.values


def keep(places: Places, weights: list[Float32]) -> None:
    """Write the weights, those of traits in a byte each."""
    traits, meaning, bias = weights
    kept: dict[str, Any] = {
        **packed(places, traits, bias),
        "meaning": (MEANING_SHARE * meaning).astype(np.float16),
        "learnt_from": np.array(lexicon.digest()),
    }
    np.savez_compressed(SHIPPED, **kept)


def main() -> None:
    """Learn and keep the weights."""
    told = examples()
    places, traits = traits_of(told)
    meanings = Embedder().embed([text for text, _ in told])
    wishes = np.array([INTENTS.index(intent) for _, intent in told])
    keep(places, learnt(traits, meanings, wishes, len(places)))
    print(f"{len(told)} sentences, {len(places)} traits: {SHIPPED.stat().st_size} bytes")


if __name__ == "__main__":
    main()
