"""The box's own calendar behind the port: what is put in stands there, once."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from appliance.calendars.local.calendar import OwnCalendar
from appliance.core.calendar import Appointment, CalendarFailed, Span, Trouble
from appliance.store import database, own_events
from tests.migrated import migrated

NINE = datetime(2026, 12, 1, 14, tzinfo=UTC)
DAY = Span(NINE - timedelta(hours=9), NINE + timedelta(hours=15))


def at(minutes: int) -> Span:
    return Span(NINE + timedelta(minutes=minutes), NINE + timedelta(minutes=minutes + 30))


def visit(key: str = "a", minutes: int = 0, title: str = "Check-up") -> Appointment:
    return Appointment(key, title, "By telephone", at(minutes), "America/New_York")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "attendant.db"
    migrated(file)
    return file


@pytest.fixture
def calendar(path: Path) -> OwnCalendar:
    return OwnCalendar(path)


def test_what_is_kept_is_there_once_and_is_found(calendar: OwnCalendar) -> None:
    assert calendar.find("lee", visit()) is None
    kept = calendar.keep("lee", visit())
    assert calendar.keep("lee", visit()) == kept == calendar.find("lee", visit())
    assert calendar.busy("lee", DAY) == [at(0)]
    assert calendar.busy("ruiz", DAY) == []
    calendar.keep("lee", visit("b", 30))
    assert calendar.busy("lee", DAY) == [Span(at(0).start, at(30).end)]
    assert calendar.busy("lee", Span(at(30).end, DAY.end)) == []


@pytest.mark.parametrize("other", [visit(title="Surgery"), visit(minutes=60)])
def test_another_appointment_of_the_same_key_is_refused(calendar: OwnCalendar, other: Appointment) -> None:
    calendar.keep("lee", visit())
    for ask in (calendar.keep, calendar.find):
        with pytest.raises(CalendarFailed) as caught:
            ask("lee", other)
        assert caught.value.trouble is Trouble.OTHER
    with pytest.raises(CalendarFailed):
        calendar.find("ruiz", visit())
    assert calendar.busy("lee", DAY) == [at(0)]


def test_what_is_moved_is_the_same_and_what_is_removed_is_gone(calendar: OwnCalendar) -> None:
    kept = calendar.keep("lee", visit())
    moved = calendar.move("lee", kept.event_id, at(60), "America/New_York")
    assert moved.span == at(60)
    assert calendar.keep("lee", visit()) == moved
    calendar.remove("lee", kept.event_id)
    calendar.remove("lee", kept.event_id)
    assert calendar.busy("lee", DAY) == []
    with pytest.raises(CalendarFailed) as caught:
        calendar.move("lee", kept.event_id, at(0), "America/New_York")
    assert caught.value.trouble is Trouble.GONE
    assert calendar.keep("lee", visit()).span == at(0)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    db = database.connect(path)
    with database.immediate(db):
        yield
    db.close()


def test_a_store_that_does_not_answer_is_a_calendar_that_does_not(path: Path, tmp_path: Path) -> None:
    missing = OwnCalendar(tmp_path / "nowhere" / "attendant.db")
    with pytest.raises(CalendarFailed) as caught:
        missing.busy("lee", DAY)
    assert caught.value.trouble is Trouble.AWAY
    with locked(path), pytest.raises(CalendarFailed) as busy:
        OwnCalendar(path, busy_ms=50).keep("lee", visit())
    assert busy.value.trouble is Trouble.BUSY
    OwnCalendar(path).check("lee")


def test_a_link_opens_its_calendar_until_there_is_another(path: Path) -> None:
    db = database.connect(path)
    first = own_events.add_link(db, "lee", now=NINE)
    assert own_events.opened_by(db, first) == "lee"
    second = own_events.add_link(db, "lee", now=NINE)
    assert (own_events.opened_by(db, first), own_events.opened_by(db, second)) == (None, "lee")
    assert own_events.remove_link(db, "lee")
    assert not own_events.remove_link(db, "lee")
    assert own_events.opened_by(db, second) is None
    db.close()
