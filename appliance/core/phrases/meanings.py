"""What words mean, roughly: `dad` and `abuela` are kin, `pistol` and `soga` weapons. For likeness. Pure.

Words that were never written in a sentence to learn from count by what they mean, in all languages alike. The
meanings are data: meanings.toml in appliance/languages/<code>/.
May import: the standard library, appliance.languages.
"""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import islice, product

from appliance.languages.tables import table

_SHORTEST_STEM = 3
_REMEMBERED = 8192
"""Words whose meanings are remembered; callers can say any number of them."""
_REACH = 3
_MOST_TRIPLES = 12
_FIRST, _LAST = ("<",), (">",)
Meanings = tuple[str, ...]


class Vocabulary:
    """The words of one language and what each may mean."""

    def __init__(self, listed: Mapping[str, str]) -> None:
        self._whole: dict[str, list[str]] = {}
        self._stems: dict[str, list[str]] = {}
        for meaning, words in listed.items():
            for word in words.replace("\n", " ").split(","):
                stem = word.strip().removesuffix("*")
                kept = self._whole if stem == word.strip() else self._stems
                kept.setdefault(stem, []).append(meaning)
        self.of = lru_cache(_REMEMBERED)(self._of)

    def _of(self, word: str) -> Meanings:
        found = self._whole.get(word) or next(filter(None, map(self._stems.get, _beginnings(word))), [])
        return tuple(sorted(found)) or (("number",) if word.isdigit() else ())


def _beginnings(word: str) -> Iterator[str]:
    """The longest first."""
    return (word[:length] for length in range(len(word), _SHORTEST_STEM - 1, -1))


@cache
def vocabularies(languages: tuple[str, ...]) -> tuple[Vocabulary, ...]:
    """Those of these languages."""
    return tuple(Vocabulary(table(language, "meanings")) for language in languages)


def traits(words: Sequence[str], languages: tuple[str, ...]) -> set[int]:
    """The numbers of what a text of plain words means: single meanings, pairs that stand near, and triples.

    It is read in the language that knows most of its words; words that mean nothing are passed over.
    """
    read = [[each.of(word) for word in words] for each in vocabularies(languages)]
    meant = [meanings for meanings in max(read, key=lambda those: sum(map(bool, those))) if meanings]
    return {zlib.crc32(trait.encode()) for trait in _together([_FIRST, *meant, _LAST])}


def _together(line: Sequence[Meanings]) -> Iterator[str]:
    for place, meanings in enumerate(line):
        if 0 < place < len(line) - 1:
            yield from (f"@{meaning}" for meaning in meanings)
        for reach, later in enumerate(line[place + 1 : place + 1 + _REACH], 1):
            yield from (f"@{first}{'_' * reach}{last}" for first, last in product(meanings, later))
        if place + 2 < len(line):
            triples = product(*line[place : place + 3])
            yield from (f"@{' '.join(triple)}" for triple in islice(triples, _MOST_TRIPLES))
