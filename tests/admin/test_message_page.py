"""One message: heard, corrected, dealt with, and each of that undone; and who may."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from appliance.store import callback_rows, jobs, message_corrections, message_texts, messages
from appliance.store.accounts import Role
from appliance.store.callback_rows import State
from appliance.store.database import Connection
from appliance.store.message_texts import MessageText, TextState, Word
from tests.admin import rows
from tests.admin.test_calls import text_of

TOKEN = {"form_token": "f" * 32}
HEARD = MessageText(
    1,
    TextState.WRITTEN,
    text="This is Anna Luis.",
    language="en",
    words=(Word("This", 40, 90, 0.9), Word("is", 100, 160, 0.9)),
    name="Anna Luis",
    made_by="rules",
)
RIGHT = {"text": "This is Ana Ruiz.", "name": "Ana Ruiz", "number": "(347) 555-0123"}


@pytest.fixture(autouse=True)
def heard(db: Connection) -> None:
    """What a machine heard in the morning's voicemail."""
    message_texts.put(db, HEARD, rows.NOW)


def correct(browser: FlaskClient, **typed: str) -> int:
    return browser.post("/messages/1/correct", data={**TOKEN, **typed}).status_code


def deeds(db: Connection) -> list[tuple[str, str]]:
    return [tuple(row) for row in db.execute("SELECT deed, target FROM audit WHERE deed LIKE 'message%'")]


def test_a_message_is_heard_read_and_called_back_from_its_page(browser: FlaskClient) -> None:
    page = browser.get("/messages/1").text
    assert '<audio controls preload="none" src="/messages/1/recording"' in page
    assert 'data-sound="/messages/1/recording"' in page
    assert 'href="tel:+19175550177"' in page
    assert 'href="/calls/voice"' in page
    assert re.search(r'href="/callbacks/\d+"', page)
    seen = text_of(page)
    assert "This is Anna Luis." in seen
    assert "Written by a machine" in seen


@pytest.mark.parametrize("state", [TextState.NOT_WRITTEN, TextState.FAILED, TextState.NO_SPEECH])
def test_what_nobody_wrote_down_is_tried_again_when_staff_ask_for_it(
    browser: FlaskClient, db: Connection, state: TextState
) -> None:
    button = "/messages/1/write"
    assert button not in browser.get("/messages/1").text
    message_texts.put(db, MessageText(1, state, problem="the speech program was away"), rows.NOW)
    page = browser.get("/messages/1").text
    assert ("the speech program was away" in text_of(page)) is (state is not TextState.NO_SPEECH)
    assert button in page
    assert browser.post(button, data=TOKEN).status_code == 303
    (job,) = jobs.page(db, kind="write_down")
    assert (job.key, job.state) == ("write_down:1", jobs.State.QUEUED)
    assert deeds(db) == [("message written again", "1")]
    assert browser.post("/messages/99/write", data=TOKEN).status_code == 404


def test_a_correction_stands_beside_what_was_heard(browser: FlaskClient, db: Connection) -> None:
    assert correct(browser, **RIGHT) == 303
    seen = text_of(browser.get("/messages/1").text)
    assert "Ana Ruiz Voicemail" in seen
    assert seen.index("This is Ana Ruiz. Corrected by Ana Ruiz, Today, 11:30 AM") < seen.index(
        "This is Anna Luis."
    )
    assert 'href="tel:+13475550123"' in browser.get("/messages").text
    assert deeds(db) == [("message corrected", "1")]
    assert "555" not in str([tuple(row) for row in db.execute("SELECT detail FROM audit")])


def test_the_latest_correction_counts_and_is_taken_back(browser: FlaskClient, db: Connection) -> None:
    correct(browser, **RIGHT)
    correct(browser, **{**RIGHT, "name": "Ana María Ruiz"})
    latest, first = message_corrections.of_message(db, 1)
    assert "Earlier corrections" in text_of(browser.get("/messages/1").text)
    sent = {**TOKEN, "correction": str(latest.id)}
    page = browser.post("/messages/1/take-back", data=sent, follow_redirects=True).text
    assert message_corrections.of_message(db, 1) == [first]
    assert "The correction is taken back" in text_of(page)
    again = browser.post("/messages/1/take-back", data=sent, follow_redirects=True).text
    assert "Somebody else was quicker" in text_of(again)
    assert len(deeds(db)) == 3


def test_what_is_the_same_is_no_correction(browser: FlaskClient, db: Connection) -> None:
    form = browser.get("/messages/1").text
    assert 'value="Anna Luis"' in form
    assert correct(browser, text=HEARD.text, name=HEARD.name, number="917-555-0177") == 303
    assert message_corrections.of_message(db, 1) == []
    assert deeds(db) == []


def test_a_number_that_cannot_be_called_is_shown_with_what_is_wrong(
    browser: FlaskClient, db: Connection
) -> None:
    answer = browser.post("/messages/1/correct", data={**TOKEN, **RIGHT, "number": "12"})
    assert answer.status_code == 422
    assert "This is no number that can be rung" in answer.text
    assert '<details class="panel" open>' in answer.text
    assert message_corrections.of_message(db, 1) == []


def test_the_callback_list_learns_a_name_that_it_has_not(browser: FlaskClient, db: Connection) -> None:
    correct(browser, **RIGHT)
    names = {entry.name for entry in callback_rows.open_page(db)}
    assert "Ana Ruiz" in names


def test_a_corrected_message_is_found_by_what_it_says(browser: FlaskClient) -> None:
    assert "No call fits" in browser.get("/calls?text=mononucleosis").text
    correct(browser, **{**RIGHT, "text": "It is about mononucleosis."})
    assert "No call fits" not in browser.get("/calls?text=mononucleosis").text


def test_it_is_dealt_with_and_undone_with_its_entry(browser: FlaskClient, db: Connection) -> None:
    (entry,) = [
        each for each in callback_rows.open_page(db) if any(why.message_id == 1 for why in each.causes)
    ]
    done = browser.post("/messages/1/done", data={**TOKEN, "next": "/messages"})
    assert done.headers["Location"] == "/messages?done=1"
    page = browser.get("/messages?done=1").text
    assert 'action="/messages/1/open"' in page
    assert 'src="/messages/1/recording"' not in page
    assert "/messages/1" in browser.get("/messages?part=done").text
    assert callback_rows.get(db, entry.id).state is State.DONE
    browser.post("/messages/1/open", data={**TOKEN, "next": "/messages"})
    message = messages.one(db, 1)
    assert message is not None
    assert message.handled_at is None
    assert callback_rows.get(db, entry.id).state is State.OPEN
    assert deeds(db) == [("message done", "1"), ("message opened again", "1")]


def test_an_entry_with_more_in_it_stays_open(browser: FlaskClient, db: Connection) -> None:
    another = messages.add(db, call_sid="CAvoice", subject="And", body="more", at=rows.NOW)
    browser.post("/messages/1/done", data=TOKEN)
    (entry,) = [
        each for each in callback_rows.open_page(db) if any(why.message_id == 1 for why in each.causes)
    ]
    browser.post(f"/messages/{another}/done", data=TOKEN)
    assert callback_rows.get(db, entry.id).state is State.DONE


def test_done_twice_stays_whose_it_was(browser: FlaskClient, db: Connection) -> None:
    messages.mark_handled(db, 1, rows.NOW, "Ben")
    browser.post("/messages/1/done", data=TOKEN)
    message = messages.one(db, 1)
    assert message is not None
    assert message.handled_by == "Ben"


def test_parts_and_kinds_are_chosen(browser: FlaskClient) -> None:
    assert re.findall(r'<h2><a href="/messages/(\d+)"', browser.get("/messages").text) == ["4", "2", "1"]
    spoken = browser.get("/messages?kind=voicemail").text
    assert re.findall(r'<h2><a href="/messages/(\d+)"', spoken) == ["2", "1"]
    assert re.findall(r'<h2><a href="/messages/(\d+)"', browser.get("/messages?part=done").text) == ["3"]


def test_who_only_reads_hears_and_changes_nothing(browser_of: Callable[[Role], FlaskClient]) -> None:
    page = browser_of(Role.READ_ONLY).get("/messages/1").text
    assert "<audio" in page
    assert "/correct" not in page
    assert "/done" not in page


@pytest.mark.parametrize("number", ["0", "99", "x", str(2**63)])
def test_where_there_is_no_message_nothing_is_found(browser: FlaskClient, number: str) -> None:
    assert browser.get(f"/messages/{number}").status_code == 404
    assert browser.post(f"/messages/{number}/done", data=TOKEN).status_code == 404
    assert browser.post(f"/messages/{number}/correct", data={**TOKEN, **RIGHT}).status_code == 404


def test_what_staff_type_is_never_markup(browser: FlaskClient, db: Connection) -> None:
    correct(browser, text=rows.HOSTILE, name=rows.HOSTILE)
    for path in ("/messages", "/messages/1", "/calls/voice"):
        assert rows.HOSTILE not in browser.get(path).text
