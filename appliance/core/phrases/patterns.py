"""The small language that phrases are written in, and a book of patterns that finds them fast.

A pattern is a row of words: `word`, `stem*`, `{class}`, `(one|or another)`; `^{class}` is a word with which
none of the class begins; a `?` makes the part before it optional; `..` lets up to three other words pass,
`..5` up to five; `$` is the end of what was said. Every gap is bounded, so no text takes long. A pattern is
only tried where the rarest of its words was said. Pure.
May import: the standard library.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Generic, TypeVar

from appliance.core.errors import AttendantError
from appliance.core.phrases.words import Spoken

T = TypeVar("T")

_PIECES = re.compile(r"[()|?]|[^()|?\s]+")
_SHORTEST_STEM = 3
_GAP = 3
_DIGITS = {"{number}": r"\d+", "{year}": r"(?:19|20)\d\d"}


class PatternWrong(AttendantError):
    """A phrase table holds a pattern that cannot be read."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a pattern: its expression, all its words, and sets of which one word each must be said."""

    expression: str
    needs: tuple[frozenset[str], ...] = ()
    literals: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern. Of each set in `needs` (the rarest first) a word must be said to find it."""

    expression: re.Pattern[str]
    needs: tuple[frozenset[str], ...]
    literals: frozenset[str]


@dataclass(frozen=True, slots=True)
class Hit(Generic[T]):
    """Where a pattern was found: words `first` up to, not including, `last`."""

    first: int
    last: int
    meaning: T


def classes(table: Mapping[str, str]) -> dict[str, Part]:
    """Word classes, each a list with commas; a class may name the classes before it. Raises PatternWrong."""
    named: dict[str, Part] = {}
    for name, text in table.items():
        named[f"{{{name}}}"] = _Reader(text.replace(",", "|"), named).whole()
    return named


def compiled(text: str, named: Mapping[str, Part]) -> Pattern:
    """The pattern of a text. Raises PatternWrong."""
    part = _Reader(text, named).whole()
    needs = tuple(sorted(part.needs, key=_rarity, reverse=True))
    return Pattern(re.compile(rf"(?<!\S)(?=\S){part.expression}"), needs, part.literals)


class _Reader:
    """Reads a pattern from left to right."""

    def __init__(self, text: str, named: Mapping[str, Part]) -> None:
        self._text, self._named = text, named
        self._pieces = _PIECES.findall(text)
        self._place = 0

    def whole(self) -> Part:
        """The text as one part."""
        part = self._ways()
        if self._place < len(self._pieces):
            raise self._wrong("a bracket too many")
        return part

    def _wrong(self, problem: str) -> PatternWrong:
        return PatternWrong(f"A phrase table holds {problem} in the pattern {self._text[:80]!r}.")

    def _next(self) -> str:
        return self._pieces[self._place] if self._place < len(self._pieces) else ""

    def _took(self, piece: str) -> bool:
        took = self._next() == piece
        self._place += took
        return took

    def _ways(self) -> Part:
        ways = [self._row()]
        while self._took("|"):
            ways.append(self._row())
        ways.sort(key=lambda way: -len(way.expression))  # "the office manager" goes before "the office"
        return Part(
            f"(?:{'|'.join(way.expression for way in ways)})",
            _either([way.needs for way in ways]),
            frozenset().union(*(way.literals for way in ways)),
        )

    def _row(self) -> Part:
        parts: list[Part] = []
        while self._next() not in {"", "|", ")"}:
            part = self._element()
            if self._took("?"):
                part = Part(f"{part.expression}?", literals=part.literals)
            parts.append(part)
        if not parts:
            raise self._wrong("nothing where words should stand")
        return Part(
            "".join(part.expression for part in parts),
            tuple(need for part in parts for need in part.needs),
            frozenset().union(*(part.literals for part in parts)),
        )

    def _element(self) -> Part:
        if self._took("("):
            part = self._ways()
            if not self._took(")"):
                raise self._wrong("an open bracket")
            return part
        piece = self._next()
        self._place += 1
        if piece == "?":
            raise self._wrong("a question mark that belongs to nothing")
        if piece in self._named:
            return self._named[piece]
        if piece[0] == "^" and piece[1:] in self._named:
            return Part(rf"(?:(?!{self._named[piece[1:]].expression})\S+ )")
        if piece.startswith(("{", "^")) and piece not in _DIGITS:
            raise self._wrong(f"the unknown class {piece}")
        return _simple(piece)


def _simple(piece: str) -> Part:
    if piece == "$":
        return Part(r"(?:\Z)")
    if piece.startswith(".."):
        return Part(rf"(?:\S+ ){{0,{piece[2:] or _GAP}}}?")
    if piece in _DIGITS:
        return Part(rf"(?:{_DIGITS[piece]} )")
    stem = piece.removesuffix("*")
    ending = r"\w*" if stem != piece else ""
    return Part(rf"(?:{re.escape(stem)}{ending} )", (frozenset({piece}),), frozenset({piece}))


def _either(needs: list[tuple[frozenset[str], ...]]) -> tuple[frozenset[str], ...]:
    """What several ways need in common: a word of the rarest set of each."""
    if len(needs) == 1:
        return needs[0]
    if not all(needs):
        return ()
    return (frozenset().union(*(max(need, key=_rarity) for need in needs)),)


def _rarity(keys: Set[str]) -> tuple[int, int]:
    """The longer its words, the less often one of them is said."""
    return min((len(key) for key in keys), default=0), -len(keys)


class PatternBook(Generic[T]):
    """Patterns with their meanings, found by the words that are said."""

    def __init__(self, entries: Iterable[tuple[Pattern, T]]) -> None:
        self._entries = list(entries)
        self._by_key: dict[str, list[int]] = {}
        self._always: list[int] = []
        for place, (pattern, _) in enumerate(self._entries):
            for key in pattern.needs[0] if pattern.needs else ():
                self._by_key.setdefault(key, []).append(place)
            if not pattern.needs:
                self._always.append(place)

    def hits(self, spoken: Spoken) -> Iterator[Hit[T]]:
        """Every place where a pattern is found."""
        tried = set(self._always)
        keys = _keys(spoken.words)
        for key in keys:
            tried.update(self._by_key.get(key, ()))
        for place in sorted(tried):
            pattern, meaning = self._entries[place]
            if any(need.isdisjoint(keys) for need in pattern.needs):
                continue
            for found in pattern.expression.finditer(spoken.line):
                yield Hit(spoken.places[found.start()], spoken.places[found.end()], meaning)


def _keys(words: Iterable[str]) -> set[str]:
    said = set(words)
    stems = {f"{word[:length]}*" for word in said for length in range(_SHORTEST_STEM, len(word) + 1)}
    return said | stems
