"""What a document says of itself at its beginning: front matter between two lines of three dashes.

May import: the standard library.
"""

import re
from datetime import date
from typing import TypedDict

_LINE = re.compile(r"\s*([A-Za-zÀ-ÿ _-]{1,40}?)\s*:\s*(.*?)\s*$")
_NAMES = {
    "title": "title",
    "titulo": "title",
    "título": "title",
    "language": "language",
    "lang": "language",
    "idioma": "language",
    "reviewed": "reviewed_on",
    "reviewed on": "reviewed_on",
    "last reviewed": "reviewed_on",
    "revisado": "reviewed_on",
    "revisado el": "reviewed_on",
}
LINES_MOST = 40


class Facts(TypedDict, total=False):
    """What was said."""

    title: str
    language: str
    reviewed_on: str


def taken(text: str) -> tuple[Facts, str]:
    """What the front matter says, and the text behind it; a text without any stays as it is."""
    lines = text.lstrip("\n").split("\n")
    if lines[0].strip() != "---":
        return {}, text
    ends = (place for place, line in enumerate(lines[1:LINES_MOST], 1) if line.strip() in ("---", "..."))
    end = next(ends, None)
    if end is None or not all(_LINE.match(line) or not line.strip() for line in lines[1:end]):
        return {}, text
    said: Facts = {}
    for line in lines[1:end]:
        if found := _LINE.match(line):
            _note(said, found[1].lower().replace("_", " "), found[2].strip("\"'"))
    return said, "\n".join(lines[end + 1 :])


def _note(said: Facts, name: str, value: str) -> None:
    match _NAMES.get(name):
        case "title" if value:
            said["title"] = value
        case "language" if code := language(value):
            said["language"] = code
        case "reviewed_on" if day := reviewed(value):
            said["reviewed_on"] = day


def language(value: str) -> str | None:
    """The code of a language such as `es` or `es-US`; None for what is none."""
    found = re.match(r"([A-Za-z]{2,3})(?:[-_][A-Za-z]{2,4})?$", value.strip())
    return found[1].lower() if found else None


def reviewed(value: str) -> str | None:
    """A day that was written as 2026-05-01; None for what is none."""
    try:
        return date.fromisoformat(value.strip()).isoformat()
    except ValueError:
        return None
