"""Which reader a document wants, by what is in it; the ending of its name counts where that does not say.

May import: the standard library, kb.documents.
"""

import re
from enum import StrEnum

from kb.documents import markdown, markup, table, text
from kb.documents.blocks import Block, DocumentRefused, Heading, Item, Pair, Paragraph, Read, Row
from kb.documents.decoding import decoded

LARGEST = 20_000_000
"""Bytes of a file or page."""
LETTERS_MOST = 4_000_000
"""Of a document's text."""
BLOCKS_MOST = 40_000


class Format(StrEnum):
    """What a reader reads."""

    MARKDOWN = "markdown"
    TEXT = "text"
    HTML = "html"
    PAGE = "page"
    """HTML of a website: of it the main part alone."""
    WORD = "docx"
    PDF = "pdf"
    TABLE = "csv"


ENDINGS = {
    ".md": Format.MARKDOWN,
    ".markdown": Format.MARKDOWN,
    ".txt": Format.TEXT,
    ".text": Format.TEXT,
    ".html": Format.HTML,
    ".htm": Format.HTML,
    ".xhtml": Format.HTML,
    ".docx": Format.WORD,
    ".pdf": Format.PDF,
    ".csv": Format.TABLE,
    ".tsv": Format.TABLE,
}
TYPES = {
    "text/html": Format.PAGE,
    "application/xhtml+xml": Format.PAGE,
    "text/plain": Format.TEXT,
    "text/markdown": Format.MARKDOWN,
    "text/csv": Format.TABLE,
    "application/pdf": Format.PDF,
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": Format.WORD,
}
"""What a web server may send, by the type that it names."""
READ = ".md, .txt, .html, .docx, .pdf and .csv"
_OTHERS = {
    b"{\\rtf": "an RTF document: save it as .docx",
    b"\x89PNG": "a picture: write down what it says",
    b"\xff\xd8\xff": "a picture: write down what it says",
    b"GIF8": "a picture: write down what it says",
    b"\x1f\x8b": "packed (gzip): unpack it first",
    b"7z\xbc\xaf": "packed (7z): unpack it first",
    b"Rar!": "packed (RAR): unpack it first",
    b"\x7fELF": "a program",
    b"MZ": "a program",
}
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.I | re.S,
)


def known(name: str) -> Format | None:
    """The format of a file of this name; None for an ending that is not read."""
    place = name.rfind(".")
    return ENDINGS.get(name[place:].lower()) if place >= 0 else None


def seen(data: bytes, supposed: Format | None) -> Format:
    """The format of these bytes, whatever their name says. Raises DocumentRefused for others."""
    if b"%PDF-" in data[:1024]:
        return Format.PDF
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0")):
        return Format.WORD
    for beginning, told in _OTHERS.items():
        if data.startswith(beginning):
            raise DocumentRefused(f"The file is {told}. What is read: {READ}.")
    if supposed in (Format.PDF, Format.WORD):
        raise DocumentRefused(
            f"The file is no {supposed.value.upper()}, whatever its name says: is it whole?"
        )
    if supposed is not Format.PAGE and _HTML.match(data[:4096]):
        return Format.HTML
    if supposed is None:
        raise DocumentRefused(f"Files of this kind are not read. What is read: {READ}.")
    return supposed


def read(data: bytes, supposed: Format | None) -> Read:
    """The blocks of a document. Raises DocumentRefused with a sentence for who gave it."""
    if len(data) > LARGEST:
        raise DocumentRefused(too_large(len(data)))
    if not data.strip():
        raise DocumentRefused("The file is empty.")
    found = _read(data, seen(data, supposed))
    found = _titled(found, supposed)
    letters = sum(len(_whole(block)) for block in found.blocks)
    if letters > LETTERS_MOST or len(found.blocks) > BLOCKS_MOST:
        raise DocumentRefused(
            f"The document is too long ({letters:,} letters, {len(found.blocks):,} paragraphs and the like;"
            f" {LETTERS_MOST:,} and {BLOCKS_MOST:,} are the most). Divide it."
        )
    if not any(isinstance(block, Paragraph | Item | Row | Pair) for block in found.blocks):
        raise DocumentRefused("There is no text in the document.")
    return found


def _titled(found: Read, supposed: Format | None) -> Read:
    """The document under its only main heading: a title beside the text is often a program's."""
    heads = [block.text for block in found.blocks if isinstance(block, Heading) and block.level == 1]
    if len(heads) != 1 or (supposed is Format.MARKDOWN and found.title):
        return found
    return found.model_copy(update={"title": heads[0]})


def too_large(size: int) -> str:
    """The sentence for a file of so many bytes."""
    most = LARGEST / 1e6
    return f"The file has {size / 1e6:,.0f} MB; {most:.0f} MB are the most. Divide it, or leave out pictures."


def _read(data: bytes, wanted: Format) -> Read:
    # Each of these loads what only it needs.
    match wanted:
        case Format.WORD:
            from kb.documents import word  # noqa: PLC0415

            return word.read(data)
        case Format.PDF:
            from kb.documents import pdf  # noqa: PLC0415

            return pdf.read(data)
        case Format.PAGE:
            from kb.documents import page  # noqa: PLC0415

            return page.read(decoded_markup(data))
        case Format.HTML:
            return markup.read(decoded_markup(data))
        case Format.MARKDOWN:
            return markdown.read(decoded(data))
        case Format.TABLE:
            return table.read(decoded(data))
        case Format.TEXT:
            return text.read(decoded(data))


_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,40})""", re.I)


def decoded_markup(data: bytes) -> str:
    """The text of HTML, which may say how it is coded. Raises DocumentRefused."""
    found = _CHARSET.search(data[:4096])
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        if found and found[1].lower() not in (b"utf-8", b"utf8", b"iso-8859-1", b"latin1"):
            try:
                return data.decode(found[1].decode("ascii"), "replace")
            except LookupError:
                return decoded(data)
    return decoded(data)


def _whole(block: Block) -> str:
    match block:
        case Pair():
            return block.question + block.answer
        case Heading() | Paragraph() | Item() | Row():
            return block.text
