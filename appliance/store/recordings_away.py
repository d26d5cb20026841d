"""Recordings that are kept in a bucket elsewhere: a row from before they are sent until they are gone there.

May import: the standard library, orjson, appliance.store.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from appliance.store import times
from appliance.store.database import Connection


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


def both(db: Connection, before: datetime) -> list[str]:
    """Files that are whole there, of messages that were left before then: here they are not needed."""
    rows = db.execute(
        """
        SELECT away.name FROM recording_away AS away JOIN message ON recording_path = away.name
        WHERE there_at IS NOT NULL AND created_at < ?
            AND NOT EXISTS (SELECT 1 FROM job WHERE job.key = 'write_down:' || message.id
                AND job.state IN ('queued', 'waiting', 'running'))
        """,
        (times.written(before),),
    )
    return [row[0] for row in rows]


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
