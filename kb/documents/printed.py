"""Printed lines, and the tables among them: found by holding a page's text beside its layout. Pure.

In its order a cell follows a cell; in the layout the cells of a row stand beside each other. The fewest lines
that hold the same letters both ways are a row, however many lines its cells take; text in two columns has no
such rows. May import: the standard library, kb.documents.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from kb.documents.blocks import Row
from kb.documents.clean import clean

GAP = 2
"""So many blanks at least stand between two columns."""
WIDEST = 1000
"""A page that is laid out in more letters beside each other has no tables for us."""
TRIES = 3000
"""So often it is tried on a page whether a table begins: a tenth of a second."""
ROW_LINES = 12
"""So many lines a row has at most, cells under cells counted too."""
TITLED = 3
"""Columns that have titles above them although nothing shows it."""

Letters = Counter[str]
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Line:
    """A printed line, and the size of its largest letters; of a table it is a row, with all its lines."""

    text: str
    size: float
    bold: bool = False
    row: Row | None = None


@dataclass(slots=True)
class _Table:
    """Rows that have been found so far: where each begins and ends among the lines, and its layout."""

    places: list[Span] = field(default_factory=list)
    layouts: list[Sequence[str]] = field(default_factory=list)
    columns: list[Span] = field(default_factory=list)

    def takes(self, place: Span, layout: Sequence[str]) -> bool:
        """Add a row, if it stands in the same columns as those above it, or more of the last one."""
        columns = _columns([line for part in (*self.layouts, layout) for line in part])
        if len(columns) < max(2, len(self.columns)):
            return False
        touched = [any(line[start:end].strip() for line in layout) for start, end in columns]
        if self.places and sum(touched) == 1 and touched[-1]:
            # The text of the last cell goes on below it.
            self.places[-1] = self.places[-1][0], place[1]
            self.layouts[-1] = (*self.layouts[-1], *layout)
        elif sum(touched) > 1:
            self.places.append(place)
            self.layouts.append(layout)
        else:
            return False
        self.columns = columns
        return True

    def rows(self) -> list[tuple[str, ...]]:
        """The cells of each row."""
        return [
            tuple(clean(" ".join(line[start:end] for line in layout)) for start, end in self.columns)
            for layout in self.layouts
        ]


def with_tables(lines: Sequence[Line], layout: str) -> list[Line]:
    """The lines, with one in place of all lines of each row of a table."""
    laid = [line for line in layout.expandtabs().split("\n") if line.strip()]
    if not laid or max(map(len, laid)) > WIDEST:
        return list(lines)
    page = _Page(lines, laid)
    made: list[Line] = []
    place = below = 0
    while place < len(lines):
        table, next_laid = page.table(place, below)
        if len(table.places) < 2:
            made.append(lines[place])
            place += 1
            continue
        made += _rows(lines, table)
        place, below = table.places[-1][1], next_laid
    return made


class _Page:
    """The lines of a page in their order, and as they are laid out."""

    def __init__(self, lines: Sequence[Line], laid: Sequence[str]) -> None:
        self._laid = laid
        self._tries = TRIES
        self._told = ["".join(line.text.split()) for line in lines]
        self._shown = ["".join(clean(line).split()) for line in laid]

    def table(self, place: int, below: int) -> tuple[_Table, int]:
        """The table that begins with this line, in the layout below there; and where that goes on."""
        begins = self._told[place]
        for at in range(below, len(self._laid)) if begins else ():
            # Most lines stand alone in the layout: no table begins with such a one.
            alone = begins == self._shown[at] and " " * GAP not in self._laid[at].strip()
            if begins in self._shown[at] and not alone and self._tries:
                self._tries -= 1
                table, end = self._table(place, at)
                if len(table.places) > 1:
                    return table, end
        return _Table(), below

    def _table(self, line: int, at: int) -> tuple[_Table, int]:
        table = _Table()
        while found := self._row(line, at):
            if not table.takes((line, found[0]), self._laid[at : found[1]]):
                break
            line, at = found
        return table, at

    def _row(self, line: int, at: int) -> Span | None:
        """Behind which line, and which of the layout, both have given the same letters."""
        told, shown = Letters(), Letters()
        end, below = line, at
        while max(end - line, below - at) < ROW_LINES:
            # The side that has given fewer letters goes on.
            if told.total() <= shown.total():
                if end == len(self._told):
                    return None
                told.update(self._told[end])
                end += 1
            else:
                if below == len(self._laid):
                    return None
                shown.update(self._shown[below])
                below += 1
            if told and told == shown:
                return end, below
        return None


def _columns(layout: Sequence[str]) -> list[Span]:
    """From where to where there is anything in these lines, parted by what is blank in all of them."""
    width = max(map(len, layout))
    used = "".join("x" if any(line[at : at + 1].strip() for line in layout) else " " for at in range(width))
    return [found.span() for found in re.finditer(rf"x(?:x| {{1,{GAP - 1}}}(?=x))*", used)]


def _rows(lines: Sequence[Line], table: _Table) -> Iterator[Line]:
    told = [[line for line in lines[start:end] if line.text] for start, end in table.places]
    cells = table.rows()
    titled = _titled(told, cells)
    header = cells[0] if titled else ()
    for row, printed in list(zip(cells, told, strict=True))[titled:]:
        made = Row(header=header, cells=row)
        yield Line(made.text, max(line.size for line in printed), row=made)


def _titled(told: Sequence[Sequence[Line]], cells: Sequence[tuple[str, ...]]) -> bool:
    """Whether the first row says what the others are: in bold type, or plainly words above other things."""
    first = cells[0]
    if not all(first) or any(map(str.isdigit, "".join(first))):
        return False
    bold = all(line.bold for line in told[0]) and not all(line.bold for row in told for line in row)
    numbers = any(map(str.isdigit, "".join(map("".join, cells[1:]))))
    return bold or (len(first) >= TITLED and numbers)
