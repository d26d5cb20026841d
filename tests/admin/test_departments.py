"""Departments: added, changed, and removed by their name."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from appliance.core.hours import DAYS, WeeklyHours
from appliance.store import audit, office
from appliance.store.database import Connection
from tests.admin import rows
from tests.admin.test_calls import text_of

TOKEN = {"form_token": "f" * 32}
FRONT = {"name": "Front office", "number-0": "(212) 555-0120", "hours": "clinic", "aliases": ""}


def send(browser: FlaskClient, path: str, **sent: str) -> tuple[int, str]:
    answer = browser.post(f"/departments{path}", data={**TOKEN, **sent})
    return answer.status_code, text_of(answer.text)


def test_they_stand_in_the_order_of_their_keys(
    browser: FlaskClient, hours_pass: Callable[[float], None]
) -> None:
    seen = text_of(browser.get("/departments").text)
    assert "1 Billing (212) 555-0111 · accounts The clinic's hours Can be reached" in seen
    assert "2 Nurses (212) 555-0112" in seen
    hours_pass(8)
    assert "Closed. Opens: Tomorrow, 8:00 AM" in text_of(browser.get("/departments").text)


def test_one_is_added_as_people_write_numbers(browser: FlaskClient, db: Connection) -> None:
    sent = {**FRONT, "number-1": "101", "number-2": "+44 20 7183 8750", "aliases": "desk,  reception ,"}
    assert send(browser, "/new", **sent)[0] == 303
    line = office.departments(db)[-1]
    assert (line.slug, line.name, line.aliases) == ("front-office", "Front office", ("desk", "reception"))
    assert line.numbers == ("+12125550120", "101", "+442071838750")
    assert line.hours is None
    page = browser.get("/departments/one/front-office").text
    assert 'value="+44 20 7183 8750"' in page
    assert 'name="number-3"' in page
    assert "number-4" not in page


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"name": ""}, "This is needed."),
        ({"name": "billing"}, "There is a department of this name already."),
        ({"name": "???"}, "Use letters: callers are to say it."),
        ({"number-0": ""}, "This is needed."),
        ({"number-0": "911"}, "This is dialled for help."),
        ({"number-0": "0555"}, "This is no number that can be rung."),
        ({"number-1": "call me"}, "This is no number that can be rung."),
        ({"hours": "sometimes"}, "Choose one of these."),
        ({"hours": "own", "monday-0-opens": "9"}, "Each time at which it opens"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    browser: FlaskClient, db: Connection, sent: dict[str, str], said: str
) -> None:
    code, seen = send(browser, "/new", **{**FRONT, **sent})
    assert code == 422
    assert said in seen
    assert len(office.departments(db)) == 2


def test_one_is_changed_and_keeps_its_key_and_address(browser: FlaskClient, db: Connection) -> None:
    typed = {
        f"{day}-0-{edge}": at for day in DAYS[:2] for edge, at in (("opens", "9:00"), ("closes", "12:00"))
    }
    sent = {**FRONT, **typed, "name": "Bills and payments", "hours": "own"}
    assert send(browser, "/one/billing", **sent)[0] == 303
    line = office.departments(db)[0]
    assert (line.slug, line.name) == ("billing", "Bills and payments")
    assert isinstance(line.hours, WeeklyHours)
    assert line.hours.tuesday
    assert not line.hours.friday
    assert send(browser, "/one/billing", **{**FRONT, "hours": "always"})[0] == 303
    assert office.departments(db)[0].hours == "always"
    code, seen = send(browser, "/one/billing", **{**FRONT, "name": "NURSES"})
    assert (code, "There is a department of this name already." in seen) == (422, True)


def test_one_goes_only_by_its_name(browser: FlaskClient, db: Connection) -> None:
    code, seen = send(browser, "/one/billing/remove", sure="Nurses")
    assert code == 422
    assert "This is not its name." in seen
    assert send(browser, "/one/billing/remove", sure=" billing ")[0] == 303
    assert [line.slug for line in office.departments(db)] == ["nurses"]
    assert browser.get("/departments/one/billing").status_code == 404
    send(browser, "/one/nurses/remove", sure="Nurses")
    assert "No department yet" in browser.get("/departments").text


def test_there_are_as_many_as_keys(browser: FlaskClient, db: Connection) -> None:
    for number in range(7):
        office.add_department(db, f"More {number}", ["+12125550199"])
    code, seen = send(browser, "/new", **FRONT)
    assert code == 422
    assert "There can be nine departments" in seen
    assert 'href="/departments/new"' not in browser.get("/departments").text


@pytest.mark.parametrize("slug", ["nothing", "on-call-line", "..", "%2e%2e", "billing' OR 1=1"])
def test_there_is_no_other(browser: FlaskClient, db: Connection, slug: str) -> None:
    office.set_value(db, "emergency_line", "+12125550150", at=rows.NOW, by="ana")
    assert browser.get(f"/departments/one/{slug}").status_code == 404
    assert send(browser, f"/one/{slug}/remove", sure="x")[0] == 404


def test_names_are_text_and_what_was_done_is_noted(browser: FlaskClient, db: Connection) -> None:
    name = "<script>alert(1)</script> {{ 7*7 }}"
    assert send(browser, "/new", **{**FRONT, "name": name})[0] == 303
    for path in ("/departments", "/audit"):
        page = browser.get(path).text
        assert "<script>alert" not in page
        assert "{{ 7*7 }}" in page
    (noted,) = [row for row in audit.page(db) if row.actor.who]
    assert (noted.deed, noted.target) == ("department added", name)


def test_their_order_is_changed_a_key_at_a_time(browser: FlaskClient, db: Connection) -> None:
    assert send(browser, "/one/nurses/move", to="earlier")[0] == 303
    assert [line.slug for line in office.departments(db)] == ["nurses", "billing"]
    send(browser, "/one/nurses/move", to="earlier")
    assert [line.slug for line in office.departments(db)] == ["nurses", "billing"]
    send(browser, "/one/nurses/move", to="later")
    assert [line.slug for line in office.departments(db)] == ["billing", "nurses"]
    page = browser.get("/departments").text
    assert page.count(" disabled>") == 2
    assert send(browser, "/one/nothing/move", to="later")[0] == 404
