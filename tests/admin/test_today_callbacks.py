"""The head of the callback list on Today, and what is done with it in one tap."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from appliance.store import callback_rows, callbacks, database, messages, times
from appliance.store.accounts import Account, Role
from appliance.store.database import Connection
from tests.admin import people, rows
from tests.admin.test_calls import text_of

NOW = times.read(rows.NOW)


def tap(browser: FlaskClient, entry_id: int, what: str) -> str:
    """Press a button of an entry; where it leads."""
    answer = browser.post(f"/today/callbacks/{entry_id}/{what}", data={"form_token": "f" * 32})
    assert answer.status_code == 303
    return answer.headers["Location"]


def first(db: Connection) -> callback_rows.Entry:
    return callback_rows.open_page(db, limit=1)[0]


def deeds(db: Connection) -> list[tuple[str, str]]:
    kept = db.execute("SELECT deed, target FROM audit WHERE deed LIKE 'callback%' ORDER BY id")
    return [(row[0], row[1]) for row in kept]


def test_who_waits_is_shown_with_why_and_since_when(browser: FlaskClient, db: Connection) -> None:
    rows.call_back(db, messages.Told("Ana Ruiz", "+13475550123", urgent=True, call_back=True))
    page = browser.get("/today").text
    assert "Ana Ruiz Urgent due Today," in text_of(page)
    assert "Asked for a call" in text_of(page)
    assert 'href="tel:+13475550123"' in page


def test_a_list_that_is_longer_says_so(browser: FlaskClient, db: Connection) -> None:
    for number in range(6):
        told = messages.Told(f"No. {number}", f"+1347555010{number}", call_back=True)
        messages.add(db, call_sid="CAtalk", subject="s", body="b", at=rows.NOW, caller=told)
    count = callback_rows.counts(db, NOW).open
    assert f"These are the first of {count};" in browser.get("/today").text


def test_an_entry_is_taken_and_given_back(browser: FlaskClient, db: Connection, owner: Account) -> None:
    entry = first(db)
    assert tap(browser, entry.id, "take") == "/today"
    assert callback_rows.get(db, entry.id).owner == owner.name
    assert f"{owner.name} has it" in text_of(browser.get("/today").text)
    tap(browser, entry.id, "give-back")
    assert callback_rows.get(db, entry.id).owner == ""
    assert deeds(db) == [("callback taken", str(entry.id)), ("callback given back", str(entry.id))]


def test_done_is_done_and_taken_back(browser: FlaskClient, db: Connection, owner: Account) -> None:
    entry = first(db)
    where = tap(browser, entry.id, "done")
    assert where == f"/today?done={entry.id}"
    held = callback_rows.get(db, entry.id)
    assert (held.state, held.ended_by) == (callback_rows.State.DONE, owner.name)
    page = browser.get(where).text
    assert "Done: " in text_of(page)
    assert f'action="/today/callbacks/{entry.id}/undo"' in page
    tap(browser, entry.id, "undo")
    assert callback_rows.get(db, entry.id).state is callback_rows.State.OPEN
    assert "/undo" not in browser.get(where).text
    assert [deed for deed, _ in deeds(db)] == ["callback done", "callback undone"]


def test_what_somebody_else_has_stays_theirs(browser: FlaskClient, db: Connection) -> None:
    entry = first(db)
    with database.immediate(db):
        callbacks.take(db, entry.id, "Ben", now=NOW)
    for what in ("take", "give-back"):
        tap(browser, entry.id, what)
        assert "Somebody else has taken this one meanwhile." in browser.get("/today").text
    assert callback_rows.get(db, entry.id).owner == "Ben"
    assert deeds(db) == []


def test_what_is_done_already_is_said_to_be(browser: FlaskClient, db: Connection) -> None:
    entry = first(db)
    with database.immediate(db):
        callbacks.done(db, entry.id, "Ben", now=NOW)
    tap(browser, entry.id, "take")
    page = browser.get("/today").text
    assert '<p class="flash care" role="status">This one is done already' in page
    assert "/undo" not in browser.get(f"/today?done={entry.id}").text


@pytest.mark.parametrize("query", ["done=0", "done=-1", "done=999", "done=x", "done=" + "9" * 30])
def test_no_such_entry_is_no_fault_of_the_page(browser: FlaskClient, query: str) -> None:
    assert browser.get(f"/today?{query}").status_code == 200


def test_an_entry_that_is_not_there_is_not_found(browser: FlaskClient) -> None:
    answer = browser.post("/today/callbacks/999/take", data={"form_token": "f" * 32})
    assert answer.status_code == 404


def test_who_only_reads_has_no_buttons(browser_of: Callable[[Role], FlaskClient]) -> None:
    page = browser_of(Role.READ_ONLY).get("/today").text
    assert "/take" not in page
    assert "/done" not in page
    assert "To call back" in page
    assert "/take" in browser_of(Role.FRONT_DESK).get("/today").text


def test_a_list_that_is_worked_off_says_what_will_stand_here(browser: FlaskClient, db: Connection) -> None:
    db.execute("DELETE FROM callback")
    assert "Nobody waits for a call." in browser.get("/today").text


def test_the_token_in_the_live_part_is_this_browsers(browser: FlaskClient) -> None:
    assert people.form_token(browser.get("/today/live").text) == "f" * 32
