"""Appointments and busy times as Graph writes them, and back. Every answer is read as if it could be wrong.

Pure. May import: the standard library, appliance.core.
"""

import hashlib
import json
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from appliance.core.calendar import Appointment, CalendarFailed, Kept, Span, Trouble
from appliance.core.colours import nearest

KEYS = uuid.UUID("6a1c4b60-0d3e-4a55-9a0e-5f3b8c1f2d77")
KEY_PROPERTY = f"String {{{KEYS}}} Name AttendantKey"
"""The property of an event by which it is found again; it goes with the event wherever that is moved."""
ASKED_PROPERTY = f"String {{{KEYS}}} Name AttendantAsked"
"""The property that says what was asked for, as a number: staff may change the event since."""
FIELDS = "id,webLink,start,end"
WITH_ASKED = f"singleValueExtendedProperties($filter=id eq '{ASKED_PROPERTY}')"
LIVES = 5
"""How often an appointment can be put in: each time it is taken out, one is over."""
LONGEST_TITLE = 255
CATEGORIES = {
    "Red category": "#e00000",
    "Orange category": "#f08020",
    "Yellow category": "#f0e020",
    "Green category": "#20a040",
    "Blue category": "#2060d0",
    "Purple category": "#8030a0",
}
"""The categories that a mailbox has from the beginning; Outlook shows an event in the colour of its own."""
WINDOW = timedelta(days=60)
"""getSchedule takes less than 62 days at once."""
FREE = "free"
UTC_NAMES = {"UTC", "Etc/UTC", "Etc/GMT", "GMT", "tzone://Microsoft/Utc"}


def transaction_id(key: str, life: int = 0) -> str:
    """The same 36 characters for the same key, for ever; Graph takes them once, so each life has its own."""
    return str(uuid.uuid5(KEYS, f"{key} {life}" if life else key))


def digest(appointment: Appointment) -> str:
    """What was asked for, as a number."""
    span = appointment.span
    asked = (appointment.key, appointment.title, appointment.notes, appointment.zone)
    times = (span.start.astimezone(UTC).isoformat(), span.end.astimezone(UTC).isoformat())
    return hashlib.sha256(json.dumps([*asked, *times]).encode()).hexdigest()[:32]


def made_for(event: Mapping[str, Any], appointment: Appointment) -> bool:
    """Whether an event, read with WITH_ASKED, was made for just this appointment."""
    properties = event.get("singleValueExtendedProperties")
    if not isinstance(properties, list):
        return False
    return {"id": ASKED_PROPERTY, "value": digest(appointment)} in properties


def new_event(appointment: Appointment, zone: str, life: int = 0) -> dict[str, Any]:
    """What is posted to make it, its times in this zone."""
    category = nearest(appointment.colour, CATEGORIES)
    return {
        "subject": appointment.title[:LONGEST_TITLE],
        "body": {"contentType": "text", "content": appointment.notes},
        **times(appointment.span, zone),
        "showAs": "busy",
        "isReminderOn": False,
        "transactionId": transaction_id(appointment.key, life),
        "singleValueExtendedProperties": [
            {"id": KEY_PROPERTY, "value": transaction_id(appointment.key)},
            {"id": ASKED_PROPERTY, "value": digest(appointment)},
        ],
        **({"categories": [category]} if category else {}),
    }


def times(span: Span, zone: str) -> dict[str, Any]:
    """Start and end of an event; Graph takes IANA names."""
    return {"start": _written(span.start, zone), "end": _written(span.end, zone)}


def with_key(key: str) -> str:
    """The filter that finds the event of a key."""
    named = transaction_id(key)
    return f"singleValueExtendedProperties/Any(ep: ep/id eq '{KEY_PROPERTY}' and ep/value eq '{named}')"


def schedule(calendar: str, within: Span) -> dict[str, Any]:
    """The question when a calendar is busy."""
    return {
        "schedules": [calendar],
        "startTime": _written(within.start, "UTC"),
        "endTime": _written(within.end, "UTC"),
        "availabilityViewInterval": 30,
    }


def windows(within: Span) -> Iterator[Span]:
    """The same time in pieces that one question may ask for."""
    start = within.start.astimezone(UTC)
    while start < within.end:
        end = min(start + WINDOW, within.end.astimezone(UTC))
        yield Span(start, end)
        start = end


def busy(entry: Mapping[str, Any]) -> list[Span]:
    """When one schedule is busy, as it came. What is not free is busy: tentative, out, elsewhere, unknown."""
    items = entry.get("scheduleItems")
    if not isinstance(items, list):
        raise _strange("a schedule without its items")
    spans = []
    for item in items:
        if not isinstance(item, dict) or not isinstance(item.get("status"), str):
            raise _strange("a schedule item of another form")
        if item["status"] != FREE:
            spans.append(span_of(item))
    return spans


def kept(event: Mapping[str, Any]) -> Kept:
    """An event as we know it. Raises CalendarFailed when it is not what an event is."""
    event_id, link = event.get("id"), event.get("webLink")
    if not isinstance(event_id, str) or not event_id:
        raise _strange("an event without an id")
    return Kept(event_id, link if isinstance(link, str) else "", span_of(event))


def span_of(told: Mapping[str, Any]) -> Span:
    """Its start and end. Raises CalendarFailed when they are none, or it ends before it starts."""
    span = Span(_read(told.get("start")), _read(told.get("end")))
    if span.end < span.start:
        raise _strange("an end before its start")
    return span


def listed(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The `value` of an answer with many. Raises CalendarFailed when there is none."""
    value = told.get("value")
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise _strange("a list of another form")
    return value


def _written(instant: datetime, zone: str) -> dict[str, str]:
    """Wall time of the zone; of an hour that the clocks go through twice UTC, which says which of the two."""
    try:
        local = instant.astimezone(ZoneInfo(zone))
    except (ValueError, LookupError, OSError):
        raise CalendarFailed(f"{zone[:40]!r} is no time zone.", Trouble.OTHER) from None
    if local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset():
        local, zone = instant.astimezone(UTC), "UTC"
    return {"dateTime": local.replace(tzinfo=None).isoformat(), "timeZone": zone}


def _read(told: object) -> datetime:
    """A time of Graph's, which says its zone beside it: UTC, as we asked, or another by its IANA name."""
    if not isinstance(told, dict):
        raise _strange("a time of another form")
    moment, zone = told.get("dateTime"), told.get("timeZone")
    if not isinstance(moment, str) or not isinstance(zone, str):
        raise _strange("a time of another form")
    try:
        read = datetime.fromisoformat(moment)
        if read.tzinfo is None:
            read = read.replace(tzinfo=UTC if zone in UTC_NAMES else ZoneInfo(zone))
        return read.astimezone(UTC)
    except (ValueError, OverflowError, OSError, KeyError):
        raise _strange("a time that is none, or in a zone that is not known") from None


def _strange(what: str) -> CalendarFailed:
    return CalendarFailed(f"Microsoft answered with {what}.", Trouble.OTHER)
