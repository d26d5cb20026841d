"""Drafts: what staff would decide, kept by name until it is decided or forgotten. A draft changes nothing.

With each of its items (`appliance.store.drafted`) stands what was there when it was written: where that is
another by now, nothing is decided before somebody has said which of both should be. Functions that write
are to run in a transaction of their own. May import: the standard library, orjson, appliance.core,
appliance.store.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from appliance.core.errors import SettingsError
from appliance.store import drafted
from appliance.store.database import Connection
from appliance.store.errors import NoSuchRow

NAME_MOST = 60
DRAFTS_MOST = 20


@dataclass(frozen=True, slots=True)
class Draft:
    """One draft: its items by their keys, and what stood there when each was written, as JSON has them."""

    id: int
    name: str
    values: Mapping[str, Any]
    changed_at: str
    changed_by: str
    before: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a draft beside what stands there now. `clashes`: another was made of it meanwhile."""

    key: str
    now: Any
    wanted: Any
    clashes: bool

    @property
    def changes(self) -> bool:
        """Whether anything would be another."""
        return not drafted.same(self.now, self.wanted)


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
    """Keep a new draft under a name; its id. Raises SettingsError."""
    if not 1 <= len(name) <= NAME_MOST:
        raise SettingsError([f"A draft has a name of 1 to {NAME_MOST} letters."])
    known = {each.name for each in every(db)}
    if name in known:
        raise SettingsError([f"There is a draft {name!r} already."])
    if len(known) >= DRAFTS_MOST:
        raise SettingsError([f"There can be {DRAFTS_MOST} drafts: forget one first."])
    row = db.execute(
        """
        INSERT INTO rehearsal_draft (name, value, changed_at, changed_by) VALUES (?, '{}', ?, ?) RETURNING id
        """,
        (name, at, by),
    ).fetchone()
    put(db, int(row[0]), values, at=at, by=by)
    return int(row[0])


def put(db: Connection, draft_id: int, values: Mapping[str, object], *, at: str, by: str) -> None:
    """Have these items in a draft; one that would change nothing goes. Raises SettingsError, NoSuchRow.

    An item that was in it before keeps what it was written against.
    """
    draft = one(db, draft_id)
    items = drafted.checked(db, {**draft.values, **values}, at=at, by=by)
    there = drafted.standing(db, values)
    before = {**{key: drafted.briefly(value) for key, value in there.items()}, **draft.before}
    unsaid = {key for key in values if drafted.same(items[key], there[key])}
    kept = {key: value for key, value in items.items() if key not in unsaid}
    _write(db, draft_id, kept, before, at=at, by=by)


def drop(db: Connection, draft_id: int, key: str, *, at: str, by: str) -> None:
    """Take an item out of a draft: there it stays as it is. Raises NoSuchRow."""
    draft = one(db, draft_id)
    kept = {each: value for each, value in draft.values.items() if each != key}
    _write(db, draft_id, kept, draft.before, at=at, by=by)


def insist(db: Connection, draft_id: int, key: str, *, at: str, by: str) -> None:
    """Have an item as the draft says in spite of what stands there by now. Raises NoSuchRow."""
    draft = one(db, draft_id)
    now = {each: drafted.briefly(value) for each, value in drafted.standing(db, [key]).items()}
    _write(db, draft_id, draft.values, {**draft.before, **now}, at=at, by=by)


def items(db: Connection, draft: Draft) -> list[Item]:
    """What a draft says beside what stands there now, by its keys."""
    there = drafted.standing(db, draft.values)
    return [_item(draft, key, there[key]) for key in sorted(draft.values)]


def mark(db: Connection, draft: Draft) -> str:
    """What rehearsals are played with when they are played with this draft now."""
    return drafted.digest([draft.id, dict(draft.values), drafted.fingerprint(db)])


def forget(db: Connection, draft_id: int) -> None:
    """Forget a draft. Raises NoSuchRow."""
    if db.execute("DELETE FROM rehearsal_draft WHERE id = ? RETURNING id", (draft_id,)).fetchone() is None:
        raise NoSuchRow(f"There is no draft {draft_id}.")


_SELECT = "SELECT id, name, value, changed_at, changed_by, before FROM rehearsal_draft"


def _item(draft: Draft, key: str, now: Any) -> Item:
    wanted, before = draft.values[key], draft.before.get(key, now)
    return Item(key, now, wanted, not drafted.same(now, before) and not drafted.same(now, wanted))


def _write(
    db: Connection, draft_id: int, values: Mapping[str, Any], before: Mapping[str, Any], *, at: str, by: str
) -> None:
    known = {key: before[key] for key in values if key in before}
    db.execute(
        """
        UPDATE rehearsal_draft SET value = :value, before = :before, changed_at = :at, changed_by = :by
        WHERE id = :id
        """,
        {
            "id": draft_id,
            "value": orjson.dumps(dict(values)).decode(),
            "before": orjson.dumps(known).decode(),
            "at": at,
            "by": by,
        },
    )


def _draft(row: Any) -> Draft:
    return Draft(
        row["id"],
        row["name"],
        orjson.loads(row["value"]),
        row["changed_at"],
        row["changed_by"],
        orjson.loads(row["before"]),
    )
