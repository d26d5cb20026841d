"""The database of a rehearsal: what staff decided and the appointments are in it, and nothing of any call."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from appliance.core.calendar import Span
from appliance.core.errors import SettingsError
from appliance.store import bookings, calls, database, messages, office, scratch, times
from appliance.store.bookings import Patient, Shown, State, Wanted
from appliance.store.database import Connection
from appliance.store.scratch import Effect

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
AT = times.written(NOW)


@pytest.fixture
def filled(db: Connection, call: str) -> Connection:
    """A clinic with a department, an appointment and a message."""
    office.set_value(db, "business_name", "Riverside", at=AT, by="test")
    office.add_department(db, "Billing", ["+14155550111"])
    messages.add(db, call_sid="CA1", subject="Secret", body="of a patient", at=AT)
    hold(db, "k1")
    bookings.take(db, wanted("k1"), Patient("Ana", "+14155550100"), now=NOW, shown=Shown("Check-up", ""))
    return db


def wanted(key: str, hours: int = 24) -> Wanted:
    start = NOW + timedelta(hours=hours)
    span = Span(start, start + timedelta(minutes=30))
    return Wanted(key, "CA1", "check-up", "lee", span, span, "UTC")


def hold(db: Connection, key: str, hours: int = 24) -> None:
    bookings.hold(db, wanted(key, hours), now=NOW, until=NOW + timedelta(minutes=4))


def counted(path: Path, table: str) -> int:
    db = database.connect_readonly(path)
    try:
        return int(db.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0])  # noqa: S608
    finally:
        db.close()


def test_it_begins_with_what_is_decided_and_with_no_call(filled: Connection, path: Path) -> None:
    with scratch.opened(path.parent, path, {}, at=AT) as copy:
        db = database.connect_readonly(copy)
        found = office.load(db)
        assert (found.staff.business_name, [line.slug for line in found.departments]) == (
            "Riverside",
            ["billing"],
        )
        db.close()
        assert counted(copy, "booking") == 1
        assert counted(copy, "booking_cell") == counted(path, "booking_cell")
        for table in ("call_log", "message", "callback", "transcript", "account", "phone", "job", "audit"):
            assert counted(copy, table) == 0, table
        assert copy.stat().st_mode & 0o777 == 0o600
        assert copy.parent.stat().st_mode & 0o777 == 0o700
    assert not copy.parent.exists()


def test_a_draft_is_decided_in_it_alone(filled: Connection, path: Path) -> None:
    with scratch.opened(path.parent, path, {"business_name": "Hillside"}, at=AT) as copy:
        db = database.connect_readonly(copy)
        assert office.staff(db).business_name == "Hillside"
        db.close()
    assert office.staff(filled).business_name == "Riverside"


def test_a_draft_that_cannot_be_leaves_nothing_behind(filled: Connection, path: Path) -> None:
    with pytest.raises(SettingsError), scratch.opened(path.parent, path, {"ring_s": "long"}, at=AT):
        raise AssertionError("it was opened")
    assert list((path.parent / scratch.FOLDER).iterdir()) == []


def test_what_would_have_been_done_is_told(filled: Connection, path: Path) -> None:
    later = times.written(NOW + timedelta(minutes=1))
    with scratch.opened(path.parent, path, {}, at=AT) as copy:
        db = database.connect(copy)
        assert scratch.effects(db, later) == []
        messages.add(db, call_sid="r1", subject="Refill", body="of pills", at=later)
        after = NOW + timedelta(minutes=2)
        bookings.ask_cancel(db, "k1", now=after, language="")
        assert scratch.effects(db, later) == [
            Effect("message", "Refill: of pills"),
            Effect("cancelled", f"check-up, lee, {times.written(NOW + timedelta(hours=24))}, Ana"),
        ]
        assert scratch.cost_usd(db) == 0
        db.close()
    assert bookings.get(filled, "k1").state is State.PROMISED


def test_what_a_killed_process_left_is_swept(path: Path) -> None:
    left = path.parent / scratch.FOLDER / "0a0b"
    left.mkdir(parents=True)
    (left / "attendant.db").write_text("x")
    scratch.sweep(path.parent)
    assert not left.exists()
    scratch.sweep(path.parent)


def test_calls_themselves_are_not_touched(filled: Connection, path: Path) -> None:
    before = calls.by_sid(filled, "CA1")
    with scratch.opened(path.parent, path, {}, at=AT):
        pass
    assert calls.by_sid(filled, "CA1") == before
