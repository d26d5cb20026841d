"""Accounts: who may use the admin and as what, their second step, and whose each link and session is.

May import: nothing at run time.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

STATEMENTS = (
    # `key` is the name as names are compared. `last_step` is the newest code of a telephone that was used:
    # none opens twice. `secret_offered` waits for the first code that proves it arrived.
    """
    CREATE TABLE account (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL CHECK (name <> ''),
        key TEXT NOT NULL UNIQUE CHECK (key <> ''),
        role TEXT NOT NULL CHECK (role IN ('owner', 'front_desk', 'read_only', 'it')),
        language TEXT NOT NULL DEFAULT '' CHECK (language IN ('', 'en', 'es')),
        password TEXT NOT NULL DEFAULT '',
        password_at TEXT CHECK (password_at GLOB '????-??-??T??:??:??.???Z'),
        secret TEXT NOT NULL DEFAULT '',
        secret_offered TEXT NOT NULL DEFAULT '',
        last_step INTEGER NOT NULL DEFAULT 0,
        created_at TEXT NOT NULL CHECK (created_at GLOB '????-??-??T??:??:??.???Z'),
        ended_at TEXT CHECK (ended_at GLOB '????-??-??T??:??:??.???Z')
    ) STRICT
    """,
    """
    CREATE TABLE account_code (
        code_hash TEXT PRIMARY KEY NOT NULL CHECK (length(code_hash) = 64),
        account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
        used_at TEXT CHECK (used_at GLOB '????-??-??T??:??:??.???Z')
    ) STRICT
    """,
    "CREATE INDEX account_code_of ON account_code (account_id)",
    # A session of before this has no account, and so it opens nothing any more.
    "ALTER TABLE access_session ADD COLUMN account_id INTEGER REFERENCES account (id) ON DELETE CASCADE",
    """
    ALTER TABLE access_session
    ADD COLUMN stage TEXT NOT NULL DEFAULT 'whole' CHECK (stage IN ('code', 'whole'))
    """,
    "ALTER TABLE access_link ADD COLUMN account_id INTEGER REFERENCES account (id) ON DELETE CASCADE",
)


def apply(db: "Database") -> None:
    """Make the tables and columns."""
    for statement in STATEMENTS:
        db.execute(statement)
