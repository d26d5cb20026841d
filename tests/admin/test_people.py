"""Letting people in and out."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from appliance.store import accounts, audit
from appliance.store.accounts import Account, Role
from appliance.store.database import Connection
from tests.admin import people, rows
from tests.admin.conftest import Clock
from tests.admin.people import PASSWORD, form_token, sign_in
from tests.admin.test_links import CHOSEN, choose

TOKEN = {"form_token": "f" * 32}


@pytest.fixture
def desk(db: Connection, owner: Account, clock: Clock) -> Account:
    """Somebody of the front desk."""
    return people.add(db, Role.FRONT_DESK, clock())


def link_on(page: str) -> str:
    found = re.search(r'class="address">http://localhost(/open/[\w-]{43})<', page)
    assert found is not None
    return found.group(1)


def test_somebody_is_added_by_a_link_that_is_theirs(
    browser: FlaskClient, stranger: FlaskClient, db: Connection
) -> None:
    page = browser.post("/people/new", data={"name": "Dev Patel", "role": "it", **TOKEN})
    assert page.status_code == 200
    assert "Has not come yet" in browser.get("/people").text
    assert choose(stranger, link_on(page.text)) == 303
    assert stranger.get("/audit").status_code == 200
    assert stranger.get("/calls").status_code == 403
    assert "Has not come yet" not in browser.get("/people").text
    (added,) = [row for row in audit.page(db) if row.deed == "account added"]
    assert (added.actor.who, added.target, added.detail) == ("Ana Ruiz", "Dev Patel", {"role": "it"})


def test_an_invitation_waits_for_three_days(
    browser: FlaskClient, stranger: FlaskClient, clock: Clock
) -> None:
    link = link_on(browser.post("/people/new", data={"name": "Dev", "role": "it", **TOKEN}).text)
    clock.pass_by(3 * 24 * 60 - 1)
    assert stranger.get(link).status_code == 200
    clock.pass_by(1)
    assert stranger.get(link).status_code == 410


@pytest.mark.parametrize(
    ("name", "role", "said"),
    [
        ("ANA  RUIZ", "it", "There is an account with this name already."),
        ("", "it", "This is needed."),
        ("---", "it", "Use letters."),
        ("Dev", "king", "Choose one of these."),
        ("Dev", "", "This is needed."),
        ("D" * 41, "it", "This is too long."),
    ],
)
def test_nobody_is_added_half(
    browser: FlaskClient, db: Connection, owner: Account, name: str, role: str, said: str
) -> None:
    answer = browser.post("/people/new", data={"name": name, "role": role, **TOKEN})
    assert answer.status_code == 422
    assert said in answer.text
    assert accounts.every(db) == [owner]


def test_names_are_text(browser: FlaskClient, db: Connection) -> None:
    name = "<script>alert(1)</script> {{ 7*7 }}"
    browser.post("/people/new", data={"name": name, "role": "it", **TOKEN})
    for path in ("/people", "/people/2", "/audit"):
        page = browser.get(path).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7*7 }}" in page


def test_another_role_begins_with_the_next_session(
    browser: FlaskClient, app: Flask, desk: Account, db: Connection
) -> None:
    theirs = app.test_client()
    sign_in(theirs, desk.name)
    assert browser.post(f"/people/{desk.id}/role", data={"role": "it", **TOKEN}).status_code == 303
    assert theirs.get("/calls").status_code == 401
    sign_in(theirs, desk.name)
    assert theirs.get("/calls").status_code == 403
    (row,) = [row for row in audit.page(db) if row.deed == "role changed"]
    assert row.detail == {"before": "front_desk", "after": "it"}
    assert "Changed a role: Ben Okafor, Front desk to IT" in browser.get("/audit").text


def test_the_last_owner_stays_one(
    browser: FlaskClient, owner: Account, db: Connection, desk: Account
) -> None:
    answer = browser.post(f"/people/{owner.id}/role", data={"role": "it", **TOKEN})
    assert answer.status_code == 422
    assert "There must be an owner who can sign in." in answer.text
    browser.post(f"/people/{desk.id}/role", data={"role": "owner", **TOKEN})
    assert browser.post(f"/people/{owner.id}/role", data={"role": "it", **TOKEN}).status_code == 303
    assert accounts.one(db, owner.id).role is Role.IT
    assert browser.get("/people").status_code == 403


def test_an_invited_owner_is_none_yet(browser: FlaskClient, owner: Account) -> None:
    browser.post("/people/new", data={"name": "Eve", "role": "owner", **TOKEN})
    assert browser.post(f"/people/{owner.id}/role", data={"role": "it", **TOKEN}).status_code == 422


def test_a_lost_password_is_replaced_by_a_link(
    browser: FlaskClient, app: Flask, stranger: FlaskClient, desk: Account
) -> None:
    theirs = app.test_client()
    sign_in(theirs, desk.name)
    link = link_on(browser.post(f"/people/{desk.id}/reset", data=TOKEN).text)
    assert theirs.get("/today").status_code == 401
    assert sign_in(theirs, desk.name) == 422
    newer = link_on(browser.post(f"/people/{desk.id}/reset", data=TOKEN).text)
    assert stranger.get(link).status_code == 410
    assert choose(stranger, newer) == 303
    assert sign_in(theirs, desk.name, CHOSEN) == 303


def test_a_lost_telephone_is_forgotten(
    browser: FlaskClient, stranger: FlaskClient, desk: Account, db: Connection
) -> None:
    accounts.offer_secret(db, desk.id, "A" * 32)
    accounts.take_secret(db, desk.id, 1, ["code"])
    assert "Second step on" in browser.get("/people").text
    assert browser.post(f"/people/{desk.id}/two-step-off", data=TOKEN).status_code == 303
    sign_in(stranger, desk.name)
    assert stranger.get("/today").status_code == 200


def test_an_account_ends_once_its_name_was_typed(
    browser: FlaskClient, app: Flask, desk: Account, db: Connection
) -> None:
    theirs = app.test_client()
    sign_in(theirs, desk.name)
    wrong = browser.post(f"/people/{desk.id}/end", data={"name": "Ana Ruiz", **TOKEN})
    assert wrong.status_code == 422
    assert "This is not their name." in wrong.text
    assert theirs.get("/today").status_code == 200
    assert browser.post(f"/people/{desk.id}/end", data={"name": "ben okafor", **TOKEN}).status_code == 303
    assert theirs.get("/today").status_code == 401
    assert sign_in(theirs, desk.name) == 422
    assert "Ended" in browser.get("/people").text


def test_an_account_that_ended_comes_back_with_nothing_of_before(
    browser: FlaskClient, stranger: FlaskClient, desk: Account, db: Connection
) -> None:
    accounts.offer_secret(db, desk.id, "A" * 32)
    accounts.take_secret(db, desk.id, 1, [])
    browser.post(f"/people/{desk.id}/end", data={"name": desk.name, **TOKEN})
    link = link_on(browser.post(f"/people/{desk.id}/resume", data=TOKEN).text)
    assert sign_in(stranger, desk.name, PASSWORD) == 422
    assert choose(stranger, link) == 303
    assert stranger.get("/today").status_code == 200


@pytest.mark.parametrize("what", ["reset", "two-step-off", "end", "resume"])
def test_ones_own_account_is_not_taken_away_here(browser: FlaskClient, owner: Account, what: str) -> None:
    answer = browser.post(f"/people/{owner.id}/{what}", data={"name": owner.name, **TOKEN})
    assert answer.status_code == 409
    assert browser.get("/people").status_code == 200


@pytest.mark.parametrize(
    "path", ["/people/99", "/people/0", "/people/-1", f"/people/{2**64}", "/people/x", "/people/1.0"]
)
def test_there_is_nobody_else(browser: FlaskClient, path: str) -> None:
    assert browser.get(path).status_code == 404


def test_a_box_with_one_account_says_why_there_should_be_more(browser: FlaskClient, db: Connection) -> None:
    assert "Nobody else yet" in browser.get("/people").text
    people.add(db, Role.IT, rows.NOW)
    assert "Nobody else yet" not in browser.get("/people").text


def test_nobody_makes_oneself_an_owner(
    browser_of: Callable[[Role], FlaskClient], owner: Account, db: Connection
) -> None:
    for role in (Role.FRONT_DESK, Role.READ_ONLY, Role.IT):
        client = browser_of(role)
        token = form_token(client.get("/account").text)
        for account in accounts.every(db):
            answer = client.post(f"/people/{account.id}/role", data={"role": "owner", "form_token": token})
            assert answer.status_code == 403
    assert [account.name for account in accounts.every(db) if account.role is Role.OWNER] == [owner.name]
