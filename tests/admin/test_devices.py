"""Desk phones: whether they can be rung, how one is set up, and gone by its extension."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from admin.app import create_app
from admin.devices import shown
from admin.today.asking import Told
from appliance.core.phones import Phone
from appliance.core.settings import Asterisk, Settings, checked
from appliance.store import audit, codes, database, phones, times
from appliance.store.accounts import Role
from appliance.store.database import Connection
from tests.admin import people, rows
from tests.admin.test_calls import text_of
from tests.admin.test_lights import saying

TOKEN = {"form_token": "f" * 32}
NEW = {"extension": "101", "name": "Front desk", "whose": "staff"}


def send(browser: FlaskClient, path: str, **sent: str) -> tuple[int, str]:
    answer = browser.post(f"/devices{path}", data={**TOKEN, **sent})
    return answer.status_code, answer.text


def known(db: Connection) -> list[Phone]:
    return phones.phones(db)


def test_without_a_phone_the_page_says_what_one_is_for(browser: FlaskClient) -> None:
    page = text_of(browser.get("/devices").text)
    assert "No phone yet Add one for each telephone of the clinic" in page
    assert "The box's own telephone system is switched off" in page


def test_one_is_added_and_its_sheet_is_shown(browser: FlaskClient, db: Connection) -> None:
    assert 'value="101"' in browser.get("/devices/new").text
    code, page = send(browser, "/new", **NEW)
    assert code == 200
    (phone,) = known(db)
    assert (phone.extension, phone.name, phone.staff) == ("101", "Front desk", True)
    told = text_of(page)
    assert f"User name 101 Password {phone.secret}" in told
    assert "Port 5060" in told
    assert "<svg" in page
    assert 'value="102"' in browser.get("/devices/new").text
    assert [(row.deed, row.target) for row in audit.page(db) if row.actor.who] == [
        ("phone added", "101 Front desk")
    ]


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"extension": "1"}, "An extension has two to five digits"),
        ({"extension": "012"}, "An extension has two to five digits"),
        ({"extension": "1o1"}, "An extension has two to five digits"),
        ({"extension": "911"}, "This is dialled for help."),
        ({"extension": "100"}, "By this the assistant is reached."),
        ({"extension": "105"}, "There is a phone with this extension already."),
        ({"extension": ""}, "This is needed."),
        ({"name": ""}, "This is needed."),
        ({"name": "x" * 41}, "This is too long."),
        ({"name": 'The "desk"'}, "A name has no quotation marks"),
        ({"name": "a;b"}, "A name has no quotation marks"),
        ({"whose": "nobody"}, "Choose one of these."),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    browser: FlaskClient, db: Connection, sent: dict[str, str], said: str
) -> None:
    phones.add(db, "105", "Nurses", at=rows.NOW)
    code, page = send(browser, "/new", **{**NEW, **sent})
    assert code == 422
    assert said in text_of(page)
    assert len(known(db)) == 1


def test_a_password_is_seen_on_its_sheet_alone_and_that_is_noted(
    browser: FlaskClient, db: Connection
) -> None:
    phone = phones.add(db, "101", "Front desk", at=rows.NOW)
    pages = [browser.get(path).text for path in ("/devices", "/devices/one/101", "/devices/live")]
    assert all(phone.secret not in page for page in pages)
    code, page = send(browser, "/one/101/sheet")
    assert (code, phone.secret in page) == (200, True)
    assert [row.deed for row in audit.page(db) if row.actor.who] == ["phone's password shown"]
    assert phone.secret not in browser.get("/audit").text


def test_who_gets_at_it_is_changed_and_it_goes_by_its_extension(browser: FlaskClient, db: Connection) -> None:
    phones.add(db, "101", "Front desk", at=rows.NOW)
    assert send(browser, "/one/101/whose", whose="public")[0] == 303
    assert not known(db)[0].staff
    assert "Anybody gets at it" in browser.get("/devices").text
    assert send(browser, "/one/101/whose", whose="me")[0] == 422
    code, page = send(browser, "/one/101/remove", sure="102")
    assert (code, "This is not its extension." in page) == (422, True)
    assert send(browser, "/one/101/remove", sure="101")[0] == 303
    assert known(db) == []
    for path in ("/one/101", "/one/..", "/one/101'"):
        assert browser.get(f"/devices{path}").status_code == 404
        assert send(browser, f"{path}/remove", sure="101")[0] == 404


PHONES = [Phone(extension=each, name=each, secret="x" * 24) for each in ("101", "102")]


@pytest.mark.parametrize(
    ("bridge", "states"),
    [
        (Told(there=True, parts={"phones": {"state": "ok"}}), ["there", "there"]),
        (Told(there=True, parts={"phones": {"state": "ok", "unreachable": ["102"]}}), ["there", "away"]),
        (Told(there=True, parts={"phones": {"state": "nobody", "unreachable": [102]}}), ["there", "away"]),
        (Told(there=True, parts={"phones": {"state": "not known"}}), ["unknown", "unknown"]),
        (Told(there=True, parts={"phones": {"state": "ok", "unreachable": "102"}}), ["there", "there"]),
        (Told(there=True, parts={}), ["unknown", "unknown"]),
        (Told(there=False), ["unknown", "unknown"]),
    ],
)
def test_each_is_as_the_bridge_hears_of_it(bridge: Told, states: list[str]) -> None:
    assert [each.state for each in shown.devices(PHONES, bridge)] == states


def test_a_phone_that_goes_is_another_version_of_the_page(settings: Settings, db: Connection) -> None:
    phones.add(db, "101", "Front desk", at=rows.NOW)
    part: dict[str, Any] = {"state": "ok"}
    with saying(lambda: (200, json.dumps({"parts": {"phones": part}}).encode())) as (port, _):
        listen = {"local_port": port, "worker_port": 0}
        given = checked({"box": {"data_dir": str(settings.box.data_dir)}, "listen": listen}, "test")
        app = create_app(given, now=lambda: rows.NOW)
        app.extensions["standing"].kept_s = 0
        client = app.test_client()
        people.come_in(client, db, people.add(db, Role.IT, rows.NOW), rows.NOW)
        assert "101 Front desk Can be rung" in text_of(client.get("/devices").text)
        version = client.get("/devices/live").headers["ETag"]
        assert client.get("/devices/live", headers={"If-None-Match": version}).status_code == 304
        part["unreachable"] = ["101"]
        answer = client.get("/devices/live", headers={"If-None-Match": version})
        assert "Not registered" in answer.text
        assert "Is it on, in the clinic" in client.get("/devices/one/101").text


def test_a_sheet_names_the_address_at_which_phones_register() -> None:
    everywhere = shown.sheet(PHONES[0], Asterisk(), "192.168.1.5")
    assert (everywhere.server, everywhere.port) == ("192.168.1.5", 5060)
    assert everywhere.text == (
        f"SIP server: 192.168.1.5\nPort: 5060 (UDP)\nUser name: 101\nPassword: {'x' * 24}"
    )
    assert shown.sheet(PHONES[0], Asterisk(sip_host="10.0.0.9"), "192.168.1.5").server == "10.0.0.9"


def test_what_phones_had_done_by_codes_is_told(browser: FlaskClient, db: Connection) -> None:
    phones.add(db, "101", "Front desk", at=rows.NOW)
    with database.immediate(db):
        codes.close_today(db, "101", now=times.read(rows.at(30)))
    assert "101 closed the clinic for the day Today, 11:00 AM" in text_of(browser.get("/devices").text)


def test_a_system_of_the_clinics_own_has_its_phones_elsewhere(settings: Settings, db: Connection) -> None:
    tree = {"box": {"data_dir": str(settings.box.data_dir)}, "listen": {"local_port": 0, "worker_port": 0}}
    given = checked({**tree, "asterisk": {"enabled": True, "existing": True}}, "test")
    client = create_app(given, now=lambda: rows.NOW).test_client()
    people.come_in(client, db, people.add(db, Role.IT, rows.NOW), rows.NOW)
    page = text_of(client.get("/devices").text)
    assert "are those of the clinic's own telephone system" in page
    assert "Add a phone" not in page


def test_names_are_text(browser: FlaskClient, db: Connection) -> None:
    phones.add(db, "101", "Anna & {{ 7*7 }}", at=rows.NOW)
    for path in ("/devices", "/devices/one/101"):
        assert "Anna &amp; {{ 7*7 }}" in browser.get(path).text
