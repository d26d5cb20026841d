"""PDF: lines as they are printed, put together to paragraphs and tables. What is larger is a heading.

May import: the standard library, pypdf, kb.documents.
"""

import io
import logging
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import pypdf
from pypdf.errors import DependencyError, PyPdfError

from kb.documents import pairs, text
from kb.documents.blocks import Block, DocumentRefused, Heading, Read
from kb.documents.clean import clean
from kb.documents.printed import Line, with_tables

PAGES_MOST = 500
LETTERS_A_PAGE = 20
"""A document with fewer on its pages is pictures of pages."""
LARGER = 1.15
"""So many times the size of most of the text is a heading."""
BULLETS = str.maketrans(dict.fromkeys(map(chr, (0xF0B7, 0xF0A7, 0xF0D8, 0xF0FC, 0xF076)), "•"))
"""What word processors print before items: signs of fonts of their own."""
BROKEN = "The PDF is broken: open it, print it into a new PDF, and give that."
PASSWORD = "The PDF has a password: save it without one."  # noqa: S105 -- a sentence
SCANNED = "The PDF is scanned, pictures of pages without text: have its text recognised first (OCR)."


# pypdf lets such errors through for what is broken in ways that it does not look for.
UNLOOKED_FOR = (
    PyPdfError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    OverflowError,
    ArithmeticError,
)


def read(data: bytes) -> Read:
    """The blocks of a document. Raises DocumentRefused."""
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        return _read(pypdf.PdfReader(io.BytesIO(data)))
    except DependencyError as exc:
        raise DocumentRefused(PASSWORD) from exc
    except RecursionError as exc:
        raise DocumentRefused(BROKEN) from exc
    except UNLOOKED_FOR as exc:
        raise DocumentRefused(BROKEN) from exc


def _read(reader: pypdf.PdfReader) -> Read:
    if reader.is_encrypted and not reader.decrypt(""):
        raise DocumentRefused(PASSWORD)
    if len(reader.pages) > PAGES_MOST:
        raise DocumentRefused(
            f"The PDF has {len(reader.pages):,} pages; {PAGES_MOST} are the most. Divide it."
        )
    pages = [_lines(page) for page in reader.pages]
    letters = sum(len(line.text) for page in pages for line in page)
    if pages and letters < LETTERS_A_PAGE * len(pages) and _pictured(reader):
        raise DocumentRefused(SCANNED)
    title = clean(str(reader.metadata.title)) if reader.metadata and reader.metadata.title else ""
    return Read(blocks=tuple(_blocks(_without_repeats(pages))), title=_fit(title))


def _fit(title: str) -> str | None:
    """A title that a person wrote: programs write the name of the file."""
    programs = re.match(
        r"(?i)microsoft word|untitled|sin título|document\d*$|.*\.(docx?|pdf|odt|indd)$", title
    )
    return None if not title or programs else title


def _pictured(reader: pypdf.PdfReader) -> bool:
    """Whether a page shows a picture, as those of a scanner do."""
    for page in reader.pages:
        resources: Any = page.get("/Resources", {})
        if "/XObject" in resources.get_object():
            return True
    return False


def _lines(page: pypdf.PageObject) -> list[Line]:
    """The lines of a page, empty ones too, which part paragraphs; a row of a table is one line."""
    lines = list(_printed(page))
    try:
        layout = page.extract_text(extraction_mode="layout", layout_mode_space_vertically=False)
    except (*UNLOOKED_FOR, MemoryError):
        # It is as wide as what stands farthest out: what was printed can be read without.
        return lines
    return with_tables(lines, layout.translate(BULLETS))


def _printed(page: pypdf.PageObject) -> Iterator[Line]:
    parts: list[tuple[str, float, bool]] = []

    def see(part: str, _cm: Any, matrix: Any, font: Any, size: float) -> None:
        bold = "bold" in str((font or {}).get("/BaseFont", "")).lower()
        parts.append((part, abs(size * (matrix[3] or matrix[1] or 1)), bold))

    page.extract_text(visitor_text=see)
    open_text, open_size, open_bold = "", 0.0, True
    for part, size, bold in parts:
        for place, piece in enumerate(part.translate(BULLETS).split("\n")):
            if place:
                yield Line(clean(open_text), open_size, open_bold)
                open_text, open_size, open_bold = "", 0.0, True
            open_text += piece
            if piece.strip():
                open_size, open_bold = max(open_size, size), open_bold and bold
    yield Line(clean(open_text), open_size, open_bold)


def _without_repeats(pages: Sequence[list[Line]]) -> list[list[Line]]:
    """The pages without what stands at the top or the foot of most of them, but for its number."""
    if len(pages) < 3:
        return list(pages)
    told = [[place for place, line in enumerate(page) if line.text] for page in pages]
    edges = [{*places[:2], *places[-2:]} for places in told]
    count = Counter(
        key
        for page, places in zip(pages, edges, strict=True)
        for key in {_bare(page[place].text) for place in places}
    )
    often = {key for key, number in count.items() if number > 0.6 * len(pages)}
    first: set[str] = set()
    kept: list[list[Line]] = []
    for page, places in zip(pages, edges, strict=True):
        left = []
        for place, line in enumerate(page):
            key = _bare(line.text)
            if place in places and key in often:
                # It is told once, unless it is nothing but a number.
                if key in first or not any(map(str.isalpha, key)):
                    continue
                first.add(key)
            left.append(line)
        kept.append(left)
    return kept


def _bare(line: str) -> str:
    return re.sub(r"\d+", "#", line)


def _blocks(pages: Sequence[list[Line]]) -> list[Block]:
    lines = [line for page in pages for line in page]
    sizes = Counter[float]()
    for line in lines:
        sizes[round(line.size, 1)] += len(line.text)
    usual = sizes.most_common(1)[0][0] if sizes else 0.0
    larger = sorted(
        {round(line.size, 1) for line in lines if line.text and line.size > LARGER * usual}, reverse=True
    )
    levels = {size: min(place + 1, 4) for place, size in enumerate(larger)}
    return pairs.paired(_marked(lines, levels))


def _marked(lines: Sequence[Line], levels: dict[float, int]) -> Iterator[pairs.Marked]:
    longest = _width(lines)
    group: list[str] = []
    heading: list[str] = []
    level = 0
    for line in lines:
        found = levels.get(round(line.size, 1), 0) if line.text and not line.row else 0
        if found != level and heading:
            yield Heading(level=level, text=" ".join(heading))
            heading = []
        level = found
        if found:
            yield from text.grouped(_joined(group))
            group = []
            heading.append(line.text)
        elif line.row:
            yield from text.grouped(_joined(group))
            group = []
            yield line.row
        elif not line.text:
            # pypdf prints an empty line for a gap; one in the midst of a sentence is a new page.
            if group and group[-1].endswith((".", "!", "?", ":")):
                yield from text.grouped(_joined(group))
                group = []
        else:
            group.append(line.text)
            if len(line.text) < 0.7 * longest and line.text.endswith((".", "!", "?")):
                # The last line of a paragraph is short.
                yield from text.grouped(_joined(group))
                group = []
    if heading:
        yield Heading(level=level, text=" ".join(heading))
    yield from text.grouped(_joined(group))


def _width(lines: Sequence[Line]) -> int:
    """About how many letters a full line has."""
    lengths = sorted(len(line.text) for line in lines if line.text)
    return lengths[int(0.9 * (len(lengths) - 1))] if lengths else 0


def _joined(group: Sequence[str]) -> list[str]:
    """The lines, without hyphens that part a word at the end of one."""
    made: list[str] = []
    for line in group:
        parted = made and re.search(r"[a-zà-ÿ]-$", made[-1]) and re.match(r"[a-zà-ÿ]", line)
        if not parted:
            made.append(line)
            continue
        head, _, tail = line.partition(" ")
        made[-1] = made[-1][:-1] + head
        made += [tail] if tail else []
    return made
