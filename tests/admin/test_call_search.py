"""The search on the page of calls."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from appliance.store import database, languages
from appliance.store.accounts import Role
from appliance.store.database import Connection
from tests.admin import rows
from tests.admin.test_calls import links, text_of


def test_a_call_is_found_by_what_was_said(browser: FlaskClient) -> None:
    page = browser.get("/calls?text=earache").text
    assert links(page) == ["talk"]
    assert re.search("<mark>[Ee]arache</mark>", page)
    assert 'value="earache"' in page


def test_a_call_is_found_by_number_outcome_day_and_language(browser: FlaskClient, db: Connection) -> None:
    assert links(browser.get("/calls?number=555-0188").text) == ["talk"]
    assert links(browser.get("/calls?outcome=voicemail").text) == ["voice"]
    yesterday = browser.get("/calls?until=2026-11-23").text
    assert links(yesterday) == ["yesterday", "old"]
    assert links(browser.get("/calls?since=2026-11-23&until=2026-11-23&outcome=unanswered").text) == [
        "yesterday"
    ]
    assert links(browser.get("/calls?language=es").text) == []
    languages.add(db, "now", "es", rows.NOW)
    db.execute("UPDATE call_log SET outcome = outcome WHERE id = 'now'")
    assert links(browser.get("/calls?language=es").text) == ["now"]


def test_fields_that_are_used_are_seen(browser: FlaskClient) -> None:
    assert '<details class="more">' in browser.get("/calls?text=x").text
    page = browser.get("/calls?outcome=hours").text
    assert '<details class="more" open>' in page
    assert '<option value="hours" selected>' in page
    assert '<details class="more">' in browser.get("/calls").text


def test_nothing_found_says_what_finds_more(browser: FlaskClient) -> None:
    seen = text_of(browser.get("/calls?text=zeppelin").text)
    assert "No call fits" in seen
    assert "No calls yet" not in seen


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("number=12", "Give three digits or more."),
        ("text=%3F%3F", "Give a word, with letters or digits."),
        ("since=24.11.2026", "Write the day as year-month-day"),
        ("until=2026-02-30", "Write the day as year-month-day"),
        ("since=2026-11-24&until=2026-11-20", "This day is before the first one."),
        ("outcome=none", "Choose one of these."),
        ("language=xx", "Choose one of these."),
        ("text=%00", "This holds characters that cannot be typed."),
        ("text=" + "x" * 300, "This is too long."),
    ],
)
def test_what_cannot_be_looked_for_is_said_at_its_field(browser: FlaskClient, asked: str, told: str) -> None:
    answer = browser.get(f"/calls?{asked}")
    assert answer.status_code == 422
    assert told in text_of(answer.text)
    assert links(answer.text) == []


@pytest.mark.parametrize("day", ["0001-01-01", "1969-12-31", "9999-12-31"])
def test_days_of_any_time_are_days(browser: FlaskClient, day: str) -> None:
    assert browser.get(f"/calls?since={day}").status_code == 200
    assert browser.get(f"/calls?until={day}").status_code == 200


def test_what_is_found_is_paged_with_the_search_kept(browser: FlaskClient, db: Connection) -> None:
    with database.immediate(db):
        for number in range(60):
            rows.begin(db, f"n{number}", "+17185550100", 2000 + number)
    seen, path = list[str](), "/calls?number=718555"
    while path:
        page = browser.get(path).text
        seen += links(page)
        older = re.search(r'href="(/calls\?[^"]*before=[^"]+)" rel="next"', page)
        path = older.group(1).replace("&amp;", "&") if older else ""
    assert len(seen) == len(set(seen)) == 60


def test_what_was_said_stays_text_in_an_excerpt(browser: FlaskClient) -> None:
    page = browser.get("/calls?text=alert").text
    assert "hostile" in links(page)
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_who_may_not_see_calls_finds_none(browser_of: Callable[[Role], FlaskClient]) -> None:
    assert browser_of(Role.IT).get("/calls?text=earache").status_code == 403
