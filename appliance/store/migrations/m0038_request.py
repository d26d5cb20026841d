"""What staff ask for in a live call, and where an account has callers put whom it takes over.

May import: nothing at run time.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

TABLES = (
    """
    CREATE TABLE request (
        id INTEGER PRIMARY KEY NOT NULL,
        call_id TEXT NOT NULL REFERENCES call_log (id) ON DELETE CASCADE,
        what TEXT NOT NULL CHECK (what IN ('hang up', 'transfer', 'take over')),
        department TEXT NOT NULL,
        who TEXT NOT NULL,
        asked_at TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('asked', 'under way', 'done', 'not done')),
        why TEXT NOT NULL DEFAULT '',
        settled_at TEXT
    ) STRICT
    """,
    # One at a time in a call: who is quicker is decided here.
    "CREATE UNIQUE INDEX request_open ON request (call_id) WHERE state IN ('asked', 'under way')",
    "CREATE INDEX request_of_call ON request (call_id, id)",
    "ALTER TABLE account ADD COLUMN department TEXT NOT NULL DEFAULT ''",
)


def apply(db: "Database") -> None:
    """Make the table, count its changes as those of calls, and give accounts a department."""
    for statement in TABLES:
        db.execute(statement)
    for change in ("INSERT", "UPDATE", "DELETE"):
        counted = "UPDATE version SET count = count + 1 WHERE subject = 'calls'"
        db.execute(
            f"CREATE TRIGGER request_watched_{change.lower()} AFTER {change} ON request BEGIN {counted}; END"
        )
