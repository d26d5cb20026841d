"""Many sentences out of few frames, always the same ones, for scripts/train_phrases.py to learn from.

A line such as `E|my (dad|mom) (just |)fell {now}` is a label (emergency, person, or not) and words; of a
bracket one choice is said, which may be empty or hold brackets. `{now}` stands for the choices of a line
`now = right now|today` above it; `[,]` is a comma, a full stop or nothing. May import: the standard library.
"""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LABELS = {"E": "emergency", "P": "person", "N": "not"}
EACH = 40
"""Sentences of a frame at most; of a small one nearly all that it can say."""
TRIES = 4
SEED = 5
_NAMED = re.compile(r"(\w\w+) = (.*)")
_PIECES = re.compile(r"[()|]|\{\w+\}|\[,\]|[^()|{}\[\]]+")


class FrameWrong(ValueError):
    """A frame that cannot be read."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several rows is said: words, and choices within."""

    rows: tuple[tuple["str | Choice", ...], ...]

    @property
    def count(self) -> int:
        """How many sentences it can say."""
        return sum(_product(row) for row in self.rows)

    def said(self, chance: random.Random) -> str:
        """One of them."""
        row = chance.choice(self.rows)
        return "".join(each if isinstance(each, str) else each.said(chance) for each in row)


_MARK = Choice(((",",), (",",), (".",), ()))


def _product(row: tuple[str | Choice, ...]) -> int:
    count = 1
    for each in row:
        count *= 1 if isinstance(each, str) else each.count
    return count


def sentences(path: Path) -> Iterator[tuple[str, str]]:
    """The label and the text of each sentence that the frames in this file say. Raises FrameWrong."""
    chance, named = random.Random(SEED), dict[str, Choice]()
    for line in path.read_text("utf-8").splitlines():
        if found := _NAMED.fullmatch(line):
            named[found[1]] = _read(found[2], named)
        elif line and not line.startswith("#"):
            label, _, frame = line.partition("|")
            if label not in LABELS:
                raise FrameWrong(f"This line begins with no label: {line[:80]}")
            for text in _told(_read(frame, named), chance):
                yield LABELS[label], text


def _told(frame: Choice, chance: random.Random) -> list[str]:
    wanted = min(EACH, frame.count)
    found: set[str] = set()
    for _ in range(TRIES * wanted):
        found.add(" ".join(frame.said(chance).split()))
        if len(found) == wanted:
            break
    return sorted(found)


def _read(text: str, named: dict[str, Choice]) -> Choice:
    pieces = _PIECES.findall(text)
    if "".join(pieces) != text:
        raise FrameWrong(f"This frame holds what means nothing: {text[:80]}")
    choice = _choice(pieces, named)
    if pieces:
        raise FrameWrong(f"This frame has a bracket too many: {text[:80]}")
    return choice


def _choice(pieces: list[str], named: dict[str, Choice]) -> Choice:
    """Reads pieces up to the bracket that closes this choice; those that were read are gone."""
    rows: list[list[str | Choice]] = [[]]
    while pieces and pieces[0] != ")":
        piece = pieces.pop(0)
        if piece == "|":
            rows.append([])
        elif piece == "(":
            rows[-1].append(_choice(pieces, named))
            if not pieces:
                raise FrameWrong(f"A bracket is not closed before its frame ends, after {rows[-1][:3]}")
            pieces.pop(0)
        elif piece == "[,]":
            rows[-1].append(_MARK)
        elif piece.startswith("{"):
            if piece[1:-1] not in named:
                raise FrameWrong(f"{piece} stands for nothing")
            rows[-1].append(named[piece[1:-1]])
        else:
            rows[-1].append(piece)
    return Choice(tuple(tuple(row) for row in rows))
