"""Google Calendar behind the port: the vendor's own client against a peer that keeps Google's rules."""

import json
import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from appliance.calendars.google.calendar import GoogleCalendar, event_id_of, google_calendar
from appliance.core.calendar import CalendarFailed, Kept, Span, Trouble
from appliance.core.calendar_settings import Google
from appliance.core.errors import SettingsError
from appliance.core.settings import checked
from tests.calendars.google.desk import DOCTOR, NINE, NOTES, TITLE, ZONE, at, visit
from tests.peers.google import Fault, GooglePeer
from tests.peers.google.diary import ID

ZONES = ("America/New_York", "Europe/Madrid", "America/Santiago", "Australia/Lord_Howe", "Pacific/Chatham")
"""North and south; Lord Howe's clock goes by half an hour, and Chatham's stands at three quarters."""


def transitions(zone: str, year: int) -> list[datetime]:
    """The first quarters of an hour of a year with another offset than the one before, by brute force."""
    quarter, moment = timedelta(minutes=15), datetime(year, 1, 1, tzinfo=UTC)
    found = []
    while moment.year == year:
        before, after = (each.astimezone(ZoneInfo(zone)).utcoffset() for each in (moment - quarter, moment))
        if before != after:
            found.append(moment)
        moment += quarter
    return found


def test_an_appointment_stands_in_the_calendar_by_the_offices_clock(
    google: GooglePeer, calendar: GoogleCalendar
) -> None:
    kept = calendar.keep(DOCTOR, visit())
    (event,) = google.diary.standing(DOCTOR)
    assert (event["summary"], event["description"]) == (TITLE, NOTES)
    assert event["start"] == {"dateTime": "2026-12-01T09:00:00-05:00", "timeZone": ZONE}
    assert event["end"] == {"dateTime": "2026-12-01T09:30:00-05:00", "timeZone": ZONE}
    assert kept == Kept(event["id"], event["htmlLink"], at(0))
    assert kept.link.startswith("https://www.google.com/calendar/event?eid=")


def test_what_stands_is_found_and_what_does_not_is_not(google: GooglePeer, calendar: GoogleCalendar) -> None:
    assert calendar.find(DOCTOR, visit()) is None
    kept = calendar.keep(DOCTOR, visit())
    assert calendar.find(DOCTOR, visit()) == kept
    with pytest.raises(CalendarFailed) as caught:
        calendar.find(DOCTOR, visit(minutes=60))
    assert caught.value.trouble is Trouble.OTHER
    calendar.remove(DOCTOR, kept.event_id)
    assert calendar.find(DOCTOR, visit()) is None
    assert google.at("insert")


def test_nobody_is_written_to(google: GooglePeer, calendar: GoogleCalendar) -> None:
    kept = calendar.keep(DOCTOR, visit())
    calendar.move(DOCTOR, kept.event_id, at(60), ZONE)
    calendar.remove(DOCTOR, kept.event_id)
    calendar.keep(DOCTOR, visit())
    changes = [asked for asked in google.asked if asked.door in ("insert", "patch", "update", "delete")]
    assert {asked.door for asked in changes} == {"insert", "patch", "update", "delete"}
    assert {asked.query["sendUpdates"] for asked in changes} == {"none"}


def test_an_id_is_one_that_google_takes_and_the_keys_own() -> None:
    made = {event_id_of(key) for key in ("b-77", "b-78", "ñ", "", "x" * 500)}
    assert len(made) == 5
    assert all(ID.fullmatch(each) for each in made)


def test_the_same_appointment_twice_is_one_event(google: GooglePeer, calendar: GoogleCalendar) -> None:
    assert calendar.keep(DOCTOR, visit()) == calendar.keep(DOCTOR, visit())
    assert len(google.diary.standing(DOCTOR)) == 1


def test_what_staff_have_moved_stays_where_they_put_it(google: GooglePeer, calendar: GoogleCalendar) -> None:
    kept = calendar.keep(DOCTOR, visit())
    moved = {
        "start": {"dateTime": "2026-12-02T11:00:00-05:00"},
        "end": {"dateTime": "2026-12-02T11:45:00-05:00"},
    }
    google.diary.patch(DOCTOR, kept.event_id, {**moved, "summary": "Ana, moved"}, None)
    again = calendar.keep(DOCTOR, visit())
    assert again.span == Span(
        datetime(2026, 12, 2, 16, 0, tzinfo=UTC), datetime(2026, 12, 2, 16, 45, tzinfo=UTC)
    )
    assert google.diary.get(DOCTOR, kept.event_id)["summary"] == "Ana, moved"


def test_what_staff_made_a_whole_day_is_from_midnight_to_midnight(
    google: GooglePeer, calendar: GoogleCalendar
) -> None:
    kept = calendar.keep(DOCTOR, visit())
    day = {
        "start": {"date": "2026-12-01", "dateTime": None, "timeZone": None},
        "end": {"date": "2026-12-02", "dateTime": None, "timeZone": None},
    }
    google.diary.patch(DOCTOR, kept.event_id, day, None)
    midnight = datetime(2026, 12, 1, 5, 0, tzinfo=UTC)
    assert calendar.keep(DOCTOR, visit()).span == Span(midnight, midnight + timedelta(days=1))
    assert calendar.move(DOCTOR, kept.event_id, at(60), ZONE).span == at(60)


@pytest.mark.parametrize("other", [{"title": "Surgery"}, {"notes": ""}, {"minutes": 30}, {"zone": "UTC"}])
def test_another_appointment_under_the_same_key_is_refused(
    google: GooglePeer, calendar: GoogleCalendar, other: dict[str, object]
) -> None:
    calendar.keep(DOCTOR, visit())
    before = dict(google.diary.standing(DOCTOR)[0])
    with pytest.raises(CalendarFailed, match="something else") as failed:
        calendar.keep(DOCTOR, visit(**other))  # type: ignore[arg-type]
    assert failed.value.trouble is Trouble.OTHER
    assert google.diary.standing(DOCTOR) == [before]


def test_a_strangers_event_of_that_id_is_never_taken_for_ours(
    google: GooglePeer, calendar: GoogleCalendar
) -> None:
    times = {"start": {"dateTime": NINE.isoformat()}, "end": {"dateTime": at(0).end.isoformat()}}
    google.diary.insert(DOCTOR, {"id": event_id_of("b-77"), **times})
    with pytest.raises(CalendarFailed, match="something else"):
        calendar.keep(DOCTOR, visit())


def test_what_was_removed_can_be_put_in_again(google: GooglePeer, calendar: GoogleCalendar) -> None:
    kept = calendar.keep(DOCTOR, visit())
    calendar.remove(DOCTOR, kept.event_id)
    assert google.diary.standing(DOCTOR) == []
    assert calendar.keep(DOCTOR, visit(minutes=60)).span == at(60)
    assert [each["start"]["dateTime"] for each in google.diary.standing(DOCTOR)] == [
        "2026-12-01T10:00:00-05:00"
    ]


def test_an_appointment_moves(google: GooglePeer, calendar: GoogleCalendar) -> None:
    kept = calendar.keep(DOCTOR, visit())
    moved = calendar.move(DOCTOR, kept.event_id, at(90, 45), ZONE)
    assert moved == Kept(kept.event_id, kept.link, at(90, 45))
    (event,) = google.diary.standing(DOCTOR)
    assert (event["start"]["dateTime"], event["summary"]) == ("2026-12-01T10:30:00-05:00", TITLE)


@pytest.mark.parametrize("known", [True, False])
def test_what_is_gone_cannot_be_moved_and_is_removed(
    google: GooglePeer, calendar: GoogleCalendar, known: bool
) -> None:
    event_id = event_id_of("b-77")
    if known:
        calendar.keep(DOCTOR, visit())
        google.diary.delete(DOCTOR, event_id, None)
    with pytest.raises(CalendarFailed) as failed:
        calendar.move(DOCTOR, event_id, at(60), ZONE)
    assert failed.value.trouble is Trouble.GONE
    calendar.remove(DOCTOR, event_id)
    assert google.diary.standing(DOCTOR) == []


def test_nothing_counts_as_removed_from_a_calendar_that_is_no_longer_shared(
    google: GooglePeer, calendar: GoogleCalendar
) -> None:
    kept = calendar.keep(DOCTOR, visit())
    google.diary.share(DOCTOR, "none")
    for ask in (
        lambda: calendar.remove(DOCTOR, kept.event_id),
        lambda: calendar.move(DOCTOR, kept.event_id, at(60), ZONE),
    ):
        with pytest.raises(CalendarFailed, match="not shared") as failed:
            ask()
        assert failed.value.trouble is Trouble.REFUSED


def test_a_calendar_is_busy_where_something_stands_in_it(
    google: GooglePeer, calendar: GoogleCalendar
) -> None:
    for key, minutes in (("a", 0), ("b", 30), ("c", 120), ("d", 300)):
        calendar.keep(DOCTOR, visit(key, minutes))
    calendar.remove(DOCTOR, event_id_of("d"))
    whole_day = {"start": {"date": "2026-12-01"}, "end": {"date": "2026-12-02"}}
    google.diary.insert(DOCTOR, whole_day)
    assert calendar.busy(DOCTOR, at(-60, 600)) == [at(0, 60), at(120)]
    assert calendar.busy(DOCTOR, at(60, 60)) == []


def test_a_calendar_is_checked_without_writing(google: GooglePeer, calendar: GoogleCalendar) -> None:
    calendar.check(DOCTOR)
    assert {asked.door for asked in google.asked} == {"token", "freebusy", "list"}
    for role, said in (("reader", "Make changes to events"), ("none", "not shared")):
        google.diary.share(DOCTOR, role)
        with pytest.raises(CalendarFailed, match=said) as failed:
            calendar.check(DOCTOR)
        assert failed.value.trouble is Trouble.REFUSED


@pytest.mark.parametrize("zone", ZONES)
def test_around_every_change_of_the_clock_appointments_stand_where_they_were_put(
    google: GooglePeer, calendar: GoogleCalendar, zone: str
) -> None:
    changes = transitions(zone, 2027)
    assert len(changes) == 2
    google.diary.share(DOCTOR, zone=zone)
    half = timedelta(minutes=30)
    for change in changes:
        spans = [Span(change + half * each, change + half * (each + 1)) for each in range(-4, 4)]
        for span in spans:
            kept = calendar.keep(DOCTOR, visit(span.start.isoformat(), span=span, zone=zone))
            shown = google.diary.get(DOCTOR, kept.event_id)["start"]
            wall = span.start.astimezone(ZoneInfo(zone)).isoformat()
            assert (kept.span, shown) == (span, {"dateTime": wall, "timeZone": zone})
        whole = Span(spans[0].start, spans[-1].end)
        assert calendar.busy(DOCTOR, Span(whole.start - half, whole.end + half)) == [whole]


def test_threads_have_their_own_tokens_and_connections(google: GooglePeer, calendar: GoogleCalendar) -> None:
    together, done = threading.Barrier(2), []

    def keep(key: str) -> None:
        for count in range(5):
            together.wait(10)
            done.append(calendar.keep(DOCTOR, visit(f"{key}{count}", count * 30)))
            # Both the same, at once.
            together.wait(10)
            done.append(calendar.keep(DOCTOR, visit(f"both{count}", count * 30 + 200)))

    threads = [threading.Thread(target=keep, args=(key,)) for key in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(done) == 20
    assert len(google.diary.standing(DOCTOR)) == 15
    assert len(google.at("token")) == 2
    assert len({asked.token for asked in google.at("insert")}) == 2


def test_no_connection_waits_for_the_next_call(google: GooglePeer, calendar: GoogleCalendar) -> None:
    calendar.keep(DOCTOR, visit())
    calendar.busy(DOCTOR, at(0))
    keeping = {asked.port for asked in google.asked if asked.door in ("token", "insert", "get")}
    assert len(keeping) == 1
    assert google.at("freebusy")[0].port not in keeping


def test_a_zone_that_nobody_knows_is_told_before_anything_is_sent(
    google: GooglePeer, calendar: GoogleCalendar
) -> None:
    with pytest.raises(CalendarFailed, match="Mars/Olympus"):
        calendar.keep(DOCTOR, visit(zone="Mars/Olympus"))
    assert google.asked == []


def test_an_account_is_checked_without_any_calendar(google: GooglePeer, calendar: GoogleCalendar) -> None:
    calendar.sign_in()
    assert [asked.door for asked in google.asked] == ["token", "freebusy"]
    google.fails(Fault("freebusy", "refuse", 403, "accessNotConfigured"))
    with pytest.raises(CalendarFailed, match="accessNotConfigured") as failed:
        calendar.sign_in()
    assert failed.value.trouble is Trouble.REFUSED


def test_without_a_key_there_is_no_google(tmp_path: Path) -> None:
    assert google_calendar(checked({"box": {"data_dir": str(tmp_path)}}, "test")) is None


def test_the_key_is_a_secret_file(google: GooglePeer, tmp_path: Path) -> None:
    settings = checked(
        {
            "box": {"data_dir": str(tmp_path)},
            "google": {"api_url": google.url, "ca_file": str(google.ca_file)},
        },
        "test",
    )
    key_file = tmp_path / "secrets" / "google_key.json"
    key_file.parent.mkdir()
    key_file.write_text(json.dumps(google.key, indent=2), "utf-8")
    os.chmod(key_file, 0o644)
    with pytest.raises(SettingsError, match="chmod 600"):
        google_calendar(settings)
    os.chmod(key_file, 0o600)
    opened_by_file = google_calendar(settings)
    assert opened_by_file is not None
    opened_by_file.check(DOCTOR)


@pytest.mark.parametrize(
    "key",
    ["{", "[]", '"key"', "{}", '{"client_email": "a@b", "token_uri": "https://x", "private_key": "none"}'],
)
def test_a_key_that_is_none_is_told_at_once(tmp_path: Path, key: str) -> None:
    key_file = tmp_path / "secrets" / "google_key.json"
    key_file.parent.mkdir()
    key_file.write_text(key, "utf-8")
    os.chmod(key_file, 0o600)
    with pytest.raises(SettingsError, match=r"\[google\] google_key.json"):
        google_calendar(checked({"box": {"data_dir": str(tmp_path)}}, "test"))


def test_a_key_with_a_token_service_in_the_clear_is_refused(google: GooglePeer) -> None:
    key = {**google.key, "token_uri": "http://localhost/token"}
    with pytest.raises(SettingsError, match="https"):
        GoogleCalendar(key, Google(api_url=google.url))
