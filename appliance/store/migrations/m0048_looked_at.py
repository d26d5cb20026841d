"""How each calendar answered when it was asked, and which backups the repository held when it was last seen.

May import: nothing at run time.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

AT = "GLOB '????-??-??T??:??:??.???Z'"
WATCHED = ("calendar_look", "snapshot")
"""The tables of the subject `box` (see m0036)."""
STATEMENTS = (
    f"""
    CREATE TABLE calendar_look (
        calendar TEXT PRIMARY KEY NOT NULL CHECK (calendar <> ''),
        at TEXT NOT NULL CHECK (at {AT}),
        answered_at TEXT CHECK (answered_at {AT}),
        trouble TEXT NOT NULL,
        problem TEXT NOT NULL CHECK ((problem = '') = (trouble = ''))
    ) STRICT, WITHOUT ROWID
    """,
    f"""
    CREATE TABLE snapshot (
        id TEXT PRIMARY KEY NOT NULL CHECK (id <> ''),
        at TEXT NOT NULL CHECK (at {AT}),
        host TEXT NOT NULL,
        version TEXT NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
)


def apply(db: "Database") -> None:
    """Make the tables, and have each change of them counted for the pages that watch the box."""
    for statement in STATEMENTS:
        db.execute(statement)
    for table in WATCHED:
        for change in ("INSERT", "UPDATE", "DELETE"):
            db.execute(
                f"CREATE TRIGGER {table}_watched_{change.lower()} AFTER {change} ON {table} BEGIN"
                " UPDATE version SET count = count + 1 WHERE subject = 'box'; END"
            )
