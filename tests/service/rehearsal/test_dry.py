"""What a rehearsal has of the outside: a calendar that is read alone, texts that are never sent."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from appliance.calendars.local.calendar import OwnCalendar
from appliance.core.calendar import Appointment, CalendarFailed, Span
from appliance.service.rehearsal.dry import DryCalendar, DryTexts, calendars
from appliance.store import database, own_events

NINE = datetime(2026, 12, 1, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = Span(NINE - 9 * HOUR, NINE + 15 * HOUR)


def appointment(key: str, start: datetime = NINE) -> Appointment:
    return Appointment(key, "Check-up", "", Span(start, start + HOUR), "UTC")


def test_what_is_put_in_stands_there_for_the_rehearsal_alone(path: Path) -> None:
    real = OwnCalendar(path)
    real.keep("lee", appointment("before"))
    dry = DryCalendar(real)
    later = appointment("mine", NINE + 3 * HOUR)
    kept = dry.keep("lee", later)
    assert dry.keep("lee", later) == kept
    assert dry.find("lee", later) == kept
    assert list(dry.busy("lee", DAY)) == [Span(NINE, NINE + HOUR), later.span]
    assert list(dry.busy("ruiz", DAY)) == []
    assert list(real.busy("lee", DAY)) == [Span(NINE, NINE + HOUR)]
    with pytest.raises(CalendarFailed):
        dry.keep("lee", appointment("mine"))
    moved = dry.move("lee", kept.event_id, Span(NINE + 5 * HOUR, NINE + 6 * HOUR), "UTC")
    assert dry.find("lee", later) == moved
    dry.remove("lee", kept.event_id)
    assert dry.find("lee", later) is None
    dry.check("lee")


def test_what_is_taken_out_is_gone_for_the_rehearsal_alone(path: Path) -> None:
    real = OwnCalendar(path)
    kept = real.keep("lee", appointment("before"))
    dry = DryCalendar(real)
    assert dry.find("lee", appointment("before")) == kept
    dry.remove("lee", kept.event_id)
    assert dry.find("lee", appointment("before")) is None
    assert real.find("lee", appointment("before")) == kept
    db = database.connect_readonly(path)
    assert len(own_events.between(db, "lee", DAY)) == 1
    db.close()


def test_of_a_real_calendar_a_rehearsal_holds_no_verb_that_writes(path: Path) -> None:
    real = OwnCalendar(path)
    dry = DryCalendar(real)
    held = [value for value in vars(dry).values() if getattr(value, "__self__", None) is real]
    assert {each.__name__ for each in held} == {"busy", "find", "check"}
    assert real not in vars(dry).values()
    assert isinstance(calendars({"google": real}, real).services["google"], DryCalendar)


async def test_texts_are_taken_and_go_nowhere() -> None:
    texts = DryTexts()
    since = datetime.now(UTC)
    sid = await texts.text("+14155550123", "A link", "https://x")
    (found,) = await texts.texted("+14155550123", since)
    assert (found.sid, found.body, found.status) == (sid, "A link", "sent")
    assert await texts.texted("+14155550124", since) == []
    assert await texts.texted("+14155550123", datetime.now(UTC) + HOUR) == []
