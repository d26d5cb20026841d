"""Calls of the box to itself: what each of them found.

May import: nothing at run time.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

STATEMENTS = (
    """
    CREATE TABLE self_call (
        id INTEGER PRIMARY KEY,
        began_at TEXT NOT NULL CHECK (began_at GLOB '????-??-??T??:??:??.???Z'),
        took_ms INTEGER NOT NULL CHECK (took_ms >= 0),
        state TEXT NOT NULL CHECK (state IN ('not checked', 'ok', 'degraded', 'failed')),
        failed_in_row INTEGER NOT NULL CHECK ((failed_in_row > 0) = (state = 'failed')),
        findings TEXT NOT NULL CHECK (json_valid(findings))
    ) STRICT
    """,
    "CREATE INDEX self_call_newest ON self_call (began_at DESC, id DESC)",
)


def apply(db: "Database") -> None:
    """Make the table."""
    for statement in STATEMENTS:
        db.execute(statement)
