"""Texts as terms, for finding by words: small letters, no accents, numbers in digits, endings cut off. Pure.

Passages and questions go the same way, so that "twenty-four hours" finds "24 hour". What a language adds is
data (its `asking.toml` and `numbers.toml`). May import: the standard library, appliance.core,
appliance.languages, kb.
"""

import re
import zlib
from collections.abc import Iterator
from functools import lru_cache

from appliance.core.menu import plain
from kb.asking import asking
from kb.counting import in_digits

LONGEST = 40
"""Letters of a word that count."""
SHORTEST = 3
"""Letters that stay of a word when its ending is cut off."""

# "1,500" is one number, and "p.m." one word.
GROUPED = re.compile(r"(?<=\d)[.,](?=\d{3}(?!\d))")
HALF_OF_DAY = re.compile(r"\b([ap])\.? ?m\b\.?", re.IGNORECASE)


def words(text: str) -> list[str]:
    """The words of a text in small letters, without accents and punctuation."""
    joined = HALF_OF_DAY.sub(r"\1m ", GROUPED.sub("", text))
    return plain(joined.replace("'", "").replace("’", "")).split()


def terms(text: str, language: str) -> list[str]:
    """What a text in this language is found by, in its order."""
    return [stem(word, language) for word in in_digits(words(text), language)]


def number(term: str) -> int:
    """A term as a number of 32 bits."""
    return zlib.crc32(term.encode())


@lru_cache(maxsize=1 << 16)
def stem(word: str, language: str) -> str:
    """The word without the endings that its place in a sentence gave it; a number stays."""
    cut = word[:LONGEST]
    if cut[0].isdigit():
        return cut
    for step in asking(language).endings:
        cut = _without(cut, step)
    return cut


def _without(word: str, endings: tuple[tuple[str, str], ...]) -> str:
    """The word after the longest of these endings was exchanged."""
    for ending, instead in endings:
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST:
            return word[: len(word) - len(ending)] + instead
    return word


def gaps(term: str) -> Iterator[str]:
    """The term, and what is left of it when a letter is missing: terms that share one are spelt alike."""
    yield term
    for place in range(len(term)):
        yield term[:place] + term[place + 1 :]


def one_off(term: str, other: str) -> bool:
    """Whether a letter is wrong, missing or too many, or two neighbours have changed places."""
    start = 0
    while start < min(len(term), len(other)) and term[start] == other[start]:
        start += 1
    rest, others = term[start:], other[start:]
    return (
        rest[1:] == others
        or rest == others[1:]
        or rest[1:] == others[1:]
        or (rest[2:] == others[2:] and rest[:2] == others[1::-1])
    )
