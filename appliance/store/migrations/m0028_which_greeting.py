"""Which greeting staff recorded by a code: that of the menus, or one of those before a message is left.

May import: nothing at run time.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database


def apply(db: "Database") -> None:
    """Make the column."""
    db.execute("ALTER TABLE code_dialled ADD COLUMN voicemail TEXT NOT NULL DEFAULT ''")
