"""What staff do with the callback list: take an entry, call, note, put off, be done with it, and undo that.

Every function writes, within the transaction of its caller, and returns the entry as it is then. All raise
NoSuchRow, or NotOpen for an entry with which this cannot be done.
May import: the standard library, orjson, appliance.core, appliance.store.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import orjson

from appliance.store import callback_causes, callback_rows, messages, times
from appliance.store.callback_rows import Done, Entry, State
from appliance.store.database import Connection
from appliance.store.errors import StoreError

NOTE_MOST = 2000
TWICE_S = 10
"""Within so many seconds the same try, told by the same person in the same words, is one."""


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
    """The caller was called in vain; `again` is when to try next. Told twice at once it is one try."""
    entry = _open(db, entry_id)
    if _told(db, entry_id, "attempt", who, words[:NOTE_MOST], since=now - timedelta(seconds=TWICE_S)):
        return entry
    db.execute("UPDATE callback SET attempts = attempts + 1 WHERE id = ?", (entry_id,))
    _did(db, entry_id, "attempt", now, who, words[:NOTE_MOST])
    return callback_rows.get(db, entry_id) if again is None else snooze(db, entry_id, who, again, now=now)


def attempt_back(db: Connection, entry_id: int, who: str, *, now: datetime) -> Entry:
    """The last that was done about it, a try of `who`'s, was told by mistake. When it is due again stays."""
    entry = _open(db, entry_id)
    if not tried_last(callback_rows.history(db, entry_id), who):
        raise NotOpen(f"Somebody has done something about callback {entry_id} since.")
    db.execute("UPDATE callback SET attempts = attempts - 1 WHERE id = ?", (entry_id,))
    _did(db, entry_id, "not tried", now, who)
    return callback_rows.get(db, entry.id)


def tried_last(history: Sequence[Done], who: str) -> bool:
    """Whether the last that was done is a try of this person's, and perhaps putting it off with it."""
    last = next((each for each in reversed(history) if each.what != "put off"), None)
    return last is not None and (last.what, last.by) == ("attempt", who)


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


def message_done(db: Connection, message_id: int, who: str, *, now: datetime) -> None:
    """A message is dealt with; so is its entry, when nothing else is in it. Done already it stays as it was.

    Raises NoSuchRow.
    """
    message = messages.one(db, message_id)
    if message is not None and message.handled_at is not None:
        return
    messages.mark_handled(db, message_id, times.written(now), who)
    row = db.execute(
        """
        SELECT callback_id FROM callback_cause AS own JOIN callback ON callback.id = callback_id
        WHERE own.message_id = ? AND state = 'open' AND NOT EXISTS (
            SELECT 1 FROM callback_cause AS cause LEFT JOIN message ON message.id = cause.message_id
            WHERE cause.callback_id = own.callback_id AND cause.void_at IS NULL
              AND (message.id IS NULL OR message.handled_at IS NULL))
        """,
        (message_id,),
    ).fetchone()
    if row is not None:
        done(db, row[0], who, now=now)


def message_open(db: Connection, message_id: int, who: str, *, now: datetime) -> None:
    """A message is to be dealt with after all; so is its entry, with what ended then. Raises NoSuchRow."""
    messages.mark_handled(db, message_id, None, who)
    row = db.execute(
        """
        SELECT callback_id FROM callback_cause JOIN callback ON callback.id = callback_id
        WHERE message_id = ? AND state = 'done'
        """,
        (message_id,),
    ).fetchone()
    if row is not None:
        undo(db, row[0], who, now=now)


def of_messages(db: Connection, ids: Iterable[int]) -> Mapping[int, int]:
    """The entry that each of these messages belongs to, as far as there is one."""
    rows = db.execute(
        """
        SELECT message_id, callback_id FROM callback_cause
        WHERE message_id IN (SELECT value FROM json_each(?)) AND void_at IS NULL
        """,
        (orjson.dumps([*ids]).decode(),),
    )
    return {row[0]: row[1] for row in rows}


def _told(db: Connection, entry_id: int, what: str, who: str, words: str, *, since: datetime) -> bool:
    row = db.execute(
        """
        SELECT 1 FROM callback_event
        WHERE callback_id = ? AND what = ? AND by = ? AND note = ? AND at > ? LIMIT 1
        """,
        (entry_id, what, who, words, times.written(since)),
    ).fetchone()
    return row is not None


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
