"""Texts that are owed and what became of them, numbers that want none, and links to book by.

May import: nothing at run time.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

AT = "GLOB '????-??-??T??:??:??.???Z'"
STATEMENTS = (
    f"""
    CREATE TABLE text (
        id INTEGER PRIMARY KEY,
        -- Stands in the address that the carrier reports to.
        key TEXT NOT NULL UNIQUE CHECK (length(key) = 32),
        -- What it is about: told twice it is one text.
        once TEXT NOT NULL UNIQUE CHECK (once <> ''),
        kind TEXT NOT NULL CHECK (kind IN ('link', 'confirmation', 'move', 'cancellation', 'reminder')),
        call_sid TEXT NOT NULL DEFAULT '',
        booking_key TEXT NOT NULL DEFAULT '',
        number TEXT NOT NULL CHECK (number <> ''),
        language TEXT NOT NULL CHECK (language <> ''),
        state TEXT NOT NULL DEFAULT 'owed'
            CHECK (state IN ('owed', 'asked', 'sent', 'delivered', 'failed', 'refused')),
        -- The digest of the words as the carrier was given them last.
        body_hash TEXT NOT NULL DEFAULT '',
        sid TEXT UNIQUE CHECK (sid <> ''),
        problem TEXT NOT NULL DEFAULT '',
        tries INTEGER NOT NULL DEFAULT 0 CHECK (tries >= 0),
        due_at TEXT NOT NULL CHECK (due_at {AT}),
        until_at TEXT NOT NULL CHECK (until_at {AT}),
        owed_at TEXT NOT NULL CHECK (owed_at {AT}),
        changed_at TEXT NOT NULL CHECK (changed_at {AT}),
        CHECK (state NOT IN ('sent', 'delivered') OR sid IS NOT NULL)
    ) STRICT
    """,
    "CREATE INDEX text_open ON text (due_at) WHERE state IN ('owed', 'asked')",
    "CREATE INDEX text_number ON text (number, owed_at)",
    "CREATE INDEX text_owed_at ON text (owed_at)",
    "CREATE INDEX text_booking ON text (booking_key) WHERE booking_key <> ''",
    f"""
    CREATE TABLE texting (
        number TEXT PRIMARY KEY NOT NULL CHECK (number <> ''),
        stopped_at TEXT CHECK (stopped_at {AT}),
        answered_at TEXT CHECK (answered_at {AT}),
        heard_on TEXT NOT NULL DEFAULT '',
        heard_times INTEGER NOT NULL DEFAULT 0,
        changed_at TEXT NOT NULL CHECK (changed_at {AT})
    ) STRICT, WITHOUT ROWID
    """,
    f"""
    CREATE TABLE booking_link (
        id INTEGER PRIMARY KEY,
        text_id INTEGER NOT NULL UNIQUE REFERENCES text (id) ON DELETE CASCADE,
        token_hash TEXT NOT NULL UNIQUE CHECK (length(token_hash) = 64),
        -- Its place among the callers: times are held and booked under it as under a call's.
        call_sid TEXT NOT NULL UNIQUE CHECK (call_sid <> ''),
        number TEXT NOT NULL CHECK (number <> ''),
        language TEXT NOT NULL CHECK (language <> ''),
        expires_at TEXT NOT NULL CHECK (expires_at {AT}),
        -- The words that told the visitor of a request, once one was written down.
        told TEXT NOT NULL DEFAULT '',
        used_at TEXT CHECK (used_at {AT})
    ) STRICT
    """,
    # The language in which the patient was spoken with; texts are written in it.
    "ALTER TABLE booking ADD COLUMN language TEXT NOT NULL DEFAULT ''",
    "CREATE INDEX booking_call ON booking (call_sid)",
)


def apply(db: "Database") -> None:
    """Make the tables and the column."""
    for statement in STATEMENTS:
        db.execute(statement)
