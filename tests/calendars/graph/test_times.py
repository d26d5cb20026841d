"""Times through the zones: every change of the clocks in four years in five zones, and zones that differ."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from appliance.calendars.graph import events
from appliance.calendars.graph.calendar import GraphCalendar
from appliance.core.calendar import CalendarFailed
from tests.calendars.graph.stand import DESK, HALF_HOUR, appointment, span
from tests.peers.graph import GraphPeer, Mailbox
from tests.peers.graph.zones import WINDOWS, Zones

ZONES = [
    "America/New_York",
    "America/Los_Angeles",
    "Europe/Madrid",
    "Australia/Adelaide",
    "Australia/Lord_Howe",
]


def changes(zone: str) -> Iterator[datetime]:
    """The moments of 2025 to 2028 at which the zone's clocks are changed."""
    hours = [datetime(2025, 1, 1, tzinfo=UTC) + HALF_HOUR * number for number in range(48 * 365 * 4)]
    offsets = [hour.astimezone(ZoneInfo(zone)).utcoffset() for hour in hours]
    for (_, before), (hour, after) in pairwise(zip(hours, offsets, strict=True)):
        if before != after:
            yield hour


@pytest.mark.parametrize("zone", ZONES)
def test_every_time_around_a_change_is_understood_as_it_was_meant(zone: str) -> None:
    theirs, found = Zones(), list(changes(zone))
    assert len(found) == 8
    for change in found:
        for quarter in range(-16, 17):
            asked = span(change + timedelta(minutes=15 * quarter))
            told = events.times(asked, zone)
            assert (theirs.read(told["start"]), theirs.read(told["end"])) == (asked.start, asked.end)


@pytest.mark.parametrize("zone", ZONES)
def test_appointments_on_a_day_of_change_stand_where_they_should(
    calendar: GraphCalendar, desk: Mailbox, peer: GraphPeer, zone: str
) -> None:
    for change in list(changes(zone))[:2]:
        for start in (change - HALF_HOUR, change, change + timedelta(hours=9)):
            kept = calendar.keep(DESK, appointment(start.isoformat(), start, zone))
            assert kept.span == span(start)
            assert kept.span in [span(event.start) for event in desk.events.values()]
            moved = calendar.move(DESK, kept.event_id, span(start - HALF_HOUR), zone)
            assert moved.span == span(start - HALF_HOUR)
    assert peer.doors().count("change") == 6
    assert len(desk.events) == 6


def test_a_zone_that_microsoft_does_not_know_is_said_in_utc(
    calendar: GraphCalendar, desk: Mailbox, peer: GraphPeer
) -> None:
    peer.graph.zones.unknown.add("America/Coyhaique")
    kept = calendar.keep(DESK, appointment(zone="America/Coyhaique"))
    assert kept.span == span()
    later = span(kept.span.end)
    assert calendar.move(DESK, kept.event_id, later, "America/Coyhaique").span == later
    assert [event.start for event in desk.events.values()] == [later.start]


def test_a_zone_that_is_none_is_a_failure(calendar: GraphCalendar, desk: Mailbox) -> None:
    for zone in ("America/Atlantis", "../../etc/passwd", ""):
        with pytest.raises(CalendarFailed, match="no time zone"):
            calendar.keep(DESK, appointment(zone=zone))
    assert not desk.events


def test_old_rules_of_a_zone_at_microsoft_move_nothing(
    calendar: GraphCalendar, desk: Mailbox, peer: GraphPeer
) -> None:
    peer.graph.zones.stale["America/New_York"] = "America/Panama"
    july = datetime(2026, 7, 1, 14, tzinfo=UTC)
    kept = calendar.keep(DESK, appointment(start=july))
    assert kept.span == span(july)
    later = span(july + HALF_HOUR)
    assert calendar.move(DESK, kept.event_id, later, "America/New_York").span == later
    assert [event.start for event in desk.events.values()] == [later.start]


def test_times_are_read_in_each_zone_that_has_an_iana_name() -> None:
    theirs, start = Zones(), datetime(2026, 7, 1, 14, 20, tzinfo=UTC)
    for name in WINDOWS.values():
        told = {"start": theirs.written(start, name), "end": theirs.written(start + HALF_HOUR, name)}
        assert events.span_of(told) == span(start)


def test_the_peer_knows_windows_names() -> None:
    wall = {"dateTime": "2026-07-01T10:20:00", "timeZone": "Eastern Standard Time"}
    assert Zones().read(wall) == datetime(2026, 7, 1, 14, 20, tzinfo=UTC)
