"""Google Calendar behind the port, for a service account with which calendars are shared.

What it says is done has been seen to be there afterwards. An appointment's event has an id made of its key,
so that asking twice makes one event.
May import: the standard library, appliance.core, appliance.calendars.
"""

import base64
import hashlib
import json
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from appliance.core.calendar import Appointment, CalendarFailed, Kept, Span, Trouble, merged
from appliance.core.calendar_settings import Google
from appliance.core.colours import nearest
from appliance.core.errors import SettingsError
from appliance.core.settings import Settings

if TYPE_CHECKING:
    from appliance.calendars.google.line import Line

Event = dict[str, Any]

ID_LENGTH = 32
GONE = frozenset({404, 410})
WRITERS = frozenset({"owner", "writer", "writerWithoutPrivateAccess"})
OURS = "attendant"
"""The private property of an event that says which appointment it was made for."""
COLOURS = {
    "1": "#a4bdfc",
    "2": "#7ae7bf",
    "3": "#dbadff",
    "4": "#ff887c",
    "5": "#fbd75b",
    "6": "#ffb878",
    "7": "#46d6db",
    "8": "#e1e1e1",
    "9": "#5484ed",
    "10": "#51b749",
    "11": "#dc2127",
}
"""The colours that an event can have, by Google's numbers for them (its `colors.get`).

Labels take their place only for who sends `eventLabelVersion=1`, says the discovery document of 2026-10-30.
"""
SEEN = "id,status,etag,htmlLink,start,end,extendedProperties/private"
"""The fields that we look at: not what the clinic has written."""


def google_calendar(settings: Settings) -> "GoogleCalendar | None":
    """Google Calendar as the settings have it; None without a key. Raises SettingsError for a bad one."""
    google = settings.google
    if not (settings.secrets_dir / google.key_file).exists():
        return None
    try:
        key = json.loads(settings.secret_text(google.key_file))
    except ValueError:
        said = f"[google] {google.key_file} is not JSON: take the key as Google gives it out."
        raise SettingsError([said]) from None
    return GoogleCalendar(key, google)


class GoogleCalendar:
    """One service account. Safe in several threads: each has its own token, and connections for each verb."""

    def __init__(self, key: Mapping[str, Any], google: Google) -> None:
        from appliance.calendars.google import errors, line  # noqa: PLC0415 -- 32 MiB that many do not need

        self._key = key
        self._google = google
        self._errors = errors
        self._line = line.Line
        self._lines = threading.local()
        self._mine()

    def busy(self, calendar: str, within: Span) -> Sequence[Span]:
        """When this calendar is busy, merged and in order."""
        return self._mine().patiently(lambda line: self._busy(line, calendar, within))

    def find(self, calendar: str, appointment: Appointment) -> Kept | None:
        """The appointment as it stands there, if it does."""
        event = _event_of(appointment)
        return self._mine().patiently(lambda line: self._find(line, calendar, event))

    def keep(self, calendar: str, appointment: Appointment) -> Kept:
        """Put it in. Asked again it changes nothing; another appointment of the same key is refused."""
        event = _event_of(appointment)
        return self._mine().patiently(lambda line: self._keep(line, calendar, event))

    def move(self, calendar: str, event_id: str, span: Span, zone: str) -> Kept:
        """Give it another time."""
        return self._mine().patiently(lambda line: self._move(line, calendar, event_id, span, zone))

    def remove(self, calendar: str, event_id: str) -> None:
        """Take it out. What is gone already is removed."""
        self._mine().patiently(lambda line: self._remove(line, calendar, event_id))

    def check(self, calendar: str) -> None:
        """See that it can be read and written."""
        self._mine().patiently(lambda line: self._check(line, calendar))

    def sign_in(self) -> None:
        """See that the account gets a token, and that the service is switched on for it."""
        self._mine().patiently(self._sign_in)

    def _sign_in(self, line: "Line") -> None:
        now = datetime.now(UTC)
        # Of its own calendar, which it has and nobody uses: what is said of it does not matter.
        own = Span(now, now + timedelta(hours=1))
        self._told(line, str(self._key["client_email"]), own)

    def _mine(self) -> "Line":
        """The line of the thread that asks."""
        line: Line | None = getattr(self._lines, "line", None)
        if line is None:
            line = self._lines.line = self._line(self._key, self._google)
        return line

    def _told(self, line: "Line", calendar: str, within: Span) -> Event:
        """What is said of one calendar."""
        asked = {
            "timeMin": within.start.astimezone(UTC).isoformat(),
            "timeMax": within.end.astimezone(UTC).isoformat(),
            "timeZone": "UTC",
            "items": [{"id": calendar}],
        }
        answer = line.ask(line.service.freebusy().query(body=asked))
        calendars = answer.get("calendars")
        told = calendars.get(calendar) if isinstance(calendars, dict) else None
        if not isinstance(told, dict):
            raise self._errors.other("does not say when the calendar is busy")
        return told

    def _busy(self, line: "Line", calendar: str, within: Span) -> list[Span]:
        told = self._told(line, calendar, within)
        try:
            if told.get("errors"):
                raise self._of_one(told["errors"])
            return merged([Span(_moment(each["start"]), _moment(each["end"])) for each in told["busy"]])
        except (LookupError, TypeError, ValueError, AttributeError):
            raise self._errors.other("does not say when the calendar is busy") from None

    def _of_one(self, errors: Any) -> CalendarFailed:
        """What is the matter with one calendar, in an answer that is otherwise good."""
        reasons = {each["reason"] for each in errors}
        if "notFound" in reasons:
            return CalendarFailed(f"Google Calendar {self._errors.KNOWN[404]}", Trouble.REFUSED)
        if "internalError" in reasons:
            said = "Google Calendar cannot look into the calendar now"
            return CalendarFailed(said, Trouble.AWAY, whole=False)
        return self._errors.other("does not look into the calendar")

    def _find(self, line: "Line", calendar: str, event: Event) -> Kept | None:
        found = self._found(line, calendar, event["id"])
        return None if found is None or _is_cancelled(found) else self._ours(found, event)

    def _ours(self, found: Event, event: Event) -> Kept:
        """The event as we know it, if it was made for this appointment."""
        if _made_for(found) != _made_for(event):
            raise self._errors.other("has something else under the name of this appointment")
        return self._kept(found, event["start"]["timeZone"])

    def _keep(self, line: "Line", calendar: str, event: Event) -> Kept:
        events = line.service.events()
        try:
            line.ask(events.insert(calendarId=calendar, body=event, sendUpdates="none", fields="id"))
        except self._errors.Refused as exc:
            if exc.status != 409:
                raise
        found = self._found(line, calendar, event["id"])
        if _is_cancelled(found):
            found = self._revived(line, calendar, event, found)
        if found is None or _is_cancelled(found):
            raise self._errors.NotSo("says that it keeps an appointment, and does not have it")
        return self._ours(found, event)

    def _revived(self, line: "Line", calendar: str, event: Event, found: Event | None) -> Event | None:
        """An event that was removed, put in again: its id cannot be used a second time."""
        request = line.service.events().update(
            calendarId=calendar, eventId=event["id"], body=event, sendUpdates="none", fields="id"
        )
        request.headers["If-Match"] = str((found or {}).get("etag", "*"))
        self._unchanged(line, request)
        return self._found(line, calendar, event["id"])

    def _unchanged(self, line: "Line", request: Any) -> None:
        """Ask for a change on the condition that nobody else made one."""
        try:
            line.ask(request)
        except self._errors.Refused as exc:
            if exc.status != 412:
                raise
            raise self._errors.NotSo(self._errors.KNOWN[412]) from exc

    def _move(self, line: "Line", calendar: str, event_id: str, span: Span, zone: str) -> Kept:
        times = {
            "start": {"date": None, **_at(span.start, zone)},
            "end": {"date": None, **_at(span.end, zone)},
        }
        patch = line.service.events().patch(
            calendarId=calendar, eventId=event_id, body=times, sendUpdates="none", fields="id"
        )
        try:
            line.ask(patch)
        except self._errors.Refused as exc:
            if exc.status not in GONE:
                raise
        found = self._found(line, calendar, event_id)
        if found is None or _is_cancelled(found):
            raise CalendarFailed(f"Google Calendar {self._errors.KNOWN[410]}", Trouble.GONE)
        kept = self._kept(found, zone)
        if kept.span != span:
            raise self._errors.NotSo("says that it moved an appointment, and did not")
        return kept

    def _remove(self, line: "Line", calendar: str, event_id: str) -> None:
        try:
            line.ask(line.service.events().delete(calendarId=calendar, eventId=event_id, sendUpdates="none"))
        except self._errors.Refused as exc:
            if exc.status not in GONE:
                raise
        found = self._found(line, calendar, event_id)
        if found is not None and not _is_cancelled(found):
            raise self._errors.NotSo("says that it removed an appointment, and still has it")

    def _found(self, line: "Line", calendar: str, event_id: str) -> Event | None:
        """An event as it stands there, cancelled or not; None when the calendar has no such event."""
        try:
            found = line.ask(line.service.events().get(calendarId=calendar, eventId=event_id, fields=SEEN))
        except self._errors.Refused as exc:
            if exc.status not in GONE:
                raise
            # A calendar that is not shared with us any more says the same of every event.
            self._role(line, calendar)
            return None
        if found.get("id") != event_id:
            raise self._errors.other("shows another appointment than the one that was asked for")
        return found

    def _role(self, line: "Line", calendar: str) -> str:
        """What we may do in a calendar, in Google's word."""
        answer = line.ask(line.service.events().list(calendarId=calendar, maxResults=1, fields="accessRole"))
        role = answer.get("accessRole")
        if not isinstance(role, str):
            raise self._errors.other("does not say what we may do in the calendar")
        return role

    def _check(self, line: "Line", calendar: str) -> None:
        now = datetime.now(UTC)
        self._busy(line, calendar, Span(now, now + timedelta(hours=1)))
        if self._role(line, calendar) not in WRITERS:
            said = 'shows the calendar but does not let us write: share it with "Make changes to events"'
            raise CalendarFailed(f"Google Calendar {said}", Trouble.REFUSED)

    def _kept(self, event: Event, zone: str) -> Kept:
        try:
            span = Span(_begins(event["start"], zone), _begins(event["end"], zone))
            link = str(event.get("htmlLink", ""))
            return Kept(event["id"], link if link.startswith("https://") else "", span)
        except (LookupError, TypeError, ValueError, AttributeError):
            raise self._errors.other("does not say when the appointment is") from None


def event_id_of(key: str) -> str:
    """The id of the event of an appointment with this key: letters a-v and digits, as Google wants them."""
    return base64.b32hexencode(hashlib.sha256(key.encode()).digest()).decode().lower()[:ID_LENGTH]


def _event_of(appointment: Appointment) -> Event:
    span, zone = appointment.span, appointment.zone
    colour = nearest(appointment.colour, COLOURS)
    return {
        "id": event_id_of(appointment.key),
        "summary": appointment.title,
        "description": appointment.notes,
        "start": _at(span.start, zone),
        "end": _at(span.end, zone),
        "status": "confirmed",
        "transparency": "opaque",
        "extendedProperties": {"private": {OURS: _digest(appointment)}},
        **({"colorId": colour} if colour else {}),
    }


def _digest(appointment: Appointment) -> str:
    """What was asked for, as a number: staff may change the event, and it is the same appointment still."""
    span = appointment.span
    asked = (appointment.key, appointment.title, appointment.notes, appointment.zone)
    times = (span.start.astimezone(UTC).isoformat(), span.end.astimezone(UTC).isoformat())
    return hashlib.sha256(json.dumps([*asked, *times]).encode()).hexdigest()[:ID_LENGTH]


def _made_for(event: Event) -> object:
    properties = event.get("extendedProperties")
    private = properties.get("private") if isinstance(properties, dict) else None
    return private.get(OURS) if isinstance(private, dict) else None


def _is_cancelled(event: Event | None) -> bool:
    return event is not None and event.get("status") == "cancelled"


def _at(moment: datetime, zone: str) -> dict[str, str]:
    """A time as Google takes it: by the clock on the wall, with its offset, as an hour comes twice."""
    local = moment.astimezone(_zone(zone))
    return {"dateTime": local.isoformat(timespec="seconds"), "timeZone": zone}


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, LookupError, OSError):
        raise CalendarFailed(f"{name[:40]!r} is no time zone", Trouble.OTHER) from None


def _begins(told: Mapping[str, Any], zone: str) -> datetime:
    """A time as Google gives it; a day, which staff may have made of it, begins at midnight in the zone."""
    if "dateTime" in told:
        return _moment(told["dateTime"])
    return datetime.fromisoformat(told["date"]).replace(tzinfo=_zone(zone)).astimezone(UTC)


def _moment(told: str) -> datetime:
    moment = datetime.fromisoformat(told)
    if moment.tzinfo is None:
        raise ValueError("a time without an offset")
    return moment.astimezone(UTC)
