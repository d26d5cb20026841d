"""Why callers get onto the callback list: noted in the transaction that keeps the cause, merged per caller.

Every function here writes, within the transaction of its caller. `callbacks` has what staff do with entries.
May import: the standard library, appliance.core, appliance.store.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from appliance.core.callbacks import Cause, Urgency, due, to_call
from appliance.core.staff import StaffSettings
from appliance.store import callback_rows, office, times
from appliance.store.database import Connection

BOX = "the box"
"""Who ends an entry that nobody has to look at any more."""


@dataclass(frozen=True, slots=True)
class Reason:
    """What is to be looked after. `once`: told twice it is the same, such as `question 3`.

    `number` is whom to call (E.164); what is none counts as withheld. With a `call_sid` it belongs to
    whatever else came of that call.
    """

    once: str
    cause: Cause
    at: datetime
    number: str = ""
    urgency: Urgency = Urgency.NORMAL
    name: str = ""
    call_sid: str = ""
    call_id: str | None = None
    message_id: int | None = None


def note(db: Connection, reason: Reason, staff: StaffSettings | None = None) -> int:
    """Put a reason onto the list; return the entry it belongs to.

    Told again it stays where it is: its kind is what was said last, and it never presses less than before.
    One that counted no more by then counts as if it were told for the first time. `staff` is read when it is
    not given.
    """
    staff = office.staff(db) if staff is None else staff
    known = db.execute("SELECT * FROM callback_cause WHERE once = ?", (reason.once,)).fetchone()
    if known is not None and known["void_at"] is None:
        _again(db, known, reason)
        return int(known["callback_id"])
    number = to_call(reason.number)
    entry_id = callback_rows.open_of(db, number) or _of_call(db, reason.call_sid, number)
    due_at = _due(reason.cause, reason.urgency, reason.at, staff)
    if entry_id is None:
        entry_id = _begun(db, reason, number, due_at)
    else:
        _joined(db, entry_id, reason, number, due_at)
    db.execute(
        """
        INSERT INTO callback_cause (callback_id, once, kind, urgency, at, call_sid, call_id, message_id)
        VALUES (:entry, :once, :kind, :urgency, :at, :call_sid, :call_id, :message_id)
        ON CONFLICT (once) DO UPDATE
        SET callback_id = excluded.callback_id, kind = excluded.kind, urgency = excluded.urgency,
            at = excluded.at, void_at = NULL, void_why = ''
        """,
        {
            "entry": entry_id,
            "once": reason.once,
            "kind": reason.cause,
            "urgency": int(reason.urgency),
            "at": times.written(reason.at),
            "call_sid": reason.call_sid,
            "call_id": reason.call_id,
            "message_id": reason.message_id,
        },
    )
    happened(db, entry_id, "cause", reason.at, note=reason.cause)
    return entry_id


def learned(
    db: Connection,
    once: str,
    *,
    now: datetime,
    urgency: Urgency | None = None,
    number: str = "",
    name: str = "",
) -> None:
    """More is known of a reason: that it presses more, whom to call, who it is; nothing if it is unknown."""
    found = db.execute("SELECT * FROM callback_cause WHERE once = ?", (once,)).fetchone()
    if found is None:
        return
    entry_id = found["callback_id"]
    if urgency is not None and urgency < found["urgency"]:
        db.execute("UPDATE callback_cause SET urgency = ? WHERE id = ?", (int(urgency), found["id"]))
        if found["void_at"] is None:
            due_at = _due(Cause(found["kind"]), urgency, now, office.staff(db))
            press(db, entry_id, urgency, due_at)
            happened(db, entry_id, "presses", now, note=urgency.name.lower())
    if name:
        db.execute("UPDATE callback SET name = ? WHERE id = ? AND name = ''", (name, entry_id))
    identify(db, entry_id, number, now)


def void(db: Connection, once: str, why: str, *, now: datetime) -> None:
    """A reason counts no more, such as a voicemail in which nobody speaks; nothing for one that is unknown.

    An entry of which nothing is left, and that nobody has touched, is done with it.
    """
    row = db.execute(
        """
        UPDATE callback_cause SET void_at = ?, void_why = ? WHERE once = ? AND void_at IS NULL
        RETURNING callback_id
        """,
        (times.written(now), why, once),
    ).fetchone()
    if row is None:
        return
    entry_id = int(row[0])
    happened(db, entry_id, "void", now, note=why)
    left = db.execute(
        "SELECT min(urgency) FROM callback_cause WHERE callback_id = ? AND void_at IS NULL", (entry_id,)
    ).fetchone()[0]
    entry = callback_rows.get(db, entry_id)
    if entry.state is not callback_rows.State.OPEN:
        return
    if left is not None:
        db.execute("UPDATE callback SET urgency = ? WHERE id = ?", (left, entry_id))
    elif entry.untouched and not entry.attempts:
        ended = "UPDATE callback SET state = 'done', ended_at = ?, ended_by = ? WHERE id = ?"
        db.execute(ended, (times.written(now), BOX, entry_id))
        happened(db, entry_id, "done", now, note=why)


def identify(db: Connection, entry_id: int, number: str, now: datetime) -> None:
    """It is known now whom to call: an open entry of the same caller takes this one in."""
    number = to_call(number)
    entry = callback_rows.get(db, entry_id)
    if not number or entry.number:
        return
    other = callback_rows.open_of(db, number)
    if entry.state is callback_rows.State.OPEN and other is not None:
        merge(db, entry_id, other, now)
    else:
        db.execute("UPDATE callback SET number = ? WHERE id = ?", (number, entry_id))


def unlearned(db: Connection, once: str, number: str) -> None:
    """A number that staff had written was wrong: an open entry with it, and this cause alone, has none.

    Not so where it is the one that the caller rang from, or told.
    """
    db.execute(
        """
        UPDATE callback SET number = ''
        WHERE state = 'open' AND number <> '' AND number = :number
        AND id = (SELECT callback_id FROM callback_cause WHERE once = :once)
        AND 1 = (SELECT count(*) FROM callback_cause WHERE callback_id = callback.id)
        AND NOT EXISTS (
            SELECT 1 FROM callback_cause AS cause JOIN message ON message.id = message_id
            WHERE cause.once = :once AND :number IN (caller, message.number))
        """,
        {"number": to_call(number), "once": once},
    )


def merge(db: Connection, entry_id: int, into: int, now: datetime) -> None:
    """Put all that belongs to one entry to another: nothing of what was done about either is lost."""
    entry = callback_rows.get(db, entry_id)
    at = times.written(now)
    db.execute(
        "UPDATE callback SET state = 'merged', into_id = ?, ended_at = ?, ended_by = ? WHERE id = ?",
        (into, at, BOX, entry_id),
    )
    db.execute("UPDATE callback SET into_id = ? WHERE into_id = ?", (into, entry_id))
    db.execute("UPDATE callback_cause SET callback_id = ? WHERE callback_id = ?", (into, entry_id))
    db.execute("UPDATE callback_event SET callback_id = ? WHERE callback_id = ?", (into, entry_id))
    press(db, into, entry.urgency, entry.due_at)
    db.execute(
        """
        UPDATE callback
        SET attempts = attempts + :attempts, first_at = min(first_at, :first), last_at = max(last_at, :last),
            name = CASE name WHEN '' THEN :name ELSE name END,
            owner = CASE owner WHEN '' THEN :owner ELSE owner END
        WHERE id = :into
        """,
        {
            "attempts": entry.attempts,
            "first": times.written(entry.first_at),
            "last": times.written(entry.last_at),
            "name": entry.name,
            "owner": entry.owner,
            "into": into,
        },
    )
    happened(db, into, "merged", now, note=str(entry_id))


def press(db: Connection, entry_id: int, urgency: Urgency, due_at: datetime) -> None:
    """It presses at least so much, and is due by then at the latest; what presses more is untouched again."""
    db.execute(
        """
        UPDATE callback
        SET touched_at = CASE WHEN :urgency < urgency THEN NULL ELSE touched_at END,
            urgency = min(urgency, :urgency), due_at = min(due_at, :due)
        WHERE id = :id
        """,
        {"id": entry_id, "urgency": int(urgency), "due": times.written(due_at)},
    )


def happened(
    db: Connection, entry_id: int, what: str, now: datetime, *, by: str = "", note: str = ""
) -> None:
    """Write down what was done about an entry."""
    db.execute(
        "INSERT INTO callback_event (callback_id, at, by, what, note) VALUES (?, ?, ?, ?, ?)",
        (entry_id, times.written(now), by, what, note),
    )


def _begun(db: Connection, reason: Reason, number: str, due_at: datetime) -> int:
    row = db.execute(
        """
        INSERT INTO callback (number, name, urgency, due_at, first_at, last_at)
        VALUES (:number, :name, :urgency, :due, :at, :at) RETURNING id
        """,
        {
            "number": number,
            "name": reason.name,
            "urgency": int(reason.urgency),
            "due": times.written(due_at),
            "at": times.written(reason.at),
        },
    ).fetchone()
    return int(row[0])


def _joined(db: Connection, entry_id: int, reason: Reason, number: str, due_at: datetime) -> None:
    press(db, entry_id, reason.urgency, due_at)
    db.execute(
        """
        UPDATE callback
        SET last_at = max(last_at, :at), number = CASE number WHEN '' THEN :number ELSE number END,
            name = CASE name WHEN '' THEN :name ELSE name END
        WHERE id = :id
        """,
        {"id": entry_id, "at": times.written(reason.at), "number": number, "name": reason.name},
    )


def _of_call(db: Connection, call_sid: str, number: str) -> int | None:
    """The open entry of what else came of a call, where one of both does not say whom to call."""
    row = db.execute(
        """
        SELECT callback.id FROM callback_cause AS cause JOIN callback ON callback.id = cause.callback_id
        WHERE cause.call_sid = :call_sid AND :call_sid <> '' AND state = 'open'
          AND (callback.number = '' OR :number = '')
        ORDER BY cause.id LIMIT 1
        """,
        {"call_sid": call_sid, "number": number},
    ).fetchone()
    return None if row is None else int(row[0])


def _again(db: Connection, known: Any, reason: Reason) -> None:
    """What is known already is told once more, perhaps as something else."""
    db.execute("UPDATE callback_cause SET kind = ? WHERE id = ?", (reason.cause, known["id"]))
    if reason.urgency < known["urgency"]:
        learned(db, reason.once, now=reason.at, urgency=reason.urgency)
    identify(db, known["callback_id"], reason.number, reason.at)


def _due(cause: Cause, urgency: Urgency, at: datetime, staff: StaffSettings) -> datetime:
    return due(cause, urgency, at, staff.callback_minutes, staff.opening)
