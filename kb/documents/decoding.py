"""Bytes to text, whatever program wrote them: Unicode by its mark, UTF-8, or the usual Western code page.

May import: the standard library, kb.documents.
"""

import codecs

from kb.documents.blocks import DocumentRefused

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
CONTROLS_MOST, CONTROLS_FEW = 0.05, 8
"""The share of control signs above which it is no text, unless they are few."""
_ODD = bytes(set(range(32)) - set(b"\t\n\r\f\v\x1b"))


def decoded(data: bytes) -> str:
    """The text. Raises DocumentRefused for what is none."""
    for mark, coding in _MARKS:
        if data.startswith(mark):
            return data.decode(coding, "replace")
    if (unmarked := _without_mark(data)) is not None:
        return unmarked
    odd = len(data) - len(data.translate(None, _ODD))
    if odd > max(CONTROLS_FEW, CONTROLS_MOST * len(data)):
        raise DocumentRefused("The file is no text: give it as Markdown, text, HTML, DOCX, PDF or CSV.")
    data = data.translate(None, b"\0")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as exc:
        if _broken_utf8(data, exc):
            return data.decode("utf-8", "replace")
    # Bytes that the code page leaves open are signs that nobody sees.
    return data.decode("cp1252", "replace")


def _without_mark(data: bytes) -> str | None:
    """UTF-16 whose mark is missing: every other byte of Western text is 0."""
    head = data[:4000]
    for coding, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[0::2])):
        if len(zeros) >= 8 and zeros.count(0) > 0.7 * len(zeros):
            return data.decode(coding, "replace")
    return None


def _broken_utf8(data: bytes, problem: UnicodeDecodeError) -> bool:
    """Whether it is UTF-8 but for a few bytes: it has more of its letters than of its mistakes."""
    sound = data.decode("utf-8", "ignore")
    letters = sum(1 for letter in sound if ord(letter) > 127)
    broken = data.decode("utf-8", "replace").count("\ufffd") - data[: problem.start].count(b"\xef\xbf\xbd")
    return letters > 2 * broken
