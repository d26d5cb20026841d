"""Appointments that are put into a mailbox, moved and taken out: once each, and as was asked."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import get_args

import pytest

from appliance.calendars.graph import events
from appliance.calendars.graph.calendar import GraphCalendar
from appliance.core.calendar import CalendarFailed, Trouble
from tests.calendars.graph.stand import DESK, NINE, NOTES, TITLE, account, appointment, span
from tests.peers.graph import Fault, GraphPeer, Mailbox
from tests.peers.graph.mailbox import Repeat

HOUR = timedelta(hours=1)


def only(desk: Mailbox) -> tuple[object, object]:
    """The one event there is: when it stands."""
    (event,) = desk.events.values()
    return event.start, event.end


def test_an_appointment_is_in_the_calendar_as_asked(calendar: GraphCalendar, desk: Mailbox) -> None:
    kept = calendar.keep(DESK, appointment())
    (event,) = desk.events.values()
    assert kept.span == span()
    assert kept.link.startswith("https://outlook.office365.com/")
    assert kept.event_id == event.event_id(immutable=True)
    assert (event.told["subject"], event.told["body"]["content"]) == (TITLE, NOTES)
    assert (event.told["showAs"], event.told["isReminderOn"]) == ("busy", False)
    assert event.told["start"] == {"dateTime": "2026-12-01T04:00:00", "timeZone": "America/New_York"}
    assert len(event.told["transactionId"]) == 36


@pytest.mark.parametrize("repeat", get_args(Repeat))
@pytest.mark.parametrize("remembers", [True, False])
def test_the_same_key_is_the_same_appointment(
    calendar: GraphCalendar, desk: Mailbox, repeat: Repeat, *, remembers: bool
) -> None:
    desk.repeat, desk.remembers = repeat, remembers
    first = calendar.keep(DESK, appointment())
    assert calendar.keep(DESK, appointment()) == first
    assert len(desk.events) == 1
    assert calendar.keep(DESK, appointment("b-78")).event_id != first.event_id


def test_what_stands_is_found_and_what_does_not_is_not(calendar: GraphCalendar, desk: Mailbox) -> None:
    assert calendar.find(DESK, appointment()) is None
    kept = calendar.keep(DESK, appointment())
    assert calendar.find(DESK, appointment()) == kept
    with pytest.raises(CalendarFailed) as caught:
        calendar.find(DESK, appointment(start=NINE + HOUR))
    assert caught.value.trouble is Trouble.OTHER
    calendar.remove(DESK, kept.event_id)
    assert calendar.find(DESK, appointment()) is None
    assert not desk.events


def test_what_staff_moved_is_found_where_it_is_now(calendar: GraphCalendar, desk: Mailbox) -> None:
    kept = calendar.keep(DESK, appointment())
    (event,) = desk.events.values()
    event.start, event.end, event.moves = NINE + HOUR, NINE + 2 * HOUR, 1
    again = calendar.keep(DESK, appointment())
    assert (again.event_id, again.span) == (kept.event_id, span(NINE + HOUR, HOUR))
    assert calendar.move(DESK, kept.event_id, span(NINE), "UTC").span == span(NINE)


@pytest.mark.parametrize("repeat", get_args(Repeat))
@pytest.mark.parametrize(
    "fault",
    [
        Fault("create", "cut", done=True),
        Fault("create", "status", 500, "ErrorInternalServerError", done=True),
        Fault("create", "status", 503, done=True),
        Fault("create", "status", 504, headers={"Retry-After": "1"}, done=True),
        Fault("create", "cut"),
        Fault("create", "status", 502),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.status}-{fault.done}",
)
def test_a_lost_answer_makes_no_second_event(
    calendar: GraphCalendar, peer: GraphPeer, desk: Mailbox, fault: Fault, repeat: Repeat
) -> None:
    desk.repeat = repeat
    peer.faults.add(fault)
    assert calendar.keep(DESK, appointment()).span == span()
    assert peer.doors().count("create") == (1 if fault.done else 2)
    assert only(desk) == (NINE, NINE + timedelta(minutes=30))


def test_a_create_that_is_not_answered_in_time_is_found_afterwards(
    peer: GraphPeer, desk: Mailbox, tmp_path: Path
) -> None:
    calendar = GraphCalendar(account(peer, tmp_path), patience_s=0.5)
    calendar.check(DESK)
    peer.faults.add(Fault("create", "hang"))
    with pytest.raises(CalendarFailed) as failed:
        calendar.keep(DESK, appointment())
    assert failed.value.trouble is Trouble.AWAY
    peer.released.set()
    assert peer.wait_inside(desk, 0)
    calendar.keep(DESK, appointment())
    assert peer.doors().count("create") == 1
    assert len(desk.events) == 1
    calendar.close()


def test_a_search_that_lags_is_made_good_by_the_view(
    calendar: GraphCalendar, peer: GraphPeer, desk: Mailbox
) -> None:
    for number in range(60):
        calendar.keep(DESK, appointment(f"other-{number}"))
    kept = calendar.keep(DESK, appointment())
    desk.search_lags, desk.repeat = True, 409
    assert calendar.keep(DESK, appointment()) == kept
    assert peer.doors().count("view") == 2
    assert len(desk.events) == 61


@pytest.mark.parametrize("repeat", get_args(Repeat))
def test_what_was_taken_out_can_be_put_in_again_some_times(
    calendar: GraphCalendar, desk: Mailbox, repeat: Repeat
) -> None:
    desk.repeat = repeat
    for _ in range(events.LIVES):
        kept = calendar.keep(DESK, appointment())
        assert calendar.keep(DESK, appointment()) == kept
        assert len(desk.events) == 1
        calendar.remove(DESK, kept.event_id)
    with pytest.raises(CalendarFailed) as failed:
        calendar.keep(DESK, appointment())
    assert failed.value.trouble is Trouble.GONE
    assert not desk.events


@pytest.mark.parametrize("lags", [True, False])
def test_another_appointment_of_the_same_key_is_refused(
    calendar: GraphCalendar, desk: Mailbox, *, lags: bool
) -> None:
    asked = appointment()
    calendar.keep(DESK, asked)
    desk.search_lags, desk.repeat = lags, 409
    for other in (replace(asked, title="Another"), replace(asked, zone="Europe/Madrid")):
        with pytest.raises(CalendarFailed, match="Another appointment") as failed:
            calendar.keep(DESK, other)
        assert failed.value.trouble is Trouble.OTHER
    (event,) = desk.events.values()
    assert event.told["subject"] == TITLE


def test_a_create_that_is_a_lie_is_not_believed(
    calendar: GraphCalendar, peer: GraphPeer, desk: Mailbox
) -> None:
    peer.faults.add(Fault("create", "lie"))
    with pytest.raises(CalendarFailed, match="does not have it") as failed:
        calendar.keep(DESK, appointment())
    assert failed.value.trouble is Trouble.OTHER
    assert not desk.events
    assert calendar.keep(DESK, appointment()).span == span()


def test_a_move_that_is_a_lie_is_done_again_or_not_believed(
    calendar: GraphCalendar, peer: GraphPeer, desk: Mailbox
) -> None:
    kept = calendar.keep(DESK, appointment())
    peer.faults.add(Fault("change", "lie"))
    assert calendar.move(DESK, kept.event_id, span(NINE + HOUR), "UTC").span == span(NINE + HOUR)
    assert only(desk)[0] == NINE + HOUR
    peer.faults.add(Fault("change", "lie"), Fault("change", "lie"))
    with pytest.raises(CalendarFailed, match="another time"):
        calendar.move(DESK, kept.event_id, span(NINE), "UTC")
    assert only(desk)[0] == NINE + HOUR


def test_what_is_gone_cannot_be_moved_and_is_removed(calendar: GraphCalendar, desk: Mailbox) -> None:
    kept = calendar.keep(DESK, appointment())
    calendar.remove(DESK, kept.event_id)
    assert not desk.events
    calendar.remove(DESK, kept.event_id)
    with pytest.raises(CalendarFailed) as failed:
        calendar.move(DESK, kept.event_id, span(), "UTC")
    assert failed.value.trouble is Trouble.GONE


@pytest.mark.parametrize("done", [True, False])
def test_a_removal_whose_answer_is_lost_is_done(
    calendar: GraphCalendar, peer: GraphPeer, desk: Mailbox, *, done: bool
) -> None:
    kept = calendar.keep(DESK, appointment())
    peer.faults.add(Fault("delete", "cut", done=done))
    calendar.remove(DESK, kept.event_id)
    assert not desk.events


def test_a_removal_that_is_a_lie_is_none(calendar: GraphCalendar, peer: GraphPeer, desk: Mailbox) -> None:
    kept = calendar.keep(DESK, appointment())
    peer.faults.add(Fault("delete", "lie"))
    with pytest.raises(CalendarFailed, match="still has it") as failed:
        calendar.remove(DESK, kept.event_id)
    assert failed.value.trouble is Trouble.OTHER
    assert only(desk)
    calendar.remove(DESK, kept.event_id)
    assert not desk.events


def test_what_is_among_the_deleted_items_does_not_stand_there(calendar: GraphCalendar, desk: Mailbox) -> None:
    """With the id that never changes it is still found by it."""
    kept = calendar.keep(DESK, appointment())
    desk.keeps_deleted = True
    calendar.remove(DESK, kept.event_id)
    assert not desk.events
    calendar.remove(DESK, kept.event_id)


def test_a_page_in_place_of_an_answer_removes_nothing(calendar: GraphCalendar, peer: GraphPeer) -> None:
    kept = calendar.keep(DESK, appointment())
    peer.faults.add(Fault("delete", "body", body=b"<html>Please sign in</html>"))
    with pytest.raises(CalendarFailed, match="did not say"):
        calendar.remove(DESK, kept.event_id)


def test_a_mailbox_that_is_not_there_does_not_make_a_removal_true(
    calendar: GraphCalendar, desk: Mailbox
) -> None:
    kept = calendar.keep(DESK, appointment())
    desk.licensed = False
    with pytest.raises(CalendarFailed) as failed:
        calendar.remove(DESK, kept.event_id)
    assert failed.value.trouble is Trouble.REFUSED


def test_a_title_may_be_long_and_of_any_letters(calendar: GraphCalendar, desk: Mailbox) -> None:
    asked = appointment()
    title = "Revisión µ 'quoted' \"twice\" \N{TOOTH}" + "x" * 400
    calendar.keep(DESK, type(asked)(asked.key, title, "ñ\n</p>", asked.span, asked.zone))
    (event,) = desk.events.values()
    assert event.told["subject"] == title[:255]
    assert event.told["body"]["content"] == "ñ\n</p>"


def test_two_threads_with_one_key_make_one_event(
    calendar: GraphCalendar, peer: GraphPeer, desk: Mailbox
) -> None:
    """Both have looked before either of them puts it in."""
    calendar.check(DESK)
    peer.faults.add(*[Fault("find", "hang", done=True)] * 2)
    with ThreadPoolExecutor(2) as threads:
        keeping = [threads.submit(calendar.keep, DESK, appointment()) for _ in range(2)]
        assert peer.wait_inside(desk, 2)
        peer.released.set()
        first, second = (each.result() for each in keeping)
    assert first == second
    assert len(desk.events) == 1
    assert peer.doors().count("create") == 2


def test_two_threads_at_once_get_what_each_asked_for(calendar: GraphCalendar, desk: Mailbox) -> None:
    start = threading.Barrier(2)

    def kept(lane: int) -> list[str]:
        start.wait()
        days = [NINE + timedelta(days=day, hours=lane) for day in range(5)]
        return [calendar.keep(DESK, appointment(f"{lane}-{day}", day)).event_id for day in days]

    with ThreadPoolExecutor(2) as threads:
        ids = [event_id for each in threads.map(kept, range(2)) for event_id in each]
    assert len(set(ids)) == len(desk.events) == 10
