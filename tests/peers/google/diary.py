"""Calendars and what stands in them, by Google's rules: ids, etags, cancelled events, zones, who is busy.

No I/O. May import: the standard library, this package.
"""

import base64
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.peers.google.refusals import Refusal
from tests.peers.google.tokens import EMAIL

Event = dict[str, Any]
Body = dict[str, Any]

ID = re.compile(r"[0-9a-v]{5,1024}")
WRITERS = frozenset({"owner", "writer", "writerWithoutPrivateAccess"})
OFFSET = re.compile(r"(Z|[+-]\d\d:\d\d)$")
CALENDARS_MOST = 50


@dataclass
class Shared:
    """A calendar, and what the service account may do in it."""

    role: str = "writer"
    zone: str = "America/New_York"
    events: dict[str, Event] = field(default_factory=dict)


class Diary:
    """All calendars. Its verbs answer as the API does, and raise Refusal."""

    def __init__(self) -> None:
        self.calendars: dict[str, Shared] = {}
        self._changes = 0

    def share(self, calendar: str, role: str = "writer", zone: str = "America/New_York") -> Shared:
        """Share a calendar with the service account; again for another role."""
        known = self.calendars.get(calendar, Shared())
        self.calendars[calendar] = Shared(role, zone, known.events)
        return self.calendars[calendar]

    def standing(self, calendar: str) -> list[Event]:
        """The events in a calendar that are not cancelled."""
        return [each for each in self.calendars[calendar].events.values() if each["status"] != "cancelled"]

    def touch(self) -> None:
        """Let every event have been changed."""
        for shared in self.calendars.values():
            for event in shared.events.values():
                event["etag"] = self._etag()

    def insert(self, calendar: str, body: Body) -> Event:
        """A new event."""
        shared = self._writable(calendar)
        name = (
            body.get("id")
            or base64.b32hexencode(str(self._changes).encode().ljust(10, b"0")).decode().lower()
        )
        if not ID.fullmatch(name):
            raise Refusal(400, "invalid", "Invalid resource id value.")
        if name in shared.events:
            raise Refusal(409, "duplicate")
        if body.get("attendees"):
            raise Refusal(403, "forbiddenForServiceAccounts", "Service accounts cannot invite attendees")
        shared.events[name] = self._made(shared, calendar, name, body)
        return shared.events[name]

    def get(self, calendar: str, name: str) -> Event:
        """An event, cancelled or not."""
        return _known(self._readable(calendar), name)

    def update(self, calendar: str, name: str, body: Body, etag: str | None) -> Event:
        """Another content for an event; one that was cancelled can come back so."""
        shared = self._writable(calendar)
        _unchanged(_known(shared, name), etag)
        shared.events[name] = self._made(shared, calendar, name, body)
        return shared.events[name]

    def patch(self, calendar: str, name: str, body: Body, etag: str | None) -> Event:
        """Some fields of an event; null takes one away. A cancelled one stays so, unless that is patched."""
        shared = self._writable(calendar)
        known = _known(shared, name)
        _unchanged(known, etag)
        shared.events[name] = self._made(shared, calendar, name, _merged(known, body))
        return shared.events[name]

    def delete(self, calendar: str, name: str, etag: str | None) -> None:
        """An event cancelled: its id is taken for ever."""
        known = _known(self._writable(calendar), name)
        _unchanged(known, etag)
        if known["status"] == "cancelled":
            raise Refusal(410, "deleted")
        known["status"] = "cancelled"
        known["etag"] = self._etag()

    def list(self, calendar: str, most: int) -> Body:
        """What stands in a calendar, and what we may do there."""
        shared = self._readable(calendar)
        items = self.standing(calendar)[:most]
        return {"kind": "calendar#events", "accessRole": shared.role, "timeZone": shared.zone, "items": items}

    def freebusy(self, body: Body) -> Body:
        """When each calendar is busy: merged, half open, clipped to what was asked."""
        begins, ends = _asked(body, "timeMin"), _asked(body, "timeMax")
        if begins >= ends:
            raise Refusal(400, "timeRangeEmpty")
        names = [each["id"] for each in body.get("items", [])]
        if len(names) > CALENDARS_MOST:
            raise Refusal(400, "tooManyCalendarsRequested")
        zone = _zone(body.get("timeZone", "UTC"))
        told = {name: self._busy(name, begins, ends, zone) for name in names}
        return {
            "kind": "calendar#freeBusy",
            "timeMin": _shown(begins, zone),
            "timeMax": _shown(ends, zone),
            "calendars": told,
        }

    def _busy(self, calendar: str, begins: datetime, ends: datetime, zone: ZoneInfo) -> Body:
        if calendar not in self.calendars or self.calendars[calendar].role == "none":
            return {"errors": [{"domain": "global", "reason": "notFound"}], "busy": []}
        within = self.calendars[calendar]
        spans = [
            _span(each, within.zone) for each in self.standing(calendar) if each["transparency"] == "opaque"
        ]
        made: list[list[datetime]] = []
        for start, end in sorted((max(a, begins), min(b, ends)) for a, b in spans if a < ends and begins < b):
            if made and start <= made[-1][1]:
                made[-1][1] = max(made[-1][1], end)
            else:
                made.append([start, end])
        return {"busy": [{"start": _shown(a, zone), "end": _shown(b, zone)} for a, b in made]}

    def _made(self, shared: Shared, calendar: str, name: str, body: Body) -> Event:
        """An event as it is kept: times by the calendar's clock, everything that Google adds."""
        start, end = _time(body.get("start"), shared.zone), _time(body.get("end"), shared.zone)
        whole_day = "date" in start
        made = {
            **body,
            "kind": "calendar#event",
            "id": name,
            "etag": self._etag(),
            "status": body.get("status") or "confirmed",
            "htmlLink": f"https://www.google.com/calendar/event?eid={_eid(name, calendar)}",
            "transparency": body.get("transparency") or ("transparent" if whole_day else "opaque"),
            "start": start,
            "end": end,
            "creator": {"email": EMAIL},
            "organizer": {"email": calendar, "self": True},
            "iCalUID": f"{name}@google.com",
        }
        begins, ends = _span(made, shared.zone)
        if begins >= ends:
            raise Refusal(400, "timeRangeEmpty")
        return made

    def _etag(self) -> str:
        self._changes += 1
        return f'"{3_500_000_000_000_000 + self._changes}"'

    def _readable(self, calendar: str) -> Shared:
        shared = self.calendars.get(calendar)
        if shared is None or shared.role in ("none", "freeBusyReader"):
            raise Refusal(404, "notFound")
        return shared

    def _writable(self, calendar: str) -> Shared:
        shared = self._readable(calendar)
        if shared.role not in WRITERS:
            raise Refusal(403, "requiredAccessLevel")
        return shared


def _known(shared: Shared, name: str) -> Event:
    if name not in shared.events:
        raise Refusal(404, "notFound")
    return shared.events[name]


def _unchanged(event: Event, etag: str | None) -> None:
    if etag not in (None, "*", event["etag"]):
        raise Refusal(412, "conditionNotMet")


def _merged(known: Body, patch: Body) -> Body:
    made = dict(known)
    for name, value in patch.items():
        if value is None:
            made.pop(name, None)
        elif isinstance(value, dict) and isinstance(made.get(name), dict):
            made[name] = _merged(made[name], value)
        else:
            made[name] = value
    return made


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError) as exc:
        raise Refusal(400, "invalid", "Invalid time zone definition for start time.") from exc


def _time(told: object, calendar_zone: str) -> Body:
    """A time of an event as it is kept. Without an offset it is by the clock of the zone that is named."""
    if not isinstance(told, dict) or ("date" in told) == ("dateTime" in told):
        raise Refusal(400, "invalid", "Invalid start time.")
    if "date" in told:
        return {"date": date.fromisoformat(told["date"]).isoformat()}
    zone = _zone(told.get("timeZone", calendar_zone))
    try:
        moment = datetime.fromisoformat(told["dateTime"])
    except ValueError as exc:
        raise Refusal(400, "badRequest", "Bad Request") from exc
    if moment.tzinfo is None:
        if "timeZone" not in told:
            raise Refusal(400, "required", "Missing time zone definition for start time.")
        moment = moment.replace(tzinfo=zone)
    return {"dateTime": _shown(moment, _zone(calendar_zone)), "timeZone": zone.key}


def _span(event: Event, zone: str) -> tuple[datetime, datetime]:
    return _begins(event["start"], zone), _begins(event["end"], zone)


def _begins(told: Body, zone: str) -> datetime:
    if "dateTime" in told:
        return datetime.fromisoformat(told["dateTime"]).astimezone(UTC)
    return datetime.combine(date.fromisoformat(told["date"]), time(), ZoneInfo(zone)).astimezone(UTC)


def _asked(body: Body, name: str) -> datetime:
    told = str(body.get(name, ""))
    if not OFFSET.search(told):
        raise Refusal(400, "badRequest", "Bad Request")
    return datetime.fromisoformat(told).astimezone(UTC)


def _shown(moment: datetime, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    text = local.isoformat(timespec="seconds")
    return text if local.utcoffset() != timedelta() else text.removesuffix("+00:00") + "Z"


def _eid(name: str, calendar: str) -> str:
    return base64.urlsafe_b64encode(f"{name} {calendar}".encode()).decode().rstrip("=")
