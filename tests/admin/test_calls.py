"""The list of calls, and one call with all that is kept of it."""

import html
import re

import pytest
from flask.testing import FlaskClient

from appliance.core.dispositions import HUNG_UP, Outcome
from appliance.store import calls, database, office
from appliance.store.database import Connection
from tests.admin import rows


def text_of(page: str) -> str:
    """What a reader sees, in one line."""
    body = page.partition("<main")[2].partition(">")[2]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def links(page: str) -> list[str]:
    return re.findall(r'href="/calls/([^"]+)"', page)


def test_the_list_shows_calls_by_days_the_newest_first(browser: FlaskClient) -> None:
    page = browser.get("/calls")
    assert page.status_code == 200
    assert links(page.text) == ["now", "talk", "hostile", "voice", "billing", "hours", "yesterday", "old"]
    seen = text_of(page.text)
    assert "Today, Tuesday, November 24, 2026 11:28 AM (212) 555-0199 On the line now 1 min 30 s" in seen
    assert "11:10 AM (212) 555-0188 Spoke with the assistant 1 min Cloud cost $0.009" in seen
    assert "(347) 555-0166 Hung up early 2 min Cloud cost unknown" in seen
    assert "Yesterday, Monday, November 23, 2026 10:30 AM +44 20 7183 8750 Nobody picked up 3 min" in seen
    assert "Number withheld Cut off when the box stopped" in seen
    assert "Times are those of America/New York." in seen


def test_times_are_those_of_the_office(browser: FlaskClient, db: Connection) -> None:
    office.set_value(db, "time_zone", "Asia/Tokyo", at=rows.NOW, by="ana")
    assert "Today, Wednesday, November 25, 2026 1:28 AM" in text_of(browser.get("/calls").text)


def test_the_list_is_paged_without_a_gap(browser: FlaskClient, db: Connection) -> None:
    with database.immediate(db):
        for number in range(120):
            rows.begin(db, f"n{number}", "+12125550100", 2000 + number)
    seen, path = list[str](), "/calls"
    while path:
        page = browser.get(path).text
        seen += links(page)
        older = re.search(r'href="(/calls\?before=[^"]+)" rel="next"', page)
        path = older.group(1) if older else ""
    assert len(seen) == len(set(seen)) == 128
    assert seen == [call.id for call in calls.page(db, limit=1000)]


def test_a_box_without_calls_says_what_to_do(browser: FlaskClient, db: Connection) -> None:
    db.execute("DELETE FROM call_log")
    assert "No calls yet Ring the clinic's number" in text_of(browser.get("/calls").text)


def test_behind_the_last_call_there_is_a_way_back(browser: FlaskClient) -> None:
    page = browser.get("/calls?before=old").text
    assert "No calls before these" in page
    assert 'href="/calls"' in page


@pytest.mark.parametrize(
    "path", ["/calls/none", "/calls?before=none", "/calls/..%2f..%2fetc", "/calls/%00", "/calls/"]
)
def test_a_wrong_id_is_not_found(browser: FlaskClient, path: str) -> None:
    assert browser.get(path).status_code == 404


def test_a_call_shows_who_said_what(browser: FlaskClient) -> None:
    page = browser.get("/calls/talk").text
    seen = text_of(page)
    assert "Attendant 11:10:07 AM Thank you for calling Riverside Family Clinic. How can I help you?" in seen
    assert "Caller 11:10:13 AM Hi, do you take walk-ins" in seen
    assert "but from Monday to — the caller broke in here Caller" in seen
    assert "Keypad 11:10:39 AM 1 Caller" in seen
    assert page.count("— the caller broke in here") == 1


def test_a_call_shows_its_way_its_speed_and_its_cost(browser: FlaskClient) -> None:
    seen = text_of(browser.get("/calls/talk").text)
    assert "Main menu: Assistant Led on to Goodbye Ended because the caller hung up Wish message" in seen
    assert "Until the assistant was connected 6.2 s Then until its first word 0.7 s" in seen
    assert "A typical answer of 3 0.9 s The slowest answer 1.1 s" in seen
    assert "gpt-realtime-2.1-mini $0.009 Answers 3 Tokens heard, read 1,230, 2,700" in seen
    assert "Call back before three Earache, her son." in seen
    assert (
        "Everything that happened, 21 events 0:06.200 Call answered 0:06.900 Reply queued reply_id r0" in seen
    )


def test_a_call_through_menus_shows_its_way(browser: FlaskClient) -> None:
    seen = text_of(browser.get("/calls/billing").text)
    assert "Main menu: Departments Department menu: Billing Led on to Billing" in seen
    assert "The assistant was not part of this call" in seen
    assert "The cloud assistant was not used." in seen
    assert "There was nothing to measure." in seen
    assert "Main menu: Not understood Main menu: Opening hours" in text_of(browser.get("/calls/hours").text)


@pytest.mark.parametrize(
    ("outcome", "reason", "way"),
    [
        (Outcome.HANDLED, HUNG_UP, "Main menu: Assistant Ended because the caller hung up"),
        (Outcome.ABANDONED, HUNG_UP, "Main menu: Assistant Ended because the caller hung up"),
        (Outcome.UNANSWERED, HUNG_UP, "Main menu: Assistant Led on to The front desk Ended because"),
        (Outcome.HANDLED, "canceled", "Main menu: Assistant Led on to The front desk Ended because"),
    ],
)
def test_who_hung_up_on_the_assistant_was_led_on_to_nobody(
    browser: FlaskClient, db: Connection, outcome: Outcome, reason: str, way: str
) -> None:
    db.execute(
        "UPDATE call_log SET disposition = '', outcome = ?, reason = ? WHERE id = 'talk'", (outcome, reason)
    )
    assert way in text_of(browser.get("/calls/talk").text)


def test_a_department_that_is_gone_is_shown_by_its_slug(browser: FlaskClient, db: Connection) -> None:
    db.execute("DELETE FROM department")
    assert "Department menu: billing Led on to billing" in text_of(browser.get("/calls/billing").text)


def test_a_call_that_is_going_on_says_so(browser: FlaskClient) -> None:
    seen = text_of(browser.get("/calls/now").text)
    assert "On the line now" in seen
    assert "This call is going on: what is said runs along." in seen
    assert "Hello, I would like …" in seen


def test_a_cost_that_is_not_known_is_not_made_up(browser: FlaskClient) -> None:
    seen = text_of(browser.get("/calls/hostile").text)
    assert "some-new-model unknown" in seen
    assert "Version of its instructions 7" in seen
    assert "For a part of it the cost is not known; the rest cost $0.00." in seen


def test_a_cost_that_was_never_told_is_not_taken_for_none(browser: FlaskClient, db: Connection) -> None:
    db.execute("UPDATE call_log SET cost_complete = 0 WHERE id = 'billing'")
    seen = text_of(browser.get("/calls/billing").text)
    assert "For a part of it the cost is not known" in seen
    assert "The cloud assistant was not used." not in seen


def test_what_a_caller_says_stays_text(browser: FlaskClient) -> None:
    for path in ("/calls/hostile", "/messages?part=all"):
        page = browser.get(path).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;" in page
        assert "{{ 7*7 }}" in page


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_has_its_words(browser: FlaskClient, db: Connection, outcome: Outcome) -> None:
    calls.end(db, "now", rows.NOW, outcome, "")
    assert browser.get("/calls").status_code == 200
    assert "Ended because" not in browser.get("/calls/now").text
