"""The page of a day's appointments."""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from appliance.store import bookings, database, times
from appliance.store.database import Connection
from tests.admin import rows, told
from tests.admin.conftest import Clock
from tests.admin.test_calls import text_of


@pytest.fixture
def booked(db: Connection) -> Connection:
    """The database with a day's appointments in it."""
    with database.immediate(db):
        told.book(db)
    return db


def test_a_box_that_books_nothing_says_how_it_would(browser: FlaskClient) -> None:
    seen = text_of(browser.get("/bookings").text)
    assert "Nothing can be booked yet" in seen
    assert "attendant bookings import" in seen


def test_a_day_is_shown_by_provider(browser: FlaskClient, booked: Connection) -> None:
    page = browser.get("/bookings").text
    seen = text_of(page)
    assert "Today, Tuesday, November 24, 2026 Dr. Lee 12:30 PM – 1:00 PM Ana Ruiz Booked Cleaning" in seen
    assert "(212) 555-0188 · See the call" in seen
    assert "Not in the calendar yet" in seen
    assert "1:30 PM – 2:00 PM Nobody yet Offered just now" in seen
    assert "Dr. Ruiz Nobody was booked here" in seen
    assert "<script>alert" not in page
    assert rows.HOSTILE not in page


def test_an_offer_that_has_run_out_is_gone(browser: FlaskClient, booked: Connection, clock: Clock) -> None:
    clock.pass_by(4)
    assert "Offered just now" not in browser.get("/bookings").text


def test_another_day_has_its_own(browser: FlaskClient, booked: Connection) -> None:
    page = browser.get("/bookings?day=2026-11-25").text
    assert "Ana Ruiz" not in text_of(page)
    assert 'href="/bookings?day=2026-11-24"' in page
    assert 'href="/bookings?day=2026-11-26"' in page


@pytest.mark.parametrize("day", ["no", "2026-02-30", "0001-01-01", "9999-12-31"])
def test_a_day_that_is_none_is_not_found(browser: FlaskClient, day: str) -> None:
    assert browser.get(f"/bookings?day={day}").status_code == 404


def linked(db: Connection, link: str) -> None:
    """Ana's appointment stands in a calendar that shows it at this address."""
    with database.immediate(db):
        bookings.booked(db, "b1", event_id="e1", link=link, now=times.read(rows.NOW))


def anchors(page: str) -> list[str]:
    """The tags of all that leads out of the admin."""
    return [tag for tag in re.findall(r"<a [^>]*>", page) if not re.search(r'href="[/#?]', tag)]


@pytest.mark.parametrize(
    "link",
    [
        "https://www.google.com/calendar/event?eid=bGVl&hl=en",
        "https://outlook.office365.com/owa/?itemid=AAk%3D&exvsurl=1",
        'https://calendar.example/"><script>alert(1)</script>',
    ],
)
def test_an_appointment_leads_to_where_its_calendar_shows_it(
    browser: FlaskClient, booked: Connection, link: str
) -> None:
    linked(booked, link)
    page = browser.get("/bookings").text
    (tag,) = anchors(page)
    assert unescape(tag.partition('href="')[2].partition('"')[0]) == link
    assert 'rel="noopener noreferrer"' in tag
    assert "<script>alert" not in page
    assert "See it in the calendar" in text_of(page)


@pytest.mark.parametrize(
    "link",
    [
        "",
        "http://www.google.com/calendar/event?eid=bGVl",
        "javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "//evil.example/calendar",
        "https:/calendar",
        "https://[::1/calendar",
        "e1",
    ],
)
def test_nothing_else_is_a_link(browser: FlaskClient, booked: Connection, link: str) -> None:
    linked(booked, link)
    page = browser.get("/bookings").text
    assert anchors(page) == []
    assert "See it in the calendar" not in text_of(page)
    assert "Ana Ruiz" in text_of(page)
