"""The page of a day's appointments."""

import pytest
from flask.testing import FlaskClient

from appliance.store import database
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
