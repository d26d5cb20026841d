"""Who is on call: shifts, added, changed, ordered and removed."""

import re
from collections.abc import Callable
from datetime import time

import pytest
from flask.testing import FlaskClient

from appliance.core.hours import DAYS
from appliance.store import audit, office
from appliance.store.database import Connection
from tests.admin import rows
from tests.admin.test_calls import text_of

TOKEN = {"form_token": "f" * 32}
NIGHT = {"begins": "17:00", "ends": "8:00", "name-0": "Dr. Lee", "number-0": "(415) 555-0121"}


def send(browser: FlaskClient, path: str, days: list[str] | None = None, /, **sent: str) -> tuple[int, str]:
    """Fill the form of a page in."""
    was = re.search(r'name="was" value="(\w+)"', browser.get("/on-call/new").text)
    assert was is not None
    data = {**TOKEN, "was": was.group(1), "days": days or [*DAYS], **sent}
    answer = browser.post(f"/on-call{path}", data=data)
    return answer.status_code, text_of(answer.text)


@pytest.fixture
def rota(browser: FlaskClient) -> None:
    """Two shifts."""
    assert send(browser, "/new", **NIGHT)[0] == 303
    assert (
        send(
            browser,
            "/new",
            ["saturday"],
            **{**NIGHT, "name-0": "Dr. Cruz", "begins": "08:00", "ends": "17:00"},
        )[0]
        == 303
    )


def test_nobody_is_on_call_at_first(browser: FlaskClient) -> None:
    seen = text_of(browser.get("/on-call").text)
    assert "Nobody is on call" in seen
    assert "Nobody is rung yet" in seen


def test_a_shift_is_added_with_numbers_as_people_write_them(
    browser: FlaskClient, db: Connection, hours_pass: Callable[[float], None]
) -> None:
    sent = {**NIGHT, "name-2": "Dr. Cruz", "number-2": "+1 415 555 0122"}
    assert send(browser, "/new", ["monday", "tuesday"], **sent)[0] == 303
    (shift,) = office.staff(db).on_call_rota
    assert (shift.days, shift.begins, shift.ends) == (("monday", "tuesday"), time(17), time(8))
    assert [(each.name, each.number) for each in shift.people] == [
        ("Dr. Lee", "+14155550121"), ("Dr. Cruz", "+14155550122"),
    ]  # fmt: skip
    assert "No shift is going on now." in text_of(browser.get("/on-call").text)
    hours_pass(7)
    seen = text_of(browser.get("/on-call").text)
    assert "On call now 1 Dr. Lee (415) 555-0121 2 Dr. Cruz (415) 555-0122" in seen
    assert "Monday, Tuesday 5:00 PM – 8:00 AM (the day after) Dr. Lee → Dr. Cruz" in seen


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"begins": ""}, "Write when it begins and when it ends"),
        ({"ends": "25:00"}, "Write when it begins and when it ends"),
        ({"name-0": "", "number-0": ""}, "Write down at least one person with a number."),
        ({"number-0": ""}, "Each person needs a name and a number."),
        ({"name-0": ""}, "Each person needs a name and a number."),
        ({"number-0": "101"}, "This is no number that can be rung."),
        ({"number-0": "911"}, "This is no number that can be rung."),
    ],
)
def test_what_is_wrong_is_said(browser: FlaskClient, db: Connection, sent: dict[str, str], said: str) -> None:
    code, seen = send(browser, "/new", **{**NIGHT, **sent})
    assert code == 422
    assert said in seen
    assert office.staff(db).on_call_rota == ()


def test_a_shift_without_days_is_none(browser: FlaskClient, db: Connection) -> None:
    code, seen = send(browser, "/new", ["someday"], **NIGHT)
    assert code == 422
    assert "Choose at least one day on which it begins." in seen


def test_shifts_are_changed_ordered_and_removed(browser: FlaskClient, db: Connection, rota: None) -> None:
    assert send(browser, "/0", **{**NIGHT, "name-0": "Dr. Park"})[0] == 303
    assert send(browser, "/1/first")[0] == 303
    names = [shift.people[0].name for shift in office.staff(db).on_call_rota]
    assert names == ["Dr. Cruz", "Dr. Park"]
    code, seen = send(browser, "/0/remove", sure="Dr. Park")
    assert (code, "This is not the name." in seen) == (422, True)
    assert send(browser, "/0/remove", sure="dr. cruz")[0] == 303
    assert [shift.people[0].name for shift in office.staff(db).on_call_rota] == ["Dr. Park"]
    assert {row.deed for row in audit.page(db) if row.actor.who} == {"rota changed"}


def test_nothing_is_saved_over_what_somebody_else_saved(
    browser: FlaskClient, db: Connection, rota: None
) -> None:
    before = office.staff(db).on_call_rota
    answer = browser.post("/on-call/0/remove", data={**TOKEN, "was": "0" * 16, "sure": "Dr. Lee"})
    assert answer.status_code == 303
    assert "Somebody changed the rota meanwhile" in browser.get("/on-call").text
    assert office.staff(db).on_call_rota == before


def test_a_step_that_rings_them_quiets_the_warning(browser: FlaskClient, db: Connection) -> None:
    office.set_value(db, "escalation", [{"by": "rota"}], at=rows.NOW, by="ana")
    assert "Nobody is rung yet" not in browser.get("/on-call").text


@pytest.mark.parametrize("path", ["/on-call/0", "/on-call/7", "/on-call/51", "/on-call/-1", "/on-call/x"])
def test_there_is_no_such_shift(browser: FlaskClient, path: str) -> None:
    assert browser.get(path).status_code == 404
