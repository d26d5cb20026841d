"""What the caller heard of us in a media stream, found by comparing the sound, byte by byte.

Pure. May import: the standard library.
"""

from collections.abc import Mapping
from dataclasses import dataclass

UNKNOWN = "(the box's own voice)"
"""What follows is none of the known sounds: the box speaks by itself, for the rest of the stream."""
LEAST_BYTES = 160
"""Less than a frame of something says nothing."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the played audio: whose words they are, from which byte on, and whether all was heard."""

    words: str
    begins: int
    whole: bool


def pieces(played: bytes, known: Mapping[str, bytes]) -> list[Piece]:
    """The played audio as the known sounds that it consists of."""
    found: list[Piece] = []
    at = 0
    while at < len(played):
        words, length = _longest(played, at, known)
        if length < min(LEAST_BYTES, len(played) - at):
            found.append(Piece(UNKNOWN, at, False))
            break
        found.append(Piece(words, at, length == len(known[words])))
        at += length
    return found


def _longest(played: bytes, at: int, known: Mapping[str, bytes]) -> tuple[str, int]:
    lengths = {words: _common(played, at, sound) for words, sound in known.items()}
    words = max(lengths, key=lambda each: lengths[each], default="")
    return words, lengths.get(words, 0)


def _common(played: bytes, at: int, sound: bytes) -> int:
    """How many bytes are the same from there on."""
    low, high = 0, min(len(sound), len(played) - at)
    while low < high:
        middle = (low + high + 1) // 2
        if played[at : at + middle] == sound[:middle]:
            low = middle
        else:
            high = middle - 1
    return low
