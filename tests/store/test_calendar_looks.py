"""How calendars answered is kept: the last time of each, and when it answered last."""

from appliance.core.calendar import CalendarFailed, Trouble
from appliance.store import calendar_looks, database, versions
from appliance.store.calendar_looks import CalendarLook
from appliance.store.database import Connection

NINE, TEN = "2026-11-24T09:00:00.000Z", "2026-11-24T10:00:00.000Z"


def test_a_calendar_that_fails_keeps_when_it_answered_last(db: Connection) -> None:
    before = versions.of(db, "box")
    with database.immediate(db):
        calendar_looks.keep(db, NINE, {"google:a": None, "microsoft:b": CalendarFailed("", Trouble.AWAY)})
        calendar_looks.keep(db, TEN, {"google:a": CalendarFailed("it is not shared", Trouble.REFUSED)})
    assert calendar_looks.all_of_them(db) == {
        "google:a": CalendarLook(TEN, NINE, Trouble.REFUSED, "it is not shared")
    }
    assert versions.of(db, "box") != before


def test_one_that_answers_again_has_no_problem(db: Connection) -> None:
    with database.immediate(db):
        calendar_looks.keep(db, NINE, {"google:a": CalendarFailed("away", Trouble.AWAY)})
        assert calendar_looks.all_of_them(db)["google:a"].answered_at == ""
        calendar_looks.keep(db, TEN, {"google:a": None})
    assert calendar_looks.all_of_them(db)["google:a"] == CalendarLook(TEN, TEN)
