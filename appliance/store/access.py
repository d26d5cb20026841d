"""Who may see the admin's pages: links that open them once, sessions, and attempts that failed.

Of a token only a hash is stored. May import: the standard library, appliance.store.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from appliance.store import times
from appliance.store.database import Connection

LINK_S = 30 * 60
"""How long a link waits to be opened."""

SESSION_S = 12 * 3600
"""How long a session can last."""

IDLE_S = 30 * 60
"""How long a session can rest."""

SEEN_S = 60
"""How exactly the last use of a session is known: so that not every page is a write."""

FAILURES_MOST = 10
"""So many wrong links from one address in `FAILURES_S`; then it waits."""

FAILURES_S = 15 * 60
KEPT_S = 24 * 3600


class Refusal(StrEnum):
    """Why a link opened nothing."""

    WRONG = "wrong"
    """There is none such, it was used, or it is too old: nobody is told which."""

    TOO_MANY = "too many"
    """This address tried too many wrong ones lately."""


@dataclass(frozen=True, slots=True)
class Session:
    """A session that holds: when it began, was last used as far as is known, and ends at the latest."""

    began_at: str
    seen_at: str
    expires_at: str


def add_link(db: Connection, *, at: str) -> str:
    """Make a link's token. It opens one session within `LINK_S`."""
    _forget_old(db, at)
    token = secrets.token_urlsafe(32)
    db.execute(
        "INSERT INTO access_link (token_hash, made_at, expires_at) VALUES (:hash, :at, :expires_at)",
        {"hash": _hash(token), "at": at, "expires_at": _moved(at, LINK_S)},
    )
    return token


def open_link(db: Connection, token: str, *, source: str, at: str) -> str | Refusal:
    """Use a link up and return the token of a new session, or why not; a failure is counted."""
    if _failures(db, source, at) >= FAILURES_MOST:
        return Refusal.TOO_MANY
    used = db.execute(
        """
        UPDATE access_link SET used_at = :at
        WHERE token_hash = :hash AND used_at IS NULL AND expires_at > :at
        RETURNING token_hash
        """,
        {"hash": _hash(token), "at": at},
    ).fetchone()
    if used is None or not hmac.compare_digest(used[0], _hash(token)):
        _count_failure(db, source, at)
        return Refusal.WRONG
    return _begin(db, source, at)


def session(db: Connection, token: str, *, at: str) -> Session | None:
    """The session of a token, while it holds."""
    row = db.execute(
        """
        SELECT token_hash, began_at, seen_at, expires_at FROM access_session
        WHERE token_hash = :hash AND ended_at IS NULL AND expires_at > :at AND seen_at > :rested
        """,
        {"hash": _hash(token), "at": at, "rested": _moved(at, -IDLE_S)},
    ).fetchone()
    if row is None or not hmac.compare_digest(row["token_hash"], _hash(token)):
        return None
    return Session(row["began_at"], row["seen_at"], row["expires_at"])


def due(session: Session, *, at: str) -> bool:
    """Whether its use should be noted again."""
    return session.seen_at <= _moved(at, -SEEN_S)


def note_use(db: Connection, token: str, *, at: str) -> None:
    """Note that a session is used; one that is over stays over."""
    db.execute(
        """
        UPDATE access_session SET seen_at = MAX(seen_at, :at)
        WHERE token_hash = :hash AND ended_at IS NULL
        """,
        {"hash": _hash(token), "at": at},
    )


def end(db: Connection, token: str, *, at: str) -> None:
    """End a session; nothing happens when it is over."""
    db.execute(
        "UPDATE access_session SET ended_at = :at WHERE token_hash = :hash AND ended_at IS NULL",
        {"hash": _hash(token), "at": at},
    )


def end_all(db: Connection, *, at: str) -> int:
    """End every session and withdraw every link; return how many sessions held."""
    held = db.execute(
        """
        SELECT COUNT(*) FROM access_session
        WHERE ended_at IS NULL AND expires_at > :at AND seen_at > :rested
        """,
        {"at": at, "rested": _moved(at, -IDLE_S)},
    ).fetchone()[0]
    db.execute("UPDATE access_session SET ended_at = ? WHERE ended_at IS NULL", (at,))
    db.execute("DELETE FROM access_link WHERE used_at IS NULL")
    return int(held)


def _begin(db: Connection, source: str, at: str) -> str:
    token = secrets.token_urlsafe(32)
    db.execute("DELETE FROM access_failure WHERE source = ?", (source,))
    db.execute(
        """
        INSERT INTO access_session (token_hash, source, began_at, seen_at, expires_at)
        VALUES (:hash, :source, :at, :at, :expires_at)
        """,
        {"hash": _hash(token), "source": source, "at": at, "expires_at": _moved(at, SESSION_S)},
    )
    return token


def _failures(db: Connection, source: str, at: str) -> int:
    row = db.execute(
        "SELECT failures FROM access_failure WHERE source = ? AND since > ?",
        (source, _moved(at, -FAILURES_S)),
    ).fetchone()
    return 0 if row is None else int(row[0])


def _count_failure(db: Connection, source: str, at: str) -> None:
    """Count one more; a count that is `FAILURES_S` old begins anew."""
    _forget_old(db, at)
    db.execute(
        """
        INSERT INTO access_failure (source, since, failures) VALUES (:source, :at, 1)
        ON CONFLICT (source) DO UPDATE
        SET failures = CASE WHEN since > :long_ago THEN failures + 1 ELSE 1 END,
            since = CASE WHEN since > :long_ago THEN since ELSE :at END
        """,
        {"source": source, "at": at, "long_ago": _moved(at, -FAILURES_S)},
    )


def _forget_old(db: Connection, at: str) -> None:
    """What has been over for a day is of no use to anybody."""
    long_ago = _moved(at, -KEPT_S)
    db.execute("DELETE FROM access_link WHERE expires_at < ?", (long_ago,))
    db.execute("DELETE FROM access_session WHERE expires_at < ?", (long_ago,))
    db.execute("DELETE FROM access_failure WHERE since < ?", (long_ago,))


def _moved(at: str, seconds: int) -> str:
    return times.written(times.read(at) + timedelta(seconds=seconds))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
