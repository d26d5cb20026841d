"""What each role may do, on every route there is: generated from the application's own map of addresses."""

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from admin import permits
from admin.app import create_app
from admin.permits import OPEN, PERMITS
from appliance.core.settings import Settings, checked
from appliance.store.accounts import Role
from appliance.store.database import Connection
from tests.admin import people, rows

ANSWERS = {
    "GET": {200, 303, 404, 422},
    "HEAD": {200, 303, 404, 422},
    "POST": {303, 400, 404, 409, 410, 422},
}
"""What who may come in hears: a page, a way on, that there is no such thing, or what is wrong with it."""
GIVES = {"system.bundle"}
"""Where a form is answered with a file."""
BrowserOf = Callable[[Role], FlaskClient]


def rules(app: Flask) -> Iterator[tuple[Rule, str, str]]:
    """Every route with a method and an address that it would answer."""
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<[^>]*>", "talk", re.sub(r"<int[^>]*>", "1", rule.rule))
        for method in sorted((rule.methods or set()) - {"OPTIONS"}):
            yield rule, method, path


def test_every_route_says_who_may_use_it(app: Flask) -> None:
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert endpoints == PERMITS.keys() | OPEN
    assert not PERMITS.keys() & OPEN


def test_an_address_that_is_read_is_never_one_that_changes(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        assert not (
            {"GET"} & (rule.methods or set()) and {"POST", "PUT", "PATCH", "DELETE"} & (rule.methods or set())
        )


@pytest.mark.parametrize("role", list(Role))
def test_a_role_comes_as_far_as_the_table_says_and_no_further(
    app: Flask, browser_of: BrowserOf, role: Role
) -> None:
    browser = browser_of(role)
    seen = 0
    for rule, method, path in rules(app):
        if rule.endpoint in OPEN or rule.endpoint == "door.leave":
            continue
        sent = {"form_token": "f" * 32} if method == "POST" else None
        answer = browser.open(path, method=method, data=sent, buffered=True)
        if role in PERMITS[rule.endpoint]:
            known = ANSWERS[method] | ({200} if rule.endpoint in GIVES else set())
            assert answer.status_code in known, (role, rule, method, answer.status_code)
            # An address in which nothing has to be named leads somewhere.
            assert method == "POST" or rule.arguments or answer.status_code != 404, (role, rule, method)
        else:
            assert answer.status_code == 403, (role, rule, method)
            assert "Riverside" not in answer.text.partition("<main")[2]
        seen += 1
    assert seen > 35


def test_a_stranger_comes_no_further_than_the_door(app: Flask, stranger: FlaskClient, owner: object) -> None:
    closed = [each for each in rules(app) if each[0].endpoint not in OPEN]
    assert len(closed) > 35
    for rule, method, path in closed:
        answer = stranger.open(path, method=method)
        assert answer.status_code == 401, (rule, method)
        assert "Riverside" not in answer.text
        as_person = stranger.open(path, method=method, headers={"Accept": "text/html"})
        assert as_person.status_code == (303 if method == "GET" else 401)


@pytest.mark.parametrize(
    ("role", "more"),
    [
        (Role.READ_ONLY, set()),
        (Role.IT, {"bookings", "jobs", "devices", "menu", "rehearse", "settings", "system"}),
    ],
)
def test_who_only_looks_changes_nothing_but_the_own_account(app: Flask, role: Role, more: set[str]) -> None:
    changing = {rule.endpoint for rule, method, _ in rules(app) if method == "POST"} - OPEN
    # Who may hear a recording may have it fetched, which changes nothing of it.
    theirs = {endpoint for endpoint in changing if role in PERMITS[endpoint]} - {"messages.bring_back"}
    assert {endpoint.partition(".")[0] for endpoint in theirs} == {"account", "door"} | more


def test_it_sees_nothing_that_patients_said() -> None:
    its = {endpoint.partition(".")[0] for endpoint, roles in PERMITS.items() if Role.IT in roles}
    assert not its & {"today", "callbacks", "calls", "messages", "knowledge", "citations"}
    assert Role.IT not in PERMITS["bookings.index"]


def test_the_navigation_shows_what_a_role_may_open_and_nothing_else(browser_of: BrowserOf) -> None:
    for role in Role:
        browser = browser_of(role)
        page = browser.get("/account").text
        shown = set(re.findall(r'<a href="(/[a-z]+)"', page.partition("<main")[0]))
        assert shown
        for path in shown:
            assert browser.get(path).status_code == 200, (role, path)
        assert ("/people" in shown) is (role is Role.OWNER)


@pytest.mark.parametrize("role", list(Role))
def test_a_route_that_nobody_declared_is_closed_to_everybody(
    settings: Settings, db: Connection, role: Role
) -> None:
    app = create_app(settings, now=lambda: rows.NOW)
    app.add_url_rule("/forgotten", "forgotten", lambda: "patients")
    client = app.test_client()
    assert client.get("/forgotten").status_code == 401
    people.come_in(client, db, people.add(db, role, rows.NOW), rows.NOW)
    answer = client.get("/forgotten")
    assert answer.status_code == 403
    assert "patients" not in answer.text


def test_a_refusal_is_in_the_audit_log_once_a_minute(browser_of: BrowserOf, db: Connection) -> None:
    browser = browser_of(Role.IT)
    for _ in range(3):
        assert browser.get("/calls/talk").status_code == 403
    noted = db.execute("SELECT who, target FROM audit WHERE deed = 'not allowed'").fetchall()
    assert [tuple(row) for row in noted] == [("Dev Patel", "calls.one")]


def test_names_of_the_settings_are_answered(settings: Settings) -> None:
    told = checked(
        {"box": {"data_dir": str(settings.box.data_dir)}, "admin": {"names": ["attendant.lan"]}}, "test"
    )
    client = create_app(told).test_client()
    assert client.get("/signed-out", headers={"Host": "attendant.lan:8443"}).status_code == 200
    assert client.get("/signed-out", headers={"Host": "other.lan"}).status_code == 421


def test_the_table_is_what_the_guard_asks() -> None:
    assert permits.may(Role.OWNER, "people.index")
    assert not permits.may(Role.OWNER, "no.such")
