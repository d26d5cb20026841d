"""A clinic's calendar at the peer, and the product's way to it. May import: pytest, the peer, the product."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from appliance.calendars.google.calendar import GoogleCalendar
from appliance.core.calendar import Appointment, Span
from appliance.core.calendar_settings import Google
from tests.peers.google import GooglePeer

DOCTOR = "dr.rivera@clinic.example"
ZONE = "America/New_York"
NINE = datetime(2026, 12, 1, 14, 0, tzinfo=UTC)
"""Nine in the morning in the zone."""
TITLE, NOTES = "Cleaning - Ana Ruiz", "Ana Ruiz, afraid of needles"


@pytest.fixture(scope="session")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GooglePeer]:
    """One for all tests: keys take their time."""
    with GooglePeer(tmp_path_factory.mktemp("google")) as running:
        yield running


@pytest.fixture
def google(peer: GooglePeer) -> GooglePeer:
    """The peer as if new, with one calendar."""
    peer.renewed()
    peer.diary.share(DOCTOR, zone=ZONE)
    return peer


@pytest.fixture
def calendar(google: GooglePeer) -> GoogleCalendar:
    return opened(google)


def opened(google: GooglePeer, **more: Any) -> GoogleCalendar:
    """The product's calendar, pointed at the peer."""
    return GoogleCalendar(google.key, Google(api_url=google.url, ca_file=google.ca_file, **more))


def at(minutes: int, lasts: int = 30) -> Span:
    """A span so many minutes after nine."""
    start = NINE + timedelta(minutes=minutes)
    return Span(start, start + timedelta(minutes=lasts))


def visit(key: str = "b-77", minutes: int = 0, **more: Any) -> Appointment:
    """A patient's visit."""
    return Appointment(key, **{"title": TITLE, "notes": NOTES, "span": at(minutes), "zone": ZONE, **more})
