"""What staff had done from a desk phone: who, when, what.

May import: nothing at run time.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database


def apply(db: "Database") -> None:
    """Make the table."""
    db.execute(
        """
        CREATE TABLE code_dialled (
            id INTEGER PRIMARY KEY,
            at TEXT NOT NULL CHECK (at GLOB '????-??-??T??:??:??.???Z'),
            phone TEXT NOT NULL CHECK (phone GLOB '[1-9][0-9]*'),
            what TEXT NOT NULL CHECK (what IN ('closed', 'open', 'greeting', 'spoken'))
        ) STRICT
        """
    )
