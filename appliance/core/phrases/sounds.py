"""What words sound like: their consonants, spelt one way. For likeness: a misheard word is near. Pure.

`oprater` sounds like `operator`, `see sure` like `seizure`, `rrespirar` like `respirar`. May import: the
standard library.
"""

import re
import zlib
from collections.abc import Sequence
from functools import lru_cache

_REMEMBERED = 8192
"""Words whose sound is remembered; callers can say any number of them."""
_TOGETHER = 3
"""So many words next to each other may be one that was torn apart."""
_LEAST = 3
_VOWELS = frozenset("aeiou")
_SPELT = [
    (re.compile(said), meant)
    for said, meant in (
        ("ph", "f"),
        ("ght", "t"),
        ("[ck]h", "k"),
        ("qu", "k"),
        ("sh|ch", "x"),
        ("c(?=[eiy])|z", "s"),
        ("[cq]", "k"),
        ("v", "b"),
        ("g(?=[eiy])", "j"),
        ("[aeiouyhw]", ""),
    )
]
_TWICE = re.compile(r"(.)\1+")


@lru_cache(_REMEMBERED)
def consonants(word: str) -> str:
    """The consonants of a plain word, spelt one way."""
    for said, meant in _SPELT:
        word = said.sub(meant, word)
    return _TWICE.sub(r"\1", word)


def traits(words: Sequence[str]) -> set[int]:
    """The numbers of what the words sound like, alone and with their neighbours."""
    said = [consonants(word) for word in words]
    found: set[int] = set()
    for place, word in enumerate(words):
        sound = "a" if word.removeprefix("h")[:1] in _VOWELS else ""
        for each in said[place : place + _TOGETHER]:
            sound += each[1:] if sound[-1:] == each[:1] else each
            if len(sound) >= _LEAST:
                found.add(zlib.crc32(f"%{sound}".encode()))
    return found
