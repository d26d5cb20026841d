"""Plain text: paragraphs between empty lines, lists, questions with answers, headings by themselves.

May import: the standard library, kb.documents.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from kb.documents import pairs
from kb.documents.blocks import Heading, Item, Paragraph, Read
from kb.documents.clean import clean, lines
from kb.documents.pairs import Break, Marked

_ITEM = re.compile(r"\s*(?:[-*+•◦▪–—·]|\d{1,3}[.)]|[a-z]\))\s+(?=\S)")
_UNDERLINE = re.compile(r"\s*([=\-~*_])\1{2,}\s*$")
HEADING_LENGTH = 80
ENDINGS = (".", "!", ";", ",", ")", '"', "”")


def read(text: str) -> Read:
    """The blocks of a text."""
    groups = [
        [line for line in group.split("\n") if line.strip()] for group in re.split(r"\n\s*\n", lines(text))
    ]
    return Read(blocks=tuple(pairs.paired(_marked([group for group in groups if group]))))


def _marked(groups: Sequence[list[str]]) -> Iterator[Marked]:
    for place, group in enumerate(groups):
        last = place + 1 == len(groups)
        if len(group) == 1 and not last and heads(group[0]):
            yield Break()
            yield Heading(level=2, text=clean(group[0]))
            continue
        if len(group) > 1 and _UNDERLINE.match(group[1]):
            yield Break()
            yield Heading(level=1 if group[1].strip()[0] == "=" else 2, text=clean(group[0]))
            yield from grouped(group[2:])
        else:
            yield from grouped(group)


def heads(line: str) -> bool:
    """Whether a line that stands by itself says what the next lines are about."""
    line = line.strip()
    if len(line) > HEADING_LENGTH or _ITEM.match(line) or _UNDERLINE.match(line) or pairs.mark(line):
        return False
    return any(map(str.isalpha, line)) and not line.endswith(ENDINGS)


def grouped(group: Iterable[str]) -> Iterator[Marked]:
    """The blocks of lines without an empty one between them."""
    open_lines: list[str] = []
    kind: type[Item | Paragraph] = Paragraph
    mark: pairs.Mark | None = None
    for line in group:
        item, found = _ITEM.match(line), pairs.mark(line)
        if item or found:
            yield from _closed(open_lines, kind, mark)
            kind, mark = (Item, None) if item else (Paragraph, found)
            open_lines = [line[item.end() :] if item else found.rest if found else ""]
        elif not _UNDERLINE.match(line):
            open_lines.append(line)
    yield from _closed(open_lines, kind, mark)


def _closed(told: list[str], kind: type[Item | Paragraph], mark: pairs.Mark | None) -> Iterator[Marked]:
    text = clean(" ".join(told))
    if mark is not None:
        yield pairs.Mark(mark.asks, mark.language, text)
    elif text:
        yield kind(text=text)
