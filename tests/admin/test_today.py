"""Today, and its live part: what changed is another version, and what did not is not sent."""

import pytest
from flask.testing import FlaskClient

from appliance.core.dispositions import Outcome
from appliance.core.story import Speaker
from appliance.store import calls, messages, office, transcripts
from appliance.store.accounts import Account
from appliance.store.database import Connection
from tests.admin import rows
from tests.admin.conftest import Clock
from tests.admin.test_calls import text_of


def live(browser: FlaskClient, version: str = "") -> tuple[int, str, str]:
    answer = browser.get("/today/live", headers={"If-None-Match": version} if version else {})
    return answer.status_code, answer.headers["ETag"], answer.text


def say(db: Connection, text: str, place: int = 0) -> None:
    transcripts.write(db, transcripts.TurnRow("now", place, Speaker.CALLER, text, True, False, rows.NOW))


def test_the_day_is_told_in_numbers(browser: FlaskClient) -> None:
    seen = text_of(browser.get("/today").text)
    assert "On the line now 1 Calls today 6 Reached nobody 2 To call back 5" in seen
    assert "Messages not dealt with 3" in seen
    assert "(212) 555-0199 On the line now since 11:28 AM · 1 min 30 s Caller Hello, I would like …" in seen


def test_a_quiet_box_says_what_will_be_here(browser: FlaskClient, db: Connection) -> None:
    calls.end(db, "now", rows.NOW, Outcome.HANDLED, "")
    assert "Nobody is on the line." in browser.get("/today").text


def test_the_page_shows_the_version_that_it_has(browser: FlaskClient) -> None:
    page = browser.get("/today").text
    code, version, _ = live(browser)
    assert code == 200
    assert f"data-version={version}" in page
    assert live(browser, version) == (304, version, "")


def test_what_is_said_is_seen_with_the_next_asking(browser: FlaskClient, db: Connection) -> None:
    _, version, _ = live(browser)
    say(db, "Hello, I would like an appointment")
    code, newer, part = live(browser, version)
    assert code == 200
    assert "an appointment" in part
    assert "<html" not in part
    assert live(browser, newer)[0] == 304
    say(db, "please", 1)
    assert live(browser, newer)[0] == 200


@pytest.mark.parametrize(
    "change",
    [
        lambda db: calls.end(db, "now", rows.NOW, Outcome.HANDLED, ""),
        lambda db: rows.begin(db, "next", "+12125550177", 0),
        lambda db: messages.mark_handled(db, 1, rows.NOW, "ana"),
        lambda db: office.set_value(db, "time_zone", "Asia/Tokyo", at=rows.NOW, by="ana"),
        lambda db: db.execute("UPDATE callback SET state = 'done', ended_at = due_at WHERE id = 1"),
    ],
)
def test_every_change_that_is_shown_is_another_version(
    browser: FlaskClient, db: Connection, change: object
) -> None:
    _, version, _ = live(browser)
    assert callable(change)
    change(db)
    assert live(browser, version)[0] == 200


def test_time_alone_is_another_version_once_a_minute(browser: FlaskClient, clock: Clock) -> None:
    _, version, _ = live(browser)
    clock.pass_by(0.5)
    assert live(browser, version)[0] == 304
    clock.pass_by(0.5)
    assert live(browser, version)[0] == 200


def test_a_version_is_its_readers_own(
    browser: FlaskClient, owner: Account, db: Connection, stranger: FlaskClient
) -> None:
    _, version, _ = live(browser)
    browser.post("/account/language", data={"language": "es", "form_token": "f" * 32})
    code, _, part = live(browser, version)
    assert code == 200
    assert "En la línea ahora" in part
    assert stranger.get("/today/live", headers={"If-None-Match": version}).status_code == 401


def test_what_callers_say_stays_text(browser: FlaskClient, db: Connection) -> None:
    say(db, rows.HOSTILE)
    for path in ("/today", "/today/live"):
        page = browser.get(path).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;" in page
