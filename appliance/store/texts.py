"""Texts that are owed, and what became of each; the carrier is asked for each of them once.

A text goes from owed to asked before the carrier is asked, and on from there by what it says. Every function
that writes is to run in a transaction of its own. May import: the standard library, appliance.core,
appliance.store.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from appliance.core.booking.linking import About
from appliance.core.texts import TextKind, TextReported, TextState, state_of
from appliance.store import notices, times
from appliance.store.database import Connection
from appliance.store.errors import NoSuchRow

TAKEN = (TextState.SENT, TextState.DELIVERED)
OVER = (TextState.DELIVERED, TextState.FAILED, TextState.REFUSED)


@dataclass(frozen=True, slots=True)
class Owed:
    """A text that is to be sent, between two times. `once`: told twice it is the same."""

    once: str
    kind: TextKind
    number: str
    language: str
    due: datetime
    until: datetime
    call_sid: str = ""
    booking_key: str = ""
    about: About = About.APPOINTMENT
    """What a link leads to."""
    notice_id: int | None = None
    """The notice that staff get by it: they are told once the carrier has taken it."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text as it stands."""

    id: int
    key: str
    once: str
    kind: TextKind
    call_sid: str
    booking_key: str
    number: str
    language: str
    state: TextState
    body_hash: str
    sid: str | None
    problem: str
    tries: int
    due_at: datetime
    until_at: datetime
    owed_at: datetime
    changed_at: datetime
    about: About = About.APPOINTMENT
    notice_id: int | None = None


def owe(db: Connection, owed: Owed, *, now: datetime) -> Text:
    """Have a text sent; one that was owed before under the same name is what it is by now."""
    db.execute(
        """
        INSERT INTO text (key, once, kind, call_sid, booking_key, number, language, due_at, until_at,
                          owed_at, changed_at, about, notice_id)
        VALUES (:key, :once, :kind, :call_sid, :booking_key, :number, :language, :due, :until, :now, :now,
                :about, :notice_id)
        ON CONFLICT (once) DO NOTHING
        """,
        {
            "key": secrets.token_hex(16),
            "once": owed.once,
            "kind": owed.kind,
            "call_sid": owed.call_sid,
            "booking_key": owed.booking_key,
            "number": owed.number,
            "language": owed.language,
            "due": times.written(owed.due),
            "until": times.written(owed.until),
            "now": times.written(now),
            "about": owed.about,
            "notice_id": owed.notice_id,
        },
    )
    return _one(db, "once = ?", owed.once)


def get(db: Connection, text_id: int) -> Text:
    """A text by its id. Raises NoSuchRow."""
    return _one(db, "id = ?", text_id)


def ask(db: Connection, text_id: int, body_hash: str, *, now: datetime) -> bool:
    """From now on the carrier may have it; False when somebody else was quicker, or it is not owed."""
    row = db.execute(
        """
        UPDATE text SET state = 'asked', tries = tries + 1, body_hash = :body_hash, changed_at = :now
        WHERE id = :id AND state = 'owed' RETURNING id
        """,
        {"id": text_id, "body_hash": body_hash, "now": times.written(now)},
    ).fetchone()
    return row is not None


def took(db: Connection, text_id: int, sid: str, *, now: datetime) -> None:
    """The carrier took it; what it has reported meanwhile counts for more."""
    found = get(db, text_id)
    db.execute(
        """
        UPDATE text
        SET sid = COALESCE(sid, :sid), changed_at = :now,
            state = CASE WHEN state IN ('owed', 'asked') THEN 'sent' ELSE state END
        WHERE id = :id
        """,
        {"id": text_id, "sid": sid, "now": times.written(now)},
    )
    _staff_told(db, found, get(db, text_id), now)


def _staff_told(db: Connection, before: Text, after: Text, now: datetime) -> None:
    """Count a notice as told with the carrier's first word that it has the text."""
    if after.notice_id is not None and before.state not in TAKEN and after.state in TAKEN:
        notices.sent(db, after.notice_id, now)


def again(db: Connection, text_id: int, due: datetime, problem: str, *, now: datetime) -> None:
    """The carrier has not got it: it is owed again, from then on."""
    db.execute(
        """
        UPDATE text SET state = 'owed', due_at = :due, problem = :problem, changed_at = :now
        WHERE id = :id AND state = 'asked'
        """,
        {"id": text_id, "due": times.written(due), "problem": problem, "now": times.written(now)},
    )


def put_off(db: Connection, text_id: int, since: datetime, until: datetime, *, now: datetime) -> None:
    """What is owed is to be sent between these times instead."""
    db.execute(
        """
        UPDATE text SET due_at = :since, until_at = :until, changed_at = :now
        WHERE id = :id AND state = 'owed'
        """,
        {
            "id": text_id,
            "since": times.written(since),
            "until": times.written(until),
            "now": times.written(now),
        },
    )


def end(db: Connection, text_id: int, state: TextState, problem: str, *, now: datetime) -> bool:
    """It is not sent any more, failed or refused; False when it was over or on its way already."""
    row = db.execute(
        """
        UPDATE text SET state = :state, problem = :problem, changed_at = :now
        WHERE id = :id AND state IN ('owed', 'asked') RETURNING id
        """,
        {"id": text_id, "state": state, "problem": problem, "now": times.written(now)},
    ).fetchone()
    return row is not None


def report(db: Connection, told: TextReported, *, now: datetime) -> Text | None:
    """Note what the carrier says; the text if that changed anything.

    It may say so late, twice, and in another order: what is over stays so. Raises NoSuchRow.
    """
    found, state = _one(db, "key = ?", told.key), state_of(told.status)
    if state is None or found.state in OVER or found.sid not in (None, told.sid) or found.state is state:
        return None
    db.execute(
        """
        UPDATE text SET state = :state, sid = :sid, problem = :problem, changed_at = :now WHERE id = :id
        """,
        {
            "id": found.id,
            "state": state,
            "sid": told.sid,
            "problem": f"code {told.code}" if told.code else "",
            "now": times.written(now),
        },
    )
    changed = get(db, found.id)
    _staff_told(db, found, changed, now)
    return changed


def due(db: Connection, now: datetime, limit: int = 50) -> list[Text]:
    """What is to be sent by now, the oldest first."""
    return _many(db, "state = 'owed' AND due_at <= ? ORDER BY due_at, id LIMIT ?", times.written(now), limit)


def unsure(db: Connection, before: datetime, limit: int = 50) -> list[Text]:
    """What the carrier was given before then without saying whether it took it."""
    return _many(
        db, "state = 'asked' AND changed_at < ? ORDER BY changed_at, id LIMIT ?", times.written(before), limit
    )


def page(db: Connection, limit: int = 50) -> list[Text]:
    """Texts, the newest first."""
    return _many(db, "TRUE ORDER BY id DESC LIMIT ?", limit)


def owed_since(db: Connection, since: datetime, number: str = "") -> int:
    """How many texts were owed since then, to all numbers or to this one; what was refused costs nothing."""
    row = db.execute(
        """
        SELECT count(*) FROM text
        WHERE owed_at >= :since AND state <> 'refused' AND (:number = '' OR number = :number)
        """,
        {"since": times.written(since), "number": number},
    ).fetchone()
    return int(row[0])


_SELECT = """
SELECT id, key, once, kind, call_sid, booking_key, number, language, state, body_hash, sid, problem, tries,
       due_at, until_at, owed_at, changed_at, about, notice_id
FROM text
"""


def _many(db: Connection, where: str, *values: object) -> list[Text]:
    return [_text(row) for row in db.execute(f"{_SELECT} WHERE {where}", values)]


def _one(db: Connection, where: str, value: object) -> Text:
    found = _many(db, where, value)
    if not found:
        raise NoSuchRow("There is no such text.")
    return found[0]


def _text(row: Any) -> Text:
    text_id, key, once, kind, *more = row
    call_sid, booking_key, number, language, state, *rest = more
    *rest, about, notice_id = rest
    told, at = rest[:4], [times.read(each) for each in rest[4:]]
    whom = (call_sid, booking_key, number, language)
    text = Text(text_id, key, once, TextKind(kind), *whom, TextState(state), *told, *at)
    return replace(text, about=About(about), notice_id=notice_id)
