"""Backups of the box, and what became of having the last one restored into a scratch place.

May import: nothing at run time.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

STATEMENTS = (
    """
    CREATE TABLE backup_run (
        id INTEGER PRIMARY KEY,
        what TEXT NOT NULL CHECK (what IN ('backup', 'verification')),
        began_at TEXT NOT NULL CHECK (began_at GLOB '????-??-??T??:??:??.???Z'),
        took_ms INTEGER NOT NULL CHECK (took_ms >= 0),
        problem TEXT NOT NULL,
        snapshot TEXT NOT NULL,
        files INTEGER NOT NULL CHECK (files >= 0),
        bytes INTEGER NOT NULL CHECK (bytes >= 0),
        added INTEGER NOT NULL CHECK (added >= 0),
        failed_in_row INTEGER NOT NULL CHECK ((failed_in_row > 0) = (problem <> ''))
    ) STRICT
    """,
    "CREATE INDEX backup_run_newest ON backup_run (what, id DESC)",
    *(
        f"""
        CREATE TRIGGER backup_run_watched_{change.lower()} AFTER {change} ON backup_run BEGIN
            UPDATE version SET count = count + 1 WHERE subject = 'box'; END
        """
        for change in ("INSERT", "UPDATE", "DELETE")
    ),
)


def apply(db: "Database") -> None:
    """Make the table, and have each change of it counted for the pages that watch the box (see m0036)."""
    for statement in STATEMENTS:
        db.execute(statement)
