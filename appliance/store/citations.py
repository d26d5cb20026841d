"""Where the answers came from: each question, the passages that were found, and what was named as the source.

May import: the standard library, orjson, appliance.core, appliance.store.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson

from appliance.core.citations import Citation
from appliance.store.database import Connection
from appliance.store.errors import NoSuchRow

NEWEST = 1 << 62
"""No row has so high a number."""


class Fate(StrEnum):
    """What became of a question."""

    ANSWERED = "answered"
    NOT_KNOWN = "unknown"
    """Nothing was sure enough."""
    UNVERIFIED = "unverified"
    """Answered, and the source that was named had not been found."""
    BAD = "bad"
    """Somebody thought the answer bad."""


@dataclass(frozen=True, slots=True)
class CitationRow:
    """A question and its sources, each as plain values: slug, passage, title, heading, version, confidence.

    `confidence` is that of the first; `verified` that the source which was named had been found, and the
    answer rests on it; `named` is that source as it was said, or what was claimed. `rating`: -1 bad, 1 good.
    """

    call_id: str
    call_sid: str
    question: str
    language: str
    sources: tuple[Mapping[str, object], ...]
    at: str
    confidence: float = 0.0
    answered: bool = False
    verified: bool = False
    named: str = ""
    passage: int = 0
    rating: int = 0
    id: int = 0


def add(db: Connection, row: CitationRow) -> int:
    """Keep what became of a question, that nothing was found as well; the row's id."""
    kept = db.execute(
        """
        INSERT INTO citations_log (call_id, call_sid, question, language, sources, at, confidence, answered,
                                   verified, named, passage)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id
        """,
        (
            row.call_id,
            row.call_sid,
            row.question,
            row.language,
            orjson.dumps(row.sources).decode(),
            row.at,
            row.confidence,
            row.answered,
            row.verified,
            row.named,
            row.passage,
        ),
    ).fetchone()
    return int(kept[0])


def cite(db: Connection, call_id: str, told: Citation, at: str) -> None:
    """Keep a citation of a call, each source with the version that its document has now."""
    (call_sid,) = db.execute(
        "SELECT COALESCE((SELECT call_sid FROM call_log WHERE id = ?), '')", (call_id,)
    ).fetchone()
    asked = told.asked
    sources = tuple(
        {
            "slug": each.slug,
            "passage": each.passage,
            "title": each.title,
            "heading": each.heading,
            "version": _version(db, each.slug),
            "confidence": each.confidence,
        }
        for each in asked.sources
    )
    add(
        db,
        CitationRow(
            call_id,
            call_sid,
            asked.question,
            asked.language,
            sources,
            at,
            asked.confidence,
            told.answered,
            told.verified,
            told.named,
            told.passage,
        ),
    )


def _version(db: Connection, slug: str) -> int | None:
    """The version of a document by now; None for one that is gone."""
    row = db.execute("SELECT version FROM knowledge_doc WHERE slug = ?", (slug,)).fetchone()
    return None if row is None else int(row[0])


def rate(db: Connection, row_id: int, rating: int) -> CitationRow:
    """Keep what somebody thinks of an answer, and return its row. Raises NoSuchRow."""
    db.execute("UPDATE citations_log SET rating = ? WHERE id = ?", (rating, row_id))
    return one(db, row_id)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which questions are listed: with these words in them, in this language, and what became of them."""

    words: str = ""
    language: str = ""
    fate: Fate | None = None


def page(
    db: Connection, wanted: Wanted, *, before_id: int | None = None, limit: int = 50
) -> list[CitationRow]:
    """Questions of all calls, the newest first; `before_id` is the last of the page before."""
    if wanted == Wanted():
        before = NEWEST if before_id is None else before_id
        rows = db.execute(f"{_SELECT} WHERE id < ? ORDER BY id DESC LIMIT ?", (before, limit))
        return [_row(row) for row in rows]
    return [_row(row) for row in db.execute(FOUND, values(wanted, before_id, limit))]


def values(wanted: Wanted, before_id: int | None, limit: int) -> dict[str, object]:
    """What `FOUND` is asked with."""
    words = wanted.words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return {
        "before": NEWEST if before_id is None else before_id,
        "limit": limit,
        "language": wanted.language,
        "like": f"%{words}%",
        **{each.value: int(wanted.fate is each) for each in Fate},
    }


def languages(db: Connection) -> list[str]:
    """The languages in which questions were asked."""
    return [str(row[0]) for row in db.execute(_LANGUAGES)]


def one(db: Connection, row_id: int) -> CitationRow:
    """The question of this id. Raises NoSuchRow."""
    row = db.execute(f"{_SELECT} WHERE id = ?", (row_id,)).fetchone()
    if row is None:
        raise NoSuchRow("There is no such answer.")
    return _row(row)


def of_call(db: Connection, call_id: str) -> list[CitationRow]:
    """The questions of a call, in order."""
    rows = db.execute(f"{_SELECT} WHERE call_id = ? ORDER BY id", (call_id,))
    return [_row(row) for row in rows]


_SELECT = """
SELECT call_id, call_sid, question, language, sources, at, confidence, answered, verified, named, passage,
       rating, id
FROM citations_log
"""
# All that decides is in the index: the rows, which are wide, are read for those that are shown alone.
FOUND = f"""
{_SELECT} WHERE id IN (
    SELECT id FROM citations_log INDEXED BY citations_log_shown
    WHERE id < :before AND (:language = '' OR language = :language) AND question LIKE :like ESCAPE '\\'
        AND (NOT :answered OR answered) AND (NOT :unknown OR NOT answered)
        AND (NOT :unverified OR (answered AND NOT verified)) AND (NOT :bad OR rating < 0)
    ORDER BY id DESC LIMIT :limit
) ORDER BY id DESC
"""  # noqa: S608 -- no words but ours
# From each language to the next by one look into the index.
_LANGUAGES = """
WITH RECURSIVE told (language) AS (
    SELECT MIN(language) FROM citations_log
    UNION ALL
    SELECT (SELECT MIN(language) FROM citations_log WHERE language > told.language) FROM told
    WHERE told.language IS NOT NULL
)
SELECT language FROM told WHERE language IS NOT NULL
"""


def _row(row: Any) -> CitationRow:
    call_id, call_sid, question, language, sources, at, confidence, answered, verified, *rest = row
    return CitationRow(
        call_id,
        call_sid,
        question,
        language,
        tuple(orjson.loads(sources)),
        at,
        confidence,
        bool(answered),
        bool(verified),
        *rest,
    )
