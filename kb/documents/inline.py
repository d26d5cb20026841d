"""The signs within a line of Markdown: taken off when it is read, and put on so that it reads as it was.

May import: the standard library.
"""

import html
import re

# Each alternative looks a bounded way ahead, so that no line takes long.
_SIGNS = re.compile(
    r"""
    \\(?P<literal>[^\w\s]|_)
    | (?P<ticks>`{1,3})(?P<code>[^`\n]{1,2000}?)(?P=ticks)
    | !?\[(?P<link>[^\[\]\n]{0,1000})\]\([^()\s]{0,2000}(?:\s"[^"\n]{0,300}")?\)
    | <(?P<address>(?:https?://|mailto:)[^<>\s]{1,2000})>
    | (?P<nothing><!--(?:(?!-->).){0,2000}-->)
    | (?P<tag></?[A-Za-z][^<>\n]{0,500}>)
    | (?P<entity>&(?:\#[0-9]{1,7}|\#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)
    | (?P<emphasis>\*{1,3}|(?<![^\W_])_{1,3}|_{1,3}(?![^\W_])|~~)
    """,
    re.VERBOSE,
)
_SPECIAL = re.compile(r"[\\`*_\[\]<>&#|~]")
_BEGINNING = re.compile(r"[-+=>•◦▪–—:]|(?=\d{1,9}[.)])")
_NUMBER = re.compile(r"(\d{1,9})([.)])")


def plain(text: str) -> str:
    """A line without its signs."""
    return _SIGNS.sub(_without, text)


def _without(found: re.Match[str]) -> str:
    match found.lastgroup:
        case "literal" | "address":
            return found[found.lastgroup]
        case "code":
            return found["code"]
        case "link":
            return plain(found["link"])
        case "entity":
            return html.unescape(found["entity"])
        case "emphasis":
            return found[0] if _alone(found) else ""
        case _:
            return " " if found[0].lower().startswith(("<br", "<td", "<li", "<p", "</p")) else ""


def _alone(found: re.Match[str]) -> bool:
    """Whether a sign stands between spaces, as in 2 * 3."""
    before, behind = found.string[: found.start()][-1:], found.string[found.end() :][:1]
    return (not before or before.isspace()) and (not behind or behind.isspace())


def signed(text: str) -> str:
    """A line that `plain` makes this text of, and that begins nothing but a paragraph."""
    coded = _SPECIAL.sub(r"\\\g<0>", text)
    if _BEGINNING.match(coded):
        coded = _NUMBER.sub(r"\1\\\2", coded, count=1) if coded[0].isdigit() else f"\\{coded}"
    return coded
