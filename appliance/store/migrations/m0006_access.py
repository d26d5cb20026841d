"""Access: the links that open the admin's pages once, the sessions they began, and failed attempts.

May import: nothing at run time.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

STATEMENTS = (
    # Tokens are random and long, so a plain hash of one cannot be turned back; the token is kept nowhere.
    """
    CREATE TABLE access_link (
        token_hash TEXT PRIMARY KEY NOT NULL CHECK (length(token_hash) = 64),
        made_at TEXT NOT NULL CHECK (made_at GLOB '????-??-??T??:??:??.???Z'),
        expires_at TEXT NOT NULL CHECK (expires_at GLOB '????-??-??T??:??:??.???Z'),
        used_at TEXT CHECK (used_at GLOB '????-??-??T??:??:??.???Z')
    ) STRICT
    """,
    """
    CREATE TABLE access_session (
        token_hash TEXT PRIMARY KEY NOT NULL CHECK (length(token_hash) = 64),
        source TEXT NOT NULL,
        began_at TEXT NOT NULL CHECK (began_at GLOB '????-??-??T??:??:??.???Z'),
        seen_at TEXT NOT NULL CHECK (seen_at GLOB '????-??-??T??:??:??.???Z'),
        expires_at TEXT NOT NULL CHECK (expires_at GLOB '????-??-??T??:??:??.???Z'),
        ended_at TEXT CHECK (ended_at GLOB '????-??-??T??:??:??.???Z')
    ) STRICT
    """,
    """
    CREATE TABLE access_failure (
        source TEXT PRIMARY KEY NOT NULL,
        since TEXT NOT NULL CHECK (since GLOB '????-??-??T??:??:??.???Z'),
        failures INTEGER NOT NULL CHECK (failures > 0)
    ) STRICT
    """,
)


def apply(db: "Database") -> None:
    """Make the tables."""
    for statement in STATEMENTS:
        db.execute(statement)
