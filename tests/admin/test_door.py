"""Coming in by a link that opens once, staying for a while, leaving for good."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from admin.door.guard import OPEN
from appliance.core.settings import Settings
from appliance.store import access
from appliance.store.database import Connection
from tests.admin.conftest import Clock

COOKIE = "attendant_session"
NewLink = Callable[[], str]


def form_token(client: FlaskClient) -> str:
    found = re.search(r'name="form_token" value="([^"]+)"', client.get("/calls").text)
    assert found is not None
    return found.group(1)


def cookie(client: FlaskClient) -> str:
    kept = client.get_cookie(COOKIE)
    assert kept is not None
    return kept.value


def test_no_page_without_a_session(app: Flask, stranger: FlaskClient) -> None:
    closed = [rule for rule in app.url_map.iter_rules() if rule.endpoint not in OPEN]
    assert len(closed) >= 6
    for rule in closed:
        path = re.sub(r"<int[^>]*>", "1", rule.rule)
        answer = stranger.open(
            re.sub(r"<[^>]*>", "talk", path), method="POST" if "POST" in (rule.methods or ()) else "GET"
        )
        assert answer.status_code == 401, rule
        assert "attendant admin-link" in answer.text
        assert "Riverside" not in answer.text


def test_a_link_opens_the_pages_once(stranger: FlaskClient, app: Flask, new_link: NewLink) -> None:
    link = new_link()
    entered = stranger.get(link)
    assert (entered.status_code, entered.location) == (303, "/calls")
    assert stranger.get("/calls").status_code == 200
    second = app.test_client().get(link)
    assert second.status_code == 403
    assert "This link does not open anything" in second.text
    assert "attendant admin-link" in second.text
    assert stranger.get("/calls").status_code == 200


def test_a_link_waits_for_half_an_hour(stranger: FlaskClient, clock: Clock, new_link: NewLink) -> None:
    late, in_time = new_link(), new_link()
    clock.pass_by(29.9)
    assert stranger.get(in_time).status_code == 303
    clock.pass_by(0.1)
    assert stranger.get(late).status_code == 403


@pytest.mark.parametrize("token", ["x", "%00", "a" * 5000, "%ff%fe", "' OR 1=1 --"])
def test_a_wrong_link_opens_nothing(stranger: FlaskClient, token: str) -> None:
    assert stranger.get(f"/open/{token}").status_code == 403
    assert stranger.get("/calls").status_code == 401


def test_looking_ahead_does_not_use_a_link_up(stranger: FlaskClient, new_link: NewLink) -> None:
    link = new_link()
    assert stranger.head(link).status_code == 404
    assert stranger.get(link, headers={"Sec-Purpose": "prefetch;prerender"}).status_code == 404
    assert stranger.get(link).status_code == 303


def test_whoever_tries_wrong_links_waits(
    stranger: FlaskClient, app: Flask, clock: Clock, new_link: NewLink
) -> None:
    for _ in range(access.FAILURES_MOST):
        assert stranger.get("/open/wrong").status_code == 403
    waiting = stranger.get(new_link())
    assert waiting.status_code == 429
    assert "Too many wrong links" in waiting.text
    elsewhere = app.test_client().get(new_link(), environ_overrides={"REMOTE_ADDR": "192.168.1.7"})
    assert elsewhere.status_code == 303
    clock.pass_by(15)
    assert stranger.get(new_link()).status_code == 303


def test_a_session_that_rests_is_over(browser: FlaskClient, clock: Clock) -> None:
    clock.pass_by(29)
    assert browser.get("/calls").status_code == 200
    clock.pass_by(29)
    assert browser.get("/calls").status_code == 200
    clock.pass_by(30)
    assert browser.get("/calls").status_code == 401


def test_a_session_lasts_twelve_hours_at_most(browser: FlaskClient, clock: Clock) -> None:
    for _ in range(12 * 3 - 1):
        clock.pass_by(20)
        assert browser.get("/calls").status_code == 200
    clock.pass_by(20)
    assert browser.get("/calls").status_code == 401


def test_leaving_takes_the_form_of_this_session(browser: FlaskClient, app: Flask, new_link: NewLink) -> None:
    other = app.test_client()
    other.get(new_link())
    assert browser.get("/door/leave").status_code == 405
    assert browser.post("/door/leave").status_code == 400
    assert browser.post("/door/leave", data={"form_token": form_token(other)}).status_code == 400
    assert browser.get("/calls").status_code == 200
    left = browser.post("/door/leave", data={"form_token": form_token(browser)})
    assert (left.status_code, left.location) == (303, "/door/closed")
    assert "You have left" in browser.get("/door/closed").text
    assert other.get("/calls").status_code == 200


def test_a_stolen_cookie_is_worthless_after_leaving(browser: FlaskClient, stranger: FlaskClient) -> None:
    stolen = cookie(browser)
    stranger.set_cookie(COOKIE, stolen)
    assert stranger.get("/calls").status_code == 200
    browser.post("/door/leave", data={"form_token": form_token(browser)})
    stranger.set_cookie(COOKIE, stolen)
    assert stranger.get("/calls").status_code == 401


def test_everybody_can_be_shown_out(
    browser: FlaskClient, stranger: FlaskClient, db: Connection, clock: Clock, new_link: NewLink
) -> None:
    waiting = new_link()
    assert access.end_all(db, at=clock()) == 1
    assert browser.get("/calls").status_code == 401
    assert stranger.get(waiting).status_code == 403


def test_coming_in_gives_a_new_session(browser: FlaskClient, new_link: NewLink) -> None:
    planted = cookie(browser)
    browser.get(new_link())
    assert cookie(browser) != planted


def test_a_forged_cookie_is_no_session(stranger: FlaskClient, browser: FlaskClient) -> None:
    body, _, signature = cookie(browser).rpartition(".")
    stranger.set_cookie(COOKIE, f"{body}.{signature[::-1]}")
    assert stranger.get("/calls").status_code == 401


def test_the_cookie_is_kept_from_scripts_and_other_sites(stranger: FlaskClient, new_link: NewLink) -> None:
    plain = stranger.get(new_link()).headers["Set-Cookie"]
    assert "HttpOnly" in plain
    assert "SameSite=Lax" in plain
    assert "Secure" not in plain
    secure = stranger.get(new_link(), base_url="https://localhost").headers["Set-Cookie"]
    assert "Secure" in secure


def test_no_token_is_stored(
    browser: FlaskClient, settings: Settings, new_link: NewLink, db: Connection
) -> None:
    link = new_link()
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    stored = settings.database.read_bytes()
    assert link.removeprefix("/open/").encode() not in stored
