"""Messages: what a caller left for the staff, written down during a call or recorded after it.

May import: the standard library, appliance.store.
"""

from dataclasses import dataclass
from typing import Any, Literal

from appliance.store.database import Connection
from appliance.store.errors import NoSuchRow


@dataclass(frozen=True, slots=True)
class Message:
    """One message; `recording_path` is None until the recording has been fetched."""

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


def add(
    db: Connection,
    *,
    call_sid: str,
    subject: str,
    body: str,
    at: str,
    recording_path: str | None = None,
) -> int:
    """Keep a message that was taken during a call; return its id."""
    message_id = _add(db, call_sid=call_sid, kind="message", subject=subject, body=body, at=at)
    if recording_path is not None:
        db.execute("UPDATE message SET recording_path = ? WHERE id = ?", (recording_path, message_id))
    return message_id


def add_voicemail(db: Connection, *, call_sid: str, recording_sid: str, seconds: int, at: str) -> int:
    """Keep word of a recording that the carrier holds; told again of the same one, return the same id."""
    return _add(db, call_sid=call_sid, kind="voicemail", at=at, recording_sid=recording_sid, seconds=seconds)


def _add(
    db: Connection,
    *,
    call_sid: str,
    kind: str,
    at: str,
    subject: str = "",
    body: str = "",
    recording_sid: str | None = None,
    seconds: int | None = None,
) -> int:
    row = db.execute(
        """
        INSERT INTO message
            (call_id, call_sid, kind, subject, body, caller, recording_sid, seconds, created_at)
        SELECT call.id, :call_sid, :kind, :subject, :body, COALESCE(call.from_number, ''),
               :recording_sid, :seconds, :at
        FROM (SELECT 1) LEFT JOIN call_log AS call ON call.call_sid = :call_sid
        WHERE TRUE
        ON CONFLICT (recording_sid) DO UPDATE SET seconds = MAX(seconds, excluded.seconds)
        RETURNING id
        """,
        {
            "call_sid": call_sid,
            "kind": kind,
            "subject": subject,
            "body": body,
            "recording_sid": recording_sid,
            "seconds": seconds,
            "at": at,
        },
    ).fetchone()
    return int(row[0])


def keep_recording(db: Connection, recording_sid: str, path: str) -> None:
    """Note where a recording has been put, relative to the recordings' folder. Raises NoSuchRow."""
    _changed(
        db.execute(
            "UPDATE message SET recording_path = ? WHERE recording_sid = ? RETURNING id",
            (path, recording_sid),
        ).fetchone()
    )


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


def mark_handled(db: Connection, message_id: int, at: str | None, by: str) -> None:
    """Note that somebody has dealt with it, or with `at` None that it is open again. Raises NoSuchRow."""
    _changed(
        db.execute(
            "UPDATE message SET handled_at = ?, handled_by = ? WHERE id = ? RETURNING id",
            (at, by if at else "", message_id),
        ).fetchone()
    )


def page(
    db: Connection, *, before_id: int | None = None, limit: int = 50, unhandled: bool = False
) -> list[Message]:
    """Messages, the newest first, from behind `before_id` on; all of them or those not dealt with."""
    rows = db.execute(
        """
        SELECT * FROM message
        WHERE (:before_id IS NULL OR id < :before_id) AND (NOT :unhandled OR handled_at IS NULL)
        ORDER BY id DESC LIMIT :limit
        """,
        {"before_id": before_id, "unhandled": int(unhandled), "limit": limit},
    )
    return [_message(row) for row in rows]


def one(db: Connection, message_id: int) -> Message | None:
    """A message by its id."""
    row = db.execute("SELECT * FROM message WHERE id = ?", (message_id,)).fetchone()
    return None if row is None else _message(row)


def unnotified(db: Connection, limit: int = 50) -> list[Message]:
    """Messages of which the staff have not been told, the oldest first."""
    rows = db.execute("SELECT * FROM message WHERE notified = 0 ORDER BY created_at, id LIMIT ?", (limit,))
    return [_message(row) for row in rows]


def unfetched(db: Connection, limit: int = 50) -> list[Message]:
    """Voicemail whose recording is still with the carrier, the oldest first."""
    rows = db.execute(
        """
        SELECT * FROM message WHERE kind = 'voicemail' AND recording_path IS NULL
        ORDER BY created_at, id LIMIT ?
        """,
        (limit,),
    )
    return [_message(row) for row in rows]


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
    )
