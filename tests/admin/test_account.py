"""One's own account: password, second step, recovery codes, language, sessions elsewhere."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from admin.door import totp
from appliance.store import accounts, attempts, audit, times
from appliance.store.accounts import Account, Role
from appliance.store.database import Connection
from tests.admin import people
from tests.admin.conftest import Clock
from tests.admin.people import PASSWORD, form_token, sign_in

CHOSEN = "seven unlit barges"
TOKEN = {"form_token": "f" * 32}


def code_now(secret: str, clock: Clock, steps: int = 0) -> str:
    at_s = times.read(clock()).timestamp()
    return totp.code(secret, int(at_s) // totp.PERIOD_S + steps)


def offered(browser: FlaskClient) -> str:
    """The secret that a person types by hand."""
    found = re.search(r'class="secret">([A-Z2-7 ]+)<', browser.get("/account/two-step").text)
    assert found is not None
    return found.group(1).replace(" ", "")


def switch_on(browser: FlaskClient, clock: Clock) -> tuple[str, list[str]]:
    """Set the second step up; return the secret and the recovery codes."""
    secret = offered(browser)
    sent = {"code": code_now(secret, clock), "password": PASSWORD, **TOKEN}
    page = browser.post("/account/two-step", data=sent)
    assert page.status_code == 200
    return secret, re.findall(r"<li><code>([a-z0-9-]{19})</code>", page.text)


def give_code(client: FlaskClient, code: str) -> int:
    token = form_token(client.get("/sign-in/code").text)
    return client.post("/sign-in/code", data={"code": code, "form_token": token}).status_code


# The password ------------------------------------------------------------------------------------------


def test_a_changed_password_signs_out_everywhere_else(
    browser: FlaskClient, app: Flask, owner: Account
) -> None:
    other = app.test_client()
    sign_in(other, owner.name)
    sent = {"old": PASSWORD, "password": CHOSEN, "again": CHOSEN, **TOKEN}
    assert browser.post("/account/password", data=sent).location == "/account"
    assert "Your password is changed." in browser.get("/account").text
    assert other.get("/today").status_code == 401
    assert sign_in(other, owner.name) == 422
    assert sign_in(other, owner.name, CHOSEN) == 303


def test_a_changed_password_changes_the_token_too(browser: FlaskClient, stranger: FlaskClient) -> None:
    stolen = browser.get_cookie("attendant_session")
    assert stolen is not None
    browser.post("/account/password", data={"old": PASSWORD, "password": CHOSEN, "again": CHOSEN, **TOKEN})
    stranger.set_cookie("attendant_session", stolen.value)
    assert stranger.get("/today").status_code == 401
    assert browser.get("/today").status_code == 200


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"old": "wrong", "password": CHOSEN, "again": CHOSEN}, "This is not your password."),
        ({"old": PASSWORD, "password": "Ana Ruiz 2026", "again": "Ana Ruiz 2026"}, "Too easy to guess"),
        ({"old": PASSWORD, "password": CHOSEN, "again": "else"}, "The two are not the same."),
        ({"old": "", "password": "", "again": ""}, "This is needed."),
    ],
)
def test_a_password_is_not_changed_without_good_cause(
    browser: FlaskClient, app: Flask, owner: Account, sent: dict[str, str], said: str
) -> None:
    answer = browser.post("/account/password", data={**sent, **TOKEN})
    assert answer.status_code == 422
    assert said in answer.text
    assert sign_in(app.test_client(), owner.name) == 303


def test_the_old_password_cannot_be_guessed_from_an_open_page(browser: FlaskClient) -> None:
    sent = {"old": "wrong", "password": CHOSEN, "again": CHOSEN, **TOKEN}
    for _ in range(attempts.MOST):
        browser.post("/account/password", data=sent)
    answer = browser.post("/account/password", data={**sent, "old": PASSWORD})
    assert answer.status_code == 422
    assert "Too many attempts failed." in answer.text


# The second step ---------------------------------------------------------------------------------------


def test_a_telephone_is_asked_for_from_the_next_time_on(
    browser: FlaskClient, app: Flask, owner: Account, clock: Clock
) -> None:
    secret, codes = switch_on(browser, clock)
    assert len(set(codes)) == totp.RECOVERY_CODES
    other = app.test_client()
    assert sign_in(other, owner.name) == 303
    for path in ("/today", "/calls", "/account", "/people", "/messages/1/recording", "/today/live"):
        assert other.get(path).status_code == 401, path
    asked = other.get("/sign-in/code").text
    assert "Riverside" not in asked
    assert "<nav" not in asked
    shown = other.get("/calls", headers={"Accept": "text/html"})
    assert shown.location == "/sign-in/code?next=/calls"
    clock.pass_by(1)
    assert give_code(other, "000000") == 422
    assert give_code(other, code_now(secret, clock)) == 303
    assert other.get("/today").status_code == 200
    assert other.get("/sign-in/code").location == "/"


def test_the_picture_says_what_the_letters_say(browser: FlaskClient) -> None:
    page = browser.get("/account/two-step").text
    assert page.count("<svg") > page.count("<use")
    assert offered(browser) == offered(browser), "it stays the same until it is taken"
    assert "style=" not in page


def test_a_code_opens_once(browser: FlaskClient, app: Flask, owner: Account, clock: Clock) -> None:
    secret, _ = switch_on(browser, clock)
    first, second = app.test_client(), app.test_client()
    for client in (first, second):
        sign_in(client, owner.name)
    assert give_code(first, code_now(secret, clock)) == 422, "it was used to switch it on"
    clock.pass_by(1)
    code = code_now(secret, clock)
    assert give_code(first, code) == 303
    assert give_code(second, code) == 422
    clock.pass_by(0.5)
    assert give_code(second, code_now(secret, clock)) == 303


def test_a_recovery_code_does_once_however_it_is_typed(
    browser: FlaskClient, app: Flask, owner: Account, clock: Clock, db: Connection
) -> None:
    _, codes = switch_on(browser, clock)
    client, other = app.test_client(), app.test_client()
    for each in (client, other):
        sign_in(each, owner.name)
    assert give_code(client, codes[0].upper().replace("-", " ")) == 303
    assert give_code(other, codes[0]) == 422
    assert accounts.codes_left(db, owner.id) == 9
    assert "recovery code used" in [row.deed for row in audit.page(db)]


def test_codes_cannot_be_guessed(browser: FlaskClient, app: Flask, owner: Account, clock: Clock) -> None:
    secret, _ = switch_on(browser, clock)
    clock.pass_by(1)
    client = app.test_client()
    sign_in(client, owner.name)
    for _ in range(attempts.MOST):
        assert give_code(client, "000000") == 422
    assert give_code(client, code_now(secret, clock)) == 429
    assert sign_in(app.test_client(), owner.name) == 429, "the password does not make up for it"


def test_waiting_for_a_code_ends_after_five_minutes(
    browser: FlaskClient, app: Flask, owner: Account, clock: Clock
) -> None:
    switch_on(browser, clock)
    client = app.test_client()
    sign_in(client, owner.name)
    clock.pass_by(5)
    assert client.get("/sign-in/code").status_code == 401


def test_a_session_before_its_code_is_another_one_after_it(
    browser: FlaskClient, app: Flask, owner: Account, clock: Clock, stranger: FlaskClient
) -> None:
    secret, _ = switch_on(browser, clock)
    clock.pass_by(1)
    client = app.test_client()
    sign_in(client, owner.name)
    half = client.get_cookie("attendant_session")
    assert half is not None
    assert give_code(client, code_now(secret, clock)) == 303
    stranger.set_cookie("attendant_session", half.value)
    assert stranger.get("/today").status_code == 401
    assert stranger.get("/sign-in/code").status_code == 401


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"code": "000000", "password": PASSWORD}, "This code is not right"),
        ({"code": "", "password": PASSWORD}, "This is needed."),
        ({"code": "now", "password": "wrong"}, "This is not your password."),
    ],
)
def test_it_is_switched_on_by_a_code_and_the_password_only(
    browser: FlaskClient, clock: Clock, owner: Account, db: Connection, sent: dict[str, str], said: str
) -> None:
    secret = offered(browser)
    code = code_now(secret, clock) if sent["code"] == "now" else sent["code"]
    answer = browser.post("/account/two-step", data={**sent, "code": code, **TOKEN})
    assert answer.status_code == 422
    assert said in answer.text
    assert not accounts.one(db, owner.id).two_step


def test_it_is_switched_off_by_the_password_only(
    browser: FlaskClient, app: Flask, owner: Account, clock: Clock
) -> None:
    switch_on(browser, clock)
    assert browser.post("/account/two-step/off", data={"password": "wrong", **TOKEN}).status_code == 422
    assert browser.post("/account/two-step/off", data={"password": PASSWORD, **TOKEN}).status_code == 303
    other = app.test_client()
    sign_in(other, owner.name)
    assert other.get("/today").status_code == 200


def test_new_recovery_codes_replace_the_old_ones(
    browser: FlaskClient, app: Flask, owner: Account, clock: Clock
) -> None:
    _, old = switch_on(browser, clock)
    page = browser.post("/account/two-step/codes", data={"password": PASSWORD, **TOKEN}).text
    new = re.findall(r"<li><code>([a-z0-9-]{19})</code>", page)
    client = app.test_client()
    sign_in(client, owner.name)
    assert give_code(client, old[0]) == 422
    assert give_code(client, new[0]) == 303


def test_where_there_is_no_second_step_there_are_no_codes(browser: FlaskClient) -> None:
    assert browser.post("/account/two-step/codes", data={"password": PASSWORD, **TOKEN}).status_code == 404


# The rest ----------------------------------------------------------------------------------------------


def test_sessions_elsewhere_are_seen_and_ended(browser: FlaskClient, app: Flask, owner: Account) -> None:
    other = app.test_client()
    other.environ_base["REMOTE_ADDR"] = "192.168.1.7"
    sign_in(other, owner.name)
    assert "192.168.1.7" in browser.get("/account").text
    assert browser.post("/account/sign-out-everywhere", data=TOKEN).status_code == 303
    assert other.get("/today").status_code == 401
    assert "192.168.1.7" not in browser.get("/account").text


def test_pages_are_in_the_language_that_was_chosen(browser: FlaskClient) -> None:
    browser.post("/account/language", data={"language": "es", **TOKEN})
    page = browser.get("/calls").text
    assert '<html lang="es">' in page
    assert "Hoy, martes, 24 de noviembre de 2026" in page
    assert "Habló con el asistente" in page
    assert browser.post("/account/language", data={"language": "xx", **TOKEN}).status_code == 400


def test_an_account_sees_its_own_things_only(
    app: Flask, db: Connection, browser: FlaskClient, clock: Clock
) -> None:
    desk = app.test_client()
    people.come_in(desk, db, people.add(db, Role.FRONT_DESK, clock()), clock())
    page = desk.get("/account").text
    assert "Ben Okafor" in page
    assert "Ana Ruiz" not in page
    assert "/people" not in page
