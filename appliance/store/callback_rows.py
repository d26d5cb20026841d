"""The callback list as it stands: its entries, why each is there, what was done about it, and the counts.

May import: the standard library, appliance.core, appliance.store.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from appliance.core.callbacks import Cause, Urgency
from appliance.store import callback_said, times
from appliance.store.database import Connection
from appliance.store.errors import NoSuchRow


class State(StrEnum):
    """Where an entry is."""

    OPEN = "open"
    DONE = "done"
    MERGED = "merged"
    """It turned out to be the same caller's as another one, `into`."""


@dataclass(frozen=True, slots=True)
class Why:
    """One cause. `void_why` says why it counts no more; its message and call may be deleted by now."""

    id: int
    once: str
    cause: Cause
    urgency: Urgency
    at: datetime
    call_sid: str
    call_id: str | None
    message_id: int | None
    void_why: str


@dataclass(frozen=True, slots=True)
class Done:
    """One thing that happened to an entry, by whom; the box itself is nobody."""

    at: datetime
    by: str
    what: str
    note: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One caller to be called back. Times are in UTC. `number` is E.164, or empty where nobody knows it.

    It is the one that they are known by; `said` is another that they asked to be called at, or staff wrote.
    """

    id: int
    number: str
    name: str
    urgency: Urgency
    state: State
    into: int | None
    due_at: datetime
    owner: str
    attempts: int
    touched_at: datetime | None
    first_at: datetime
    last_at: datetime
    ended_at: datetime | None
    ended_by: str
    causes: tuple[Why, ...] = ()
    said: str = ""

    @property
    def to_dial(self) -> str:
        """Whom to call: what was said goes before what rang."""
        return self.said or self.number

    def overdue(self, now: datetime) -> bool:
        """Whether it should have been done by now."""
        return self.state is State.OPEN and self.due_at <= now

    @property
    def untouched(self) -> bool:
        """Whether nobody has done anything about it since it came, or came to press more."""
        return not self.owner and self.touched_at is None


@dataclass(frozen=True, slots=True)
class Counts:
    """The open entries in numbers; `by_cause` counts their causes: more, where a caller rang twice."""

    open: int = 0
    emergencies: int = 0
    urgent: int = 0
    overdue: int = 0
    untouched: int = 0
    """Overdue, and nobody has done anything about them."""
    owned: int = 0
    oldest_due: datetime | None = None
    """Since when the oldest of those that are overdue is due."""
    by_cause: dict[Cause, int] = field(default_factory=dict)


def get(db: Connection, entry_id: int) -> Entry:
    """An entry by its id, with its causes. Raises NoSuchRow."""
    row = db.execute("SELECT * FROM callback WHERE id = ?", (entry_id,)).fetchone()
    if row is None:
        raise NoSuchRow(f"There is no callback {entry_id}.")
    return _with_causes(db, [row])[0]


def open_of(db: Connection, number: str) -> int | None:
    """The open entry of a number; None when there is none, and for no number."""
    row = db.execute(
        "SELECT id FROM callback WHERE state = 'open' AND number = ? AND number <> ''", (number,)
    ).fetchone()
    return None if row is None else int(row[0])


def open_page(
    db: Connection, *, after: Entry | None = None, owner: str | None = None, limit: int = 50
) -> list[Entry]:
    """Open entries, what presses most first and then what is due first, from behind `after` on."""
    rows = db.execute(
        """
        SELECT * FROM callback
        WHERE state = 'open' AND (:owner IS NULL OR owner = :owner)
          AND (:id IS NULL OR (urgency, due_at, id) > (:urgency, :due_at, :id))
        ORDER BY urgency, due_at, id LIMIT :limit
        """,
        {
            "owner": owner,
            "id": after and after.id,
            "urgency": after and int(after.urgency),
            "due_at": after and times.written(after.due_at),
            "limit": limit,
        },
    )
    return _with_causes(db, rows.fetchall())


BEHIND_ALL = "~"
"""Comes after every time that is written."""


def done_page(db: Connection, *, before: Entry | None = None, limit: int = 50) -> list[Entry]:
    """What was done, the latest first, from behind `before` on."""
    rows = db.execute(
        """
        SELECT * FROM callback
        WHERE state = 'done' AND ended_at IS NOT NULL AND (ended_at, id) < (:ended_at, :id)
        ORDER BY ended_at DESC, id DESC LIMIT :limit
        """,
        {
            "id": before.id if before else 0,
            "ended_at": times.written(before.ended_at) if before and before.ended_at else BEHIND_ALL,
            "limit": limit,
        },
    )
    return _with_causes(db, rows.fetchall())


def of_number(db: Connection, number: str, limit: int = 50) -> list[Entry]:
    """All entries of a caller, the newest first: what was promised before, too."""
    rows = db.execute(
        "SELECT * FROM callback WHERE number = ? AND number <> '' AND state <> 'merged'"
        " ORDER BY id DESC LIMIT ?",
        (number, limit),
    )
    return _with_causes(db, rows.fetchall())


def history(db: Connection, entry_id: int) -> list[Done]:
    """What happened to an entry, in order."""
    rows = db.execute(
        "SELECT at, by, what, note FROM callback_event WHERE callback_id = ? ORDER BY id", (entry_id,)
    )
    return [Done(times.read(row[0]), row[1], row[2], row[3]) for row in rows]


def counts(db: Connection, now: datetime) -> Counts:
    """The open entries in numbers."""
    row = db.execute(
        """
        SELECT count(*) AS open, total(urgency = 0) AS emergencies, total(urgency = 1) AS urgent,
            total(due_at <= :now) AS overdue, total(owner <> '') AS owned,
            total(due_at <= :now AND owner = '' AND touched_at IS NULL) AS untouched,
            min(CASE WHEN due_at <= :now THEN due_at END) AS oldest
        FROM callback WHERE state = 'open'
        """,
        {"now": times.written(now)},
    ).fetchone()
    by_cause = db.execute(
        """
        SELECT kind, count(*) FROM callback_cause JOIN callback ON callback.id = callback_id
        WHERE state = 'open' AND void_at IS NULL GROUP BY kind ORDER BY kind
        """
    )
    return Counts(
        open=row["open"],
        emergencies=int(row["emergencies"]),
        urgent=int(row["urgent"]),
        overdue=int(row["overdue"]),
        untouched=int(row["untouched"]),
        owned=int(row["owned"]),
        oldest_due=_when(row["oldest"]),
        by_cause={Cause(kind): number for kind, number in by_cause},
    )


def untouched(db: Connection, now: datetime) -> list[Entry]:
    """What is due, and nobody has done anything about; what presses most first."""
    rows = db.execute(
        """
        SELECT * FROM callback
        WHERE state = 'open' AND due_at <= ? AND owner = '' AND touched_at IS NULL
        ORDER BY urgency, due_at, id
        """,
        (times.written(now),),
    )
    return [_entry(row, ()) for row in rows.fetchall()]


def _with_causes(db: Connection, rows: Sequence[Any]) -> list[Entry]:
    return [_as_said(db, _entry(row, _causes(db, row["id"]))) for row in rows]


def _as_said(db: Connection, entry: Entry) -> Entry:
    """An entry with what its messages say of whom to call, and who that is."""
    if not any(each.message_id for each in entry.causes):
        return entry
    number, name = callback_said.of_entry(db, entry.id, entry.name)
    return replace(entry, said="" if number == entry.number else number, name=name)


def _causes(db: Connection, entry_id: int) -> tuple[Why, ...]:
    rows = db.execute("SELECT * FROM callback_cause WHERE callback_id = ? ORDER BY at, id", (entry_id,))
    return tuple(
        Why(
            row["id"],
            row["once"],
            Cause(row["kind"]),
            Urgency(row["urgency"]),
            times.read(row["at"]),
            row["call_sid"],
            row["call_id"],
            row["message_id"],
            row["void_why"],
        )
        for row in rows
    )


def _entry(row: Any, causes: tuple[Why, ...]) -> Entry:
    return Entry(
        id=row["id"],
        number=row["number"],
        name=row["name"],
        urgency=Urgency(row["urgency"]),
        state=State(row["state"]),
        into=row["into_id"],
        due_at=times.read(row["due_at"]),
        owner=row["owner"],
        attempts=row["attempts"],
        touched_at=_when(row["touched_at"]),
        first_at=times.read(row["first_at"]),
        last_at=times.read(row["last_at"]),
        ended_at=_when(row["ended_at"]),
        ended_by=row["ended_by"],
        causes=causes,
    )


def _when(text: str | None) -> datetime | None:
    return None if text is None else times.read(text)
