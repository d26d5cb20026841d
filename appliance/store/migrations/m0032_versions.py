"""Versions: a count for each subject that pages watch, one more with every change of its rows.

May import: nothing at run time.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

WATCHED = {
    "calls": ("call_log",),
    "talk": ("transcript",),
    "messages": ("message", "message_text"),
    "callbacks": ("callback",),
    "office": ("business_config", "department"),
}
"""The tables of each subject."""


def apply(db: "Database") -> None:
    """Make the table, and have each change of what is watched counted."""
    db.execute(
        """
        CREATE TABLE version (
            subject TEXT PRIMARY KEY NOT NULL, count INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """
    )
    for subject, tables in WATCHED.items():
        db.execute("INSERT INTO version (subject, count) VALUES (?, 1)", (subject,))
        for table in tables:
            for change in ("INSERT", "UPDATE", "DELETE"):
                db.execute(
                    f"CREATE TRIGGER {table}_watched_{change.lower()} AFTER {change} ON {table} BEGIN"
                    f" UPDATE version SET count = count + 1 WHERE subject = '{subject}'; END"
                )
