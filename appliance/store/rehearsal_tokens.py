"""Tokens that begin one rehearsal each, and what rehearsals have cost. Of a token only a hash is stored.

Functions that write are to run in a transaction of their own.
May import: the standard library, orjson, appliance.core, appliance.store.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from appliance.core.rehearsal import Mode
from appliance.store import times
from appliance.store.database import Connection

LASTS_S = 60
"""How long a token waits to be used: the page that asked for it opens its connection at once."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a token is good for: one rehearsal of this account, which is none for the box's own.

    `origin` is where the page was opened that asked for it, empty for a process of the box; `caller` the
    number that the call is to come from; `draft` what staff would decide (`appliance.store.drafts`).
    """

    account_id: int | None
    mode: Mode
    origin: str = ""
    caller: str = ""
    draft: Mapping[str, Any] = field(default_factory=dict)


def add(db: Connection, ticket: Ticket, *, at: str) -> str:
    """Make a token; those that the same account had before begin nothing any more."""
    db.execute(
        "DELETE FROM rehearsal_token WHERE expires_at <= ? OR (account_id = ? AND mode = ?)",
        (at, ticket.account_id, ticket.mode),
    )
    token = secrets.token_urlsafe(32)
    db.execute(
        """
        INSERT INTO rehearsal_token (token_hash, account_id, mode, origin, caller, draft, made_at, expires_at)
        VALUES (:hash, :account, :mode, :origin, :caller, :draft, :at, :expires_at)
        """,
        {
            "hash": _hash(token),
            "account": ticket.account_id,
            "mode": ticket.mode,
            "origin": ticket.origin,
            "caller": ticket.caller,
            "draft": orjson.dumps(dict(ticket.draft)).decode(),
            "at": at,
            "expires_at": times.moved(at, LASTS_S),
        },
    )
    return token


def spend(db: Connection, token: str, mode: Mode, *, at: str) -> Ticket | None:
    """Use a token up; None when it begins nothing, as one for the other mode, or one that was used."""
    row = db.execute(
        """
        DELETE FROM rehearsal_token WHERE token_hash = ? AND mode = ?
        RETURNING account_id, mode, origin, caller, draft, expires_at
        """,
        (_hash(token), mode),
    ).fetchone()
    if row is None or row["expires_at"] <= at:
        return None
    return Ticket(
        row["account_id"], Mode(row["mode"]), row["origin"], row["caller"], orjson.loads(row["draft"])
    )


def spent(db: Connection, cost_usd: float, *, at: str) -> None:
    """Note what the cloud cost in a rehearsal."""
    db.execute("INSERT INTO rehearsal_spent (at, cost_usd) VALUES (?, ?)", (at, cost_usd))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
