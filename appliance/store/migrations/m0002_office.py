"""The office: what staff decided, and the departments that callers can reach.

May import: nothing at run time.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

STATEMENTS = (
    """
    CREATE TABLE business_config (
        key TEXT PRIMARY KEY NOT NULL CHECK (key <> ''),
        value TEXT NOT NULL CHECK (json_valid(value)),
        changed_at TEXT NOT NULL CHECK (changed_at GLOB '????-??-??T??:??:??.???Z'),
        changed_by TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE department (
        slug TEXT PRIMARY KEY NOT NULL CHECK (slug <> '' AND slug NOT GLOB '*[^a-z0-9-]*'),
        name TEXT NOT NULL CHECK (name <> ''),
        numbers TEXT NOT NULL CHECK (json_type(numbers) = 'array' AND json_array_length(numbers) > 0),
        aliases TEXT NOT NULL DEFAULT '[]' CHECK (json_type(aliases) = 'array'),
        place INTEGER NOT NULL CHECK (place >= 0)
    ) STRICT
    """,
)


def apply(db: "Database") -> None:
    """Make the tables."""
    for statement in STATEMENTS:
        db.execute(statement)
