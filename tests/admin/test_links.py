"""Links by which somebody chooses a password: the first owner, who is invited, and who lost theirs."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from appliance.store import access, accounts, attempts, audit
from appliance.store.accounts import Account, Role
from appliance.store.database import Connection
from tests.admin.conftest import Clock
from tests.admin.people import PASSWORD, come_in, form_token, sign_in

CHOSEN = "seven unlit barges"


@pytest.fixture
def first_link(db: Connection, clock: Clock) -> str:
    """The link of the box's console before there is an owner."""
    return f"/open/{access.add_link(db, None, at=clock())}"


def choose(client: FlaskClient, link: str, password: str = CHOSEN, again: str = CHOSEN, **more: str) -> int:
    token = form_token(client.get(link).text)
    sent = {"password": password, "again": again, "form_token": token, **more}
    return client.post(link, data=sent).status_code


def test_before_there_is_an_owner_the_box_says_how_to_become_it(stranger: FlaskClient) -> None:
    assert stranger.get("/sign-in").location == "/first"
    page = stranger.get("/first").text
    assert "attendant admin-link" in page
    assert "<form" not in page


def test_a_link_of_the_console_makes_the_owner_once(
    stranger: FlaskClient, app: Flask, db: Connection, first_link: str
) -> None:
    assert choose(stranger, first_link, name="Ana Ruiz") == 303
    assert stranger.get("/today").status_code == 200
    assert stranger.get(first_link).status_code == 410
    assert app.test_client().get("/first").location == "/sign-in"
    (made,) = accounts.every(db)
    assert (made.name, made.role) == ("Ana Ruiz", Role.OWNER)
    assert [row.deed for row in audit.page(db)][1:] == ["signed in", "owner made"]
    assert sign_in(app.test_client(), "ana ruiz", CHOSEN) == 303


def test_a_second_link_makes_no_second_owner(
    stranger: FlaskClient, app: Flask, db: Connection, first_link: str, clock: Clock
) -> None:
    page = form_token(stranger.get(first_link).text)
    db.execute("UPDATE access_link SET account_id = NULL")
    other = app.test_client()
    second = f"/open/{access.add_link(db, None, at=clock())}"
    sent = {"password": CHOSEN, "again": CHOSEN, "form_token": page, "name": "Eve"}
    assert stranger.post(first_link, data=sent).status_code == 410, "a newer link withdraws it"
    assert choose(other, second, name="Ana Ruiz") == 303
    assert [account.name for account in accounts.every(db)] == ["Ana Ruiz"]


def test_looking_at_a_link_does_not_use_it_up(stranger: FlaskClient, first_link: str) -> None:
    for _ in range(3):
        assert stranger.get(first_link).status_code == 200
        assert stranger.head(first_link).status_code == 200
    assert choose(stranger, first_link, name="Ana Ruiz") == 303


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"name": "", "password": CHOSEN, "again": CHOSEN}, "This is needed."),
        ({"name": "  …  ", "password": CHOSEN, "again": CHOSEN}, "Use letters."),
        ({"name": "Ana", "password": "short", "again": "short"}, "Too short"),
        ({"name": "Ana", "password": CHOSEN, "again": CHOSEN + "x"}, "The two are not the same."),
        ({"name": "Ana", "password": "Riverside2026", "again": "Riverside2026"}, "Too easy to guess"),
        ({"name": "Margarethe", "password": "margarethe-99", "again": "margarethe-99"}, "Too easy to guess"),
        ({"name": "Ana", "password": "x" * 300, "again": "x"}, "This is too long."),
        ({"name": "A\x07na", "password": CHOSEN, "again": CHOSEN}, "characters that cannot be typed"),
    ],
)
def test_what_is_wrong_is_said_and_the_link_waits(
    stranger: FlaskClient, db: Connection, first_link: str, sent: dict[str, str], said: str
) -> None:
    token = form_token(stranger.get(first_link).text)
    answer = stranger.post(first_link, data={**sent, "form_token": token})
    assert answer.status_code == 422
    assert said in answer.text
    assert f'value="{sent["password"]}"' not in answer.text
    assert accounts.every(db) == []
    assert stranger.get(first_link).status_code == 200


def test_a_link_does_not_wait_for_ever(stranger: FlaskClient, clock: Clock, first_link: str) -> None:
    clock.pass_by(29.9)
    assert stranger.get(first_link).status_code == 200
    clock.pass_by(0.1)
    assert stranger.get(first_link).status_code == 410


@pytest.mark.parametrize(
    ("token", "status"),
    [
        ("x", 410),
        ("%00", 410),
        ("a" * 5000, 410),
        ("%ff%fe", 410),
        ("' OR 1=1 --", 410),
        ("..%2f..%2fetc", 404),
    ],
)
def test_a_wrong_link_opens_nothing(stranger: FlaskClient, token: str, status: int) -> None:
    assert stranger.get(f"/open/{token}").status_code == status
    assert stranger.get("/calls").status_code == 401


def test_whoever_tries_wrong_links_waits(
    stranger: FlaskClient, app: Flask, clock: Clock, first_link: str
) -> None:
    for _ in range(attempts.MOST):
        assert stranger.get("/open/wrong").status_code == 410
    assert stranger.get(first_link).status_code == 429
    elsewhere = app.test_client().get(first_link, environ_overrides={"REMOTE_ADDR": "192.168.1.7"})
    assert elsewhere.status_code == 200
    clock.pass_by(15)
    assert stranger.get("/open/wrong").status_code == 410


def test_who_lost_a_password_chooses_another_and_is_signed_out_elsewhere(
    browser: FlaskClient, stranger: FlaskClient, db: Connection, owner: Account, clock: Clock
) -> None:
    link = f"/open/{access.add_link(db, owner.id, at=clock())}"
    assert "For Ana Ruiz." in stranger.get(link).text
    assert choose(stranger, link) == 303
    assert browser.get("/today").status_code == 401
    assert stranger.get("/today").status_code == 200
    assert sign_in(browser, owner.name, PASSWORD) == 422
    assert sign_in(browser, owner.name, CHOSEN) == 303


def test_a_link_lifts_the_wait_of_its_account(
    stranger: FlaskClient, app: Flask, db: Connection, owner: Account, clock: Clock
) -> None:
    for _ in range(attempts.MOST):
        sign_in(stranger, owner.name, "wrong")
    elsewhere = app.test_client()
    elsewhere.environ_base["REMOTE_ADDR"] = "192.168.1.7"
    assert sign_in(elsewhere, owner.name) == 429
    assert choose(elsewhere, f"/open/{access.add_link(db, owner.id, at=clock())}") == 303
    assert elsewhere.get("/today").status_code == 200


def test_a_link_of_an_account_that_ended_opens_nothing(
    stranger: FlaskClient, db: Connection, owner: Account, clock: Clock
) -> None:
    desk = accounts.add(db, "Ben", Role.FRONT_DESK, at=clock())
    link = f"/open/{access.add_link(db, desk.id, at=clock())}"
    accounts.end(db, desk.id, at=clock())
    assert stranger.get(link).status_code == 410


def test_a_link_does_not_get_around_the_second_step(
    stranger: FlaskClient, db: Connection, owner: Account, clock: Clock
) -> None:
    accounts.offer_secret(db, owner.id, "A" * 32)
    accounts.take_secret(db, owner.id, 1, [])
    assert choose(stranger, f"/open/{access.add_link(db, owner.id, at=clock())}") == 303
    assert stranger.get("/today").status_code == 401
    assert "Second step" in stranger.get("/sign-in/code").text


def test_a_link_opened_by_somebody_who_is_signed_in_changes_who_that_is(
    browser: FlaskClient, db: Connection, clock: Clock
) -> None:
    desk = accounts.add(db, "Ben", Role.FRONT_DESK, at=clock())
    assert choose(browser, f"/open/{access.add_link(db, desk.id, at=clock())}") == 303
    assert browser.get("/people").status_code == 403
    come_in(browser, db, desk, clock())
