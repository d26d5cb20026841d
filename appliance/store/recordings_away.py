"""Recordings that are kept in a bucket elsewhere: a row from before they are sent until they are gone there.

May import: the standard library, orjson, appliance.store.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from appliance.store import jobs, times
from appliance.store.database import Connection
from appliance.store.jobs import Job, Wanted

BRING, BRING_TRIES = "bring_recording", 3
HEARD_WITHIN = timedelta(hours=1)
"""So long one that was brought here to be heard stays, at least."""


@dataclass(frozen=True, slots=True)
class Away:
    """One recording. `name` is that of its file here; `there_at` is None while it may not be whole there."""

    name: str
    place: str
    key: str
    bytes: int
    sha256: str
    there_at: str | None


def begin(db: Connection, away: Away, *, now: datetime) -> None:
    """It is about to be sent: from now on something may lie there."""
    db.execute(
        """
        INSERT INTO recording_away (name, place, key, bytes, sha256, begun_at)
        VALUES (:name, :place, :key, :bytes, :sha256, :at)
        ON CONFLICT (name) DO UPDATE
        SET place = :place, key = :key, bytes = :bytes, sha256 = :sha256, begun_at = :at, there_at = NULL
        """,
        {
            "name": away.name,
            "place": away.place,
            "key": away.key,
            "bytes": away.bytes,
            "sha256": away.sha256,
            "at": times.written(now),
        },
    )


def there(db: Connection, name: str, *, now: datetime) -> bool:
    """It was read back as it was sent; False where its message, or its row, is gone by now."""
    changed = db.execute(
        """
        UPDATE recording_away SET there_at = :at
        WHERE name = :name AND EXISTS (SELECT 1 FROM message WHERE recording_path = :name)
        RETURNING name
        """,
        {"at": times.written(now), "name": name},
    ).fetchone()
    return changed is not None


def of(db: Connection, names: Sequence[str]) -> dict[str, Away]:
    """Those of these files that are whole there."""
    rows = db.execute(
        """
        SELECT * FROM recording_away
        WHERE there_at IS NOT NULL AND name IN (SELECT value FROM json_each(?))
        """,
        (orjson.dumps([*names]).decode(),),
    )
    return {row["name"]: _away(row) for row in rows}


def to_move(db: Connection, after: int, limit: int) -> list[tuple[int, str]]:
    """Messages after one, with files that are here alone and are written down as far as they will be."""
    rows = db.execute(
        """
        SELECT message.id, recording_path FROM message JOIN message_text ON message_id = message.id
        WHERE recording_path IS NOT NULL AND message.id > ? AND state <> 'waiting'
            AND NOT EXISTS (SELECT 1 FROM job WHERE job.key = 'write_down:' || message.id
                AND job.state IN ('queued', 'waiting', 'running'))
            AND NOT EXISTS (SELECT 1 FROM recording_away WHERE name = recording_path AND there_at IS NOT NULL)
        ORDER BY message.id LIMIT ?
        """,
        (after, limit),
    )
    return [(row[0], row[1]) for row in rows]


def both(db: Connection, before: datetime, *, now: datetime) -> list[str]:
    """Files that are whole there, of messages that were left before then: here they are not needed.

    Nor has somebody had it brought here just now, to hear it.
    """
    rows = db.execute(
        """
        SELECT away.name FROM recording_away AS away JOIN message ON recording_path = away.name
        WHERE there_at IS NOT NULL AND created_at < ?
            AND NOT EXISTS (SELECT 1 FROM job WHERE job.key = 'write_down:' || message.id
                AND job.state IN ('queued', 'waiting', 'running'))
            AND NOT EXISTS (SELECT 1 FROM job WHERE job.key = 'bring_recording:' || message.id
                AND coalesce(ended_at, '9') >= ?)
        """,
        (times.written(before), times.written(now - HEARD_WITHIN)),
    )
    return [row[0] for row in rows]


def owe_back(db: Connection, message_id: int, *, now: datetime) -> None:
    """Owe that the recording of a message is brought here, with all tries, unless it is about to be."""
    known = bringing(db, message_id)
    if known is None or known.state not in jobs.OPEN:
        wanted = Wanted(BRING, _key(message_id), {"message_id": message_id}, tries=BRING_TRIES)
        jobs.owe_anew(db, wanted, now=now)


def bringing(db: Connection, message_id: int) -> Job | None:
    """The job that brings the recording of a message here; None where nobody asked for it lately."""
    return jobs.of_key(db, _key(message_id))


def _key(message_id: int) -> str:
    return f"{BRING}:{message_id}"


def doomed(db: Connection) -> list[Away]:
    """Those that are to be deleted there: no message speaks of them any more."""
    rows = db.execute(
        """
        SELECT * FROM recording_away AS away
        WHERE NOT EXISTS (SELECT 1 FROM message WHERE recording_path = away.name) ORDER BY name
        """
    )
    return [_away(row) for row in rows]


def gone(db: Connection, name: str) -> None:
    """It is not there any more."""
    db.execute("DELETE FROM recording_away WHERE name = ?", (name,))


def _away(row: Any) -> Away:
    return Away(row["name"], row["place"], row["key"], row["bytes"], row["sha256"], row["there_at"])
