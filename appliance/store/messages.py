"""Messages: what a caller left for the staff, written down during a call or recorded after it.

May import: the standard library, appliance.core, appliance.store.
"""

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from appliance.core.booking.calling_from import NumberFrom
from appliance.core.callbacks import Cause, Urgency, to_call
from appliance.store import callback_causes, forgotten, times
from appliance.store.callback_causes import Reason
from appliance.store.database import Connection
from appliance.store.errors import NoSuchRow

CALLER, TAKEN_BACK = "the caller", "the caller took it back"
"""Who has dealt with a message that was taken back, and why it is on no list."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a caller told of themselves; `number` is where to call back, `call_back` that it is all they want.

    `name_heard` says whether the name is in their own words, or the assistant's alone. `about` is as what it
    stands in the callback list, and is kept there.
    """

    name: str = ""
    number: str = ""
    name_heard: bool = True
    urgent: bool = False
    call_back: bool = False
    number_from: NumberFrom | None = None
    """How the number is known; None where nobody kept that."""
    words: str = ""
    """What the caller was heard to say, a line for each turn, where an assistant wrote the rest."""
    unheard: str = ""
    """Dates, times and names in it that the caller was not heard to say."""
    about: Cause = field(default=Cause.MESSAGE, compare=False)


class Part(StrEnum):
    """A part of all messages."""

    OPEN = "open"
    DONE = "done"
    ALL = "all"
    """Whether they are dealt with or not."""
    HANG_UPS = "hang-ups"
    """Recordings in which nobody speaks; they are in no other part."""


NOTHING_TOLD = Told()
_EMPTY = {"subject": "", "body": "", "recording_sid": None, "seconds": None, "once": None}


@dataclass(frozen=True, slots=True)
class Message:
    """One message; `recording_path` is None until the recording has been fetched.

    `fetch_problem` says why it cannot be, once that was tried often enough.
    """

    id: int
    call_id: str | None
    call_sid: str
    kind: Literal["message", "voicemail"]
    subject: str
    body: str
    caller: str
    recording_sid: str | None
    recording_path: str | None
    seconds: int | None
    notified: bool
    notified_at: str | None
    handled_at: str | None
    handled_by: str
    created_at: str
    fetch_tries: int = 0
    fetch_problem: str | None = None
    told: Told = NOTHING_TOLD
    hang_up: bool = False
    """Whether it is the recording of a caller who said nothing: no message."""
    recording_gone: bool = False
    """Whether there was a recording that has been deleted since."""


def add(
    db: Connection,
    *,
    call_sid: str,
    subject: str,
    body: str,
    at: str,
    caller: Told = NOTHING_TOLD,
    recording_path: str | None = None,
    once: str | None = None,
) -> int:
    """Keep a message that was taken during a call; told again with the same `once`, return the same id.

    It is on the callback list with it: as what its caller is `about`, or as a call that was asked for.
    """
    message_id = _add(db, call_sid=call_sid, kind="message", subject=subject, body=body, at=at, once=once)
    db.execute(
        """
        UPDATE message
        SET recording_path = :recording_path, name = :name, number = :number, name_heard = :name_heard,
            urgent = :urgent, call_back = :call_back, number_from = :number_from, words = :words,
            unheard = :unheard
        WHERE id = :id
        """,
        {"id": message_id, "recording_path": recording_path, **asdict(caller)},
    )
    cause = Cause.CALL_BACK if caller.call_back else caller.about
    _list(db, message_id, cause, Urgency.URGENT if caller.urgent else Urgency.NORMAL)
    return message_id


def add_voicemail(db: Connection, *, call_sid: str, recording_sid: str, seconds: int, at: str) -> int:
    """Keep word of a recording that the carrier holds; told again of the same one, return the same id.

    It is on the callback list with it.
    """
    message_id = _add(
        db, call_sid=call_sid, kind="voicemail", at=at, recording_sid=recording_sid, seconds=seconds
    )
    _list(db, message_id, Cause.VOICEMAIL, Urgency.NORMAL)
    return message_id


def list_again(db: Connection, message_id: int) -> None:
    """Have a voicemail on the callback list in which somebody speaks after all."""
    _list(db, message_id, Cause.VOICEMAIL, Urgency.NORMAL)


def once_of(message_id: int) -> str:
    """By what the callback list knows a message."""
    return f"message {message_id}"


def _list(db: Connection, message_id: int, cause: Cause, urgency: Urgency) -> None:
    """Put a message onto the callback list, once."""
    row = db.execute(
        """
        SELECT message.*, COALESCE(link.number, '') AS link_number
        FROM message LEFT JOIN booking_link AS link ON link.call_sid = message.call_sid
        WHERE message.id = ?
        """,
        (message_id,),
    ).fetchone()
    if row["handled_at"] is not None or row["hang_up"]:
        return
    reason = Reason(
        once_of(message_id),
        cause,
        times.read(row["created_at"]),
        to_call(row["number"], row["caller"], row["link_number"]),
        urgency,
        row["name"],
        row["call_sid"],
        row["call_id"],
        message_id,
    )
    callback_causes.note(db, reason)


def _add(db: Connection, *, call_sid: str, kind: str, at: str, **given: str | int | None) -> int:
    """Put a message into the table, with what is given of its other columns; return its id."""
    row = db.execute(
        """
        INSERT INTO message
            (call_id, call_sid, kind, subject, body, caller, recording_sid, seconds, created_at, once)
        SELECT call.id, :call_sid, :kind, :subject, :body, COALESCE(call.from_number, ''),
               :recording_sid, :seconds, :at, :once
        FROM (SELECT 1) LEFT JOIN call_log AS call ON call.call_sid = :call_sid
        WHERE TRUE
        ON CONFLICT (recording_sid) DO UPDATE SET seconds = MAX(seconds, excluded.seconds)
        ON CONFLICT (once) WHERE once IS NOT NULL DO UPDATE SET once = excluded.once
        RETURNING id
        """,
        {**_EMPTY, "call_sid": call_sid, "kind": kind, "at": at, **given},
    ).fetchone()
    return int(row[0])


def rehearse_voicemail(db: Connection, *, call_sid: str, name: str, seconds: int, at: str) -> Message | None:
    """Keep a voicemail with its recording, read it, and take it out again: nobody else ever sees it."""
    message_id = _add(db, call_sid=call_sid, kind="voicemail", at=at, recording_sid=name, seconds=seconds)
    keep_recording(db, name, name)
    kept = one(db, message_id)
    db.execute("DELETE FROM message WHERE id = ?", (message_id,))
    return kept


def name_caller(db: Connection, call_id: str, caller: str) -> None:
    """Note who left the messages of a call that were kept before that was known."""
    rows = db.execute(
        "UPDATE message SET caller = ? WHERE call_id = ? AND caller = '' RETURNING id, created_at",
        (caller, call_id),
    )
    for message_id, at in rows.fetchall():
        callback_causes.learned(db, once_of(message_id), now=times.read(at), number=caller)


def keep_recording(db: Connection, recording_sid: str, path: str) -> None:
    """Note where a recording has been put, relative to the recordings' folder. Raises NoSuchRow."""
    _changed(
        db.execute(
            """
            UPDATE message SET recording_path = ?, fetch_problem = NULL WHERE recording_sid = ?
            RETURNING id
            """,
            (path, recording_sid),
        ).fetchone()
    )


def fetch_no_more(db: Connection, recording_sid: str, problem: str, tries: int = 1) -> None:
    """Give a recording up after so many tries, and say why. Raises NoSuchRow."""
    _changed(
        db.execute(
            """
            UPDATE message SET fetch_tries = ?, fetch_problem = ? WHERE recording_sid = ?
            RETURNING id
            """,
            (tries, problem, recording_sid),
        ).fetchone()
    )


def keep_sound(db: Connection, message_id: int, name: str, ms: int | None, *, hang_up: bool) -> None:
    """Note the file that is kept of a recording, its length, and whether nobody spoke. Raises NoSuchRow."""
    seconds = None if ms is None else (ms + 500) // 1000
    _changed(
        db.execute(
            """
            UPDATE message SET recording_path = ?, seconds = COALESCE(?, seconds), hang_up = ? WHERE id = ?
            RETURNING id
            """,
            (name, seconds, int(hang_up), message_id),
        ).fetchone()
    )


def mark_urgent(db: Connection, message_id: int) -> None:
    """Note that a message cannot wait. Raises NoSuchRow."""
    _changed(db.execute("UPDATE message SET urgent = 1 WHERE id = ? RETURNING id", (message_id,)).fetchone())


def untaken(db: Connection, recordings: dict[str, str]) -> dict[str, bool]:
    """Of these recordings, each with the carrier's id of its call, those that no message tells of.

    For each, whether its call is in the call log; those that are deleted for good are not among them.
    """
    rows = db.execute(
        """
        SELECT key, EXISTS (SELECT 1 FROM call_log WHERE call_sid = value) FROM json_each(?)
        WHERE NOT EXISTS (SELECT 1 FROM message WHERE recording_sid = key)
        """,
        (json.dumps(recordings),),
    )
    gone = forgotten.among(db, recordings)
    return {row[0]: bool(row[1]) for row in rows if row[0] not in gone}


def mark_notified(db: Connection, message_id: int, at: str) -> None:
    """Note that the staff have been told; the first time counts. Raises NoSuchRow."""
    _changed(
        db.execute(
            """
            UPDATE message SET notified = 1, notified_at = COALESCE(notified_at, ?) WHERE id = ?
            RETURNING id
            """,
            (at, message_id),
        ).fetchone()
    )


def take_back(db: Connection, once: str, *, now: datetime) -> bool:
    """The caller took back what was kept under this `once`: nobody has to see to it any more.

    Whether it was open until then.
    """
    row = db.execute(
        """
        UPDATE message SET handled_at = ?, handled_by = ? WHERE once = ? AND handled_at IS NULL RETURNING id
        """,
        (times.written(now), CALLER, once),
    ).fetchone()
    if row is not None:
        callback_causes.void(db, once_of(row[0]), TAKEN_BACK, now=now)
    return row is not None


def mark_handled(db: Connection, message_id: int, at: str | None, by: str) -> None:
    """Note that somebody has dealt with it, or with `at` None that it is open again. Raises NoSuchRow."""
    _changed(
        db.execute(
            "UPDATE message SET handled_at = ?, handled_by = ? WHERE id = ? RETURNING id",
            (at, by if at else "", message_id),
        ).fetchone()
    )


def page(
    db: Connection,
    *,
    before_id: int | None = None,
    limit: int = 50,
    unhandled: bool = False,
    hang_ups: bool = False,
) -> list[Message]:
    """Messages, the newest first, from behind `before_id` on; all of them or those not dealt with.

    Recordings in which nobody speaks are no messages, and among them only when asked for.
    """
    rows = db.execute(
        """
        SELECT * FROM message
        WHERE (:before_id IS NULL OR id < :before_id) AND (NOT :unhandled OR handled_at IS NULL)
            AND (:hang_ups OR NOT hang_up)
        ORDER BY id DESC LIMIT :limit
        """,
        {"before_id": before_id, "unhandled": int(unhandled), "limit": limit, "hang_ups": int(hang_ups)},
    )
    return [_message(row) for row in rows]


_IN = {
    # Named, because the planner would rather walk through all messages there ever were, in their order.
    Part.OPEN: "INDEXED BY message_open WHERE handled_at IS NULL AND hang_up = 0",
    Part.DONE: "WHERE handled_at IS NOT NULL AND hang_up = 0",
    Part.ALL: "WHERE hang_up = 0",
    Part.HANG_UPS: "WHERE hang_up = 1",
}


def in_part(
    db: Connection, part: Part, *, kind: str = "", before_id: int | None = None, limit: int = 50
) -> list[Message]:
    """Messages of a part, the newest first, from behind `before_id` on; those of a kind, or of any."""
    rows = db.execute(
        f"""
        SELECT * FROM message {_IN[part]} AND id < :before AND (:kind = '' OR kind = :kind)
        ORDER BY id DESC LIMIT :limit
        """,  # noqa: S608 -- ours
        {"before": 1 << 62 if before_id is None else before_id, "kind": kind, "limit": limit},
    )
    return [_message(row) for row in rows]


def waiting(db: Connection) -> int:
    """How many are not dealt with."""
    row = db.execute("SELECT COUNT(*) FROM message WHERE handled_at IS NULL AND hang_up = 0").fetchone()
    return int(row[0])


def one(db: Connection, message_id: int) -> Message | None:
    """A message by its id."""
    row = db.execute("SELECT * FROM message WHERE id = ?", (message_id,)).fetchone()
    return None if row is None else _message(row)


def unnotified(db: Connection, limit: int = 50) -> list[Message]:
    """Messages of which the staff have not been told, the oldest first."""
    rows = db.execute(
        "SELECT * FROM message WHERE notified = 0 AND NOT hang_up ORDER BY created_at, id LIMIT ?", (limit,)
    )
    return [_message(row) for row in rows]


def of_recording(db: Connection, recording_sid: str) -> Message | None:
    """The voicemail of a recording; None when no message tells of it any more."""
    row = db.execute("SELECT * FROM message WHERE recording_sid = ?", (recording_sid,)).fetchone()
    return None if row is None else _message(row)


def of_call(db: Connection, call_id: str) -> list[Message]:
    """The messages of a call, the oldest first."""
    rows = db.execute("SELECT * FROM message WHERE call_id = ? ORDER BY id", (call_id,))
    return [_message(row) for row in rows]


def _changed(row: Any) -> None:
    if row is None:
        raise NoSuchRow("There is no such message.")


def _message(row: Any) -> Message:
    return Message(
        id=row["id"],
        call_id=row["call_id"],
        call_sid=row["call_sid"],
        kind=row["kind"],
        subject=row["subject"],
        body=row["body"],
        caller=row["caller"],
        recording_sid=row["recording_sid"],
        recording_path=row["recording_path"],
        seconds=row["seconds"],
        notified=bool(row["notified"]),
        notified_at=row["notified_at"],
        handled_at=row["handled_at"],
        handled_by=row["handled_by"],
        created_at=row["created_at"],
        fetch_tries=row["fetch_tries"],
        fetch_problem=row["fetch_problem"],
        told=Told(
            row["name"],
            row["number"],
            name_heard=bool(row["name_heard"]),
            urgent=bool(row["urgent"]),
            call_back=bool(row["call_back"]),
            number_from=NumberFrom(row["number_from"]) if row["number_from"] else None,
            words=row["words"],
            unheard=row["unheard"],
        ),
        hang_up=bool(row["hang_up"]),
        recording_gone=row["recording_gone_at"] is not None,
    )
