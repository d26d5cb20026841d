"""Drafts know what stood where they would change something, and runs what they were played with.

What was kept before has neither: of it nothing is told that was changed meanwhile. May import: nothing at run
time.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

STATEMENTS = (
    "ALTER TABLE rehearsal_draft ADD COLUMN before TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(before))",
    "ALTER TABLE rehearsal_run ADD COLUMN mark TEXT NOT NULL DEFAULT ''",
    "CREATE INDEX rehearsal_run_mark ON rehearsal_run (mark) WHERE mark <> ''",
)


def apply(db: "Database") -> None:
    """Make the columns."""
    for statement in STATEMENTS:
        db.execute(statement)
