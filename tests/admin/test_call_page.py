"""One call: live while it goes on; what the assistant did, its sources, and what left the building."""

import re

import pytest
from flask.testing import FlaskClient

from admin.calls import left, tools
from appliance.core.dispositions import Outcome
from appliance.core.events import ToolAnswered, ToolCall, ToolsAsked
from appliance.core.story import Speaker
from appliance.store import calls, citations, events, languages, left_building, transcripts
from appliance.store.citations import CitationRow
from appliance.store.database import Connection
from appliance.store.events import EventRow, written
from tests.admin import rows
from tests.admin.test_calls import text_of


def live(browser: FlaskClient, call_id: str, version: str = "") -> tuple[int, str, str]:
    headers = {"If-None-Match": version} if version else {}
    answer = browser.get(f"/calls/{call_id}/live", headers=headers)
    return answer.status_code, answer.headers["ETag"], answer.text


def say(db: Connection, text: str, place: int = 0) -> None:
    transcripts.write(db, transcripts.TurnRow("now", place, Speaker.CALLER, text, True, False, rows.NOW))


def test_a_call_that_is_going_on_is_live(browser: FlaskClient, db: Connection) -> None:
    page = browser.get("/calls/now").text
    version = re.search(r'data-live="/calls/now/live" data-version="?([0-9a-f]+)', page)
    assert version is not None
    code, newer, _ = live(browser, "now", f'"{version.group(1)}"')
    assert code == 304
    say(db, "Hello, I would like an appointment")
    code, newer, part = live(browser, "now", newer)
    assert code == 200
    assert "an appointment" in part
    assert "<html" not in part
    assert "data-over" not in part
    assert live(browser, "now", newer)[0] == 304


def test_when_it_is_over_the_part_says_so_and_the_page_is_not_live(
    browser: FlaskClient, db: Connection
) -> None:
    calls.end(db, "now", rows.NOW, Outcome.HANDLED, "")
    _, _, part = live(browser, "now")
    assert "data-over" in part
    assert "This call is over: see all of it" in part
    page = browser.get("/calls/now").text
    assert "data-live" not in page
    assert "data-over" not in page


def test_a_version_is_that_of_one_call(browser: FlaskClient) -> None:
    assert live(browser, "now")[1] != live(browser, "talk")[1]


def test_a_part_of_no_call_is_not_found(browser: FlaskClient) -> None:
    assert browser.get("/calls/none/live").status_code == 404


def test_before_anything_is_said_the_page_says_so(browser: FlaskClient, db: Connection) -> None:
    db.execute("DELETE FROM transcript WHERE call_id = 'now'")
    seen = text_of(browser.get("/calls/now").text)
    assert "Nothing has been said to the assistant yet." in seen
    assert "The assistant was not part of this call" not in seen


def ask(db: Connection, name: str, arguments: str, output: str | None) -> None:
    asked = ToolsAsked("resp1", (ToolCall("t1", name, arguments),))
    events.add(db, "talk", 30_000, asked)
    if output is not None:
        events.add(db, "talk", 30_240, ToolAnswered("t1", output))


def test_what_the_assistant_did_is_shown_with_what_came_of_it(browser: FlaskClient, db: Connection) -> None:
    ask(db, "find_slots", '{"day": "2026-11-27", "visit_type": "check-up"}', '{"slots": ["9:00", "9:30"]}')
    seen = text_of(browser.get("/calls/talk").text)
    assert "Looked for free times 0.2 s day 2026-11-27 visit type check-up What came of it" in seen
    assert 'slots: ["9:00","9:30"]' in seen


@pytest.mark.parametrize(
    ("arguments", "asked"), [("", ()), ("no json", (("", "no json"),)), ("[1]", (("", "[1]"),)), ("{}", ())]
)
def test_what_a_model_wrote_is_shown_as_it_is(arguments: str, asked: tuple[tuple[str, str], ...]) -> None:
    event = ToolsAsked("r", (ToolCall("t1", "made_up", arguments),))
    (run,) = tools.runs([EventRow("c1", 1, 5, "ToolsAsked", written(event))])
    assert (run.said, run.asked, run.answer, run.took_ms) == ("made_up", asked, "", None)


def test_a_tool_without_an_answer_and_what_is_hostile_are_text(browser: FlaskClient, db: Connection) -> None:
    ask(db, rows.HOSTILE, rows.HOSTILE, None)
    page = browser.get("/calls/talk").text
    assert "<script>alert" not in page
    assert "no answer" in text_of(page)


def test_where_answers_came_from_is_shown(browser: FlaskClient, db: Connection) -> None:
    source = {"slug": "faq", "passage": 3, "title": "FAQ", "heading": "Parking", "confidence": 0.83}
    for question, sources, answered, verified in (
        ("Where can I park?", (source,), True, True),
        ("Do you sell cars?", (), False, False),
        ("And bicycles?", ({"slug": "old"},), True, False),
    ):
        citations.add(
            db,
            CitationRow(
                "talk", "CAtalk", question, "en", sources, rows.NOW, answered=answered, verified=verified
            ),
        )
    seen = text_of(browser.get("/calls/talk").text)
    assert "Where can I park? Answered from the documents FAQ · Parking 83 %" in seen
    assert "Do you sell cars? Not answered Nothing was found in the documents." in seen
    assert "And bicycles? Answered; no source that holds old 0 %" in seen


def test_what_left_the_building_is_shown(browser: FlaskClient) -> None:
    seen = text_of(browser.get("/calls/talk").text)
    assert "What left the building Twilio the call: both numbers and all sound of the line" in seen
    assert "OpenAI sound of the caller (1230 tokens) and words" in seen
    browser.post("/account/language", data={"language": "es", "form_token": "f" * 32})
    assert "la llamada: ambos números y todo el sonido de la línea" in text_of(
        browser.get("/calls/talk").text
    )


def test_a_call_that_stayed_in_the_house_says_so(browser: FlaskClient, db: Connection) -> None:
    db.execute("UPDATE call_log SET carrier = 'asterisk', from_number = '101' WHERE id = 'billing'")
    assert "this call stayed in the house" in browser.get("/calls/billing").text


def test_every_sentence_of_the_store_is_known_here() -> None:
    assert set(left.TOLD) == set(left_building.SENTENCES)


def test_the_languages_of_a_call_and_the_others_of_its_number(browser: FlaskClient, db: Connection) -> None:
    for code in ("en", "es", "en", "xx"):
        languages.add(db, "talk", code, rows.NOW)
    page = browser.get("/calls/talk").text
    assert "Language English Language Spanish Language xx Wish" in text_of(page)
    assert 'href="/calls?number=%2B12125550188"' in page
    assert "All calls of this number" not in browser.get("/calls/old").text
