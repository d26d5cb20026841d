"""Bookings: providers, visit types, appointments, and the five minutes of a provider that only one may have.

May import: nothing at run time.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

AT = "GLOB '????-??-??T??:??:??.???Z'"
STATEMENTS = (
    """
    CREATE TABLE provider (
        slug TEXT PRIMARY KEY NOT NULL CHECK (slug <> ''),
        place INTEGER NOT NULL,
        value TEXT NOT NULL CHECK (json_valid(value))
    ) STRICT
    """,
    """
    CREATE TABLE visit_type (
        slug TEXT PRIMARY KEY NOT NULL CHECK (slug <> ''),
        place INTEGER NOT NULL,
        value TEXT NOT NULL CHECK (json_valid(value))
    ) STRICT
    """,
    f"""
    CREATE TABLE booking (
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE CHECK (key <> ''),
        call_id TEXT REFERENCES call_log (id) ON DELETE SET NULL,
        call_sid TEXT NOT NULL,
        visit TEXT NOT NULL,
        provider TEXT NOT NULL,
        starts_at TEXT NOT NULL CHECK (starts_at {AT}),
        ends_at TEXT NOT NULL CHECK (ends_at {AT} AND ends_at > starts_at),
        taken_until TEXT NOT NULL CHECK (taken_until {AT} AND taken_until >= ends_at),
        zone TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('held', 'promised', 'booked', 'given_up', 'cancelled')),
        held_until TEXT CHECK (held_until {AT}),
        patient TEXT NOT NULL DEFAULT '',
        phone TEXT NOT NULL DEFAULT '',
        event_id TEXT CHECK (event_id <> ''),
        link TEXT NOT NULL DEFAULT '',
        created_at TEXT NOT NULL CHECK (created_at {AT}),
        changed_at TEXT NOT NULL CHECK (changed_at {AT}),
        CHECK ((state = 'held') = (held_until IS NOT NULL)),
        CHECK (state <> 'booked' OR event_id IS NOT NULL)
    ) STRICT
    """,
    "CREATE INDEX booking_start ON booking (starts_at)",
    "CREATE INDEX booking_phone ON booking (phone) WHERE phone <> ''",
    "CREATE INDEX booking_held ON booking (held_until) WHERE held_until IS NOT NULL",
    # The race for a time is decided here: a cell is five minutes since 1970, and has one owner.
    """
    CREATE TABLE booking_cell (
        provider TEXT NOT NULL,
        cell INTEGER NOT NULL,
        booking_id INTEGER NOT NULL REFERENCES booking (id) ON DELETE CASCADE,
        PRIMARY KEY (provider, cell)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX booking_cell_owner ON booking_cell (booking_id)",
)


def apply(db: "Database") -> None:
    """Make the tables."""
    for statement in STATEMENTS:
        db.execute(statement)
