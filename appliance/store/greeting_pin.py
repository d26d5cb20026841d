"""The number that staff key in to record greetings from a telephone outside: its hash alone is kept.

Functions that write run in a transaction of their caller. May import: the standard library, appliance.store.
"""

import hashlib
import hmac
import os
from datetime import datetime

from appliance.store import attempts, times
from appliance.store.database import Connection

DIGITS = 8
ALL = "greeting pin"
"""Under which all wrong ones are counted, whoever keys them in: a number that calls can be made up."""


def keep(db: Connection, pin: str, *, now: datetime) -> None:
    """From now on this is the one; what failed before is forgotten."""
    salt = os.urandom(16)
    db.execute(
        "INSERT OR REPLACE INTO greeting_pin (id, salt, hash, set_at) VALUES (1, ?, ?, ?)",
        (salt, _hash(pin, salt), times.written(now)),
    )
    attempts.forgive(db, [ALL])


def drop(db: Connection) -> bool:
    """There is none any more, and nobody can record by it; whether there was one."""
    return db.execute("DELETE FROM greeting_pin RETURNING id").fetchone() is not None


def known(db: Connection) -> bool:
    """Whether there is one."""
    return db.execute("SELECT 1 FROM greeting_pin").fetchone() is not None


def asked_of(db: Connection, caller: str, *, now: datetime) -> bool:
    """Whether a caller can be asked for it: too many wrong ones lately, theirs or all, and nobody is."""
    return known(db) and not attempts.too_many(db, _keys(caller), at=times.written(now))


def tried(db: Connection, caller: str, pin: str, *, now: datetime) -> bool:
    """Whether it is the right one; a wrong one is counted, and after too many even the right one is none."""
    row = db.execute("SELECT salt, hash FROM greeting_pin").fetchone()
    at = times.written(now)
    if row is None or attempts.too_many(db, _keys(caller), at=at):
        return False
    if hmac.compare_digest(_hash(pin, row[0]), row[1]):
        attempts.forgive(db, _keys(caller))
        return True
    attempts.failed(db, _keys(caller), at=at)
    return False


def _keys(caller: str) -> list[str]:
    return [ALL, attempts.of_name(f"{ALL} {caller}")]


def _hash(pin: str, salt: bytes) -> bytes:
    return hashlib.scrypt(pin.encode(), salt=salt, n=2**14, r=8, p=1)
