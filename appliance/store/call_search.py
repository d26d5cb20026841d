"""Calls by what was said in them, by a part of the number, by day, outcome and language.

The index has one entry for each call, at a place that follows from when it began; the database keeps it by
itself (triggers). What is said in a call is found once it is over.
May import: the standard library, appliance.core, appliance.store.
"""

import re
from dataclasses import dataclass

from appliance.core.dispositions import Outcome
from appliance.store import calls, times
from appliance.store.calls import Call
from appliance.store.database import Connection
from appliance.store.errors import NoSuchRow

DIGITS_LEAST = 3
"""So many digits of a number are needed."""
WORDS_MOST = 12
BEGINNING_LEAST = 4
"""A word of so many letters finds longer ones, too."""
PLACES_A_MS, MS_MOST = 1_000_000, 9_000_000_000_000
"""So many places each millisecond has, up to the last that has any."""
MARK, UNMARK = "\x02", "\x03"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; what is empty is any. `since` and `until` are times, the second not included."""

    text: str = ""
    number: str = ""
    outcome: Outcome | None = None
    language: str = ""
    since: str = ""
    until: str = ""

    @property
    def digits(self) -> str:
        """The digits of the number."""
        return "".join(re.findall("[0-9]", self.number))


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A piece of what was said; whether it is what was looked for."""

    text: str
    found: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A call, and where in it the words stand; no excerpt where no words were looked for."""

    call: Call
    excerpt: tuple[Excerpt, ...] = ()


def find(db: Connection, wanted: Wanted, *, before: Call | None = None, limit: int = 50) -> list[Found]:
    """The calls that fit, the newest first, from behind `before` on."""
    query = _query(wanted)
    if query is None:
        return []
    values = {
        "query": query,
        "since": _place(wanted.since) if wanted.since else 0,
        "until": _place(wanted.until) if wanted.until else 2**63 - 1,
        "before": before.id if before else None,
        "limit": limit,
    }
    rows = db.execute(_BY_WORDS if query else _BY_DAY, values).fetchall()
    return [Found(_known(db, row[0]), _excerpt(row[1]) if wanted.text else ()) for row in rows]


_BEHIND = "COALESCE((SELECT id FROM call_place WHERE call_id = :before), :until)"
_BY_WORDS = f"""
    SELECT (SELECT call_id FROM call_place WHERE id = call_search.rowid),
        snippet(call_search, 0, char(2), char(3), '…', 14)
    FROM call_search
    WHERE call_search MATCH :query AND rowid >= :since AND rowid < :until AND rowid < {_BEHIND}
    ORDER BY rowid DESC LIMIT :limit
"""
_BY_DAY = f"""
    SELECT call_id, '' FROM call_place
    WHERE id >= :since AND id < :until AND id < {_BEHIND} ORDER BY id DESC LIMIT :limit
"""


def _query(wanted: Wanted) -> str | None:
    """What the index is asked; empty for all that there is, None where nothing can fit."""
    words = re.findall(r"\w+", wanted.text)[:WORDS_MOST]
    if (wanted.text and not words) or (wanted.number and len(wanted.digits) < DIGITS_LEAST):
        return None
    said = " AND ".join(f'"{word}"{"*" if len(word) >= BEGINNING_LEAST else ""}' for word in words)
    facts = " AND ".join(
        filter(
            None,
            (
                f'"{wanted.digits}"*' if wanted.digits else "",
                f'"is{wanted.outcome}"' if wanted.outcome else "",
                f'"in{wanted.language.replace("-", "")}"' if wanted.language else "",
            ),
        )
    )
    return " AND ".join(
        filter(None, (f"said : ({said})" if said else "", f"facts : ({facts})" if facts else ""))
    )


def _place(at: str) -> int:
    """The first place of a time."""
    return min(round(times.read(at).timestamp() * 1000), MS_MOST) * PLACES_A_MS


def _known(db: Connection, call_id: str) -> Call:
    call = calls.one(db, call_id)
    if call is None:
        raise NoSuchRow("There is no such call.")
    return call


def _excerpt(text: str) -> tuple[Excerpt, ...]:
    pieces = re.split(f"([{MARK}{UNMARK}])", " ".join(text.split()))
    found, marked = list[Excerpt](), False
    for piece in pieces:
        if piece in (MARK, UNMARK):
            marked = piece == MARK
        elif piece:
            found.append(Excerpt(piece, marked))
    return tuple(found)
