"""Filing: whom the carrier is still asked about, which recordings were tried, how far its books were read.

May import: nothing at run time.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

STATEMENTS = (
    "ALTER TABLE call_log ADD COLUMN asked INTEGER NOT NULL DEFAULT 0 CHECK (asked >= 0)",
    "ALTER TABLE call_log ADD COLUMN ask_at TEXT CHECK (ask_at GLOB '????-??-??T??:??:??.???Z')",
    "CREATE INDEX call_log_ask ON call_log (ask_at) WHERE ask_at IS NOT NULL",
    "ALTER TABLE message ADD COLUMN fetch_tries INTEGER NOT NULL DEFAULT 0 CHECK (fetch_tries >= 0)",
    "ALTER TABLE message ADD COLUMN fetch_at TEXT CHECK (fetch_at GLOB '????-??-??T??:??:??.???Z')",
    "ALTER TABLE message ADD COLUMN fetch_problem TEXT CHECK (fetch_problem <> '')",
    """
    CREATE TABLE bookmark (
        name TEXT PRIMARY KEY NOT NULL CHECK (name <> ''),
        at TEXT NOT NULL CHECK (at GLOB '????-??-??T??:??:??.???Z')
    ) STRICT
    """,
    # Paths were absolute once: a backup that is restored elsewhere would not have found them.
    """
    UPDATE message SET recording_path = recording_sid || '.wav'
    WHERE recording_path LIKE '/%' AND recording_path LIKE '%/' || recording_sid || '.wav'
    """,
)


def apply(db: "Database") -> None:
    """Make the columns and the table."""
    for statement in STATEMENTS:
        db.execute(statement)
