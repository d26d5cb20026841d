"""Tries to be known as somebody who has an appointment, for a day; and jobs that wait before their first try.

Such a wait ends at `wait_until_ms` of the clock since the boot `wait_boot`, as a lease does: a job that was
owed a moment ago is due when that is over, whatever happens to the clock on the wall.
May import: nothing at run time.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

STATEMENTS = (
    """
    CREATE TABLE identity_try (
        id INTEGER PRIMARY KEY,
        call_sid TEXT NOT NULL CHECK (call_sid <> ''),
        caller TEXT NOT NULL,
        told TEXT NOT NULL,
        at TEXT NOT NULL CHECK (at GLOB '????-??-??T??:??:??.???Z')
    ) STRICT
    """,
    "ALTER TABLE job ADD COLUMN wait_boot TEXT",
    "ALTER TABLE job ADD COLUMN wait_until_ms INTEGER",
    "CREATE INDEX job_wait ON job (wait_until_ms) WHERE wait_until_ms IS NOT NULL",
)


def apply(db: "Database") -> None:
    """Make the table, the columns and their index."""
    for statement in STATEMENTS:
        db.execute(statement)
