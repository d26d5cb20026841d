"""Jobs: what is owed after a call or by timetable, and how far each timetable has come.

May import: nothing at run time.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

AT = "GLOB '????-??-??T??:??:??.???Z'"
STATEMENTS = (
    f"""
    CREATE TABLE job (
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE CHECK (key <> ''),
        kind TEXT NOT NULL CHECK (kind <> ''),
        payload TEXT NOT NULL CHECK (json_type(payload) = 'object'),
        state TEXT NOT NULL CHECK (state IN ('queued', 'waiting', 'running', 'done', 'dead', 'dropped')),
        not_before TEXT CHECK (not_before {AT}),
        tries INTEGER NOT NULL CHECK (tries >= 1),
        attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
        error TEXT NOT NULL DEFAULT '',
        worker TEXT CHECK ((worker IS NOT NULL) = (state = 'running')),
        boot TEXT CHECK ((boot IS NOT NULL) = (state IN ('running', 'waiting'))),
        until_ms INTEGER CHECK ((until_ms IS NOT NULL) = (state IN ('running', 'waiting'))),
        owed_at TEXT NOT NULL CHECK (owed_at {AT}),
        started_at TEXT CHECK (started_at {AT}),
        ended_at TEXT CHECK (ended_at {AT}),
        took_ms INTEGER CHECK (took_ms >= 0),
        CHECK ((ended_at IS NOT NULL) = (state IN ('done', 'dead', 'dropped')))
    ) STRICT
    """,
    # What is due, the longest waiting first, for each kind.
    "CREATE INDEX job_due ON job (kind, not_before, id) WHERE state = 'queued'",
    # Whose time is up: leases of jobs that run, and waits between tries.
    "CREATE INDEX job_until ON job (state, boot, until_ms) WHERE until_ms IS NOT NULL",
    # Lists and counts.
    "CREATE INDEX job_state ON job (state, kind, id)",
    "CREATE INDEX job_ended ON job (ended_at, state, took_ms) WHERE ended_at IS NOT NULL",
    # The oldest that is owed.
    "CREATE INDEX job_owed ON job (owed_at) WHERE ended_at IS NULL",
    f"""
    CREATE TABLE job_schedule (
        name TEXT PRIMARY KEY NOT NULL CHECK (name <> ''),
        last TEXT NOT NULL CHECK (last {AT}),
        times INTEGER NOT NULL CHECK (times >= 0)
    ) STRICT
    """,
)


def apply(db: "Database") -> None:
    """Make the tables."""
    for statement in STATEMENTS:
        db.execute(statement)
