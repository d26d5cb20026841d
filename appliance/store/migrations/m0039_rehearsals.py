"""Rehearsals: the tokens that begin one, drafts of what staff decide, those that are kept, and their runs.

May import: nothing at run time.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

AT = "GLOB '????-??-??T??:??:??.???Z'"
STATEMENTS = (
    # Without an account it is the box's own, as where all that are kept are played by a job.
    f"""
    CREATE TABLE rehearsal_token (
        token_hash TEXT PRIMARY KEY NOT NULL CHECK (length(token_hash) = 64),
        account_id INTEGER REFERENCES account (id) ON DELETE CASCADE,
        mode TEXT NOT NULL CHECK (mode IN ('spoken', 'typed')),
        origin TEXT NOT NULL,
        caller TEXT NOT NULL,
        draft TEXT NOT NULL CHECK (json_valid(draft)),
        made_at TEXT NOT NULL CHECK (made_at {AT}),
        expires_at TEXT NOT NULL CHECK (expires_at {AT})
    ) STRICT
    """,
    # What the cloud cost in rehearsals is paid as well, and counts for the day's limit.
    f"""
    CREATE TABLE rehearsal_spent (
        id INTEGER PRIMARY KEY,
        at TEXT NOT NULL CHECK (at {AT}),
        cost_usd REAL NOT NULL CHECK (cost_usd >= 0)
    ) STRICT
    """,
    "CREATE INDEX rehearsal_spent_at ON rehearsal_spent (at)",
    f"""
    CREATE TABLE rehearsal_draft (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE CHECK (name <> ''),
        value TEXT NOT NULL CHECK (json_valid(value)),
        changed_at TEXT NOT NULL CHECK (changed_at {AT}),
        changed_by TEXT NOT NULL
    ) STRICT
    """,
    f"""
    CREATE TABLE rehearsal (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE CHECK (name <> ''),
        caller TEXT NOT NULL,
        steps TEXT NOT NULL CHECK (json_valid(steps)),
        expected TEXT NOT NULL CHECK (json_valid(expected)),
        compared TEXT NOT NULL CHECK (json_valid(compared)),
        kept_at TEXT NOT NULL CHECK (kept_at {AT}),
        kept_by TEXT NOT NULL
    ) STRICT
    """,
    f"""
    CREATE TABLE rehearsal_run (
        id INTEGER PRIMARY KEY,
        draft_name TEXT NOT NULL,
        draft TEXT NOT NULL CHECK (json_valid(draft)),
        asked_at TEXT NOT NULL CHECK (asked_at {AT}),
        asked_by TEXT NOT NULL,
        ended_at TEXT CHECK (ended_at {AT})
    ) STRICT
    """,
    """
    CREATE TABLE rehearsal_result (
        run_id INTEGER NOT NULL REFERENCES rehearsal_run (id) ON DELETE CASCADE,
        rehearsal_id INTEGER NOT NULL REFERENCES rehearsal (id) ON DELETE CASCADE,
        before TEXT CHECK (json_valid(before)),
        seen TEXT CHECK (json_valid(seen)),
        problem TEXT NOT NULL DEFAULT '',
        PRIMARY KEY (run_id, rehearsal_id),
        CHECK ((seen IS NULL) = (problem <> ''))
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX rehearsal_result_of ON rehearsal_result (rehearsal_id)",
    "INSERT INTO version (subject, count) VALUES ('rehearsals', 1)",
    *(
        f"CREATE TRIGGER {table}_watched_{change.lower()} AFTER {change} ON {table} BEGIN"
        " UPDATE version SET count = count + 1 WHERE subject = 'rehearsals'; END"
        for table in ("rehearsal_draft", "rehearsal", "rehearsal_run", "rehearsal_result")
        for change in ("INSERT", "UPDATE", "DELETE")
    ),
)


def apply(db: "Database") -> None:
    """Make the tables, and have each change of what pages watch counted."""
    for statement in STATEMENTS:
        db.execute(statement)
