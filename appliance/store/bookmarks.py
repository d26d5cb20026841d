"""Bookmarks: how far something that is read again and again has been read.

May import: the standard library, appliance.store.
"""

from appliance.store.database import Connection


def read(db: Connection, name: str) -> str | None:
    """The time up to which it was read; None when it never was."""
    row = db.execute("SELECT at FROM bookmark WHERE name = ?", (name,)).fetchone()
    return None if row is None else str(row[0])


def put(db: Connection, name: str, at: str) -> None:
    """Note that it has been read up to this time."""
    db.execute(
        "INSERT INTO bookmark (name, at) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET at = excluded.at",
        (name, at),
    )
