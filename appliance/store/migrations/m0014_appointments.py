"""Appointments that are moved or cancelled, the box's own calendar, and the links under which it is read.

May import: nothing at run time.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

AT = "GLOB '????-??-??T??:??:??.???Z'"
STATEMENTS = (
    # The appointment that this one is instead of: it goes once this one stands.
    "ALTER TABLE booking ADD COLUMN replaces TEXT CHECK (replaces <> key)",
    "ALTER TABLE booking ADD COLUMN cancel_asked_at TEXT",
    "ALTER TABLE booking ADD COLUMN born TEXT NOT NULL DEFAULT ''",
    # What the calendar is to show, as it was when the caller took the appointment.
    "ALTER TABLE booking ADD COLUMN title TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE booking ADD COLUMN notes TEXT NOT NULL DEFAULT ''",
    "CREATE INDEX booking_born ON booking (born) WHERE born <> ''",
    "CREATE INDEX booking_replaces ON booking (replaces) WHERE replaces IS NOT NULL",
    "CREATE INDEX booking_cancel_asked ON booking (cancel_asked_at) WHERE cancel_asked_at IS NOT NULL",
    f"""
    CREATE TABLE own_event (
        event_id TEXT PRIMARY KEY NOT NULL CHECK (event_id <> ''),
        calendar TEXT NOT NULL CHECK (calendar <> ''),
        asked TEXT NOT NULL,
        title TEXT NOT NULL,
        notes TEXT NOT NULL,
        starts_at TEXT NOT NULL CHECK (starts_at {AT}),
        ends_at TEXT NOT NULL CHECK (ends_at {AT} AND ends_at > starts_at),
        zone TEXT NOT NULL,
        changed_at TEXT NOT NULL CHECK (changed_at {AT}),
        changes INTEGER NOT NULL DEFAULT 0 CHECK (changes >= 0)
    ) STRICT
    """,
    "CREATE INDEX own_event_start ON own_event (calendar, starts_at)",
    f"""
    CREATE TABLE calendar_link (
        token_hash TEXT PRIMARY KEY NOT NULL CHECK (length(token_hash) = 64),
        calendar TEXT NOT NULL UNIQUE,
        made_at TEXT NOT NULL CHECK (made_at {AT})
    ) STRICT
    """,
)


def apply(db: "Database") -> None:
    """Make the columns and tables."""
    for statement in STATEMENTS:
        db.execute(statement)
