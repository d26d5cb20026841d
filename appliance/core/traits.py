"""An utterance as words, and as the traits that the classifier of wishes weighs. Pure.

A trait is a word, two or three words together, two with a gap, or a piece of a word; it is known by a number,
the CRC of its text. Words that name a department count twice: as they are, and as "a department".
May import: the standard library, appliance.core.
"""

import zlib
from collections.abc import Iterable, Sequence

from appliance.core import menu

DEPARTMENT = "@department"
LONGEST_WORDS = 60
PIECES = (3, 4, 5)


def words(text: str) -> list[str]:
    """The words of a text: lower case, no accents, no punctuation; at most the first and last sixty."""
    found = menu.plain(text.replace("'", "").replace("’", "")).split()
    return found if len(found) <= 2 * LONGEST_WORDS else found[:LONGEST_WORDS] + found[-LONGEST_WORDS:]


def _number(trait: str) -> int:
    return zlib.crc32(trait.encode())


def _together(tokens: Sequence[str]) -> Iterable[str]:
    line = ["<", *tokens, ">"]
    for place, token in enumerate(line):
        if 0 < place < len(line) - 1:
            yield token
        for reach in (2, 3):
            if place + reach <= len(line):
                yield " ".join(line[place : place + reach])
        if place + 2 < len(line):
            yield f"{token} _ {line[place + 2]}"


def _pieces(word: str) -> Iterable[str]:
    framed = f"-{word}-"
    for size in PIECES:
        for start in range(len(framed) - size + 1):
            yield f"~{framed[start : start + size]}"


def _length(count: int) -> str:
    steps = (1, 2, 3, 4, 6, 9, 14, 22)
    return f"#{sum(count > step for step in steps)}"


def word_traits(tokens: Sequence[str], marked: Sequence[str]) -> set[int]:
    """The traits made of whole words; `marked` has departments in place of their names."""
    made = set(_together(tokens))
    if DEPARTMENT in marked:
        made.update(_together(marked))
    made.add(_length(len(tokens)))
    return {_number(trait) for trait in made}


def piece_traits(tokens: Sequence[str]) -> set[int]:
    """The traits made of pieces of words: these survive a slip of the recogniser."""
    return {_number(piece) for word in set(tokens) for piece in _pieces(word[:20])}
