"""How accounts come into the admin and stay: links that open once, and sessions.

Of a token only a hash is stored. May import: the standard library, appliance.store.
"""

import hashlib
import secrets
from dataclasses import dataclass
from enum import StrEnum

from appliance.store import times
from appliance.store.database import Connection

LINK_S = 30 * 60
"""How long a link of the box's own console waits to be used."""

INVITATION_S = 3 * 24 * 3600
"""How long one that an owner hands on waits."""

CODE_S = 5 * 60
"""How long a session may wait for its second step."""

SEEN_S = 60
"""How exactly the last use of a session is known: so that not every page is a write."""

KEPT_S = 24 * 3600


class Stage(StrEnum):
    """How far a session has come."""

    CODE = "code"
    """The password was right; nothing is shown before the second step."""
    WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class Link:
    """A link that waits: who chooses a password by it; None for the first owner."""

    account_id: int | None


@dataclass(frozen=True, slots=True)
class Session:
    """A session that holds: when it began, was last used as far as is known, and ends at the latest."""

    account_id: int
    stage: Stage
    source: str
    began_at: str
    seen_at: str
    expires_at: str


def add_link(db: Connection, account_id: int | None, *, at: str, lasts_s: int = LINK_S) -> str:
    """Make a link's token; those that the same account had before open nothing any more."""
    _forget_old(db, at)
    db.execute("DELETE FROM access_link WHERE account_id IS ? AND used_at IS NULL", (account_id,))
    token = secrets.token_urlsafe(32)
    db.execute(
        """
        INSERT INTO access_link (token_hash, account_id, made_at, expires_at)
        VALUES (:hash, :account, :at, :expires_at)
        """,
        {"hash": _hash(token), "account": account_id, "at": at, "expires_at": times.moved(at, lasts_s)},
    )
    return token


def link(db: Connection, token: str, *, at: str) -> Link | None:
    """The link of a token, while it can be used."""
    row = db.execute(
        "SELECT account_id FROM access_link WHERE token_hash = ? AND used_at IS NULL AND expires_at > ?",
        (_hash(token), at),
    ).fetchone()
    return None if row is None else Link(row[0])


def use_link(db: Connection, token: str, *, at: str) -> bool:
    """Use a link up; False when somebody was quicker."""
    row = db.execute(
        """
        UPDATE access_link SET used_at = :at
        WHERE token_hash = :hash AND used_at IS NULL AND expires_at > :at
        RETURNING token_hash
        """,
        {"hash": _hash(token), "at": at},
    ).fetchone()
    return row is not None


def begin(db: Connection, account_id: int, stage: Stage, *, source: str, at: str, lasts_s: int) -> str:
    """Begin a session and return its token."""
    _forget_old(db, at)
    token = secrets.token_urlsafe(32)
    db.execute(
        """
        INSERT INTO access_session (token_hash, account_id, stage, source, began_at, seen_at, expires_at)
        VALUES (:hash, :account, :stage, :source, :at, :at, :expires_at)
        """,
        {
            "hash": _hash(token),
            "account": account_id,
            "stage": stage,
            "source": source,
            "at": at,
            "expires_at": times.moved(at, CODE_S if stage is Stage.CODE else lasts_s),
        },
    )
    return token


def session(db: Connection, token: str, *, at: str, rest_s: int) -> Session | None:
    """The session of a token, while it holds and has not rested for so long."""
    row = db.execute(
        """
        SELECT account_id, stage, source, began_at, seen_at, expires_at FROM access_session
        WHERE token_hash = :hash AND ended_at IS NULL AND expires_at > :at AND seen_at > :rested
            AND account_id IN (SELECT id FROM account WHERE ended_at IS NULL)
        """,
        {"hash": _hash(token), "at": at, "rested": times.moved(at, -rest_s)},
    ).fetchone()
    return None if row is None else Session(row[0], Stage(row[1]), *row[2:])


def sessions(db: Connection, account_id: int, *, at: str, rest_s: int) -> list[Session]:
    """The sessions of an account that hold, the newest first."""
    rows = db.execute(
        """
        SELECT account_id, stage, source, began_at, seen_at, expires_at FROM access_session
        WHERE account_id = :account AND stage = 'whole' AND ended_at IS NULL AND expires_at > :at
            AND seen_at > :rested
        ORDER BY began_at DESC
        """,
        {"account": account_id, "at": at, "rested": times.moved(at, -rest_s)},
    )
    return [Session(row[0], Stage(row[1]), *row[2:]) for row in rows]


def due(session: Session, *, at: str) -> bool:
    """Whether its use should be noted again."""
    return session.seen_at <= times.moved(at, -SEEN_S)


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


def end_of(db: Connection, account_id: int, *, at: str, but: str = "") -> None:
    """End the sessions of an account, all but that of one token, and withdraw its links."""
    db.execute(
        """
        UPDATE access_session SET ended_at = :at
        WHERE account_id = :account AND ended_at IS NULL AND token_hash <> :but
        """,
        {"at": at, "account": account_id, "but": _hash(but)},
    )
    db.execute("DELETE FROM access_link WHERE account_id = ? AND used_at IS NULL", (account_id,))


def end_all(db: Connection, *, at: str, rest_s: int) -> int:
    """End every session and withdraw every link; return how many sessions held."""
    held = db.execute(
        """
        SELECT COUNT(*) FROM access_session
        WHERE ended_at IS NULL AND expires_at > :at AND seen_at > :rested
        """,
        {"at": at, "rested": times.moved(at, -rest_s)},
    ).fetchone()[0]
    db.execute("UPDATE access_session SET ended_at = ? WHERE ended_at IS NULL", (at,))
    db.execute("DELETE FROM access_link WHERE used_at IS NULL")
    return int(held)


def _forget_old(db: Connection, at: str) -> None:
    """What has been over for a day is of no use to anybody."""
    long_ago = times.moved(at, -KEPT_S)
    db.execute("DELETE FROM access_link WHERE expires_at < ?", (long_ago,))
    db.execute("DELETE FROM access_session WHERE expires_at < ?", (long_ago,))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
