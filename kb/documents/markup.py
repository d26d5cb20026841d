"""HTML to blocks, however it is nested. Scripts, styles, forms, and what every page repeats are left out.

Nothing is fetched, and no entity is looked up. May import: the standard library, lxml, kb.documents.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree, html

from kb.documents import facts
from kb.documents.blocks import LEVELS, Block, DocumentRefused, Heading, Item, Pair, Paragraph, Read, Row
from kb.documents.clean import clean

_UNTOLD = """
script style noscript template svg math canvas iframe object embed form button select input textarea nav
dialog head title meta link audio video map
"""
_INLINE = """
a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark q s samp small span
strike strong sub sup time tt u var wbr
"""
UNTOLD, INLINE = frozenset(_UNTOLD.split()), frozenset(_INLINE.split())
SIDELONG = frozenset(("header", "footer", "aside"))
"""Around the main part of a page; within it they belong to it."""
HEADINGS = {f"h{level}": level for level in range(1, LEVELS + 1)}
KINDS = frozenset({*HEADINGS, "li", "dt", "dd", "summary", "td", "th"})
QUESTION_LENGTH = 200
TITLE_LENGTH = 40
"""Cells of a first row that are longer, or hold a number, are no titles."""


def read(text: str) -> Read:
    """The blocks of an HTML document, and what its head says of it. Raises DocumentRefused."""
    tree = parsed(text)
    title = clean(tree.findtext(".//title") or "") or None
    spoken = facts.language(tree.get("lang") or "")
    return Read(blocks=tuple(blocks(tree)), title=title, perhaps=spoken)


def parsed(text: str) -> Any:
    """The tree of an HTML document. Raises DocumentRefused."""
    parser = html.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True
    )
    # lxml refuses text that says in which coding it is.
    data = text.replace("\0", "").encode("utf-8", "replace")
    try:
        tree = html.document_fromstring(data, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as exc:
        raise DocumentRefused("The page is empty, or no HTML.") from exc
    if any(problem.level == etree.ErrorLevels.FATAL for problem in parser.error_log):
        # What stands behind it is lost.
        raise DocumentRefused("The page is too large, or nested too deeply, to be read.")
    return tree


def blocks(tree: Any, *, aside: bool = False) -> list[Block]:
    """The blocks of a tree; with `aside` also what stands around the main part."""
    walk = _Walk(aside=aside)
    for event, node in etree.iterwalk(tree, events=("start", "end")):
        walk.see(event, node)
    walk.close()
    return list(_told(walk.made))


def _told(made: list[Block]) -> Iterator[Block]:
    """The blocks, with a short question in bold type as the heading that it is."""
    for place, block in enumerate(made):
        follows = place + 1 < len(made) and isinstance(made[place + 1], Paragraph | Item)
        if isinstance(block, _Bold):
            asks = block.text.endswith("?") and len(block.text) <= QUESTION_LENGTH and follows
            yield Heading(level=LEVELS, text=block.text) if asks else Paragraph(text=block.text)
        else:
            yield block


class _Bold(Paragraph):
    """A paragraph all of which is in bold type."""


@dataclass(slots=True)
class _Table:
    """A table that is open: its rows that are not told yet, and the row and cell that are open."""

    rows: list[tuple[tuple[str, ...], int]] = field(default_factory=list)
    """Each with the number of its cells that are headings."""
    cells: list[str] = field(default_factory=list)
    heads: int = 0
    cell: list[str] = field(default_factory=list)
    header: tuple[str, ...] = ()
    begun: bool = False
    """Whether rows of it were told."""

    def shut_row(self) -> None:
        """Keep the open row; one with nothing in it is none."""
        if any(self.cells):
            self.rows.append((tuple(self.cells), self.heads))
        self.cells, self.heads = [], 0

    def told(self) -> list[Block]:
        """The blocks of the rows that are kept; no more of these are."""
        if not self.begun and self._titled():
            self.header = self.rows.pop(0)[0]
        self.begun = self.begun or bool(self.rows)
        rows, self.rows = self.rows, []
        return [_row(self.header, cells) for cells, _ in rows]

    def _titled(self) -> bool:
        """Whether the first row says what stands in the others."""
        if len(self.rows) < 2:
            return False
        (cells, heads), (_, heads_below) = self.rows[:2]
        if heads:
            return len(cells) > 1 and heads == len(cells) and heads_below < len(cells)
        return len(cells) > 1 and all(
            0 < len(cell) <= TITLE_LENGTH and not any(map(str.isdigit, cell)) for cell in cells
        )


def _row(header: tuple[str, ...], cells: tuple[str, ...]) -> Block:
    told = [cell for cell in cells if cell]
    # A table of one cell is there for its looks.
    return Paragraph(text=told[0]) if len(told) == 1 and not header else Row(header=header, cells=cells)


@dataclass(slots=True)
class _Asked:
    """A term or a summary, and what is said to it so far."""

    question: str
    until: str
    """The element at whose end nothing more is said to it."""
    answer: list[str] = field(default_factory=list)

    def told(self) -> Block:
        """The pair; where nothing was said, a paragraph."""
        answer = " ".join(self.answer)
        return Pair(question=self.question, answer=answer) if answer else Paragraph(text=self.question)


@dataclass(slots=True)
class _Walk:
    """Goes through a tree by its beginnings and ends: depth costs nothing."""

    aside: bool
    made: list[Block] = field(default_factory=list)
    _text: list[str] = field(default_factory=list)
    _bold: int = 0
    _thin: bool = False
    """Whether some of the open text is not bold."""
    _kinds: list[str] = field(default_factory=list)
    """What the open text is part of, outermost first: an item, a cell, a heading."""
    _tables: list[_Table] = field(default_factory=list)
    _untold: Any = None
    """The element that is left out, with all that is in it."""
    _main: int = 0
    _asked: _Asked | None = None

    def see(self, event: str, node: Any) -> None:
        """Take the beginning or the end of an element."""
        tag = node.tag.lower() if isinstance(node.tag, str) else "#"
        if event == "start" and self._untold is None:
            if self._leaves_out(tag, node):
                self._untold = node
            else:
                self._begin(tag)
                self._say(node.text)
        elif event == "end" and self._untold in (None, node):
            if self._untold is None:
                self._end(tag)
            self._untold = None
            self._say(node.tail)

    def close(self) -> None:
        """The tree is over."""
        self._flush()
        while self._tables:
            self.made += self._tables.pop().told()
        self._answered()

    def _leaves_out(self, tag: str, node: Any) -> bool:
        if tag in UNTOLD or node.get("hidden") is not None or node.get("aria-hidden") == "true":
            return True
        style = (node.get("style") or "").replace(" ", "").lower()
        if "display:none" in style or "visibility:hidden" in style:
            # What who reads the page does not see is not what the office says.
            return True
        return tag in SIDELONG and not self._main and not self.aside

    def _say(self, text: str | None) -> None:
        if text:
            self._text.append(text)
            self._thin = self._thin or (not self._bold and not text.isspace())

    def _begin(self, tag: str) -> None:
        if tag in ("b", "strong"):
            self._bold += 1
        elif tag == "br":
            self._text.append(" ")
        elif tag not in INLINE:
            self._flush()
            self._open(tag)

    def _open(self, tag: str) -> None:
        if tag in ("main", "article"):
            self._main += 1
        elif tag == "table":
            self._tell_rows()
            self._tables.append(_Table())
        elif tag in KINDS:
            self._kinds.append(tag)

    def _end(self, tag: str) -> None:
        if tag in ("b", "strong"):
            self._bold = max(0, self._bold - 1)
        elif tag not in INLINE and tag not in ("br", "img"):
            self._flush()
            self._shut(tag)

    def _shut(self, tag: str) -> None:
        if tag in ("main", "article"):
            self._main -= 1
        elif tag == "tr" and self._tables:
            self._tables[-1].shut_row()
        elif tag == "table" and self._tables:
            self._tables[-1].shut_row()
            self._tell_rows()
            self._tables.pop()
        elif self._kinds and self._kinds[-1] == tag:
            self._kinds.pop()
            if tag in ("td", "th") and self._tables:
                table = self._tables[-1]
                table.cells.append(" ".join(table.cell))
                table.heads += tag == "th"
                table.cell = []
        if self._asked is not None and self._asked.until == tag:
            self._answered()

    def _tell_rows(self) -> None:
        if self._tables:
            for block in self._tables[-1].told():
                self._tell(block)

    def _flush(self) -> None:
        text, bold = clean("".join(self._text)), not self._thin
        self._text, self._thin = [], False
        if not text:
            return
        kind = self._kinds[-1] if self._kinds else ""
        if kind in HEADINGS:
            self._tell_rows()
            self._tell(Heading(level=HEADINGS[kind], text=text))
        elif self._tables and ("td" in self._kinds or "th" in self._kinds):
            self._tables[-1].cell.append(text)
        elif kind in ("dt", "summary"):
            self._answered()
            self._asked = _Asked(text, "dl" if kind == "dt" else "details")
        elif kind == "li":
            self._tell(Item(text=text))
        else:
            self._tell((_Bold if bold else Paragraph)(text=text))

    def _tell(self, block: Block) -> None:
        if self._asked is not None and not isinstance(block, Heading | Pair):
            self._asked.answer.append(block.text)
        else:
            self._answered()
            self.made.append(block)

    def _answered(self) -> None:
        asked, self._asked = self._asked, None
        if asked is not None:
            self.made.append(asked.told())
