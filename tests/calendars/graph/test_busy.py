"""When a mailbox is busy, and answers that do not say it."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from appliance.calendars.graph.calendar import GraphCalendar
from appliance.core.calendar import CalendarFailed, Span, Trouble
from tests.calendars.graph.stand import DESK, HALF_HOUR, NINE, appointment, span
from tests.peers.graph import Fault, GraphPeer, Mailbox

DAY = Span(NINE - timedelta(hours=9), NINE + timedelta(hours=15))


def body(value: object) -> Fault:
    return Fault("schedule", "body", body=json.dumps(value).encode())


def items(*told: object) -> Fault:
    return body({"value": [{"scheduleId": DESK, "scheduleItems": list(told)}]})


def item(start: Any, end: Any, zone: Any = "UTC", status: Any = "busy") -> dict[str, Any]:
    return {
        "status": status,
        "start": {"dateTime": start, "timeZone": zone},
        "end": {"dateTime": end, "timeZone": zone},
    }


def test_what_is_not_free_is_busy(calendar: GraphCalendar, desk: Mailbox) -> None:
    said = ["free", "tentative", "busy", "oof", "workingElsewhere", "unknown"]
    for hour, status in enumerate(said):
        desk.blocks.append((status, NINE + timedelta(hours=hour), NINE + timedelta(hours=hour, minutes=30)))
    spans = calendar.busy(DESK, DAY)
    assert spans == [span(NINE + timedelta(hours=hour)) for hour in range(1, 6)]


def test_spans_are_merged_and_in_order(calendar: GraphCalendar, desk: Mailbox) -> None:
    calendar.keep(DESK, appointment(start=NINE + HALF_HOUR))
    desk.blocks += [
        ("busy", NINE + timedelta(hours=4), NINE + timedelta(hours=5)),
        ("tentative", NINE, NINE + timedelta(minutes=40)),
    ]
    later = Span(NINE + timedelta(hours=4), NINE + timedelta(hours=5))
    assert calendar.busy(DESK, DAY) == [Span(NINE, NINE + timedelta(hours=1)), later]


def test_a_free_calendar_has_no_spans(calendar: GraphCalendar) -> None:
    assert calendar.busy(DESK, DAY) == []


def test_a_long_time_is_asked_for_in_pieces(calendar: GraphCalendar, peer: GraphPeer, desk: Mailbox) -> None:
    """An event across the border of two pieces is one."""
    border = NINE + timedelta(days=60)
    desk.blocks.append(("busy", border - HALF_HOUR, border + HALF_HOUR))
    desk.blocks.append(("busy", NINE + timedelta(days=150), NINE + timedelta(days=151)))
    spans = calendar.busy(DESK, Span(NINE, NINE + timedelta(days=160)))
    assert peer.doors().count("schedule") == 3
    assert spans == [
        Span(border - HALF_HOUR, border + HALF_HOUR),
        Span(NINE + timedelta(days=150), NINE + timedelta(days=151)),
    ]


def test_a_service_that_does_not_heed_the_zone_we_prefer_is_understood(
    calendar: GraphCalendar, peer: GraphPeer
) -> None:
    peer.faults.add(
        items(item("2026-12-01T04:00:00.0000000", "2026-12-01T04:30:00.0000000", "America/New_York"))
    )
    assert calendar.busy(DESK, DAY) == [span()]


@pytest.mark.parametrize(
    ("code", "trouble"),
    [
        ("ErrorMailRecipientNotFound", Trouble.REFUSED),
        ("ErrorNoFreeBusyAccess", Trouble.REFUSED),
        ("ErrorServerBusy", Trouble.BUSY),
        ("ErrorMailboxStoreUnavailable", Trouble.AWAY),
        ("ErrorTimeoutExpired", Trouble.AWAY),
        ("ErrorSomethingNew", Trouble.OTHER),
    ],
)
def test_an_error_inside_a_good_answer_is_one(
    calendar: GraphCalendar, desk: Mailbox, code: str, trouble: Trouble
) -> None:
    desk.schedule_error = code
    with pytest.raises(CalendarFailed, match=code) as failed:
        calendar.busy(DESK, DAY)
    assert failed.value.trouble is trouble


@pytest.mark.parametrize(
    "fault",
    [
        Fault("schedule", "body", body=b"<html>Please sign in</html>"),
        Fault("schedule", "body", body=b""),
        Fault("schedule", "body", body=b"[" * 100_000),
        Fault("schedule", "body", body=b"\xff\xfe\x00"),
        Fault("schedule", "body", status=302, headers={"Location": "https://portal.example/"}),
        body([]),
        body({"value": None}),
        body({"value": [1]}),
        body({"value": []}),
        body({"value": [{"scheduleId": "other@clinic.example", "scheduleItems": []}]}),
        body({"value": [{"scheduleId": DESK, "availabilityView": "222"}]}),
        items("busy"),
        items(item("2026-12-01T09:00:00", "2026-12-01T10:00:00", status=2)),
        items({"status": "busy"}),
        items(item("2026-12-01T09:00:00", None)),
        items(item("2026-12-01T09:00:00", 17)),
        items(item("tomorrow", "2026-12-01T10:00:00")),
        items(item("2026-12-01T09:00:00", "2026-12-01T08:00:00")),
        items(item("2026-12-01T09:00:00", "2026-12-01T10:00:00", "Customized Time Zone")),
        items(item("2026-12-01T09:00:00", "2026-12-01T10:00:00", "../../etc/passwd")),
        items(item("2026-12-01T09:00:00", "2026-12-01T10:00:00", None)),
        items(item("0001-01-01T00:00:00", "2026-12-01T10:00:00", "Asia/Kolkata")),
    ],
)
def test_an_answer_that_says_nothing_does_not_mean_free(
    calendar: GraphCalendar, peer: GraphPeer, fault: Fault
) -> None:
    peer.faults.add(fault)
    with pytest.raises(CalendarFailed) as failed:
        calendar.busy(DESK, DAY)
    assert failed.value.trouble is Trouble.OTHER


def test_an_answer_without_end_is_given_up(calendar: GraphCalendar, peer: GraphPeer) -> None:
    peer.faults.add(Fault("schedule", "body", body=b" " * 5_000_000))
    with pytest.raises(CalendarFailed, match="no end"):
        calendar.busy(DESK, DAY)


def test_a_check_sees_that_the_calendar_can_be_read_and_changed(
    calendar: GraphCalendar, desk: Mailbox
) -> None:
    calendar.check(DESK)
    desk.can_edit = False
    with pytest.raises(CalendarFailed, match="not change it"):
        calendar.check(DESK)
    desk.can_edit, desk.schedule_error = True, "ErrorNoFreeBusyAccess"
    with pytest.raises(CalendarFailed, match="none it may read"):
        calendar.check(DESK)
    assert not desk.events


def test_times_may_be_in_any_zone_of_ours(calendar: GraphCalendar, desk: Mailbox) -> None:
    desk.blocks.append(("busy", NINE, NINE + HALF_HOUR))
    east = datetime.fromisoformat("2026-12-01T19:30:00+10:30")
    assert calendar.busy(DESK, Span(east, east + timedelta(minutes=1))) == [span()]
    assert calendar.busy(DESK, Span(east.astimezone(UTC) - HALF_HOUR, NINE)) == []
