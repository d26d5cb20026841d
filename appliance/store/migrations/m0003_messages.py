"""Messages: what callers leave for the staff, written down or recorded.

May import: nothing at run time.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

STATEMENTS = (
    # A message outlives its call's rows: retention of the two differs.
    """
    CREATE TABLE message (
        id INTEGER PRIMARY KEY,
        call_id TEXT REFERENCES call_log (id) ON DELETE SET NULL,
        call_sid TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('message', 'voicemail')),
        subject TEXT NOT NULL,
        body TEXT NOT NULL,
        caller TEXT NOT NULL DEFAULT '',
        recording_sid TEXT UNIQUE,
        recording_path TEXT,
        seconds INTEGER CHECK (seconds >= 0),
        notified INTEGER NOT NULL DEFAULT 0 CHECK (notified IN (0, 1)),
        notified_at TEXT CHECK (notified_at GLOB '????-??-??T??:??:??.???Z'),
        handled_at TEXT CHECK (handled_at GLOB '????-??-??T??:??:??.???Z'),
        handled_by TEXT NOT NULL DEFAULT '',
        created_at TEXT NOT NULL CHECK (created_at GLOB '????-??-??T??:??:??.???Z'),
        CHECK ((kind = 'voicemail') = (recording_sid IS NOT NULL)),
        CHECK ((notified = 1) = (notified_at IS NOT NULL))
    ) STRICT
    """,
    "CREATE INDEX message_newest ON message (created_at DESC, id DESC)",
    "CREATE INDEX message_call ON message (call_id)",
    "CREATE INDEX message_unnotified ON message (created_at) WHERE notified = 0",
    "CREATE INDEX message_unhandled ON message (created_at) WHERE handled_at IS NULL",
)


def apply(db: "Database") -> None:
    """Make the table."""
    for statement in STATEMENTS:
        db.execute(statement)
