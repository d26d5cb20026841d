"""The box's own calendar as iCalendar (RFC 5545), for programs that subscribe to it. Written, never read.

Times are in UTC, so that no zone has to be told: five properties of an entry are all that is needed.
Pure. May import: the standard library, appliance.store.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from appliance.store.own_events import OwnEvent

LINE_OCTETS = 75
PRODUCT = "-//Attendant//Appointments//EN"
HOURLY = "PT1H"


def feed(name: str, events: Sequence[OwnEvent], *, notes: bool) -> bytes:
    """A calendar of this name with these entries; `notes`, which name patients, only where that is wanted."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{PRODUCT}",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_escaped(name)}",
        f"REFRESH-INTERVAL;VALUE=DURATION:{HOURLY}",
    ]
    for event in events:
        lines += _entry(event, notes=notes)
    return b"".join(_folded(line) for line in [*lines, "END:VCALENDAR"])


def _entry(event: OwnEvent, *, notes: bool) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{event.event_id}@attendant"
    yield f"DTSTAMP:{_written(event.changed_at)}"
    yield f"SEQUENCE:{event.changes}"
    yield f"DTSTART:{_written(event.span.start)}"
    yield f"DTEND:{_written(event.span.end)}"
    yield f"SUMMARY:{_escaped(event.title)}"
    if notes and event.notes:
        yield f"DESCRIPTION:{_escaped(event.notes)}"
    yield "END:VEVENT"


def _written(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    """A text in which nothing ends a line or a value; other control characters are left out."""
    for sign, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\\n"), ("\n", "\\n")):
        text = text.replace(sign, written)
    return "".join(sign for sign in text if sign >= " " and sign != "\x7f")


def _folded(line: str) -> bytes:
    """A line of 75 octets at most, and its rest on lines that begin with a space; no letter is cut in two."""
    parts, length = [bytearray()], LINE_OCTETS
    for sign in line:
        octets = sign.encode()
        if len(parts[-1]) + len(octets) > length:
            parts.append(bytearray(b" "))
        parts[-1] += octets
    return b"\r\n".join(bytes(part) for part in parts) + b"\r\n"
