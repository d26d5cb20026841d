"""Calls: the call log with its events, transcript, timings, and what the model used and cost.

May import: nothing at run time.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

STATEMENTS = (
    """
    CREATE TABLE call_log (
        id TEXT PRIMARY KEY NOT NULL CHECK (id <> ''),
        call_sid TEXT NOT NULL UNIQUE CHECK (call_sid <> ''),
        carrier TEXT NOT NULL,
        from_number TEXT NOT NULL,
        to_number TEXT NOT NULL,
        started_at TEXT NOT NULL CHECK (started_at GLOB '????-??-??T??:??:??.???Z'),
        ended_at TEXT CHECK (ended_at GLOB '????-??-??T??:??:??.???Z'),
        duration_s REAL,
        outcome TEXT CHECK (outcome <> ''),
        reason TEXT NOT NULL DEFAULT '',
        disposition TEXT,
        menu_path TEXT NOT NULL DEFAULT '',
        cost_usd REAL NOT NULL DEFAULT 0,
        cost_complete INTEGER NOT NULL DEFAULT 1 CHECK (cost_complete IN (0, 1)),
        process TEXT NOT NULL DEFAULT '',
        CHECK ((ended_at IS NULL) = (outcome IS NULL)),
        CHECK ((ended_at IS NULL) = (duration_s IS NULL))
    ) STRICT
    """,
    "CREATE INDEX call_log_newest ON call_log (started_at DESC, id DESC)",
    "CREATE INDEX call_log_caller ON call_log (from_number, started_at DESC)",
    "CREATE INDEX call_log_open ON call_log (started_at) WHERE ended_at IS NULL",
    """
    CREATE TABLE call_event (
        call_id TEXT NOT NULL REFERENCES call_log (id) ON DELETE CASCADE,
        seq INTEGER NOT NULL CHECK (seq > 0),
        at_ms INTEGER NOT NULL,
        kind TEXT NOT NULL,
        data TEXT NOT NULL CHECK (json_valid(data)),
        PRIMARY KEY (call_id, seq)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE transcript (
        call_id TEXT NOT NULL REFERENCES call_log (id) ON DELETE CASCADE,
        place INTEGER NOT NULL CHECK (place >= 0),
        speaker TEXT NOT NULL,
        text TEXT NOT NULL,
        final INTEGER NOT NULL CHECK (final IN (0, 1)),
        cut INTEGER NOT NULL CHECK (cut IN (0, 1)),
        at TEXT NOT NULL CHECK (at GLOB '????-??-??T??:??:??.???Z'),
        PRIMARY KEY (call_id, place)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE call_timing (
        call_id TEXT NOT NULL REFERENCES call_log (id) ON DELETE CASCADE,
        seq INTEGER NOT NULL CHECK (seq > 0),
        name TEXT NOT NULL,
        at_ms INTEGER NOT NULL,
        ms INTEGER NOT NULL CHECK (ms >= 0),
        PRIMARY KEY (call_id, seq)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX call_timing_name ON call_timing (name, ms)",
    """
    CREATE TABLE usage (
        id INTEGER PRIMARY KEY,
        call_id TEXT NOT NULL REFERENCES call_log (id) ON DELETE CASCADE,
        at_ms INTEGER NOT NULL,
        model TEXT NOT NULL,
        text_in INTEGER NOT NULL CHECK (text_in >= 0),
        text_cached INTEGER NOT NULL CHECK (text_cached >= 0),
        audio_in INTEGER NOT NULL CHECK (audio_in >= 0),
        audio_cached INTEGER NOT NULL CHECK (audio_cached >= 0),
        text_out INTEGER NOT NULL CHECK (text_out >= 0),
        audio_out INTEGER NOT NULL CHECK (audio_out >= 0),
        cost_usd REAL CHECK (cost_usd >= 0)
    ) STRICT
    """,
    "CREATE INDEX usage_call ON usage (call_id)",
)


def apply(db: "Database") -> None:
    """Make the tables."""
    for statement in STATEMENTS:
        db.execute(statement)
