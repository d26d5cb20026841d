"""Markdown, as people write it; and Markdown of blocks, which reads as the same blocks.

The second is how the store keeps a document, so that staff can see what was understood. May import: the
standard library, kb.documents.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from kb.documents import facts, pairs
from kb.documents.blocks import LEVELS, Block, Heading, Item, Pair, Paragraph, Read, Row
from kb.documents.clean import clean, lines
from kb.documents.inline import plain, signed
from kb.documents.pairs import Break, Marked

_HEADING = re.compile(r" {0,3}(#{1,6})(?:\s+(.*?))?(?:\s+#+)?\s*$")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)\s*$")
_ITEM = re.compile(r"\s*(?:[-*+•◦▪–—]|\d{1,9}[.)])\s+(?=\S)")
_FENCE = re.compile(r"\s{0,3}(`{3,}|~{3,})")
_RULE = re.compile(r"\s{0,3}([-*_])(?:\s*\1){2,}\s*$")
_DELIMITERS = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$")
_CELL = re.compile(r"(?<!\\)\|")
_QUOTED = re.compile(r"^\s{0,3}(?:>\s?)+")
_COMMENT = re.compile(r"(?<!\\)<!--.*?-->", re.DOTALL)


def read(text: str) -> Read:
    """The blocks of a text, and what its front matter says of it."""
    said, body = facts.taken(lines(text))
    # A comment between blocks ends what is before it; one of several lines is as nothing.
    body = _COMMENT.sub(lambda found: "\n<!-- -->\n" if "\n" in found[0] else found[0], body)
    blocks = tuple(pairs.paired(_Reader(body.split("\n")).blocks()))
    return Read(blocks=blocks, **said)


@dataclass(slots=True)
class _Reader:
    """Goes through the lines once."""

    lines: list[str]
    _place: int = 0
    _text: list[str] = field(default_factory=list)
    """The lines of the paragraph or item that is open."""
    _in_item: bool = False

    def blocks(self) -> Iterator[Marked]:
        """The blocks, one after the other."""
        while self._place < len(self.lines):
            line = _QUOTED.sub("", self.lines[self._place], count=1)
            self._place += 1
            yield from self._one(line)
        yield from self._closed()

    def _one(self, line: str) -> Iterator[Marked]:
        if not line.strip():
            yield from self._closed()
        elif line.strip() == "<!-- -->":
            yield from self._closed()
            yield Break()
        elif fence := _FENCE.match(line):
            yield from self._closed()
            yield from self._code(fence[1])
        elif heading := _HEADING.match(line):
            yield from self._closed()
            yield from _heading(len(heading[1]), heading[2] or "")
        elif self._underlined(line):
            level = 1 if line.strip().startswith("=") else 2
            text, self._text = " ".join(self._text), []
            yield from _heading(level, text)
        elif _RULE.match(line):
            yield from self._closed()
        elif "|" in line and self._place < len(self.lines) and _DELIMITERS.match(self.lines[self._place]):
            yield from self._closed()
            yield from self._table(line)
        else:
            yield from self._words(line)

    def _words(self, line: str) -> Iterator[Marked]:
        if item := _ITEM.match(line):
            yield from self._closed()
            self._in_item = True
            self._text.append(line[item.end() :])
        elif (found := pairs.mark(line)) is not None:
            yield from self._closed()
            # What goes on on the next lines belongs to it.
            more = self._rest_of_paragraph()
            yield pairs.Mark(found.asks, found.language, clean(plain(" ".join([found.rest, *more]))))
        else:
            self._text.append(line)

    def _rest_of_paragraph(self) -> list[str]:
        more: list[str] = []
        while self._place < len(self.lines):
            line = self.lines[self._place]
            ends = not line.strip() or _ITEM.match(line) or _HEADING.match(line) or pairs.mark(line)
            if ends or "<!--" in line or _FENCE.match(line):
                break
            more.append(line)
            self._place += 1
        return more

    def _underlined(self, line: str) -> bool:
        return bool(self._text) and not self._in_item and _UNDERLINE.match(line) is not None

    def _closed(self) -> Iterator[Marked]:
        text, kind = clean(plain(" ".join(self._text))), Item if self._in_item else Paragraph
        self._text, self._in_item = [], False
        if text:
            yield kind(text=text)

    def _code(self, fence: str) -> Iterator[Marked]:
        told: list[str] = []
        while self._place < len(self.lines):
            line = self.lines[self._place]
            self._place += 1
            if line.strip().startswith(fence):
                break
            told.append(line)
        if text := clean(" ".join(told)):
            yield Paragraph(text=text)

    def _table(self, line: str) -> Iterator[Marked]:
        header = _cells(line)
        if not any(header):
            header = ()
        self._place += 1
        while self._place < len(self.lines):
            line = self.lines[self._place]
            if "|" not in line or not line.strip():
                return
            self._place += 1
            cells = _cells(line)
            if any(cells):
                yield Row(header=header, cells=cells)


def _heading(level: int, raw: str) -> Iterator[Marked]:
    if text := clean(plain(raw)):
        yield Heading(level=min(level, LEVELS), text=text)


def _cells(line: str) -> tuple[str, ...]:
    cells = _CELL.split(line.strip())
    if cells and not cells[0].strip():
        cells = cells[1:]
    if cells and not cells[-1].strip():
        cells = cells[:-1]
    return tuple(clean(plain(cell)) for cell in cells)


def written(blocks: Sequence[Block]) -> str:
    """Markdown that `read` makes these blocks of."""
    parts: list[str] = []
    before: Block | None = None
    for block in blocks:
        parts += _parted(before, block)
        parts.append(_one_written(block))
        before = block
    return "\n".join([*parts, ""]) if parts else ""


def _parted(before: Block | None, block: Block) -> list[str]:
    """What stands between two blocks."""
    match before, block:
        case None, Row():
            return _table_head(block)
        case None, _:
            return []
        case Item(), Item():
            return []
        case Row(header=above), Row(header=header) if above == header:
            return []
        case Pair(), Item() | Paragraph():
            return ["", "<!-- -->", ""]
        case _, Row():
            return ["", *_table_head(block)]
        case _:
            return [""]


def _one_written(block: Block) -> str:
    match block:
        case Heading():
            return f"{'#' * block.level} {signed(block.text)}"
        case Item():
            return f"- {signed(block.text)}"
        case Row():
            return _row(block.cells)
        case Pair():
            spoken = f" ({block.language})" if block.language else ""
            return f"Q{spoken}: {signed(block.question)}\nA: {signed(block.answer)}"
        case Paragraph():
            return _unmarked(signed(block.text))


def _unmarked(line: str) -> str:
    """A line that is no mark of a question, whatever it says."""
    if pairs.mark(line) is None:
        return line
    place = min(place for sign in ":." if (place := line.find(sign)) >= 0)
    return f"{line[:place]}\\{line[place:]}"


def _table_head(row: Row) -> list[str]:
    width = len(row.header) or len(row.cells)
    return [_row(row.header or ("",) * width), f"|{' --- |' * width}"]


def _row(cells: Sequence[str]) -> str:
    # The cell of one column that is empty would be no cell at all.
    return "".join(f"| {signed(cell)} " for cell in cells) + "|"
