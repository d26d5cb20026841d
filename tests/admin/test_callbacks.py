"""The callback list as the front desk works through it."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from appliance.core.callbacks import Cause, Urgency
from appliance.store import (
    audit,
    callback_causes,
    callback_rows,
    callbacks,
    message_corrections,
    messages,
    times,
    voicemail,
)
from appliance.store.accounts import Account, Role
from appliance.store.callback_causes import Reason
from appliance.store.callback_rows import Entry, State
from appliance.store.database import Connection
from appliance.store.message_texts import MessageText, TextState
from appliance.store.messages import Told
from tests.admin import people, rows
from tests.admin.conftest import Clock
from tests.admin.test_calls import text_of

TOKEN = {"form_token": "f" * 32}
ANA, TALK, HOSTILE = "Ana Ruiz", "+12125550188", "+13475550166"


@pytest.fixture
def talk(db: Connection) -> int:
    """The entry of the caller who wants to be called before three."""
    found = callback_rows.open_of(db, TALK)
    assert found is not None
    return found


def do(browser: FlaskClient, entry_id: int, what: str, **sent: str) -> str:
    """Press a button; return where that leads."""
    answer = browser.post(f"/callbacks/{entry_id}/{what}", data={**TOKEN, **sent})
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def add(db: Connection, once: str, number: str, urgency: Urgency = Urgency.NORMAL) -> Entry:
    reason = Reason(once, Cause.CALL_BACK, times.read(rows.NOW), number, urgency)
    return callback_rows.get(db, callback_causes.note(db, reason))


def test_what_presses_most_stands_first_with_why_and_by_when(browser: FlaskClient, db: Connection) -> None:
    add(db, "danger", "+12125550190", Urgency.EMERGENCY)
    seen = text_of(browser.get("/callbacks").text)
    assert "To call back 6 Emergencies 1 Overdue 2 Somebody has them 0" in seen
    assert seen.index("(212) 555-0190 Emergency? Due Today, 11:40 AM") < seen.index("Overdue since Yesterday")
    assert "(212) 555-0188 Due Today, 3:10 PM Left a message · Today, 11:10 AM" in seen
    assert "Call back before three · Earache, her son." in seen
    assert "Number withheld Overdue since Yesterday, 9:51 AM The call broke off" in seen


def test_a_caller_is_taken_tried_and_done_by_one_press_each(
    browser: FlaskClient, db: Connection, talk: int
) -> None:
    assert do(browser, talk, "take", next="/callbacks?view=nobody") == "/callbacks?view=nobody"
    assert do(browser, talk, "attempt", next="/callbacks") == "/callbacks"
    entry = callback_rows.get(db, talk)
    assert (entry.owner, entry.attempts, entry.state) == (ANA, 1, State.OPEN)
    assert "Yours Tried: 1" in text_of(browser.get("/callbacks").text)
    then = do(browser, talk, "done", view="mine")
    assert then == f"/callbacks?view=mine&done={talk}"
    assert callback_rows.get(db, talk).ended_by == ANA
    assert "Done: (212) 555-0188 Undo" in text_of(browser.get(then).text)
    done = text_of(browser.get("/callbacks/done").text)
    assert "(212) 555-0188 Done by Ana Ruiz, Today, 11:30 AM" in done


def test_a_try_that_was_none_is_taken_back_by_whoever_told_it(
    browser: FlaskClient, db: Connection, talk: int, browser_of: Callable[[Role], FlaskClient]
) -> None:
    assert "I did not call" not in browser.get(f"/callbacks/{talk}").text
    do(browser, talk, "attempt", again="60")
    assert "I did not call" not in browser_of(Role.FRONT_DESK).get(f"/callbacks/{talk}").text
    assert "I did not call" in browser.get(f"/callbacks/{talk}").text
    assert do(browser, talk, "not-tried") == f"/callbacks/{talk}"
    assert callback_rows.get(db, talk).attempts == 0
    seen = text_of(browser.get(f"/callbacks/{talk}").text)
    assert "That try was a mistake" in seen
    assert "I did not call" not in seen
    do(browser, talk, "not-tried")
    assert callback_rows.get(db, talk).attempts == 0
    assert [row.deed for row in audit.page(db)][:2] == ["callback not tried", "callback tried"]


def test_what_was_done_is_open_again_with_all_that_came_since(
    browser: FlaskClient, db: Connection, talk: int
) -> None:
    do(browser, talk, "done")
    newer = add(db, "again", TALK)
    assert newer.id != talk
    do(browser, talk, "undo", next="/callbacks")
    entry = callback_rows.get(db, talk)
    assert entry.state is State.OPEN
    assert [each.cause for each in entry.causes] == [Cause.MESSAGE, Cause.CALL_BACK]
    merged = text_of(browser.get(f"/callbacks/{newer.id}").text)
    assert "This belongs to another entry of the same caller now" in merged
    assert "Undo" not in browser.get(f"/callbacks?done={talk}").text


def test_a_press_that_comes_too_late_says_so(browser: FlaskClient, db: Connection, talk: int) -> None:
    now = times.read(rows.NOW)
    callbacks.take(db, talk, "Ben", now=now)
    assert do(browser, talk, "take", next="/callbacks") == f"/callbacks/{talk}"
    assert "Somebody else was quicker" in browser.get(f"/callbacks/{talk}").text
    assert "Take it over from Ben" in browser.get(f"/callbacks/{talk}").text
    do(browser, talk, "take", over="1")
    assert callback_rows.get(db, talk).owner == ANA
    do(browser, talk, "give-back")
    assert callback_rows.get(db, talk).owner == ""
    callbacks.done(db, talk, "Ben", now=now)
    do(browser, talk, "attempt")
    assert callback_rows.get(db, talk).attempts == 0


def test_the_page_of_a_caller_tells_all_there_is(browser: FlaskClient, db: Connection, talk: int) -> None:
    do(browser, talk, "note", words="Her son is Leo")
    do(browser, talk, "attempt", words="mailbox full", again="30")
    seen = text_of(browser.get(f"/callbacks/{talk}").text)
    assert "(212) 555-0188 Due Today, 12:00 PM Tried: 1" in seen
    assert "Put off: due Today, 12:00 PM" in seen
    assert "Called, and not reached : mailbox full" in seen.replace("reached:", "reached :")
    assert "Note: Her son is Leo" in seen
    assert "New: Left a message" in seen
    assert "Wants a nurse to ring back before 3 p.m." in seen
    assert f'href="tel:{TALK}"' in browser.get(f"/callbacks/{talk}").text
    assert 'href="/calls/talk"' in browser.get(f"/callbacks/{talk}").text


def test_what_was_promised_before_stands_beside_it(browser: FlaskClient, db: Connection, talk: int) -> None:
    do(browser, talk, "done")
    newer = add(db, "again", TALK)
    assert "Done by Ana Ruiz, Today, 11:30 AM" in text_of(browser.get(f"/callbacks/{newer.id}").text)


def test_it_is_put_off_with_a_note(browser: FlaskClient, db: Connection, talk: int) -> None:
    do(browser, talk, "put-off", again="1440", words="back tomorrow")
    entry = callback_rows.get(db, talk)
    assert entry.due_at == times.read(rows.NOW) + timedelta(days=1)
    assert [each.what for each in callback_rows.history(db, talk)] == ["cause", "note", "put off"]
    assert "Due Tomorrow, 11:30 AM" in text_of(browser.get("/callbacks").text)


@pytest.mark.parametrize(
    ("what", "sent", "said"),
    [
        ("note", {"words": "  "}, "This is needed."),
        ("note", {"words": "x" * 2001}, "This is too long."),
        ("put-off", {"words": "later", "again": ""}, "Choose when it is due again."),
        ("put-off", {"again": "7"}, "Choose one of these."),
        ("attempt", {"again": "-30"}, "Choose one of these."),
        ("done", {"words": "a\x00b"}, "This holds characters that cannot be typed."),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_changes_nothing(
    browser: FlaskClient, db: Connection, talk: int, what: str, sent: dict[str, str], said: str
) -> None:
    before = callback_rows.get(db, talk)
    answer = browser.post(f"/callbacks/{talk}/{what}", data={**TOKEN, **sent})
    assert answer.status_code == 422
    assert said in answer.text
    assert callback_rows.get(db, talk) == before
    assert len(callback_rows.history(db, talk)) == 1


def test_views_show_whose_they_are(browser: FlaskClient, db: Connection, talk: int) -> None:
    assert "You have taken none of them." in browser.get("/callbacks?view=mine").text
    do(browser, talk, "take")
    assert "(212) 555-0188" in browser.get("/callbacks?view=mine").text
    assert "(212) 555-0188" not in browser.get("/callbacks?view=nobody").text
    assert browser.get("/callbacks?view=theirs").status_code == 404


def test_a_long_list_goes_on_behind_its_last(browser: FlaskClient, db: Connection) -> None:
    for number in range(60):
        add(db, f"c{number}", f"+1212555{1000 + number}")
    seen: list[str] = []
    path = "/callbacks"
    while path:
        page = browser.get(path).text
        assert len(page.encode()) < 65_000
        seen += re.findall(r'<h2><a href="/callbacks/([0-9]+)"', page)
        path = "".join(re.findall(r'href="(/callbacks\?after=[0-9]+)" rel="next"', page))
    assert len(seen) == len(set(seen)) == 65


def test_an_empty_list_says_what_will_be_there(browser: FlaskClient, db: Connection) -> None:
    assert "Nothing is done yet" in browser.get("/callbacks/done").text
    for entry in callback_rows.open_page(db):
        callbacks.done(db, entry.id, "Ben", now=times.read(rows.NOW))
    assert "Nobody is to be called back" in browser.get("/callbacks").text


def test_the_list_is_live(browser: FlaskClient, db: Connection, clock: Clock, talk: int) -> None:
    answer = browser.get("/callbacks/live")
    known = {"If-None-Match": answer.headers["ETag"]}
    assert f"data-version={answer.headers['ETag']}" in browser.get("/callbacks").text
    assert browser.get("/callbacks/live", headers=known).status_code == 304
    assert browser.get("/callbacks/live?view=mine", headers=known).status_code == 200
    callbacks.take(db, talk, "Ben", now=times.read(rows.NOW))
    newer = browser.get("/callbacks/live", headers=known)
    assert "Ben has it" in newer.text
    known = {"If-None-Match": newer.headers["ETag"]}
    clock.pass_by(1)
    assert browser.get("/callbacks/live", headers=known).status_code == 200


def test_who_only_looks_sees_no_buttons(
    browser_of: Callable[[Role], FlaskClient], owner: Account, talk: int
) -> None:
    looking = browser_of(Role.READ_ONLY)
    for path in ("/callbacks", f"/callbacks/{talk}", "/callbacks/done"):
        main = looking.get(path).text.partition("<main")[2]
        assert "<button" not in main
    assert browser_of(Role.IT).get("/callbacks").status_code == 403


def test_every_change_is_in_the_audit_log_without_a_word_of_it(
    browser: FlaskClient, db: Connection, talk: int
) -> None:
    for what in ("take", "note", "attempt", "put-off", "give-back", "done", "undo"):
        do(browser, talk, what, words="very private", again="30")
    noted = [row for row in audit.page(db) if row.deed.startswith("callback")]
    assert [row.deed.removeprefix("callback ") for row in reversed(noted)] == [
        "taken", "noted", "tried", "put off", "given back", "done", "undone",
    ]  # fmt: skip
    assert {(row.actor.who, row.target) for row in noted} == {(ANA, str(talk))}
    assert "private" not in str(noted)
    assert f"Was done with callback {talk}" in browser.get("/audit?kind=callbacks").text


def test_what_callers_left_stays_text(browser: FlaskClient, db: Connection) -> None:
    hostile = callback_rows.open_of(db, HOSTILE)
    for path in ("/callbacks", f"/callbacks/{hostile}"):
        page = browser.get(path).text
        assert "<script>alert" not in page
        assert "{{ 7*7 }}" in page


@pytest.mark.parametrize("path", ["/callbacks/999", "/callbacks/0", f"/callbacks/{2**64}",
                                  "/callbacks?after=999",
                                  "/callbacks?done=999", "/callbacks/done?before=-1"])  # fmt: skip
def test_what_is_not_there_is_not_found(browser: FlaskClient, path: str) -> None:
    assert browser.get(path).status_code == 404


def test_a_button_never_leads_out_of_the_pages(app: Flask, browser: FlaskClient, talk: int) -> None:
    for wanted in ("https://evil.example/", "//evil.example", "/\\evil.example"):
        assert do(browser, talk, "take", next=wanted) == f"/callbacks/{talk}"


HEARD = MessageText(
    1, TextState.WRITTEN, text="This is Anna Luis. Call 212 555 0123. My leg amputation.", language="en",
    confidence=0.81, summary="My leg amputation.", name="Anna Luis", number="+12125550123", number_said=True,
    made_by="gpt-5-mini",
)  # fmt: skip
VOICE = "+19175550177"
BY_MACHINE = "Written by a machine, and summed up by the cloud (gpt-5-mini) · sure: 81 %. Listen before"


@pytest.fixture
def heard(db: Connection) -> int:
    """The entry of a voicemail that a machine wrote down."""
    message = messages.one(db, 1)
    assert message is not None
    voicemail.written(db, message, HEARD, "RE1.wav", now=times.read(rows.NOW))
    found = callback_rows.open_of(db, VOICE)
    assert found is not None
    return found


def card_of(browser: FlaskClient, entry_id: int) -> str:
    """A card of the list, as it is written."""
    cards = browser.get("/callbacks").text.split("<li ")
    card = next(card for card in cards if f'href="/callbacks/{entry_id}"' in card)
    return f"<main>{card}</main>"


def test_what_a_machine_wrote_is_marked_and_the_number_that_was_said_is_dialled(
    browser: FlaskClient, heard: int
) -> None:
    card = card_of(browser, heard)
    assert "Anna Luis" in card
    assert f"My leg amputation. {BY_MACHINE}" in text_of(card)
    for page in (card, browser.get(f"/callbacks/{heard}").text):
        assert page.index('href="tel:+12125550123"') < page.index(f'href="tel:{VOICE}"')
    assert "or (917) 555-0177" in text_of(card)
    assert 'href="tel:+12125550123"' in browser.get("/today").text


def test_what_staff_put_right_stands_first_and_unmarked(
    browser: FlaskClient, db: Connection, heard: int
) -> None:
    right = {"text": "My leg examination.", "name": "Ana Ruiz", "number": "+12125550124"}
    message_corrections.add(db, 1, by="Ben", at=rows.NOW, **right)
    card = card_of(browser, heard)
    seen = text_of(card)
    assert ("Ana Ruiz" in seen, "My leg examination." in seen) == (True, True)
    assert not any(wrong in seen for wrong in ("Anna", "amputation", "machine", "0123"))
    assert 'href="tel:+12125550124"' in card


def test_words_of_the_assistant_are_marked(browser: FlaskClient, db: Connection, talk: int) -> None:
    rows.call_back(db, Told(name="Eva", words="I want to know what I owe."))
    assert "Worded by the assistant." in text_of(card_of(browser, talk))


def test_it_is_said_in_spanish(app: Flask, db: Connection, owner: Account, talk: int) -> None:
    client = app.test_client()
    people.come_in(client, db, owner, rows.NOW)
    seen = text_of(client.get(f"/callbacks/{talk}", headers={"Accept-Language": "es"}).text)
    assert "Pendiente: Hoy, 3:10 p. m." in seen
    assert "Nuevo: Dejó un mensaje" in seen
