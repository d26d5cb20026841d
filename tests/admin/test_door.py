"""Signing in, staying for a while, leaving for good."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from admin.door.guard import safe_path
from appliance.core.settings import Settings
from appliance.store import access, accounts, attempts, audit
from appliance.store.accounts import Account, Role
from appliance.store.database import Connection
from tests.admin import people
from tests.admin.conftest import Clock
from tests.admin.people import PASSWORD, form_token, sign_in

COOKIE = "attendant_session"
AS_A_PERSON = {"Accept": "text/html,*/*"}


def cookie(client: FlaskClient) -> str:
    kept = client.get_cookie(COOKIE)
    assert kept is not None
    return kept.value


def leave(client: FlaskClient) -> int:
    return client.post("/sign-out", data={"form_token": form_token(client.get("/account").text)}).status_code


def test_a_name_and_a_password_open_the_pages(stranger: FlaskClient, owner: Account) -> None:
    assert stranger.get("/today").status_code == 401
    assert sign_in(stranger, "  ANA  ruiz ") == 303
    assert "Ana Ruiz" in stranger.get("/today").text
    assert stranger.get("/sign-in").location == "/"


@pytest.mark.parametrize(
    ("name", "password"),
    [("Ana Ruiz", "wrong password"), ("nobody", PASSWORD), ("Ana Ruiz", PASSWORD + " "),
     ("Ana Ruiz", PASSWORD.upper()), ("' OR 1=1 --", "' OR 1=1 --"), ("Ana Ruiz\x00", PASSWORD),
     ("Ana Ruiz", "\ud800"), ("x" * 5000, "y" * 5000)],
)  # fmt: skip
def test_anything_else_opens_nothing(stranger: FlaskClient, owner: Account, name: str, password: str) -> None:
    token = form_token(stranger.get("/sign-in").text)
    sent = {"name": name, "password": password.encode("utf-8", "surrogatepass"), "form_token": token}
    answer = stranger.post("/sign-in", data=sent)
    assert answer.status_code == 422
    assert PASSWORD not in answer.text
    assert stranger.get("/today").status_code == 401


def test_who_does_not_know_a_name_learns_nothing_of_it(stranger: FlaskClient, owner: Account) -> None:
    token = form_token(stranger.get("/sign-in").text)
    answers = [
        stranger.post("/sign-in", data={"name": name, "password": "wrong", "form_token": token}).text
        for name in ("Ana Ruiz", "Eve Adams")
    ]
    assert answers[0].replace("Ana Ruiz", "-") == answers[1].replace("Eve Adams", "-")


def test_an_account_that_has_ended_opens_nothing(
    stranger: FlaskClient, db: Connection, owner: Account, clock: Clock
) -> None:
    desk = people.add(db, Role.FRONT_DESK, clock())
    client = stranger
    people.come_in(client, db, desk, clock())
    assert client.get("/today").status_code == 200
    accounts.end(db, desk.id, at=clock())
    assert client.get("/today").status_code == 401
    assert sign_in(client, desk.name) == 422


def test_an_invited_account_has_no_password_that_opens_it(
    stranger: FlaskClient, db: Connection, owner: Account, clock: Clock
) -> None:
    accounts.add(db, "Eve", Role.IT, at=clock())
    for password in ("x", PASSWORD):
        assert sign_in(stranger, "Eve", password) == 422


def test_whoever_tries_too_often_waits_even_with_the_right_password(
    stranger: FlaskClient, app: Flask, owner: Account, clock: Clock, db: Connection
) -> None:
    for _ in range(attempts.MOST):
        assert sign_in(stranger, "Ana Ruiz", "wrong") == 422
    assert sign_in(stranger, "Ana Ruiz") == 429
    elsewhere = app.test_client()
    elsewhere.environ_base["REMOTE_ADDR"] = "192.168.1.7"
    assert sign_in(elsewhere, "Ana Ruiz") == 429, "the account waits, wherever it is tried"
    people.add(db, Role.FRONT_DESK, clock())
    assert sign_in(elsewhere, "Ben Okafor") == 303, "another account does not"
    assert sign_in(app.test_client(), "Ben Okafor") == 429, "the address waits, whoever is tried"
    clock.pass_by(15)
    assert sign_in(stranger, "Ana Ruiz") == 303


def test_a_stranger_does_not_keep_somebody_out_where_they_come_in_every_day(
    app: Flask, owner: Account, clock: Clock
) -> None:
    theirs = app.test_client()
    assert sign_in(theirs, owner.name) == 303
    leave(theirs)
    for number in range(attempts.MOST):
        elsewhere = app.test_client()
        elsewhere.environ_base["REMOTE_ADDR"] = f"192.168.1.{number}"
        assert sign_in(elsewhere, owner.name, "wrong") == 422
    assert sign_in(elsewhere, owner.name) == 429
    assert sign_in(theirs, owner.name) == 303
    leave(theirs)
    for _ in range(attempts.MOST):
        assert sign_in(theirs, owner.name, "wrong") == 422
    assert sign_in(theirs, owner.name) == 429, "there it is counted too"
    clock.pass_by(60 * 24 * 31)
    assert sign_in(theirs, owner.name) == 303


def test_a_flood_of_attempts_does_not_fill_the_log(
    stranger: FlaskClient, owner: Account, db: Connection
) -> None:
    for _ in range(attempts.MOST + 5):
        sign_in(stranger, "Ana Ruiz", "wrong")
    deeds = [row.deed for row in audit.page(db)]
    assert deeds.count("sign-in failed") == attempts.MOST
    assert deeds.count("sign-in refused") == 1


def test_coming_in_makes_up_for_what_failed(stranger: FlaskClient, owner: Account, db: Connection) -> None:
    for _ in range(attempts.MOST - 1):
        sign_in(stranger, "Ana Ruiz", "wrong")
    assert sign_in(stranger, "Ana Ruiz") == 303
    assert db.execute("SELECT COUNT(*) FROM access_failure").fetchone()[0] == 0


def test_a_mistyped_name_is_kept_nowhere(
    stranger: FlaskClient, owner: Account, db: Connection, settings: Settings
) -> None:
    sign_in(stranger, "my secret pass phrase", "x")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"my secret pass phrase" not in settings.database.read_bytes()


def test_a_session_that_rests_is_over(browser: FlaskClient, clock: Clock) -> None:
    clock.pass_by(29)
    assert browser.get("/calls").status_code == 200
    clock.pass_by(29)
    assert browser.get("/calls").status_code == 200
    clock.pass_by(30)
    assert browser.get("/calls").status_code == 401


def test_what_a_page_asks_by_itself_is_no_use_of_it(browser: FlaskClient, clock: Clock) -> None:
    for _ in range(2):
        clock.pass_by(14)
        assert browser.get("/today/live").status_code == 200
    clock.pass_by(2)
    assert browser.get("/today/live").status_code == 401


def test_a_session_lasts_twelve_hours_at_most(browser: FlaskClient, clock: Clock) -> None:
    for _ in range(12 * 3 - 1):
        clock.pass_by(20)
        assert browser.get("/calls").status_code == 200
    clock.pass_by(20)
    assert browser.get("/calls").status_code == 401


def test_signing_out_takes_the_form_of_this_session(
    browser: FlaskClient, app: Flask, db: Connection, owner: Account, clock: Clock
) -> None:
    other = app.test_client()
    sign_in(other, owner.name)
    assert browser.get("/sign-out").status_code == 405
    assert browser.post("/sign-out").status_code == 400
    foreign = {"form_token": form_token(other.get("/account").text)}
    assert browser.post("/sign-out", data=foreign).status_code == 400
    assert browser.get("/calls").status_code == 200
    assert leave(browser) == 303
    assert "You are signed out" in browser.get("/signed-out").text
    assert browser.get("/calls").status_code == 401
    assert other.get("/calls").status_code == 200


def test_a_stolen_cookie_is_worthless_after_signing_out(browser: FlaskClient, stranger: FlaskClient) -> None:
    stolen = cookie(browser)
    stranger.set_cookie(COOKIE, stolen)
    assert stranger.get("/calls").status_code == 200
    leave(browser)
    stranger.set_cookie(COOKIE, stolen)
    assert stranger.get("/calls").status_code == 401


def test_a_cookie_that_was_planted_is_not_the_session_that_begins(
    app: Flask, stranger: FlaskClient, owner: Account
) -> None:
    attacker = app.test_client()
    attacker.get("/sign-in")
    stranger.set_cookie(COOKIE, cookie(attacker))
    assert sign_in(stranger, owner.name) == 303
    assert cookie(stranger) != cookie(attacker)
    assert attacker.get("/today").status_code == 401
    token = form_token(attacker.get("/sign-in").text)
    assert stranger.post("/sign-out", data={"form_token": token}).status_code == 400


def test_everybody_can_be_shown_out(browser: FlaskClient, db: Connection, clock: Clock) -> None:
    assert access.end_all(db, at=clock(), rest_s=1800) == 1
    assert browser.get("/calls").status_code == 401


def test_a_forged_cookie_is_no_session(stranger: FlaskClient, browser: FlaskClient) -> None:
    body, _, signature = cookie(browser).rpartition(".")
    stranger.set_cookie(COOKIE, f"{body}.{signature[::-1]}")
    assert stranger.get("/calls").status_code == 401


def test_the_cookie_is_kept_from_scripts_and_other_sites(app: Flask, owner: Account) -> None:
    plain = app.test_client().get("/sign-in").headers["Set-Cookie"]
    assert plain.startswith(f"{COOKIE}=")
    assert "HttpOnly" in plain
    assert "SameSite=Lax" in plain
    assert "Secure" not in plain
    secure = app.test_client().get("/sign-in", base_url="https://localhost").headers["Set-Cookie"]
    assert secure.startswith(f"__Host-{COOKIE}=")
    assert "Secure" in secure
    assert "Path=/" in secure
    assert "Domain" not in secure


def test_no_token_is_stored(browser: FlaskClient, settings: Settings, db: Connection) -> None:
    with browser.session_transaction() as session:
        token = session["token"]
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    stored = settings.database.read_bytes()
    assert token.encode() not in stored
    assert PASSWORD.encode() not in stored


def test_who_asked_for_a_page_is_led_to_it_after_signing_in(stranger: FlaskClient, owner: Account) -> None:
    shown = stranger.get("/calls/talk?x=1", headers=AS_A_PERSON)
    assert (shown.status_code, shown.location) == (303, "/sign-in?next=/calls/talk?x%3D1")
    token = form_token(stranger.get(shown.location).text)
    data = {"name": owner.name, "password": PASSWORD, "form_token": token, "next": "/calls/talk?x=1"}
    assert stranger.post("/sign-in", data=data).location == "/calls/talk?x=1"


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "\\/evil.example", "javascript:alert(1)",
     "", "evil.example", "/\t/evil.example", "/%0d%0aSet-Cookie:x\r\n", "http:evil", "/a\\..\\b",
     "//[", "http://[", "https://[::1", "///[evil"],
)  # fmt: skip
def test_nobody_is_led_elsewhere_by_signing_in(stranger: FlaskClient, owner: Account, wanted: str) -> None:
    assert safe_path(wanted) == ""
    token = form_token(stranger.get("/sign-in").text)
    data = {"name": owner.name, "password": PASSWORD, "form_token": token, "next": wanted}
    assert stranger.post("/sign-in", data=data).location == "/"


def test_the_first_page_is_the_roles_own(browser_of: Callable[[Role], FlaskClient]) -> None:
    assert browser_of(Role.FRONT_DESK).get("/").location == "/today"
    assert browser_of(Role.IT).get("/").location == "/system"
