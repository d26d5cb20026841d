"""CSV: questions with answers, or a table of another kind. Headers in English or Spanish.

May import: the standard library, kb.documents.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence

from kb.documents import facts
from kb.documents.blocks import Block, DocumentRefused, Heading, Pair, Paragraph, Read, Row
from kb.documents.clean import clean

SEPARATORS = ",;\t|"
CELL_MOST = 20_000
ROWS_MOST = 20_000
HEADS = {
    "question": "question q questions pregunta preguntas p",
    "answer": "answer a answers respuesta respuestas r",
    "topic": "topic category section heading tema categoría categoria sección seccion",
    "language": "language lang idioma lengua",
    "reviewed_on": "reviewed reviewed_on revisado revisada revisado_el",
}
_NAMES = {name: what for what, names in HEADS.items() for name in names.split()}


def read(text: str) -> Read:
    """The blocks of a table. Raises DocumentRefused for one that is too large, or broken."""
    rows = list(_rows(text))
    if not rows:
        return Read(blocks=())
    places = _places(rows[0])
    if {"question", "answer"} <= places.keys():
        return _questions(rows[1:], places)
    if asked := _unnamed(rows):
        return Read(blocks=tuple(asked))
    header, told = _titles(rows)
    return Read(blocks=tuple(Row(header=header, cells=row) for row in told))


def _rows(text: str) -> Iterator[tuple[str, ...]]:
    """The rows that are not empty, cleaned."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    # Excel writes the separator of its country into a line of its own.
    if first.lower().startswith("sep=") and len(first.strip()) == 5:
        separator, text = first[4], text.split(first, 1)[1]
    else:
        separator = max(SEPARATORS, key=lambda sign: (_unquoted(first, sign), -SEPARATORS.index(sign)))
    csv.field_size_limit(CELL_MOST)
    reader = csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter=separator)
    count = 0
    try:
        for row in reader:
            cells = tuple(clean(cell) for cell in row)
            if any(cells):
                count += 1
                if count > ROWS_MOST + 1:
                    raise DocumentRefused(
                        f"The table has more than {ROWS_MOST:,} rows: divide it into several files."
                    )
                yield cells
    except csv.Error as exc:
        if "field larger" in str(exc):
            told = (
                f"A cell near line {reader.line_num} has more than {CELL_MOST:,} letters: is a quotation mark"
                " missing?"
            )
            raise DocumentRefused(told) from exc
        raise DocumentRefused(f"The table is broken near line {reader.line_num}: {exc}.") from exc


def _unquoted(line: str, sign: str) -> int:
    """How often a sign stands in a line outside of quotation marks."""
    return sum(part.count(sign) for part in line.split('"')[::2])


def _places(header: Sequence[str]) -> Mapping[str, int]:
    """In which column stands what, by the names of the columns."""
    found: dict[str, int] = {}
    for place, name in enumerate(header):
        if what := _NAMES.get(name.lower().strip(" :?¿")):
            found.setdefault(what, place)
    return found


def _questions(rows: Sequence[tuple[str, ...]], places: Mapping[str, int]) -> Read:
    by_topic: dict[str, list[Block]] = {"": []}
    days: set[str] = set()
    for row in rows:
        cells = {what: row[place] for what, place in places.items() if place < len(row)}
        asked = _asked(cells.get("question", ""), cells.get("answer", ""), cells.get("language", ""))
        by_topic.setdefault(cells.get("topic", ""), []).extend(asked)
        if day := facts.reviewed(cells.get("reviewed_on", "")):
            days.add(day)
    blocks = by_topic.pop("")
    for topic, asked in by_topic.items():
        blocks += [Heading(level=2, text=topic), *asked]
    # The table is as old as the oldest of what stands in it.
    return Read(blocks=tuple(blocks), reviewed_on=min(days, default=None))


def _asked(question: str, answer: str, language: str) -> list[Block]:
    if question and answer:
        return [Pair(question=question, answer=answer, language=facts.language(language))]
    return [Paragraph(text=each) for each in (question, answer) if each]


def _unnamed(rows: Sequence[tuple[str, ...]]) -> list[Block]:
    """Pairs, where two columns without names hold questions and what is answered."""
    if any(len(row) != 2 for row in rows) or sum(row[0].endswith("?") for row in rows) < 0.8 * len(rows):
        return []
    return [block for question, answer in rows for block in _asked(question, answer, "")]


def _titles(rows: list[tuple[str, ...]]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """The titles of the columns, if the first row has some, and the other rows."""
    first = rows[0]
    titled = (
        len(rows) > 1 and len(first) > 1 and all(cell and not any(map(str.isdigit, cell)) for cell in first)
    )
    return (first, rows[1:]) if titled else ((), rows)
