"""A caller's question as it is looked for: its core, and the terms of the index that stand for its words.

May import: the standard library, appliance.core, kb.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Protocol, Self

from kb.asking import asking
from kb.counting import in_digits
from kb.words import stem, words

LONGEST_LETTERS = 2000
LONGEST_WORDS = 32
"""Of a question, the words that are looked for."""
TOGETHER = 0.9
MISSPELT = 0.8
TRANSLATED = 0.7
"""What a term counts that is two words in one, spelt a little otherwise, or of another language."""


class Vocabulary(Protocol):
    """What an index tells of its terms."""

    def passages_with(self, terms: list[str]) -> Mapping[str, int]:
        """In how many passages each of these terms stands; those in none are left out."""

    def spelt_like(self, term: str) -> Mapping[str, int]:
        """Terms that are spelt almost like this one, and in how many passages each stands."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A word of the question: the terms that stand for it with what each counts, and how rare it is."""

    word: str
    terms: Mapping[str, float]
    rarity: float
    seen: int
    """In how many passages the commonest of its terms stands."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question without what callers say around it; `words` are those that say what it is about."""

    core: str
    language: str
    words: tuple[str, ...]
    pairs: Mapping[str, str]
    """Two neighbouring words in one, and the first of them that says something."""

    @classmethod
    def of(cls, text: str, language: str) -> Self:
        """What is asked in this text."""
        ways = asking(language)
        core = ways.core(" ".join(text[:LONGEST_LETTERS].split()))
        said = list(in_digits(words(core), language))
        telling = [word for word in said if word not in ways.silent] or said
        kept = tuple(dict.fromkeys(telling))[:LONGEST_WORDS]
        return cls(core, language, kept, dict(_pairs(said, frozenset(kept))))

    def wanted(self, vocabulary: Vocabulary, passages: int, languages: Mapping[str, int]) -> list[Wanted]:
        """Its words with what stands for each in an index of so many passages in these languages."""
        meant = {word: dict(self._meant(word, languages)) for word in self.words}
        for pair, word in self.pairs.items():
            meant[word].setdefault(stem(pair, self.language), TOGETHER)
        counts = vocabulary.passages_with([term for terms in meant.values() for term in terms])
        return [self._one(word, terms, counts, vocabulary, passages) for word, terms in meant.items()]

    def _meant(self, word: str, languages: Mapping[str, int]) -> Iterator[tuple[str, float]]:
        """The terms for a word in this language, and in the others of the index; the surest is told last."""
        others = [code for code in languages if code != self.language]
        if others:
            for english in _glossary(self.language).get(stem(word, self.language), ()):
                yield stem(english, "en"), TRANSLATED
        for code in others:
            yield stem(word, code), TRANSLATED
        yield stem(word, self.language), 1.0

    def _one(
        self,
        word: str,
        terms: Mapping[str, float],
        counts: Mapping[str, int],
        vocabulary: Vocabulary,
        passages: int,
    ) -> Wanted:
        known = {term: share for term, share in terms.items() if term in counts}
        seen = max((counts[term] for term in known), default=0)
        if not known and not word[0].isdigit():
            near = vocabulary.spelt_like(stem(word, self.language))
            known = dict.fromkeys(near, MISSPELT)
            seen = max(near.values(), default=0)
        return Wanted(word, known, rarity(seen, passages), seen)


def rarity(seen: int, passages: int) -> float:
    """How rare a word is that stands in `seen` of the passages, as BM25 has it; above 0."""
    return math.log1p((passages - seen + 0.5) / (seen + 0.5))


@cache
def _glossary(language: str) -> Mapping[str, tuple[str, ...]]:
    """The English for words of this language, by their stems."""
    found: dict[str, tuple[str, ...]] = {}
    for word, english in asking(language).glossary.items():
        key = stem(word, language)
        found[key] = (*found.get(key, ()), *english.split())
    return found


def _pairs(said: list[str], telling: frozenset[str]) -> Iterator[tuple[str, str]]:
    for first, second in pairwise(said):
        if word := next((each for each in (first, second) if each in telling), None):
            yield first + second, word
