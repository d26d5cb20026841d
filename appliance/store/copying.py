"""A copy of a database that is whole while others write, and what such a copy holds.

May import: the standard library, appliance.store.
"""

import os
from contextlib import ExitStack, closing
from pathlib import Path

from appliance.store import database


def copy(path: Path, into: Path) -> None:
    """Write what is committed now into a file of its own, on disk when this returns.

    A writer waits for next to nothing meanwhile. Raises StoreError; of a copy that failed nothing is left.
    """
    into.unlink(missing_ok=True)
    with ExitStack() as undone:
        undone.callback(into.unlink, missing_ok=True)
        with closing(database.connect_readonly(path)) as db, database.translated(into):
            database.create(into)
            db.execute("VACUUM INTO ?", (str(into),))
        with into.open("rb") as written:
            os.fsync(written.fileno())
        undone.pop_all()


def counts(path: Path) -> dict[str, int]:
    """How many rows each table has. Raises StoreError."""
    db = database.connect_readonly(path)
    try:
        with database.translated(path), database.snapshot(db):
            tables = [
                row[0]
                for row in db.execute(
                    # Of a virtual table the rows are those of what it is made of.
                    "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'shadow')"
                )
            ]
            return {
                name: int(db.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0])
                for name in sorted(tables)
            }
    finally:
        db.close()
