"""The audit log: who did what, when, and from where. Rows are added; the engine itself refuses the rest.

May import: nothing at run time.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

STATEMENTS = (
    # `who` and `role` are kept as they were. `chain` is a hash of the row and of the one before it.
    """
    CREATE TABLE audit (
        id INTEGER PRIMARY KEY,
        at TEXT NOT NULL CHECK (at GLOB '????-??-??T??:??:??.???Z'),
        account_id INTEGER,
        who TEXT NOT NULL,
        role TEXT NOT NULL,
        source TEXT NOT NULL,
        deed TEXT NOT NULL CHECK (deed <> ''),
        target TEXT NOT NULL,
        detail TEXT NOT NULL,
        chain TEXT NOT NULL CHECK (length(chain) = 64)
    ) STRICT
    """,
    "CREATE INDEX audit_of ON audit (account_id, id)",
    "CREATE INDEX audit_deed ON audit (deed, id)",
    "CREATE INDEX audit_same ON audit (account_id, deed, target, at)",
    """
    CREATE TRIGGER audit_stays_as_it_is BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END
    """,
    # Retention may take what is over a year old, and nothing may take what is younger.
    """
    CREATE TRIGGER audit_stays BEFORE DELETE ON audit
    WHEN OLD.at > strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-365 days')
    BEGIN SELECT RAISE(ABORT, 'the audit log keeps a year'); END
    """,
    # REPLACE deletes without a trigger unless recursive triggers are on: no row is put in place of another.
    """
    CREATE TRIGGER audit_is_added_to BEFORE INSERT ON audit
    WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END
    """,
)


def apply(db: "Database") -> None:
    """Make the table and what guards it."""
    for statement in STATEMENTS:
        db.execute(statement)
