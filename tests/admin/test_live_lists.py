"""The lists of calls and messages, and a message, while they are looked at."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from appliance.core.dispositions import Outcome
from appliance.store import calls, message_corrections, messages
from appliance.store.accounts import Role
from appliance.store.database import Connection
from tests.admin import rows
from tests.admin.conftest import Clock

LIVE = ("/calls", "/messages", "/messages/1")


def part_of(page: str) -> tuple[str, str]:
    """Where the live part of a page is asked for, and which version the page shows."""
    found = re.search(r'data-live="([^"]+)" data-version="?([0-9a-f]+)', page)
    assert found is not None
    return found.group(1).replace("&amp;", "&"), f'"{found.group(2)}"'


def asked(browser: FlaskClient, path: str, version: str) -> tuple[int, str, str]:
    answer = browser.get(path, headers={"If-None-Match": version})
    return answer.status_code, answer.headers["ETag"], answer.text


def change(db: Connection) -> None:
    """A call and a message come in, and the message of the morning is corrected."""
    rows.begin(db, "fresh", "+12125550123", 0.1)
    messages.add(db, call_sid="CAfresh", subject="A new one", body="Ring back", at=rows.NOW)
    message_corrections.add(db, 1, text="Ring back at three", name="Ana", number="", by="Ben", at=rows.NOW)


@pytest.mark.parametrize(
    ("path", "then"), [("/calls", "(212) 555-0123"), ("/messages", "A new one"), ("/messages/1", "at three")]
)
def test_what_changes_is_there_with_the_next_question(
    browser: FlaskClient, db: Connection, path: str, then: str
) -> None:
    live, version = part_of(browser.get(path).text)
    assert asked(browser, live, version)[0] == 304
    change(db)
    code, newer, part = asked(browser, live, version)
    assert (code, then in part, "<html" in part) == (200, True, False)
    assert asked(browser, live, newer)[0] == 304


@pytest.mark.parametrize(
    "path",
    ["/calls?outcome=voicemail&number=0177", "/calls?before=voice", "/messages?part=all&kind=message"],
)
def test_a_list_that_was_asked_for_stays_that_list(browser: FlaskClient, db: Connection, path: str) -> None:
    page = browser.get(path).text
    live, version = part_of(page)
    change(db)
    assert set(path.partition("?")[2].split("&")) <= set(live.partition("?")[2].split("&"))
    code, _, part = asked(browser, live, version)
    assert code == 200
    before = re.findall(r'href="/(?:calls|messages)/(\w+)"', page.partition("data-live")[2])
    assert set(re.findall(r'href="/(?:calls|messages)/(\w+)"', part)) >= set(before)
    if "calls" in path:
        assert "555-0123" not in part


def test_how_long_a_call_has_been_going_on_grows_by_the_minute(browser: FlaskClient, clock: Clock) -> None:
    live, version = part_of(browser.get("/calls").text)
    clock.pass_by(1)
    code, _, part = asked(browser, live, version)
    assert (code, "2 min 30 s" in part) == (200, True)


@pytest.mark.parametrize(
    "path",
    ["/calls/live?since=no", "/calls/live?before=none", "/messages/live?part=no", "/messages/99/live"],
)
def test_a_part_of_nothing_is_not_found(browser: FlaskClient, path: str) -> None:
    assert browser.get(path).status_code == 404


def test_words_of_an_address_that_mean_nothing_are_left_out(browser: FlaskClient) -> None:
    for path in LIVE:
        page = browser.get(f"{path}?_external=1&endpoint=x&_scheme=y&filename=z")
        assert page.status_code == 200
        assert not {"_external", "endpoint"} & set(re.findall(r"\w+", part_of(page.text)[0]))


def test_what_was_typed_wrong_is_not_taken_away(browser: FlaskClient) -> None:
    sent = {"form_token": "f" * 32, "text": "x", "name": "Ana", "number": "12"}
    page = browser.post("/messages/1/correct", data=sent)
    assert page.status_code == 422
    assert "data-live" not in page.text


def test_a_recording_can_be_kept_playing(browser: FlaskClient) -> None:
    for path, name in (("/messages", "player-1"), ("/messages/1", "recording-1")):
        page = browser.get(path).text
        kept = page.partition(f'data-keep="{name}"')[2]
        assert "<audio" in kept.partition("</div>")[0]


def test_a_call_that_ends_is_shown_as_it_went(browser: FlaskClient, db: Connection) -> None:
    page = browser.get("/calls").text
    assert "On the line now" in page
    live, version = part_of(page)
    calls.end(db, "now", rows.NOW, Outcome.HANDLED, "")
    code, _, part = asked(browser, live, version)
    assert (code, "On the line now" in part, "(212) 555-0199" in part) == (200, False, True)


def test_who_may_not_see_them_gets_no_part(browser_of: Callable[[Role], FlaskClient]) -> None:
    browser = browser_of(Role.IT)
    for path in ("/calls/live", "/messages/live", "/messages/1/live"):
        assert browser.get(path).status_code == 403
