"""Appointments that staff moved in the calendar, and those of which the patient has not been told yet.

May import: nothing at run time.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

STATEMENTS = (
    # The time that was asked of the calendar, where staff have moved the entry since: it is known by that.
    "ALTER TABLE booking ADD COLUMN asked_starts_at TEXT",
    "ALTER TABLE booking ADD COLUMN asked_ends_at TEXT",
    # The recording in which the patient says the name, for staff.
    "ALTER TABLE booking ADD COLUMN recording TEXT NOT NULL DEFAULT ''",
    # Taken in a call that may have ended before the patient heard what came of it.
    "ALTER TABLE booking ADD COLUMN untold INTEGER NOT NULL DEFAULT 0 CHECK (untold IN (0, 1))",
    "CREATE INDEX booking_untold ON booking (changed_at) WHERE untold = 1",
)


def apply(db: "Database") -> None:
    """Make the columns."""
    for statement in STATEMENTS:
        db.execute(statement)
