"""What a backup lacks, and recordings that are kept in a bucket elsewhere.

May import: nothing at run time.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

AT = "GLOB '????-??-??T??:??:??.???Z'"
STATEMENTS = (
    "ALTER TABLE backup_run ADD COLUMN missing TEXT NOT NULL DEFAULT ''",
    # By the name that the message has; `there_at` once it was read back. What no message has is deleted.
    f"""
    CREATE TABLE recording_away (
        name TEXT PRIMARY KEY CHECK (name <> ''),
        place TEXT NOT NULL CHECK (place <> ''),
        key TEXT NOT NULL CHECK (key <> ''),
        bytes INTEGER NOT NULL CHECK (bytes >= 0),
        sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
        begun_at TEXT NOT NULL CHECK (begun_at {AT}),
        there_at TEXT CHECK (there_at {AT})
    ) STRICT
    """,
)


def apply(db: "Database") -> None:
    """Make the column and the table."""
    for statement in STATEMENTS:
        db.execute(statement)
