"""What is wrong with the box itself, since when, and whether staff were told.

May import: nothing at run time.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

STATEMENTS = (
    """
    CREATE TABLE trouble (
        id INTEGER PRIMARY KEY,
        kind TEXT NOT NULL CHECK (kind <> ''),
        -- What is wrong, as its part says it.
        told TEXT NOT NULL,
        began_at TEXT NOT NULL CHECK (began_at GLOB '????-??-??T??:??:??.???Z'),
        seen_at TEXT NOT NULL CHECK (seen_at GLOB '????-??-??T??:??:??.???Z'),
        announced_at TEXT CHECK (announced_at GLOB '????-??-??T??:??:??.???Z'),
        over_at TEXT CHECK (over_at GLOB '????-??-??T??:??:??.???Z')
    ) STRICT
    """,
    "CREATE UNIQUE INDEX trouble_open ON trouble (kind) WHERE over_at IS NULL",
    "CREATE INDEX trouble_announced ON trouble (kind, announced_at)",
    # The pages that watch the box (see m0036); that it is still so changes nothing on them.
    """
    CREATE TRIGGER trouble_watched AFTER UPDATE OF announced_at, over_at ON trouble BEGIN
        UPDATE version SET count = count + 1 WHERE subject = 'box'; END
    """,
)


def apply(db: "Database") -> None:
    """Make the table."""
    for statement in STATEMENTS:
        db.execute(statement)
