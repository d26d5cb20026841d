"""Blocks to passages: pieces of a document that answer by themselves, none longer than an embedder reads.

A section is never joined with another. Items, rows of a table, and questions with their answers stay whole
unless one alone is too long; where a text has to be cut, the next piece repeats its last sentence. Pure. May
import: the standard library, appliance.core, kb.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from appliance.core import tongue
from kb.documents.blocks import Block, Heading, Item, Pair, Paragraph, Row
from kb.found import Passage
from kb.sentences import sentences

Count = Callable[[str], int]
"""How many tokens a text is to the embedder."""

QUESTION_LENGTH = 200
HEADING_LENGTH = 200
"""A longer heading is a paragraph."""
_WORD = re.compile(r"\w+|[^\w\s]")


def estimated(text: str) -> int:
    """About how many tokens a text is to MiniLM, rather too many than too few.

    Its words are English: a longer one, or one with accents, falls into several pieces.
    """
    return sum(
        (not word.isascii()) + (1 if len(word) < 5 else 2 + (len(word) - 5) // 4)
        for word in _WORD.findall(text)
    )


@dataclass(frozen=True, slots=True)
class Sizes:
    """In tokens. `most` is for all that is embedded: what stands above a passage too."""

    aim: int = 200
    most: int = 250
    least: int = 64
    """For the text, whatever stands above it."""
    overlap: int = 60
    """The longest sentence that is repeated."""


SIZES = Sizes()


@dataclass(frozen=True, slots=True)
class Piece:
    """A passage that is not in the store yet."""

    heading: tuple[str, ...]
    kind: str
    text: str
    question: str | None
    language: str


@dataclass(slots=True)
class _Section:
    """What stands under one heading."""

    heading: tuple[str, ...]
    blocks: list[Paragraph | Item | Row] = field(default_factory=list)
    told: bool = False
    """Whether the heading stands above something already."""

    @property
    def counts(self) -> bool:
        """Whether it has something to tell: a heading with nothing below it tells itself."""
        return bool(self.blocks or (self.heading and not self.told))


@dataclass(frozen=True, slots=True)
class _Atom:
    """What is not cut, and its size. `line`: it begins a line; `prose`: it is a sentence among others."""

    text: str
    size: int
    line: bool
    prose: bool


def cut(
    blocks: Sequence[Block],
    title: str,
    language: str,
    count: Count = estimated,
    sizes: Sizes = SIZES,
    languages: Sequence[str] = (),
) -> list[Piece]:
    """The passages of a document that is called `title` and written in `language`, in order.

    `languages` are those that a passage may be in by its own words; all that are known when none are given.
    """
    cutter = _Cutter(title, count, sizes)
    pieces: list[Piece] = []
    for part in _parts(blocks):
        pieces += cutter.pair(*part) if isinstance(part, tuple) else cutter.section(part)
    return [
        replace(piece, language=piece.language or tongue.spoken(piece.text, languages) or language)
        for piece in pieces
    ]


def language_of(blocks: Iterable[Block], languages: Sequence[str] = ()) -> str:
    """The language of a whole document by its small words; empty when that is not plain."""
    told = " ".join(
        f"{block.question} {block.answer}" if isinstance(block, Pair) else block.text for block in blocks
    )
    return tongue.spoken(told, languages)


def _parts(blocks: Iterable[Block]) -> Iterator[_Section | tuple[tuple[str, ...], Pair]]:
    """Sections, and pairs with the way to them."""
    above: list[Heading] = []
    section = _Section((), told=True)
    for block in blocks:
        match block:
            case Heading() if len(block.text) <= HEADING_LENGTH:
                above = [each for each in above if each.level < block.level]
                inner = section.heading == tuple(each.text for each in above)
                yield from [section] if section.blocks or (section.counts and not inner) else []
                above.append(block)
                section = _Section(tuple(each.text for each in above))
            case Heading():
                section.blocks.append(Paragraph(text=block.text))
            case Pair():
                yield from [section] if section.blocks or _asks(section) else []
                # A question has one answer: another one stands beside it.
                above = [each for each in above if not each.text.endswith("?")]
                section = _Section(tuple(each.text for each in above), told=True)
                yield section.heading, block
            case _:
                section.blocks.append(block)
    yield from [section] if section.counts else []


def _asks(section: _Section) -> bool:
    return section.counts and section.heading[-1].endswith("?")


@dataclass(frozen=True, slots=True)
class _Cutter:
    title: str
    count: Count
    sizes: Sizes

    def pair(self, heading: tuple[str, ...], pair: Pair) -> list[Piece]:
        """A question with its answer: one piece, unless the answer is too long."""
        question = pair.question if len(pair.question) <= QUESTION_LENGTH else None
        answer = pair.answer if question else f"{pair.question} {pair.answer}"
        texts = self._texts(self._sentences(answer), self._room(heading, question))
        return [Piece(heading, "pair", text, question, pair.language or "") for text in texts]

    def section(self, section: _Section) -> list[Piece]:
        """What stands under a heading; a heading that asks is the question that it answers."""
        heading, question = section.heading, None
        if heading and not section.blocks:
            return [Piece(heading[:-1], "text", heading[-1], None, "")]
        if heading and heading[-1].endswith("?"):
            heading, question = heading[:-1], heading[-1]
        kinds = {type(block) for block in section.blocks}
        kind = "list" if Item in kinds else "table" if Row in kinds else "text"
        texts = self._texts(self._atoms(section.blocks), self._room(heading, question))
        return [Piece(heading, kind, text, question, "") for text in texts]

    def _room(self, heading: tuple[str, ...], question: str | None) -> int:
        """How many tokens are left for the text."""
        above = Passage(0, 0, "", self.title, heading, "", "", question).to_embed
        return max(self.sizes.least, self.sizes.most - self.count(above))

    def _atoms(self, blocks: Sequence[Paragraph | Item | Row]) -> list[_Atom]:
        atoms: list[_Atom] = []
        for block in blocks:
            if isinstance(block, Paragraph):
                atoms += self._sentences(block.text)
            else:
                atoms.append(_Atom(block.text, self.count(block.text), line=True, prose=False))
        return atoms

    def _sentences(self, text: str) -> list[_Atom]:
        return [
            _Atom(each, self.count(each), line=not place, prose=True)
            for place, each in enumerate(sentences(text))
        ]

    def _texts(self, atoms: Sequence[_Atom], room: int) -> list[str]:
        """The atoms as texts of at most this size, of about the same size each."""
        whole = [part for atom in atoms for part in self._fitting(atom, room)]
        total = sum(atom.size for atom in whole)
        aim = min(room, self.sizes.aim)
        if total > room:
            aim = max(self.sizes.least, -(-total // -(-total // aim)))
        texts: list[list[_Atom]] = [[]]
        size = 0
        for atom in whole:
            if texts[-1] and (size + atom.size > room or (total > room and size + atom.size // 2 > aim)):
                again = self._repeated(texts[-1], atom, room)
                texts.append(again)
                size = sum(each.size for each in again)
            texts[-1].append(atom)
            size += atom.size
        return [_joined(each) for each in texts if each]

    def _repeated(self, before: Sequence[_Atom], atom: _Atom, room: int) -> list[_Atom]:
        """What the next text repeats: the last sentence, or of a list what leads to it."""
        if atom.prose:
            again = before[-1]
        else:
            leads = [each for each in before if each.prose and each.text.endswith(":")]
            again = leads[-1] if leads else before[-1]
        fits = again.prose and again.size <= self.sizes.overlap and again.size + atom.size <= room
        return [replace(again, line=True)] if fits else []

    def _fitting(self, atom: _Atom, room: int) -> Iterator[_Atom]:
        """The atom, or the parts of one that is too long: sentences, then clauses, then words."""
        if atom.size <= room:
            yield atom
            return
        told = sentences(atom.text)
        for cuts in (told, re.split(r"(?<=[,;:])\s+", atom.text), atom.text.split()):
            if len(cuts) > 1:
                break
        else:
            cuts = _halves(atom.text)
        line = atom.line
        for text in self._gathered(cuts, room):
            yield from self._fitting(_Atom(text, self.count(text), line, prose=True), room)
            line = False

    def _gathered(self, cuts: Sequence[str], room: int) -> Iterator[str]:
        """Neighbours together, as long as they fit; at least two."""
        sizes = [self.count(text) for text in cuts]
        open_text, size = [cuts[0]], sizes[0]
        for text, more in zip(cuts[1:], sizes[1:], strict=True):
            if size + more > room - 2:
                yield " ".join(open_text)
                open_text, size = [], 0
            open_text.append(text)
            size += more
        yield " ".join(open_text)


def _halves(text: str) -> list[str]:
    """A word that is longer than a passage, which no word is."""
    middle = len(text) // 2
    return [text[:middle], text[middle:]]


def _joined(atoms: Sequence[_Atom]) -> str:
    text = ""
    for atom in atoms:
        text += ("\n" if atom.line and text else " " if text else "") + atom.text
    return text
