"""Which desk phones are the staff's alone; until now all of them were.

May import: nothing at run time.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database


def apply(db: "Database") -> None:
    """Add the column."""
    db.execute("ALTER TABLE phone ADD COLUMN staff INTEGER NOT NULL DEFAULT 1 CHECK (staff IN (0, 1))")
