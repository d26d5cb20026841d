"""The on-call rota: who is rung for which entry of the callback list, and what became of each telephone.

Each ring is a row before the carrier is asked, and stands in the history of its entry when it is over. Every
function that writes runs in a transaction of its caller. May import: the standard library, orjson,
appliance.core, appliance.store.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from appliance.core.callbacks import Urgency
from appliance.core.escalation import OnCall
from appliance.core.on_call import Became
from appliance.store import callback_causes, callback_rows, callbacks, times
from appliance.store.callback_rows import State
from appliance.store.database import Connection
from appliance.store.errors import NoSuchRow

ROUNDS = 3
"""So often everybody is rung who has not said no."""
TAKEN, NOBODY, NOT_NEEDED = "taken", "nobody", "not needed"
DECLINED, NO_KEY, NO_WORD = "declined", "no key", "no word"


@dataclass(frozen=True, slots=True)
class Ring:
    """One telephone that is or was rung; `became` is empty while it rings."""

    id: int
    run: int
    key: str
    place: int
    name: str
    number: str
    call_sid: str
    asked_at: datetime
    answered_at: datetime | None
    became: str


@dataclass(frozen=True, slots=True)
class Run:
    """The rota rung for one entry. `became` is empty while it goes on."""

    id: int
    entry: int
    people: tuple[OnCall, ...]
    began_at: datetime
    became: str
    taken_by: str
    rings: tuple[Ring, ...]

    @property
    def ringing(self) -> Ring | None:
        """The telephone that rings now."""
        return next((ring for ring in self.rings if not ring.became), None)

    @property
    def next(self) -> tuple[int, OnCall] | None:
        """Whose telephone is next, and in which place; None when all were rung often enough."""
        declined = {ring.number for ring in self.rings if ring.became == DECLINED}
        first = max((ring.place + 1 for ring in self.rings), default=0)
        for place in range(first, ROUNDS * len(self.people)):
            person = self.people[place % len(self.people)]
            if person.number not in declined:
                return place, person
        return None


def begin(db: Connection, entry_id: int, people: Sequence[OnCall], *, now: datetime) -> bool:
    """Have the rota rung for an entry; False when it is rung for it already."""
    row = db.execute(
        """
        INSERT INTO rota_run (callback_id, people, began_at) VALUES (?, ?, ?)
        ON CONFLICT (callback_id) WHERE ended_at IS NULL DO NOTHING RETURNING id
        """,
        (entry_id, orjson.dumps([each.model_dump() for each in people]).decode(), times.written(now)),
    ).fetchone()
    if row is None:
        return False
    names = ", ".join(each.name for each in people)
    callback_causes.happened(db, entry_id, "rota begun", now, note=names)
    return True


def going_on(db: Connection) -> list[Run]:
    """The rotas that are rung now, the oldest first."""
    rows = db.execute("SELECT * FROM rota_run WHERE ended_at IS NULL ORDER BY id").fetchall()
    return [_run(db, row) for row in rows]


def of_entry(db: Connection, entry_id: int) -> list[Run]:
    """All rotas that were rung for an entry."""
    rows = db.execute("SELECT * FROM rota_run WHERE callback_id = ? ORDER BY id", (entry_id,)).fetchall()
    return [_run(db, row) for row in rows]


def needed(db: Connection, run: Run, *, now: datetime) -> bool:
    """Whether the entry is still to be taken; the run ends when it is not."""
    entry = callback_rows.get(db, run.entry)
    if entry.state is State.OPEN and not entry.owner:
        return True
    _end_run(db, run, NOT_NEEDED, now)
    return False


def ring(db: Connection, run: Run, *, now: datetime) -> Ring | None:
    """Have the next telephone rung; None when there is none any more, and the run ends with that."""
    found = run.next
    if found is None:
        _end_run(db, run, NOBODY, now)
        return None
    place, person = found
    key = secrets.token_hex(16)
    db.execute(
        "INSERT INTO rota_ring (run_id, key, place, name, number, asked_at) VALUES (?, ?, ?, ?, ?, ?)",
        (run.id, key, place, person.name, person.number, times.written(now)),
    )
    return get(db, key)


def asked(db: Connection, key: str, call_sid: str) -> None:
    """The carrier rings it, under this id."""
    db.execute("UPDATE rota_ring SET call_sid = ? WHERE key = ?", (call_sid, key))


def answered(db: Connection, key: str, *, now: datetime) -> tuple[Ring, Urgency] | None:
    """Somebody or something took the call; None when nobody is needed any more. Raises NoSuchRow."""
    found = get(db, key)
    run = _run_of(db, found)
    if run.became or found.became or not needed(db, run, now=now):
        return None
    db.execute(
        "UPDATE rota_ring SET answered_at = COALESCE(answered_at, ?) WHERE key = ?", (times.written(now), key)
    )
    return get(db, key), callback_rows.get(db, run.entry).urgency


def pressed(db: Connection, key: str, *, takes: bool, now: datetime) -> Became:
    """They take it, or cannot; told again, the same. Raises NoSuchRow."""
    found = get(db, key)
    run = _run_of(db, found)
    if run.became == TAKEN and found.became == TAKEN:
        return "taken"
    if not takes:
        end(db, key, DECLINED, now=now)
        return "declined"
    if run.became or not needed(db, run, now=now):
        end(db, key, "late", now=now)
        return "late"
    end(db, key, TAKEN, now=now)
    callbacks.take(db, run.entry, found.name, now=now)
    db.execute("UPDATE rota_run SET taken_by = ? WHERE id = ?", (found.name, run.id))
    _end_run(db, run, TAKEN, now)
    return "taken"


def end(db: Connection, key: str, became: str, *, now: datetime) -> bool:
    """A telephone is done; False when that was known. Raises NoSuchRow."""
    found = get(db, key)
    row = db.execute(
        "UPDATE rota_ring SET ended_at = ?, became = ? WHERE key = ? AND ended_at IS NULL RETURNING id",
        (times.written(now), became, key),
    ).fetchone()
    if row is not None:
        note = f"{found.name}: {became}"
        callback_causes.happened(db, _run_of(db, found).entry, "rung", now, note=note)
    return row is not None


def get(db: Connection, key: str) -> Ring:
    """A ring by its key. Raises NoSuchRow."""
    row = db.execute("SELECT * FROM rota_ring WHERE key = ?", (key,)).fetchone()
    if row is None:
        raise NoSuchRow("No such telephone was rung.")
    return _ring(row)


def _run_of(db: Connection, ring: Ring) -> Run:
    return _run(db, db.execute("SELECT * FROM rota_run WHERE id = ?", (ring.run,)).fetchone())


def _end_run(db: Connection, run: Run, became: str, now: datetime) -> None:
    row = db.execute(
        "UPDATE rota_run SET ended_at = ?, became = ? WHERE id = ? AND ended_at IS NULL RETURNING id",
        (times.written(now), became, run.id),
    ).fetchone()
    if row is not None:
        callback_causes.happened(db, run.entry, "rota over", now, note=became)


def _run(db: Connection, row: Any) -> Run:
    rings = db.execute("SELECT * FROM rota_ring WHERE run_id = ? ORDER BY place", (row["id"],))
    return Run(
        id=row["id"],
        entry=row["callback_id"],
        people=tuple(OnCall.model_validate(each) for each in orjson.loads(row["people"])),
        began_at=times.read(row["began_at"]),
        became=row["became"],
        taken_by=row["taken_by"],
        rings=tuple(_ring(each) for each in rings),
    )


def _ring(row: Any) -> Ring:
    return Ring(
        id=row["id"],
        run=row["run_id"],
        key=row["key"],
        place=row["place"],
        name=row["name"],
        number=row["number"],
        call_sid=row["call_sid"],
        asked_at=times.read(row["asked_at"]),
        answered_at=None if row["answered_at"] is None else times.read(row["answered_at"]),
        became=row["became"],
    )
