"""What a visitor asks of the page, read from the address and the form: what is not as we write it is nothing.

Pure. May import: the standard library.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
SLUG_MOST = 40
PICKED = re.compile(r"([0-9]{9,11}) ([a-z0-9]+(?:-[a-z0-9]+)*)")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
NAME_MOST, WISH_MOST = 80, 200
DOES = frozenset({"hold", "book", "request"})
OLDEST_YEARS = 125


@dataclass(frozen=True, slots=True)
class Picked:
    """A start that was offered, with whom."""

    start: datetime
    provider: str

    @property
    def value(self) -> str:
        """As the page writes it."""
        return f"{int(self.start.timestamp())} {self.provider}"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for. `does` is empty for a page that is only looked at; `problem` names a wrong field."""

    does: str = ""
    visit: str = ""
    provider: str = ""
    since: date | None = None
    picked: Picked | None = None
    name: str = ""
    born: str = ""
    wish: str = ""
    problem: str = ""


def asked(fields: Mapping[str, str], today: date) -> Asked:
    """Read the fields of an address or a form."""
    born, born_wrong = _born(fields.get("born", ""), today)
    name = _line(fields.get("name", ""), NAME_MOST)
    does = fields.get("do", "")
    problem = "name_missing" if does in ("book", "request") and not _is_name(name) else ""
    return Asked(
        does=does if does in DOES else "",
        visit=_slug(fields.get("visit", "")),
        provider=_slug(fields.get("with", "")),
        since=_day(fields.get("from", "")),
        picked=_picked(fields.get("at", "")),
        name=name,
        born=born,
        wish=_line(fields.get("wish", ""), WISH_MOST),
        problem=problem or ("born_wrong" if born_wrong else ""),
    )


def _slug(text: str) -> str:
    return text if len(text) <= SLUG_MOST and SLUG.fullmatch(text) else ""


def _picked(text: str) -> Picked | None:
    found = PICKED.fullmatch(text) if len(text) <= SLUG_MOST + 12 else None
    return Picked(datetime.fromtimestamp(int(found[1]), UTC), found[2]) if found else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if DAY.fullmatch(text) else None
    except ValueError:
        return None


def _born(text: str, today: date) -> tuple[str, bool]:
    """A day of birth, and whether what was written is none."""
    text = text.strip()
    day = _day(text)
    if day is None or not today.year - OLDEST_YEARS <= day.year or day > today:
        return "", bool(text)
    return day.isoformat(), False


def _line(text: str, most: int) -> str:
    """One line of text: what cannot be seen, or turns the direction of writing, is left out."""
    told = unicodedata.normalize("NFC", text)
    seen = "".join(" " if letter.isspace() else letter for letter in told if not _hidden(letter))
    return " ".join(seen.split())[:most].strip()


def _hidden(letter: str) -> bool:
    return not letter.isspace() and unicodedata.category(letter) in ("Cc", "Cf", "Co", "Cs", "Cn")


def _is_name(name: str) -> bool:
    return sum(letter.isalpha() for letter in name) > 1
