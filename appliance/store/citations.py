"""Where the answers came from: each question and the passages that its answer was drawn from.

May import: the standard library, orjson, appliance.store.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from appliance.store.database import Connection


@dataclass(frozen=True, slots=True)
class CitationRow:
    """A question and its sources, each as plain values such as slug, passage and score."""

    call_id: str
    call_sid: str
    question: str
    language: str
    sources: tuple[Mapping[str, object], ...]
    at: str


def add(db: Connection, row: CitationRow) -> None:
    """Keep the sources of an answer; none of them is a fact worth keeping too."""
    db.execute(
        """
        INSERT INTO citations_log (call_id, call_sid, question, language, sources, at)
        VALUES (?, ?, ?, ?, ?, ?)
        """,
        (
            row.call_id,
            row.call_sid,
            row.question,
            row.language,
            orjson.dumps(row.sources).decode(),
            row.at,
        ),
    )


def of_call(db: Connection, call_id: str) -> list[CitationRow]:
    """The questions of a call, in order."""
    rows = db.execute(
        """
        SELECT call_id, call_sid, question, language, sources, at
        FROM citations_log WHERE call_id = ? ORDER BY id
        """,
        (call_id,),
    )
    return [CitationRow(row[0], row[1], row[2], row[3], tuple(orjson.loads(row[4])), row[5]) for row in rows]
