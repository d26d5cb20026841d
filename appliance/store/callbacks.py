"""What staff do with the callback list: take an entry, call, note, put off, be done with it, and undo that.

Every function writes, within the transaction of its caller, and returns the entry as it is then. All raise
NoSuchRow, or NotOpen for an entry with which this cannot be done.
May import: the standard library, appliance.core, appliance.store.
"""

from datetime import datetime

from appliance.store import callback_causes, callback_rows, times
from appliance.store.callback_rows import Entry, State
from appliance.store.database import Connection
from appliance.store.errors import StoreError

NOTE_MOST = 2000


class NotOpen(StoreError):
    """The entry is not where this can be done with it: look at it again."""


class Taken(StoreError):
    """Somebody else has it: ask them, or take it over."""


def take(db: Connection, entry_id: int, who: str, *, now: datetime, over: bool = False) -> Entry:
    """It is `who`'s from now on. Raises Taken when it is somebody else's, unless it is taken over."""
    entry = _open(db, entry_id)
    if entry.owner and entry.owner != who and not over:
        raise Taken(f"Callback {entry_id} is {entry.owner}'s.")
    if entry.owner != who:
        db.execute("UPDATE callback SET owner = ? WHERE id = ?", (who, entry_id))
        _did(db, entry_id, "taken", now, who)
    return callback_rows.get(db, entry_id)


def give_back(db: Connection, entry_id: int, who: str, *, now: datetime) -> Entry:
    """It is nobody's again, and to be looked after as if nobody had."""
    entry = _open(db, entry_id)
    if entry.owner:
        db.execute("UPDATE callback SET owner = '', touched_at = NULL WHERE id = ?", (entry_id,))
        callback_causes.happened(db, entry_id, "given back", now, by=who)
    return callback_rows.get(db, entry_id)


def note(db: Connection, entry_id: int, who: str, words: str, *, now: datetime) -> Entry:
    """Write something down about it; also when it is done."""
    callback_rows.get(db, entry_id)
    _did(db, entry_id, "note", now, who, words[:NOTE_MOST])
    return callback_rows.get(db, entry_id)


def attempt(
    db: Connection, entry_id: int, who: str, words: str = "", *, now: datetime, again: datetime | None = None
) -> Entry:
    """The caller was called in vain; `again` is when to try next."""
    _open(db, entry_id)
    db.execute("UPDATE callback SET attempts = attempts + 1 WHERE id = ?", (entry_id,))
    _did(db, entry_id, "attempt", now, who, words[:NOTE_MOST])
    return callback_rows.get(db, entry_id) if again is None else snooze(db, entry_id, who, again, now=now)


def snooze(db: Connection, entry_id: int, who: str, until: datetime, *, now: datetime) -> Entry:
    """It is due at that time, and not before; if nobody has it by then, it is told of as at first."""
    entry = _open(db, entry_id)
    at = times.written(until)
    db.execute("UPDATE callback SET due_at = ? WHERE id = ?", (at, entry_id))
    _did(db, entry_id, "put off", now, who, at)
    if not entry.owner:
        db.execute("UPDATE callback SET touched_at = NULL WHERE id = ?", (entry_id,))
    return callback_rows.get(db, entry_id)


def done(db: Connection, entry_id: int, who: str, words: str = "", *, now: datetime) -> Entry:
    """All of it is dealt with, its messages too. Done once more it stays as it was."""
    entry = callback_rows.get(db, entry_id)
    if entry.state is State.DONE:
        return entry
    _open(db, entry_id)
    at = times.written(now)
    db.execute(
        "UPDATE callback SET state = 'done', ended_at = ?, ended_by = ? WHERE id = ?", (at, who, entry_id)
    )
    db.execute(
        """
        UPDATE message SET handled_at = ?, handled_by = ?
        WHERE handled_at IS NULL
          AND id IN (SELECT message_id FROM callback_cause WHERE callback_id = ? AND message_id IS NOT NULL)
        """,
        (at, who, entry_id),
    )
    _did(db, entry_id, "done", now, who, words[:NOTE_MOST])
    return callback_rows.get(db, entry_id)


def undo(db: Connection, entry_id: int, who: str, *, now: datetime) -> Entry:
    """It was not done after all; what the caller left since then belongs to it. Open stays open."""
    entry = callback_rows.get(db, entry_id)
    if entry.state is State.OPEN:
        return entry
    if entry.state is State.MERGED or entry.ended_at is None:
        raise NotOpen(f"Callback {entry_id} is part of callback {entry.into} now.")
    newer = callback_rows.open_of(db, entry.number)
    if newer is not None:
        # Both cannot be open under one number: the newer one has it again once it has ended.
        db.execute("UPDATE callback SET number = '' WHERE id = ?", (newer,))
    db.execute(
        "UPDATE callback SET state = 'open', ended_at = NULL, ended_by = '', touched_at = NULL WHERE id = ?",
        (entry_id,),
    )
    db.execute(
        """
        UPDATE message SET handled_at = NULL, handled_by = ''
        WHERE handled_at = ?
          AND id IN (SELECT message_id FROM callback_cause WHERE callback_id = ? AND message_id IS NOT NULL)
        """,
        (times.written(entry.ended_at), entry_id),
    )
    callback_causes.happened(db, entry_id, "undone", now, by=who)
    if newer is not None:
        callback_causes.merge(db, newer, entry_id, now)
        db.execute("UPDATE callback SET number = ? WHERE id = ?", (entry.number, newer))
    return callback_rows.get(db, entry_id)


def _did(db: Connection, entry_id: int, what: str, now: datetime, who: str, words: str = "") -> None:
    db.execute("UPDATE callback SET touched_at = ? WHERE id = ?", (times.written(now), entry_id))
    callback_causes.happened(db, entry_id, what, now, by=who, note=words)


def _open(db: Connection, entry_id: int) -> Entry:
    entry = callback_rows.get(db, entry_id)
    if entry.state is State.MERGED:
        raise NotOpen(f"Callback {entry_id} is part of callback {entry.into} now.")
    if entry.state is State.DONE:
        raise NotOpen(f"Callback {entry_id} is done, by {entry.ended_by}: undo that first.")
    return entry
