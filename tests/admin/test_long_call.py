"""A call with thousands of events: its page stays small, and all of the call is a link away."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from appliance.core.events import (
    Event,
    Heard,
    ReplyPlayed,
    ReplyQueued,
    SpeechStarted,
    SpeechStopped,
    ToolAnswered,
    ToolCall,
    ToolsAsked,
)
from appliance.core.story import Speaker
from appliance.store import citations, database, events, times, transcripts
from appliance.store.citations import CitationRow
from appliance.store.database import Connection
from tests.admin import rows
from tests.admin.test_calls import text_of

EXCHANGES, EVENTS = 250, 2000
TURNS = 2 * EXCHANGES
WIRE = 100_000
SAID = "I would like to know whether you have a free time on Tuesday & how long it takes"


@pytest.fixture
def long(db: Connection) -> Connection:
    """A call of half an hour, in which much is asked and looked up."""
    began = times.read(rows.at(20))
    with database.immediate(db):
        db.execute("DELETE FROM call_event WHERE call_id = 'talk'")
        db.execute("DELETE FROM transcript WHERE call_id = 'talk'")
        for number in range(EXCHANGES):
            ms = number * 8000
            for at_ms, event in exchange(number, ms):
                events.add(db, "talk", at_ms, event)
            for place, (speaker, later_ms) in enumerate(((Speaker.CALLER, 1000), (Speaker.ATTENDANT, 4000))):
                at = times.written(began + timedelta(milliseconds=ms + later_ms))
                text = f"{SAID} ({number})"
                turn = transcripts.TurnRow("talk", 2 * number + place, speaker, text, True, False, at)
                transcripts.write(db, turn)
            source = {"slug": "faq", "title": SAID, "heading": "Parking", "confidence": 0.8}
            asked = CitationRow("talk", "CAtalk", SAID, "en", (source, source), rows.NOW, answered=True)
            citations.add(db, asked)
    return db


def exchange(number: int, ms: int) -> list[tuple[int, Event]]:
    tool = f"t{number}"
    return [
        (ms, SpeechStarted()),
        (ms + 2500, SpeechStopped()),
        (ms + 2600, Heard(f"u{number}", SAID)),
        (ms + 2700, ToolsAsked(f"r{number}", (ToolCall(tool, "answer_question", '{"question": "When?"}'),))),
        (ms + 2900, ToolAnswered(tool, '{"answer": "' + SAID * 4 + '"}')),
        (ms + 3000, ReplyQueued(f"r{number}")),
        (ms + 6000, ReplyPlayed(f"r{number}", 3000)),
        (ms + 6100, SpeechStarted()),
    ]


def on_the_wire(browser: FlaskClient, path: str) -> int:
    """What a browser that opens a page for the first time gets."""
    page = browser.get(path)
    linked = re.findall(r'(?:src|href)="(/static/[^"#]+)', page.text)
    rest = {"/static/icons.svg", *linked}
    return len(page.data) + sum(len(browser.get(each, buffered=True).data) for each in rest)


def walk(browser: FlaskClient, path: str, found: str) -> list[str]:
    """What stands on a page and all that are behind it, each of them small."""
    seen = list[str]()
    while path:
        assert on_the_wire(browser, path) < WIRE
        page = browser.get(path).text
        seen += re.findall(found, page)
        later = re.search(r'href="([^"]+)" rel="next"', page)
        path = later.group(1) if later else ""
    return seen


def test_its_page_is_small_and_says_where_the_rest_is(browser: FlaskClient, long: Connection) -> None:
    assert events.count(long, "talk") == EVENTS
    assert on_the_wire(browser, "/calls/talk") < WIRE
    page = browser.get("/calls/talk").text
    assert "Everything that happened, 2000 events" in text_of(page)
    for path in ("said", "events"):
        assert f'href="/calls/talk/{path}"' in page


def test_all_that_was_said_is_there_in_order(browser: FlaskClient, long: Connection) -> None:
    said = walk(browser, "/calls/talk/said", r"takes \((\d+)\)")
    assert said == [str(number // 2) for number in range(TURNS)]


def test_every_event_is_there_in_order(browser: FlaskClient, long: Connection) -> None:
    at = walk(browser, "/calls/talk/events", r'class="at">([0-9:.]+)<')
    assert len(at) == EVENTS
    assert at == sorted(at, key=lambda each: [float(part) for part in each.split(":")])


def test_the_end_of_a_long_call_is_seen_while_it_goes_on(browser: FlaskClient, long: Connection) -> None:
    long.execute("UPDATE transcript SET call_id = 'now', place = place + 1 WHERE call_id = 'talk'")
    for path in ("/calls/now", "/calls/now/live"):
        page = browser.get(path).text
        assert f"takes ({EXCHANGES - 1})" in page
        assert "takes (0)" not in page
        assert 'href="/calls/now/said"' in page


def test_a_short_call_has_all_of_it_on_its_page(browser: FlaskClient) -> None:
    page = browser.get("/calls/talk").text
    assert "/calls/talk/said" not in page
    assert "/calls/talk/events" not in page
    assert "From the beginning" not in browser.get("/calls/talk/events").text


@pytest.mark.parametrize("part", ["said", "events"])
def test_an_address_that_is_none_is_not_found(browser: FlaskClient, part: str) -> None:
    for path in (f"/calls/none/{part}", f"/calls/talk/{part}?after=-1", f"/calls/talk/{part}?after={2**40}"):
        assert browser.get(path).status_code == 404
    assert "There is nothing more." in browser.get(f"/calls/talk/{part}?after=5000").text


def test_what_a_caller_says_stays_text(browser: FlaskClient) -> None:
    page = browser.get("/calls/hostile/said").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
