"""The page of hours: today, the week, single days, holidays, and what callers are told of them."""

import re
from collections.abc import Callable
from datetime import date, time

import pytest
from flask.testing import FlaskClient

from appliance.core.hours import DAYS
from appliance.core.staff import StaffSettings
from appliance.store import audit, office
from appliance.store.database import Connection
from tests.admin import rows
from tests.admin.test_calls import text_of

TOKEN = {"form_token": "f" * 32}
TODAY = date(2026, 11, 24)


def send(browser: FlaskClient, path: str, **sent: str) -> tuple[int, str]:
    """Send a form; return the status and what is seen then."""
    answer = browser.post(f"/hours{path}", data={**TOKEN, **sent})
    seen = browser.get("/hours").text if answer.status_code == 303 else answer.text
    return answer.status_code, text_of(seen)


def staff(db: Connection) -> StaffSettings:
    return office.staff(db)


def week(**changed: str) -> dict[str, str]:
    """A week as it is typed: Monday to Friday from 8 to 5."""
    typed = {
        f"{day}-0-{edge}": at for day in DAYS[:5] for edge, at in (("opens", "08:00"), ("closes", "17:00"))
    }
    return {**typed, **{name.replace("_", "-"): value for name, value in changed.items()}}


def test_it_tells_how_the_clinic_stands_and_what_callers_are_told(browser: FlaskClient) -> None:
    seen = text_of(browser.get("/hours").text)
    assert "Hours Open now Closes: 5:00 PM Today 8:00 AM – 5:00 PM" in seen
    assert "Now · English We are open Monday to Friday from 8 a.m. to 5 p.m." in seen
    assert "Now · Spanish Abrimos de lunes a viernes" in seen
    assert "Tomorrow, 10:00 AM · English" in seen


def test_the_clinic_is_closed_for_today_and_opened_again(browser: FlaskClient, db: Connection) -> None:
    code, seen = send(browser, "/close")
    assert code == 303
    assert "Closed now Opens: Tomorrow, 8:00 AM Today closed only today" in seen
    assert "Today we are closed." in seen
    assert "Hoy estamos cerrados." in seen
    assert staff(db).closed_on == (TODAY,)
    assert {row.changed_by for row in office.rows(db) if row.key == "closed_on"} == {"Ana Ruiz"}
    _, seen = send(browser, "/planned")
    assert "Open now Closes: 5:00 PM" in seen
    assert staff(db).closed_on == ()


def test_this_afternoon_is_closed_by_one_time(
    browser: FlaskClient, db: Connection, hours_pass: Callable[[float], None]
) -> None:
    code, seen = send(browser, "/until", until="13:00")
    assert code == 303
    assert "Open now Closes: 1:00 PM Today 8:00 AM – 1:00 PM only today" in seen
    assert staff(db).special_hours == {TODAY: ((time(8), time(13)),)}
    hours_pass(7)
    assert "Closed now Opens: Tomorrow, 8:00 AM" in text_of(browser.get("/hours").text)
    send(browser, "/until", until="20:00")
    assert "Open now Closes: 8:00 PM" in text_of(browser.get("/hours").text)


@pytest.mark.parametrize(
    ("until", "said"),
    [
        ("11:30", "That time is over already."),
        ("", "This is needed."),
        ("25:00", "Write a time such as 8:30 or 17:00."),
        ("noon", "Write a time such as 8:30 or 17:00."),
    ],
)
def test_no_other_time_is_taken(browser: FlaskClient, db: Connection, until: str, said: str) -> None:
    code, seen = send(browser, "/until", until=until)
    assert code == 422
    assert said in seen
    assert staff(db).special_hours == {}


def test_the_week_is_saved_as_typed(browser: FlaskClient, db: Connection) -> None:
    typed = week(
        monday_0_closes="12:00",
        monday_1_opens="13:00",
        monday_1_closes="18:30",
        friday_0_opens="",
        friday_0_closes="",
    )
    code, seen = send(browser, "/week", **typed)
    assert code == 303
    hours = staff(db).hours
    assert hours.monday == ((time(8), time(12)), (time(13), time(18, 30)))
    assert hours.friday == ()
    assert "Monday from 8 a.m. to 12 p.m. and from 1 p.m. to 6:30 p.m." in seen
    assert 'value="18:30"' in browser.get("/hours").text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"tuesday_0_closes": ""}, "Each time at which it opens needs one at which it closes."),
        ({"tuesday_0_closes": "07:00"}, "Times of a day must rise"),
        ({"tuesday_1_opens": "16:00", "tuesday_1_closes": "18:00"}, "Times of a day must rise"),
        ({"tuesday_0_closes": "24:00"}, "Write a time such as 8:30 or 17:00."),
        ({"tuesday_0_opens": "<b>"}, "Write a time such as 8:30 or 17:00."),
    ],
)
def test_a_wrong_day_is_told_at_that_day_and_nothing_is_saved(
    browser: FlaskClient, db: Connection, changed: dict[str, str], said: str
) -> None:
    answer = browser.post("/hours/week", data={**TOKEN, **week(**changed)})
    assert answer.status_code == 422
    assert answer.text.count('class="week-day with-wrong"') == 1
    assert f'id="tuesday-wrong" role="alert">{said}' in answer.text
    assert [row.key for row in office.rows(db)] == ["business_name"]


def test_a_day_that_has_more_breaks_keeps_them(browser: FlaskClient, db: Connection) -> None:
    spans = [["08:00", "09:00"], ["10:00", "11:00"], ["12:00", "13:00"]]
    office.set_value(db, "hours", {"monday": spans}, at=rows.NOW, by="ana")
    page = browser.get("/hours").text
    assert 'name="monday-2-closes" value="13:00"' in page


def test_single_days_come_and_go(browser: FlaskClient, db: Connection) -> None:
    assert "No day is other than its weekday." in text_of(browser.get("/hours").text)
    send(browser, "/days", **{"day": "2026-12-24", "day-0-opens": "08:00", "day-0-closes": "12:00"})
    _, seen = send(browser, "/days", day="2026-12-28")
    assert "Thursday, December 24, 2026 8:00 AM – 12:00 PM As usual again" in seen
    assert "Monday, December 28, 2026 closed As usual again" in seen
    assert staff(db).closed_on == (date(2026, 12, 28),)
    _, seen = send(browser, "/days/drop", day="2026-12-28")
    assert "December 28" not in seen
    assert staff(db).closed_on == ()


@pytest.mark.parametrize(
    ("hours", "fields"),
    [([["08:00", "09:00"], ["10:00", "12:00"]], 4), ([], 0)],
)
def test_a_day_that_is_as_usual_again_can_have_its_hours_back(
    browser: FlaskClient, db: Connection, hours: list[list[str]], fields: int
) -> None:
    key, value = ("special_hours", {"2026-12-24": hours}) if hours else ("closed_on", ["2026-12-24"])
    office.set_value(db, key, value, at=rows.NOW, by="ana")
    before = staff(db)
    sent = {**TOKEN, "day": "2026-12-24"}
    page = browser.post("/hours/days/drop", data=sent, follow_redirects=True).text
    undo = page.partition('class="flash undo"')[2].partition("</form>")[0]
    given = dict(re.findall(r'name="(day[^"]*)" value="([^"]*)"', undo))
    assert len(given) == 1 + fields
    assert staff(db) != before
    browser.post("/hours/days", data={**TOKEN, **given})
    assert staff(db) == before


@pytest.mark.parametrize("asked", ["dropped=2026-01-01", "dropped=x", "dropped=2026-12-24&had=%3Cb%3E,,-"])
def test_an_address_that_was_made_up_undoes_nothing(browser: FlaskClient, asked: str) -> None:
    page = browser.get(f"/hours?{asked}").text
    assert "<b>" not in page.partition("<main")[2]


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"day": ""}, "This is needed."),
        ({"day": "2026-11-23"}, "Choose a day from today on"),
        ({"day": "2030-01-01"}, "Choose a day from today on"),
        ({"day": "tomorrow"}, "Choose a day from today on"),
        ({"day": "2026-12-24", "day-0-opens": "8"}, "Each time at which it opens"),
    ],
)
def test_a_wrong_single_day_changes_nothing(
    browser: FlaskClient, db: Connection, sent: dict[str, str], said: str
) -> None:
    code, seen = send(browser, "/days", **sent)
    assert code == 422
    assert said in seen
    assert [row.key for row in office.rows(db)] == ["business_name"]


def test_no_more_days_than_there_can_be(browser: FlaskClient, db: Connection) -> None:
    days = [f"2027-{month:02d}-{day:02d}" for month in (1, 2, 3) for day in range(1, 21)]
    office.set_value(db, "closed_on", days, at=rows.NOW, by="ana")
    code, seen = send(browser, "/days", day="2027-05-01")
    assert code == 422
    assert "There are too many special days already." in seen


def test_holidays_are_chosen_by_country_and_come_by_themselves(browser: FlaskClient, db: Connection) -> None:
    page = text_of(browser.get("/hours/holidays").text)
    assert "Thanksgiving Day Thursday, November 26, 2026" in page
    sent = {**TOKEN, "country": "us", "region": "", "kept": ["Thanksgiving Day", "Christmas Day"]}
    assert browser.post("/hours/holidays", data=sent).status_code == 303
    assert staff(db).holidays.kept == ("Thanksgiving Day", "Christmas Day")
    seen = text_of(browser.get("/hours").text)
    assert "Thursday, November 26, 2026 closed Thanksgiving Day" in seen
    assert "As usual again" not in seen
    assert browser.get("/hours/holidays").text.count(" checked") == 2
    mexico = text_of(browser.get("/hours/holidays?country=mx").text)
    assert "Revolution Day" in mexico
    assert browser.get("/hours/holidays?country=mx").text.count(" checked") == 0


@pytest.mark.parametrize("country", ["XX", "U", "USA", "1!"])
def test_a_place_that_is_not_known_is_said_so(browser: FlaskClient, db: Connection, country: str) -> None:
    page = browser.get("/hours/holidays", query_string={"country": country})
    assert page.status_code == 200
    assert 'class="wrong"' in page.text
    sent = {**TOKEN, "country": country, "kept": "Christmas Day"}
    assert browser.post("/hours/holidays", data=sent).status_code == 422
    assert [row.key for row in office.rows(db)] == ["business_name"]


def test_what_was_decided_is_in_the_audit_log(browser: FlaskClient, db: Connection) -> None:
    send(browser, "/until", until="13:00")
    send(browser, "/close")
    send(browser, "/planned")
    send(browser, "/week", **week())
    send(browser, "/days", day="2026-12-24")
    noted = [(row.deed, row.target) for row in reversed(audit.page(db)) if row.actor.who]
    assert noted == [
        ("open until", "13:00"), ("closed for today", ""), ("today as planned", ""), ("week set", ""),
        ("day set", "2026-12-24"),
    ]  # fmt: skip
    assert "Had the clinic open until 13:00 on that day" in browser.get("/audit?kind=office").text
