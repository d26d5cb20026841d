"""Drafts: what staff would decide, kept by name until it is decided or forgotten. A draft changes nothing.

It is made of settings of staff, such as the hours, by their keys (`appliance.store.office`). Functions that
write are to run in a transaction of their own. May import: the standard library, orjson, appliance.core,
appliance.store.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from appliance.core.errors import SettingsError
from appliance.store import office
from appliance.store.database import Connection
from appliance.store.errors import NoSuchRow

NAME_MOST = 60
DRAFTS_MOST = 20


@dataclass(frozen=True, slots=True)
class Draft:
    """One draft; `values` are settings of staff by their keys, as JSON can hold them."""

    id: int
    name: str
    values: Mapping[str, Any]
    changed_at: str
    changed_by: str


def every(db: Connection) -> list[Draft]:
    """All drafts, by name."""
    return [_draft(row) for row in db.execute(f"{_SELECT} ORDER BY name")]


def one(db: Connection, draft_id: int) -> Draft:
    """One draft. Raises NoSuchRow."""
    row = db.execute(f"{_SELECT} WHERE id = ?", (draft_id,)).fetchone()
    if row is None:
        raise NoSuchRow(f"There is no draft {draft_id}.")
    return _draft(row)


def keep(db: Connection, name: str, values: Mapping[str, object], *, at: str, by: str) -> int:
    """Keep a draft under a name, in place of what stood there; its id. Raises SettingsError."""
    if not 1 <= len(name) <= NAME_MOST:
        raise SettingsError([f"A draft has a name of 1 to {NAME_MOST} letters."])
    known = {each.name for each in every(db)}
    if name not in known and len(known) >= DRAFTS_MOST:
        raise SettingsError([f"There can be {DRAFTS_MOST} drafts: forget one first."])
    tried(db, values, at=at, by=by)
    row = db.execute(
        """
        INSERT INTO rehearsal_draft (name, value, changed_at, changed_by) VALUES (:name, :value, :at, :by)
        ON CONFLICT (name) DO UPDATE
        SET value = excluded.value, changed_at = excluded.changed_at, changed_by = excluded.changed_by
        RETURNING id
        """,
        {"name": name, "value": orjson.dumps(dict(values)).decode(), "at": at, "by": by},
    ).fetchone()
    return int(row[0])


def tried(db: Connection, values: Mapping[str, object], *, at: str, by: str) -> None:
    """See that all of it could be decided, and decide nothing. Raises SettingsError."""
    db.execute("SAVEPOINT draft")
    try:
        office.decide(db, values, at=at, by=by)
    finally:
        db.execute("ROLLBACK TO draft")
        db.execute("RELEASE draft")


def forget(db: Connection, draft_id: int) -> None:
    """Forget a draft. Raises NoSuchRow."""
    if db.execute("DELETE FROM rehearsal_draft WHERE id = ? RETURNING id", (draft_id,)).fetchone() is None:
        raise NoSuchRow(f"There is no draft {draft_id}.")


_SELECT = "SELECT id, name, value, changed_at, changed_by FROM rehearsal_draft"


def _draft(row: Any) -> Draft:
    return Draft(row["id"], row["name"], orjson.loads(row["value"]), row["changed_at"], row["changed_by"])
