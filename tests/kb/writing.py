"""Writes documents of the kinds that offices have, byte by byte, for readers that are not told how.

May import: the standard library, pypdf.
"""

import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pypdf

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
CONTENT_TYPES = """<?xml version="1.0" encoding="UTF-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/word/document.xml"
 ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>
</Types>"""
RELATIONS = """<?xml version="1.0" encoding="UTF-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="r1" Target="word/document.xml"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/>
</Relationships>"""
STYLES = f"""<?xml version="1.0" encoding="UTF-8"?>
<w:styles {W}><w:style w:type="paragraph" w:styleId="H1"><w:name w:val="heading 1"/></w:style>
<w:style w:type="paragraph" w:styleId="H2"><w:name w:val="heading 2"/></w:style>
<w:style w:type="paragraph" w:styleId="L"><w:name w:val="List Paragraph"/></w:style></w:styles>"""
NUMBERING = f"""<?xml version="1.0" encoding="UTF-8"?>
<w:numbering {W}><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/></w:lvl>
</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>"""
PART_RELATIONS = """<?xml version="1.0" encoding="UTF-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="s" Target="styles.xml"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles"/>
<Relationship Id="n" Target="numbering.xml"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/numbering"/>
</Relationships>"""


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def paragraph(text: str, style: str = "", *, bold: bool = False) -> str:
    """A paragraph of Word; style H1, H2, or L for an item of a list."""
    listed = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>' if style == "L" else ""
    manner = f'<w:pPr><w:pStyle w:val="{style}"/>{listed}</w:pPr>' if style else ""
    heavy = "<w:rPr><w:b/></w:rPr>" if bold else ""
    return f'<w:p>{manner}<w:r>{heavy}<w:t xml:space="preserve">{escaped(text)}</w:t></w:r></w:p>'


def table(rows: Iterable[Sequence[str]]) -> str:
    """A table of Word."""
    told = "".join(
        "<w:tr>" + "".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) + "</w:tr>" for row in rows
    )
    return f"<w:tbl>{told}</w:tbl>"


def docx(*body: str, document: str | None = None, more: dict[str, bytes] | None = None) -> bytes:
    """A Word document; `document` is its main part instead, `more` are parts beside it."""
    main = document or f'<?xml version="1.0"?><w:document {W}><w:body>{"".join(body)}</w:body></w:document>'
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", CONTENT_TYPES)
        archive.writestr("_rels/.rels", RELATIONS)
        archive.writestr("word/document.xml", main)
        archive.writestr("word/styles.xml", STYLES)
        archive.writestr("word/numbering.xml", NUMBERING)
        archive.writestr("word/_rels/document.xml.rels", PART_RELATIONS)
        for name, data in (more or {}).items():
            archive.writestr(name, data)
    return made.getvalue()


@dataclass(frozen=True)
class Cells:
    """A row of a printed table; a cell goes on below itself where it has several lines."""

    texts: Sequence[str]
    bold: bool = False

    @property
    def lines(self) -> int:
        return max(text.count("\n") + 1 for text in self.texts)

    def printed(self, y: float) -> Iterator[str]:
        for column, text in enumerate(self.texts):
            for place, line in enumerate(text.split("\n")):
                yield _shown(line, 11.0, x=50 + 180 * column, y=y - 14 * place, font=2 if self.bold else 1)


def _shown(text: str, size: float, *, x: float = 50, y: float, font: int = 1) -> str:
    coded = text.encode("cp1252", "replace").decode("cp1252")
    escaped = coded.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return f"BT /F{font} {size} Tf 1 0 0 1 {x} {y} Tm ({escaped}) Tj ET"


class Pdf:
    """Printed pages: each a list of lines, a line its text and the size of its letters, or a table's row."""

    def __init__(self) -> None:
        self._objects: list[bytes] = []
        self._pages: list[int] = []

    def page(self, *lines: tuple[str, float] | str | Cells, picture: bool = False) -> "Pdf":
        """Print a page, from the top."""
        content: list[str] = []
        y = 780.0
        for line in lines:
            if isinstance(line, Cells):
                content += line.printed(y)
                y -= 14 * line.lines
                continue
            text, size = (line, 11.0) if isinstance(line, str) else line
            if text:
                content.append(_shown(text, size, y=y))
            y -= size * 1.3
        data = "\n".join(content).encode("cp1252")
        stream = self._add(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(data), data))
        drawn = b" /XObject << /I1 4 0 R >>" if picture else b""
        self._pages.append(
            self._add(
                b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R"
                b" /Resources << /Font << /F1 3 0 R /F2 5 0 R >>%s >> >>" % (stream, drawn)
            )
        )
        return self

    def _add(self, data: bytes) -> int:
        self._objects.append(data)
        return len(self._objects) + 5

    def bytes(self) -> bytes:
        """The file."""
        kids = b" ".join(b"%d 0 R" % page for page in self._pages)
        picture = b"<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8"
        fixed = [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, len(self._pages)),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
            picture + b" /ColorSpace /DeviceGray /Length 1 >>\nstream\n\x00\nendstream",
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
        ]
        out, places = bytearray(b"%PDF-1.4\n"), []
        for number, data in enumerate([*fixed, *self._objects], 1):
            places.append(len(out))
            out += b"%d 0 obj\n%s\nendobj\n" % (number, data)
        start = len(out)
        out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
        out += b"".join(b"%010d 00000 n \n" % place for place in places)
        out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(places) + 1, start)
        return bytes(out)


def locked(pdf: bytes, password: str) -> bytes:
    """The PDF with a password."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf))
    writer.encrypt(password, algorithm="RC4-128")
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()
