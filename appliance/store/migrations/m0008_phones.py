"""Desk phones that register at the box's own Asterisk.

May import: nothing at run time.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database


def apply(db: "Database") -> None:
    """Make the table."""
    db.execute(
        """
        CREATE TABLE phone (
            extension TEXT PRIMARY KEY NOT NULL CHECK (extension GLOB '[1-9][0-9]*'),
            name TEXT NOT NULL CHECK (name <> ''),
            secret TEXT NOT NULL CHECK (length(secret) >= 20),
            added_at TEXT NOT NULL CHECK (added_at GLOB '????-??-??T??:??:??.???Z')
        ) STRICT
        """
    )
