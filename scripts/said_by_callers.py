"""Draws sentences as callers say them from the languages' examples, for scripts/train_intents.py. Pure.

The gaps are filled, what callers say around a wish is put around it, a recogniser slips here and there, and
words that nobody knows take the place of some. May import: the standard library, models, appliance.core.
"""

import random
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from appliance.core import traits
from appliance.core.wishes import Intent
from models.local import lexicon

SEED = 20240611
USUAL_WORDS = 400
SHORT = {Intent.YES, Intent.NO, Intent.REPEAT, Intent.GOODBYE, Intent.NONE}
GAP = re.compile(r"\{(\w+)\}")


def _chance() -> random.Random:
    return random.Random(SEED)


@dataclass(slots=True)
class Sentences:
    """Sentences of one language."""

    told: Mapping[str, Any]
    departments: Sequence[str]
    chance: random.Random = field(default_factory=_chance)

    @classmethod
    def of(cls, language: str) -> Self:
        """The sentences of this language."""
        kinds = lexicon.table(language, "departments").values()
        return cls(lexicon.table(language, "intents"), [name for kind in kinds for name in kind["names"]])

    def drawn(self, intent: Intent, count: int) -> list[str]:
        """So many sentences of a wish, no two alike; every example is among them."""
        given = self.told["intents"][intent]
        examples = [*given["examples"], *given["whole"]]
        made = {lexicon.plain(self._filled(each)) for each in examples}
        for _ in range(10 * count):
            if len(made) >= count:
                break
            made.add(self._slipped(self._framed(self._filled(self.chance.choice(examples)), intent)))
        return sorted(made - {""})

    def spoken(self, intent: Intent, count: int) -> list[str]:
        """So many sentences of a wish, nothing of them misheard; every example is among them."""
        given = self.told["intents"][intent]
        examples = [*given["examples"], *given["whole"]]
        made = {self._filled(each) for each in examples}
        for _ in range(10 * count):
            if len(made) >= count:
                break
            made.add(self._framed(self._filled(self.chance.choice(examples)), intent))
        return sorted(made)

    def _filled(self, sentence: str) -> str:
        while found := GAP.search(sentence):
            name = found.group(1)
            choices = self.departments if name == "department" else self.told["words"][name]
            sentence = f"{sentence[: found.start()]}{self.chance.choice(choices)}{sentence[found.end() :]}"
        return sentence

    def _framed(self, sentence: str, intent: Intent) -> str:
        around = self.told["around"]
        short = intent in SHORT
        before = around["fillers"] if short else around["before"]
        if self.chance.random() < (0.2 if short else 0.45):
            sentence = f"{self._filled(self.chance.choice(before))} {sentence}"
            if not short and self.chance.random() < 0.3:
                sentence = f"{self._filled(self.chance.choice(before))} {sentence}"
        if not short and self.chance.random() < 0.25:
            sentence = f"{sentence} {self.chance.choice(around['after'])}"
        return sentence

    def _slipped(self, sentence: str) -> str:
        words = traits.words(sentence)
        if len(words) > 3 and self.chance.random() < 0.15:
            words.pop(self.chance.randrange(len(words)))
        if words and self.chance.random() < 0.1:
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


@dataclass(slots=True)
class Strangers:
    """Puts words that nobody knows in place of some: an utterance may hold words that no example has.

    What is asked in words of which most are unknown is seldom for a clinic; a name here or there is nothing.
    """

    usual: frozenset[str]
    chance: random.Random = field(default_factory=_chance)

    @classmethod
    def among(cls, texts: Iterable[str]) -> Self:
        """These texts, whose most frequent words always stay."""
        seen = Counter(word for text in texts for word in set(traits.words(text)))
        return cls(frozenset(word for word, _ in seen.most_common(USUAL_WORDS)))

    def put(self, text: str, intent: Intent) -> list[str]:
        """The words of a text, perhaps with strangers among them."""
        words = traits.words(text)
        often, share = (0.4, 0.6) if intent is Intent.NONE else (0.3, 0.08)
        if self.chance.random() > often:
            return words
        return [self._stranger(word) if self._goes(word, share) else word for word in words]

    def _goes(self, word: str, share: float) -> bool:
        return word not in self.usual and self.chance.random() < share

    def _stranger(self, word: str) -> str:
        return "".join(self.chance.choice("aeiou" if c in "aeiou" else "bcdfgjklmnprstvz") for c in word)
