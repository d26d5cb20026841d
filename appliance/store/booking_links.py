"""Links that were texted, each to book one appointment by; their tokens are kept as digests.

Every function that writes is to run in a transaction of its own. May import: the standard library,
appliance.store.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from appliance.store import times
from appliance.store.database import Connection


@dataclass(frozen=True, slots=True)
class Link:
    """A link as it stands. `call_sid` is its place among the callers; `told` what came of it, if anything."""

    id: int
    call_sid: str
    number: str
    language: str
    expires_at: datetime
    told: str
    used_at: datetime | None


def make(db: Connection, text_id: int, *, number: str, language: str, expires: datetime) -> str:
    """Make the link of a text; return its token. Made again, the one of before opens nothing any more."""
    token = secrets.token_urlsafe(32)
    db.execute(
        """
        INSERT INTO booking_link (text_id, token_hash, call_sid, number, language, expires_at)
        VALUES (:text_id, :hash, :call_sid, :number, :language, :expires)
        ON CONFLICT (text_id) DO UPDATE
        SET token_hash = excluded.token_hash, expires_at = excluded.expires_at
        """,
        {
            "text_id": text_id,
            "hash": digest(token),
            "call_sid": f"link-{secrets.token_hex(16)}",
            "number": number,
            "language": language,
            "expires": times.written(expires),
        },
    )
    return token


def opened_by(db: Connection, token: str) -> Link | None:
    """The link of this token; None when there is none. It may have expired, or be used."""
    row = db.execute(
        """
        SELECT id, call_sid, number, language, expires_at, told, used_at FROM booking_link
        WHERE token_hash = ?
        """,
        (digest(token),),
    ).fetchone()
    return None if row is None else _link(row)


def forget(db: Connection, before: datetime, *, limit: int) -> int:
    """Forget some links that had expired by then; return how many."""
    rows = db.execute(
        """
        DELETE FROM booking_link WHERE id IN (
            SELECT id FROM booking_link WHERE expires_at < :before ORDER BY id LIMIT :limit)
        RETURNING id
        """,
        {"before": times.written(before), "limit": limit},
    )
    return len(rows.fetchall())


def digests(db: Connection) -> frozenset[str]:
    """The digests of the tokens of all links."""
    return frozenset(each for (each,) in db.execute("SELECT token_hash FROM booking_link").fetchall())


def use(db: Connection, link_id: int, told: str, *, now: datetime) -> None:
    """Note that a request came of a link, in the words that its visitor reads; it books nothing any more."""
    db.execute(
        """
        UPDATE booking_link SET told = :told, used_at = COALESCE(used_at, :now) WHERE id = :id
        """,
        {"id": link_id, "told": told, "now": times.written(now)},
    )


def _link(row: Any) -> Link:
    link_id, call_sid, number, language, expires, told, used = row
    used_at = times.read(used) if used else None
    return Link(link_id, call_sid, number, language, times.read(expires), told, used_at)


def digest(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
