"""Attempts to come in that failed, counted by what they came from; whoever has too many waits.

A key is an address or the hash of a name: what somebody typed by mistake, such as a password, is kept
nowhere. May import: the standard library, appliance.store.
"""

import hashlib
from collections.abc import Sequence

from appliance.store import times
from appliance.store.database import Connection

MOST = 10
"""So many failures in `WAIT_S`, counted from the first; then that key waits for the rest of it."""

WAIT_S = 15 * 60
KEPT_S = 24 * 3600


def of_name(key: str, known_source: str = "") -> str:
    """The key under which attempts on a name are counted: apart where whoever has it is known to be."""
    told = f"{key} {known_source}" if known_source else key
    return f"name {hashlib.sha256(told.encode()).hexdigest()[:32]}"


def too_many(db: Connection, keys: Sequence[str], *, at: str) -> bool:
    """Whether one of these has to wait."""
    return any(_count(db, key, at) >= MOST for key in keys)


def failed(db: Connection, keys: Sequence[str], *, at: str) -> None:
    """Count one more for each; a count that is `WAIT_S` old begins anew."""
    db.execute("DELETE FROM access_failure WHERE since < ?", (times.moved(at, -KEPT_S),))
    for key in keys:
        db.execute(
            """
            INSERT INTO access_failure (source, since, failures) VALUES (:key, :at, 1)
            ON CONFLICT (source) DO UPDATE
            SET failures = CASE WHEN since > :long_ago THEN failures + 1 ELSE 1 END,
                since = CASE WHEN since > :long_ago THEN since ELSE :at END
            """,
            {"key": key, "at": at, "long_ago": times.moved(at, -WAIT_S)},
        )


def forgive(db: Connection, keys: Sequence[str]) -> None:
    """Forget what failed: somebody came in."""
    for key in keys:
        db.execute("DELETE FROM access_failure WHERE source = ?", (key,))


def _count(db: Connection, key: str, at: str) -> int:
    row = db.execute(
        "SELECT failures FROM access_failure WHERE source = ? AND since > ?", (key, times.moved(at, -WAIT_S))
    ).fetchone()
    return 0 if row is None else int(row[0])
