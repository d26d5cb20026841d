"""What callers said themselves beside what an assistant wrote, how numbers are known, and which prompt spoke.

May import: nothing at run time.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

KNOWN = "IN ('confirmed', 'heard', 'caller_id')"
STATEMENTS = (
    # Nobody knows how those of before were known.
    f"ALTER TABLE message ADD COLUMN number_from TEXT CHECK (number_from {KNOWN})",
    "ALTER TABLE message ADD COLUMN words TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE message ADD COLUMN unheard TEXT NOT NULL DEFAULT ''",
    f"ALTER TABLE booking ADD COLUMN phone_from TEXT CHECK (phone_from {KNOWN})",
    # The version of the instructions that the model had; empty for those of before.
    "ALTER TABLE usage ADD COLUMN prompt TEXT NOT NULL DEFAULT ''",
)


def apply(db: "Database") -> None:
    """Make the columns."""
    for statement in STATEMENTS:
        db.execute(statement)
