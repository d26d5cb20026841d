"""What a message says of its caller, and hours of a department's own.

May import: nothing at run time.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

STATEMENTS = (
    "ALTER TABLE message ADD COLUMN name TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE message ADD COLUMN name_heard INTEGER NOT NULL DEFAULT 1 CHECK (name_heard IN (0, 1))",
    "ALTER TABLE message ADD COLUMN number TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE message ADD COLUMN urgent INTEGER NOT NULL DEFAULT 0 CHECK (urgent IN (0, 1))",
    "ALTER TABLE message ADD COLUMN call_back INTEGER NOT NULL DEFAULT 0 CHECK (call_back IN (0, 1))",
    # Of a message that is told twice there is one row, whoever tells it again and when.
    "ALTER TABLE message ADD COLUMN once TEXT CHECK (once <> '')",
    "CREATE UNIQUE INDEX message_once ON message (once) WHERE once IS NOT NULL",
    "ALTER TABLE department ADD COLUMN hours TEXT CHECK (json_valid(hours))",
)


def apply(db: "Database") -> None:
    """Add the columns."""
    for statement in STATEMENTS:
        db.execute(statement)
