"""What the doctor found, and a count of changes for the pages that watch the box.

May import: nothing at run time.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

STATEMENTS = (
    """
    CREATE TABLE health_look (
        id INTEGER PRIMARY KEY,
        began_at TEXT NOT NULL CHECK (began_at GLOB '????-??-??T??:??:??.???Z'),
        took_ms INTEGER NOT NULL CHECK (took_ms >= 0),
        findings TEXT NOT NULL CHECK (json_valid(findings))
    ) STRICT
    """,
    "INSERT INTO version (subject, count) VALUES ('box', 1)",
)
WATCHED = ("health_look", "self_call", "phone")
"""The tables of the subject `box` (see m0032)."""


def apply(db: "Database") -> None:
    """Make the table, and have each change of what is watched counted."""
    for statement in STATEMENTS:
        db.execute(statement)
    for table in WATCHED:
        for change in ("INSERT", "UPDATE", "DELETE"):
            db.execute(
                f"CREATE TRIGGER {table}_watched_{change.lower()} AFTER {change} ON {table} BEGIN"
                " UPDATE version SET count = count + 1 WHERE subject = 'box'; END"
            )
