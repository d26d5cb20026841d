"""Makes the weights of the classifier of wishes anew: `python -m scripts.train_intents`.

It learns from appliance/languages/<code>/intents.toml: fills the sentences' gaps, puts what callers say around
them, and lets a recogniser slip here and there. The same data give the same weights on the same machine.
May import: the standard library, numpy, models, appliance.core.
"""

import random
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from appliance.core.wishes import Intent
from models.embed import Embedder
from models.local import lexicon, wording
from models.local.classifier import INTENTS, SHIPPED, Float32, Traits, weighed
from models.local.directory import directory

EACH = 1400
SEED = 20240611
LEAST_SEEN = 4
USUAL_WORDS = 400
EPOCHS, BATCH, RATE, DECAY = 8, 256, 0.02, 1e-6
WITHOUT_MEANING = 0.35
SHORT = {Intent.YES, Intent.NO, Intent.REPEAT, Intent.GOODBYE, Intent.NONE}
GAP = re.compile(r"\{(\w+)\}")


@dataclass(slots=True)
class Sentences:
    """Draws sentences as callers say them from a language's examples."""

    told: Mapping[str, Any]
    departments: list[str]
    chance: random.Random = field(default_factory=lambda: random.Random(SEED))

    def drawn(self, intent: Intent, count: int) -> list[str]:
        """So many sentences of a wish, no two alike."""
        given = self.told["intents"][intent]
        examples = [*given["examples"], *given["whole"]]
        made: set[str] = {lexicon.plain(self._filled(each)) for each in examples}
        for _ in range(10 * count):
            if len(made) >= count:
                break
            made.add(self._slipped(self._framed(self._filled(self.chance.choice(examples)), intent)))
        return sorted(made - {""})

    def _filled(self, sentence: str) -> str:
        while found := GAP.search(sentence):
            name = found.group(1)
            choices = self.departments if name == "department" else self.told["words"][name]
            sentence = f"{sentence[: found.start()]}{self.chance.choice(choices)}{sentence[found.end() :]}"
        return sentence

    def _framed(self, sentence: str, intent: Intent) -> str:
        around = self.told["around"]
        short = intent in SHORT
        if self.chance.random() < (0.2 if short else 0.45):
            before = around["fillers"] if short else around["before"]
            sentence = f"{self._filled(self.chance.choice(before))} {sentence}"
            if not short and self.chance.random() < 0.3:
                sentence = f"{self._filled(self.chance.choice(before))} {sentence}"
        if not short and self.chance.random() < 0.25:
            sentence = f"{sentence} {self.chance.choice(around['after'])}"
        return sentence

    def _slipped(self, sentence: str) -> str:
        words = wording.words(sentence)
        if len(words) > 3 and self.chance.random() < 0.15:
            words.pop(self.chance.randrange(len(words)))
        if self.chance.random() < 0.1 and words:
            place = self.chance.randrange(len(words))
            words[place] = self._misheard(words[place])
        if len(words) > 2 and self.chance.random() < 0.05:
            place = self.chance.randrange(len(words))
            words.insert(place, words[place])
        return " ".join(words)

    def _misheard(self, word: str) -> str:
        if len(word) < 5:
            return word
        place = self.chance.randrange(1, len(word))
        return word[:place] + self.chance.choice(("", word[place - 1], "e", "s")) + word[place + 1 :]


def examples() -> list[tuple[str, Intent]]:
    """The sentences of all languages with their wishes, in a random order."""
    made = []
    for language in lexicon.LANGUAGES:
        told = lexicon.table(language, "intents.toml")
        own = [name for each in lexicon.table(language, "departments.toml").values() for name in each["names"]]
        drawing = Sentences(told, own)
        made += [(text, intent) for intent in INTENTS for text in drawing.drawn(intent, EACH)]
    random.Random(SEED).shuffle(made)
    return made


@dataclass(slots=True)
class Strangers:
    """Puts words that nobody knows in place of some: an utterance may hold words that no example has.

    What is asked in words of which most are unknown is seldom for a clinic; a name here or there is nothing.
    """

    usual: frozenset[str]
    chance: random.Random = field(default_factory=lambda: random.Random(SEED))

    @classmethod
    def among(cls, texts: list[str]) -> "Strangers":
        """These texts, whose most frequent words always stay."""
        seen = Counter(word for text in texts for word in set(wording.words(text)))
        return cls(frozenset(word for word, _ in seen.most_common(USUAL_WORDS)))

    def put(self, text: str, intent: Intent) -> list[str]:
        """The words of a text, perhaps with strangers among them."""
        words = wording.words(text)
        share = 0.6 if intent is Intent.NONE else 0.08
        if self.chance.random() > (0.4 if intent is Intent.NONE else 0.3):
            return words
        return [self._stranger(word) if self._goes(word, share) else word for word in words]

    def _goes(self, word: str, share: float) -> bool:
        return word not in self.usual and self.chance.random() < share

    def _stranger(self, word: str) -> str:
        return "".join(self.chance.choice("bcdfgjklmnprstvz" if c not in "aeiou" else "aeiou") for c in word)


def traits_of(told: list[tuple[str, Intent]]) -> tuple[dict[int, int], list[Traits]]:
    """The traits that are seen often enough, and each text as these."""
    usual = directory(())
    strangers = Strangers.among([text for text, _ in told])
    groups = []
    for text, intent in told:
        tokens = strangers.put(text, intent)
        marked = usual.marked(tokens, usual.mentions(tokens))
        groups.append((wording.word_traits(tokens, marked), wording.piece_traits(tokens)))
    seen = Counter(number for group in groups for part in group for number in part)
    kept = sorted(number for number, count in seen.items() if count >= LEAST_SEEN)
    place = {number: row for row, number in enumerate(kept)}
    return place, [weighed(place, group) for group in groups]


@dataclass(slots=True)
class Learner:
    """Softmax regression, learnt in small batches (Adam)."""

    weights: list[Float32]
    steps: int = 0
    first: list[Float32] = field(default_factory=list)
    second: list[Float32] = field(default_factory=list)

    def step(self, slopes: list[Float32], rate: float) -> None:
        """Go one step down these slopes."""
        self.steps += 1
        for slot, slope in enumerate(slopes):
            if len(self.first) <= slot:
                self.first.append(np.zeros_like(slope))
                self.second.append(np.zeros_like(slope))
            self.first[slot] = 0.9 * self.first[slot] + 0.1 * slope
            self.second[slot] = 0.99 * self.second[slot] + 0.01 * slope * slope
            ahead = self.first[slot] / (1 - 0.9**self.steps)
            spread = np.sqrt(self.second[slot] / (1 - 0.99**self.steps)) + 1e-8
            self.weights[slot] -= (rate * ahead / spread).astype(np.float32)


def learnt(traits: list[Traits], meanings: Float32, wishes: np.ndarray, width: int) -> list[Float32]:
    """The weights of traits, embedding and bias."""
    chance = np.random.default_rng(SEED)
    count = len(INTENTS)
    learner = Learner(
        [np.zeros((width, count), np.float32), np.zeros((meanings.shape[1], count), np.float32), np.zeros(count, np.float32)]
    )
    wanted = np.eye(count, dtype=np.float32)[wishes]
    total = EPOCHS * len(traits) // BATCH
    for epoch in range(EPOCHS):
        order = chance.permutation(len(traits))
        for start in range(0, len(order) - BATCH + 1, BATCH):
            batch = order[start : start + BATCH]
            rows = np.zeros((BATCH, width), np.float32)
            for line, each in enumerate(batch):
                rows[line, traits[each].rows] = traits[each].shares
            heard = meanings[batch] * (chance.random((BATCH, 1)) > WITHOUT_MEANING)
            scores = rows @ learner.weights[0] + heard @ learner.weights[1] + learner.weights[2]
            raised = np.exp(scores - scores.max(axis=1, keepdims=True))
            off = (raised / raised.sum(axis=1, keepdims=True) - wanted[batch]) / BATCH
            slopes = [rows.T @ off + DECAY * learner.weights[0], heard.T @ off + DECAY * learner.weights[1], off.sum(axis=0)]
            learner.step(slopes, RATE * (1 - learner.steps / total) + 1e-4)
    return learner.weights


def main() -> None:
    """Learn and keep the weights."""
    told = examples()
    place, traits = traits_of(told)
    meanings = Embedder().embed([text for text, _ in told])
    wishes = np.array([INTENTS.index(intent) for _, intent in told])
    weights, meaning, bias = learnt(traits, meanings, wishes, len(place))
    scale = np.abs(weights).max(axis=0) / 127
    np.savez_compressed(
        SHIPPED,
        numbers=np.array(list(place), np.uint32),
        traits=np.rint(weights / scale).astype(np.int8),
        scale=scale.astype(np.float32),
        meaning=meaning.astype(np.float16),
        bias=bias.astype(np.float32),
    )
    print(f"{len(told)} sentences, {len(place)} traits: {SHIPPED.stat().st_size} bytes")


if __name__ == "__main__":
    main()
