"""Word documents (DOCX), by way of HTML. What would unpack to too much is refused before.

May import: the standard library, mammoth, kb.documents.
"""

import io
import zipfile
import zlib
from xml.parsers import expat

import mammoth

from kb.documents import markup
from kb.documents.blocks import DocumentRefused, Read
from kb.documents.clean import clean

UNPACKED_MOST = 60_000_000
PART_MOST = 30_000_000
"""Of one part of XML."""
PARTS_MOST = 2_000
MAIN = "word/document.xml"
OLD_WORD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
STYLES = """
p[style-name='Title'] => h1:fresh
p[style-name='Subtitle'] => h2:fresh
p[style-name='Título'] => h1:fresh
p[style-name='Título 1'] => h1:fresh
p[style-name='Título 2'] => h2:fresh
p[style-name='Título 3'] => h3:fresh
p[style-name='toc 1'] => !
p[style-name='toc 2'] => !
p[style-name='toc 3'] => !
"""
BROKEN = "The Word document is broken: open it in Word, save it again as .docx, and give that."


def read(data: bytes) -> Read:
    """The blocks of a document. Raises DocumentRefused."""
    if data.startswith(OLD_WORD):
        raise DocumentRefused(
            "The file has a password, or is of an old version of Word: save it as .docx without a password."
        )
    _look(data)
    try:
        made = mammoth.convert_to_html(
            io.BytesIO(data), style_map=STYLES, convert_image=mammoth.images.img_element(lambda _: {})
        )
    except (
        zipfile.BadZipFile,
        expat.ExpatError,
        KeyError,
        ValueError,
        OSError,
        LookupError,
        AttributeError,
    ) as exc:
        raise DocumentRefused(BROKEN) from exc
    if not made.value.strip():
        return Read(blocks=())
    return Read(blocks=markup.read(made.value).blocks, title=_title(data))


def _look(data: bytes) -> None:
    """Refuse an archive that is none, no document, encrypted, or larger than it looks."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            names = {part.filename for part in parts}
            if MAIN not in names and "word/document.xml" not in {name.lower() for name in names}:
                raise DocumentRefused(
                    "The file is an archive, and no Word document: give the documents one by one."
                )
            if len(parts) > PARTS_MOST or sum(part.file_size for part in parts) > UNPACKED_MOST:
                raise DocumentRefused(
                    "The Word document unpacks to more than is read: divide it, or leave out pictures."
                )
            if any(part.flag_bits & 1 for part in parts):
                raise DocumentRefused("The Word document has a password: save it without one.")
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    _look_into(archive, part)
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        EOFError,
        OSError,
        ValueError,
        KeyError,
    ) as exc:
        raise DocumentRefused(BROKEN) from exc


def _look_into(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Refuse a part that is larger than it says, or that declares entities of its own."""
    size = 0
    tail = b""
    with archive.open(part) as file:
        while piece := file.read(1 << 16):
            size += len(piece)
            if size > PART_MOST:
                raise DocumentRefused("The Word document unpacks to more than is read: divide it.")
            seen = (tail + piece).replace(b"\0", b"")
            if b"<!DOCTYPE" in seen or b"<!ENTITY" in seen:
                raise DocumentRefused(BROKEN)
            tail = piece[-32:]


def _title(data: bytes) -> str | None:
    """The title in the document's properties; many have none, or a template's."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if "docProps/core.xml" not in archive.namelist():
            return None
        found: list[str] = []
        inside = False

        def begin(name: str, _: dict[str, str]) -> None:
            nonlocal inside
            inside = name.endswith(":title")

        def end(_: str) -> None:
            nonlocal inside
            inside = False

        parser = expat.ParserCreate()
        parser.StartElementHandler = begin
        parser.EndElementHandler = end
        parser.CharacterDataHandler = lambda text: found.append(text) if inside else None
        try:
            parser.Parse(archive.read("docProps/core.xml"), True)
        except expat.ExpatError:
            return None
        return clean("".join(found)) or None
