"""Appointments, from the offer that is held while a caller decides to what stands in a calendar.

Whoever has the cells of a time has the time: holding takes them, and the schema lets each have one owner. A
hold that has run out is nobody's, and gives way to the next who asks. Every function that writes is to run in
a transaction of its own. May import: the standard library, appliance.core, appliance.store.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from appliance.core.booking.calling_from import NumberFrom
from appliance.core.calendar import Span
from appliance.store import calendar_sync, times
from appliance.store.database import Connection
from appliance.store.errors import NoSuchRow, StoreError

CELL_S = 300


class SlotTaken(StoreError):
    """Somebody else has this time, or some of it. Offer another one."""


class State(StrEnum):
    """How far an appointment has come."""

    HELD = "held"
    """Offered; it ends by itself."""
    PROMISED = "promised"
    """The caller took it, and the calendar has not confirmed it yet; nobody else may have the time."""
    BOOKED = "booked"
    """The calendar has it."""
    GIVEN_UP = "given_up"
    """The offer was not taken, or the calendar did not take it."""
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A time that is to be held. `key` names the appointment for ever; `taken` is with the buffer."""

    key: str
    call_sid: str
    visit: str
    provider: str
    span: Span
    taken: Span
    zone: str


@dataclass(frozen=True, slots=True)
class Booking:
    """One appointment as it stands."""

    key: str
    call_id: str | None
    call_sid: str
    visit: str
    provider: str
    span: Span
    taken: Span
    zone: str
    state: State
    patient: str
    phone: str
    event_id: str | None
    link: str
    born: str = ""
    title: str = ""
    notes: str = ""
    replaces: str | None = None
    """The key of the appointment that this one is instead of."""
    leaving: bool = False
    """Whether it was cancelled, and the calendar may still have it."""
    changed_at: datetime | None = None
    asked: Span | None = None
    """The time that was asked of the calendar, when staff have moved it since."""
    recording: str = ""
    """The name of the recording in which the patient says who it is."""
    language: str = ""
    """The language in which it was spoken of last, such as `es`."""
    phone_from: NumberFrom | None = None
    """How the number is known; None where nobody kept that."""


@dataclass(frozen=True, slots=True)
class Patient:
    """Who comes, as they were told to us; `born` is a date such as 1980-03-09, or empty."""

    name: str
    phone: str
    born: str = ""
    recording: str = ""
    """The name of the recording in which the name is said, or empty."""
    language: str = ""
    """The language that they speak, such as `es`."""
    phone_from: NumberFrom | None = None
    """How the number is known; None where nobody kept that."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a calendar is to show of an appointment."""

    title: str = ""
    notes: str = ""


NOTHING_SHOWN = Shown()


def hold(db: Connection, wanted: Wanted, *, now: datetime, until: datetime) -> None:
    """Hold a time; held again under its key it is held longer. Raises SlotTaken."""
    _release_old(db, now)
    row = db.execute("SELECT id, state FROM booking WHERE key = ?", (wanted.key,)).fetchone()
    if row is not None and row[1] in (State.PROMISED, State.BOOKED):
        raise SlotTaken("This appointment is somebody's already.")
    booking_id = _renewed(db, wanted, now, until) if row is not None else _new(db, wanted, now, until)
    _take(db, booking_id, wanted.provider, wanted.taken)


def promise(
    db: Connection,
    key: str,
    patient: Patient,
    *,
    now: datetime,
    shown: Shown = NOTHING_SHOWN,
    replaces: str | None = None,
) -> Booking:
    """The caller takes it: from now on the time is kept until somebody gives it up. Asked again, the same.

    `replaces` is the key of the appointment that goes once this one stands. A hold that has run out is good
    as long as nobody else has the time. Raises SlotTaken, NoSuchRow.
    """
    found = get(db, key)
    if found.state in (State.PROMISED, State.BOOKED):
        return found
    if found.state is not State.HELD:
        raise SlotTaken("This offer was given up.")
    _set(
        db,
        key,
        now,
        state=State.PROMISED,
        held_until=None,
        patient=patient.name,
        phone=patient.phone,
        born=patient.born,
        recording=patient.recording,
        language=patient.language,
        phone_from=patient.phone_from,
        untold="1",
        title=shown.title,
        notes=shown.notes,
        replaces=replaces,
    )
    _take(db, _id(db, key), found.provider, found.taken)
    calendar_sync.owe(db, key, now=now)
    return get(db, key)


def take(
    db: Connection,
    wanted: Wanted,
    patient: Patient,
    *,
    now: datetime,
    shown: Shown = NOTHING_SHOWN,
    replaces: str | None = None,
) -> Booking:
    """Hold and promise at once, as `promise` does; what was promised under its key before is what it is now.

    Raises SlotTaken.
    """
    row = db.execute("SELECT state FROM booking WHERE key = ?", (wanted.key,)).fetchone()
    if row is None or row[0] not in (State.PROMISED, State.BOOKED):
        # It may be held no more, as other times were offered since.
        hold(db, wanted, now=now, until=now)
    return promise(db, wanted.key, patient, now=now, shown=shown, replaces=replaces)


def booked(db: Connection, key: str, *, event_id: str, link: str, now: datetime) -> None:
    """The calendar has it. Raises NoSuchRow when it is not promised."""
    found = _of_state(db, key, State.PROMISED, State.BOOKED)
    _set(db, key, now, state=State.BOOKED, event_id=event_id, link=link)
    for each in filter(None, (key, found.replaces)):
        calendar_sync.owe(db, each, now=now)


def moved(db: Connection, key: str, span: Span, *, now: datetime) -> Booking:
    """Staff have given it another time in the calendar: that is its time, whoever else has some of it.

    Raises NoSuchRow when it is not promised or booked.
    """
    found = _of_state(db, key, State.PROMISED, State.BOOKED)
    _release_old(db, now)
    taken = Span(span.start, span.end + (found.taken.end - found.span.end))
    booking_id, asked = _id(db, key), found.asked or found.span
    db.execute("DELETE FROM booking_cell WHERE booking_id = ?", (booking_id,))
    _claim(db, booking_id, found.provider, taken)
    _set(
        db,
        key,
        now,
        starts_at=times.written(span.start),
        ends_at=times.written(span.end),
        taken_until=times.written(taken.end),
        asked_starts_at=times.written(asked.start),
        asked_ends_at=times.written(asked.end),
    )
    return get(db, key)


def release(db: Connection, call_sid: str, keys: set[str]) -> None:
    """Forget what a call holds, but for these."""
    rows = db.execute(
        "SELECT id, key FROM booking WHERE held_until IS NOT NULL AND call_sid = ?", (call_sid,)
    ).fetchall()
    for booking_id, key in rows:
        if key not in keys:
            db.execute("DELETE FROM booking WHERE id = ?", (booking_id,))


def give_up(db: Connection, key: str, *, now: datetime) -> None:
    """The time is free again. Of what is booked, cancel it instead. Raises NoSuchRow."""
    _of_state(db, key, State.HELD, State.PROMISED, State.GIVEN_UP)
    _free(db, key, State.GIVEN_UP, now)


def ask_cancel(db: Connection, key: str, *, now: datetime, language: str = "") -> list[Booking]:
    """The patient does not come; while the calendar has it, the time stays taken. Raises NoSuchRow.

    It goes with all that was to be instead of it: returns it first, then those. `language` is that in which
    the patient said so.
    """
    said = {"language": language} if language else {}
    _of_state(db, key, State.PROMISED, State.BOOKED, State.CANCELLED)
    rows = db.execute(
        """
        WITH RECURSIVE going (key) AS (
            SELECT :key UNION
            SELECT booking.key FROM booking JOIN going ON booking.replaces = going.key
            WHERE booking.state = 'promised'
        ) SELECT key FROM going
        """,
        {"key": key},
    ).fetchall()
    for (each,) in rows:
        _set(db, each, now, cancel_asked_at=times.written(now), **said)
        calendar_sync.owe(db, each, now=now)
    return [get(db, each) for (each,) in rows]


def cancel(db: Connection, key: str, *, now: datetime) -> None:
    """The calendar has it no more, and the time is free again. Raises NoSuchRow."""
    _of_state(db, key, State.PROMISED, State.BOOKED, State.CANCELLED)
    _free(db, key, State.CANCELLED, now)


def get(db: Connection, key: str) -> Booking:
    """The appointment of this key. Raises NoSuchRow."""
    row = db.execute(f"{_SELECT} WHERE key = ?", (key,)).fetchone()
    if row is None:
        raise NoSuchRow("There is no such appointment.")
    return _booking(row)


def within(db: Connection, span: Span, *, now: datetime) -> list[Booking]:
    """What begins in a span and stands, or is offered to somebody just now, the first first."""
    rows = db.execute(
        f"""
        {_SELECT} WHERE starts_at >= :start AND starts_at < :end AND state IN ('held', 'promised', 'booked')
            AND (held_until IS NULL OR held_until > :now)
        ORDER BY starts_at, key
        """,
        {"start": times.written(span.start), "end": times.written(span.end), "now": times.written(now)},
    )
    return [_booking(row) for row in rows]


def of_patient(db: Connection, phone: str, born: str, since: datetime) -> list[Booking]:
    """What stands for this number or this day of birth and ends after then, the next first."""
    rows = db.execute(
        f"""
        {_SELECT} WHERE ((phone = :phone AND phone <> '') OR (born = :born AND born <> ''))
            AND state IN ('promised', 'booked') AND cancel_asked_at IS NULL AND ends_at > :since
        ORDER BY starts_at
        """,
        {"phone": phone, "born": born, "since": times.written(since)},
    )
    return [_booking(row) for row in rows]


def of_call(db: Connection, call_sid: str) -> list[Booking]:
    """What was held, promised or booked in a call, or by a link, the last first."""
    return [
        _booking(row)
        for row in db.execute(f"{_SELECT} WHERE call_sid = ? ORDER BY changed_at DESC, id DESC", (call_sid,))
    ]


def been_here(db: Connection, phone: str, born: str, until: datetime) -> list[Booking]:
    """What stood for this number or this day of birth and was over by then."""
    rows = db.execute(
        f"""
        {_SELECT} WHERE ((phone = :phone AND phone <> '') OR (born = :born AND born <> ''))
            AND state = 'booked' AND cancel_asked_at IS NULL AND ends_at <= :until
        """,
        {"phone": phone, "born": born, "until": times.written(until)},
    )
    return [_booking(row) for row in rows]


def coded(db: Connection, code: str) -> list[Booking]:
    """Those whose key begins so, but for what was only offered; the next first."""
    rows = db.execute(
        f"{_SELECT} WHERE substr(key, 1, length(:code)) = :code AND :code <> '' AND state <> 'held'"
        " ORDER BY starts_at",
        {"code": code},
    )
    return [_booking(row) for row in rows]


def to_come(db: Connection, since: datetime) -> list[Booking]:
    """All that stands and ends after then, the next first."""
    rows = db.execute(
        f"{_SELECT} WHERE state IN ('promised', 'booked') AND ends_at > ? ORDER BY starts_at, provider",
        (times.written(since),),
    )
    return [_booking(row) for row in rows]


def taken(db: Connection, provider: str, within: Span, *, now: datetime, but_for: str = "") -> list[Span]:
    """What is taken of a provider's time: booked, promised, or held by somebody who still may decide.

    What the call `but_for` holds itself is free to it.
    """
    rows = db.execute(
        """
        SELECT starts_at, taken_until FROM booking
        WHERE provider = :provider AND starts_at < :end AND taken_until > :start
          AND (state IN ('promised', 'booked') OR (state = 'held' AND held_until > :now AND call_sid <> :own))
        ORDER BY starts_at
        """,
        {
            "provider": provider,
            "start": times.written(within.start),
            "end": times.written(within.end),
            "now": times.written(now),
            "own": but_for,
        },
    )
    return [Span(times.read(row[0]), times.read(row[1])) for row in rows]


_SELECT = """
SELECT key, call_id, call_sid, visit, provider, starts_at, ends_at, taken_until, zone, state, patient, phone,
       event_id, link, born, title, notes, replaces, cancel_asked_at IS NOT NULL, changed_at,
       asked_starts_at, asked_ends_at, recording, language, phone_from
FROM booking
"""


def _booking(row: Any) -> Booking:
    key, call_id, call_sid, visit, provider, starts, ends, until, zone, state, *more = row
    *rest, leaves, changed, asked_from, asked_to, recording, language, known = more
    asked = Span(times.read(asked_from), times.read(asked_to)) if asked_from else None
    start = times.read(starts)
    span, whole = Span(start, times.read(ends)), Span(start, times.read(until))
    rest = [*rest, bool(leaves), times.read(changed), asked, recording, language]
    rest.append(NumberFrom(known) if known else None)
    return Booking(key, call_id, call_sid, visit, provider, span, whole, zone, State(state), *rest)


def _new(db: Connection, wanted: Wanted, now: datetime, until: datetime) -> int:
    row = db.execute(
        """
        INSERT INTO booking (key, call_id, call_sid, visit, provider, starts_at, ends_at, taken_until, zone,
                             state, held_until, created_at, changed_at)
        VALUES (:key, (SELECT id FROM call_log WHERE call_sid = :call_sid), :call_sid, :visit, :provider,
                :starts_at, :ends_at, :taken_until, :zone, 'held', :until, :now, :now)
        RETURNING id
        """,
        _values(wanted, now, until),
    ).fetchone()
    return int(row[0])


def _renewed(db: Connection, wanted: Wanted, now: datetime, until: datetime) -> int:
    row = db.execute(
        """
        UPDATE booking
        SET visit = :visit, provider = :provider, starts_at = :starts_at, ends_at = :ends_at,
            taken_until = :taken_until, zone = :zone, state = 'held', held_until = :until, changed_at = :now,
            patient = '', phone = '', born = '', title = '', notes = '', event_id = NULL, link = '',
            replaces = NULL, cancel_asked_at = NULL, asked_starts_at = NULL, asked_ends_at = NULL,
            recording = '', language = '', phone_from = NULL, untold = 0
        WHERE key = :key RETURNING id
        """,
        _values(wanted, now, until),
    ).fetchone()
    db.execute("DELETE FROM booking_cell WHERE booking_id = ?", (row[0],))
    return int(row[0])


def _values(wanted: Wanted, now: datetime, until: datetime) -> dict[str, str]:
    return {
        "key": wanted.key,
        "call_sid": wanted.call_sid,
        "visit": wanted.visit,
        "provider": wanted.provider,
        "starts_at": times.written(wanted.span.start),
        "ends_at": times.written(wanted.span.end),
        "taken_until": times.written(wanted.taken.end),
        "zone": wanted.zone,
        "until": times.written(until),
        "now": times.written(now),
    }


def _take(db: Connection, booking_id: int, provider: str, span: Span) -> None:
    """Take the cells of a time, all or none. Raises SlotTaken."""
    wanted = _claim(db, booking_id, provider, span)
    have = db.execute("SELECT count(*) FROM booking_cell WHERE booking_id = ?", (booking_id,)).fetchone()
    if have[0] != wanted:
        raise SlotTaken("Somebody else has this time.")


def _claim(db: Connection, booking_id: int, provider: str, span: Span) -> int:
    """Take those cells of a time that are nobody's; how many it has."""
    first = int(span.start.timestamp()) // CELL_S
    last = -(-int(span.end.timestamp()) // CELL_S)
    for cell in range(first, last):
        db.execute(
            "INSERT INTO booking_cell (provider, cell, booking_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (provider, cell, booking_id),
        )
    return last - first


def _release_old(db: Connection, now: datetime) -> None:
    """Take the cells from holds that have run out."""
    db.execute(
        "DELETE FROM booking_cell WHERE booking_id IN"
        " (SELECT id FROM booking WHERE held_until IS NOT NULL AND held_until <= ?)",
        (times.written(now),),
    )


def _free(db: Connection, key: str, state: State, now: datetime) -> None:
    _set(db, key, now, state=state, held_until=None)
    db.execute("DELETE FROM booking_cell WHERE booking_id = ?", (_id(db, key),))


def _of_state(db: Connection, key: str, *states: State) -> Booking:
    found = get(db, key)
    if found.state not in states:
        raise NoSuchRow(f"This appointment is {found.state}.")
    return found


def _id(db: Connection, key: str) -> int:
    return int(db.execute("SELECT id FROM booking WHERE key = ?", (key,)).fetchone()[0])


def _set(db: Connection, key: str, now: datetime, **values: str | None) -> None:
    columns = ", ".join(f"{name} = :{name}" for name in values)
    db.execute(
        f"UPDATE booking SET {columns}, changed_at = :now WHERE key = :key",  # noqa: S608 -- names of ours
        {**values, "key": key, "now": times.written(now)},
    )
