"""GraphCalendar: mailboxes of Microsoft 365 as calendars, each named by its address.

An appointment is made once however often it is asked for: it is looked up by its key first, Graph knows its
transaction, and what Graph says it has done is read back before it is believed.
May import: the standard library, appliance.core, the other files of this package.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from appliance.calendars.graph import events
from appliance.calendars.graph.account import Account
from appliance.calendars.graph.patience import Clock, Patience
from appliance.calendars.graph.refusals import DUPLICATE, NO_ZONE, Refused, schedule_refusal
from appliance.calendars.graph.service import GraphService
from appliance.core.calendar import Appointment, CalendarFailed, Kept, Span, Trouble, merged

PATIENCE_S = 4.0
"""What a verb may take in all while somebody waits on the telephone."""
REMOVED = 204
MOST_PAGES = 10
PAGE = 50


class GraphCalendar:
    """One app registration. May be used by many threads at once; nothing is asked before the first verb."""

    def __init__(self, account: Account, patience_s: float = PATIENCE_S, clock: Clock | None = None) -> None:
        self._clock = Clock() if clock is None else clock
        self._service = GraphService(account, self._clock)
        self._patience_s = patience_s

    def busy(self, calendar: str, within: Span) -> Sequence[Span]:
        """When the mailbox is busy, by getSchedule; a time that is tentative counts."""
        patience, spans = self._patience(), []
        for window in events.windows(within):
            spans += self._busy(calendar, window, patience)
        return merged(spans)

    def find(self, calendar: str, appointment: Appointment) -> Kept | None:
        """The appointment as it stands there, wherever it has been moved to; None when it does not."""
        return self._already(calendar, appointment, self._patience())

    def keep(self, calendar: str, appointment: Appointment) -> Kept:
        """Put it in, or return what is there for it. Another appointment of the same key is refused."""
        patience = self._patience()
        return self._service.twice(patience, lambda: self._kept(calendar, appointment, patience))

    def move(self, calendar: str, event_id: str, span: Span, zone: str) -> Kept:
        """Give it another time."""
        patience = self._patience()
        try:
            self._change(calendar, event_id, events.times(span, zone), patience)
        except Refused as refused:
            if refused.code not in NO_ZONE:
                raise
            self._change(calendar, event_id, events.times(span, "UTC"), patience)
        return self._settled(calendar, event_id, span, patience)

    def remove(self, calendar: str, event_id: str) -> None:
        """Take it out. A mailbox that is not there is no proof that its appointment is gone, and raises."""
        patience, event = self._patience(), _event(calendar, event_id)
        try:
            told = self._service.ask(calendar, "DELETE", event, patience)
            if told.status != REMOVED:
                raise CalendarFailed("Microsoft did not say that the appointment is out.", Trouble.OTHER)
            params = {"$select": events.FIELDS}
            there = events.kept(self._service.ask(calendar, "GET", event, patience, params=params).json())
        except CalendarFailed as failed:
            if failed.trouble is not Trouble.GONE:
                raise
            return
        # What is among the deleted items has its id still: only the calendar says what stands in it.
        if any(each.get("id") == there.event_id for each in self._viewed(calendar, there.span, patience)):
            said = "Microsoft said that the appointment is out, and still has it."
            raise CalendarFailed(said, Trouble.OTHER)

    def check(self, calendar: str) -> None:
        """See that the mailbox is there, its calendar may be changed, and its busy times can be read."""
        patience, now = self._patience(), datetime.now(UTC)
        params = {"$select": "id,canEdit"}
        told = self._service.ask(
            calendar, "GET", f"{_user(calendar)}/calendar", patience, params=params
        ).json()
        if told.get("canEdit") is not True:
            raise CalendarFailed("Microsoft lets this app read the calendar, not change it.", Trouble.REFUSED)
        self._busy(calendar, Span(now, now + timedelta(days=1)), patience)

    def close(self) -> None:
        """Let go of all connections."""
        self._service.close()

    def _patience(self) -> Patience:
        return Patience.of(self._patience_s, self._clock)

    def _busy(self, calendar: str, window: Span, patience: Patience) -> list[Span]:
        """The answer must be about the calendar that was asked for: nothing at all does not mean free."""
        path, asked = f"{_user(calendar)}/calendar/getSchedule", events.schedule(calendar, window)
        told = self._service.ask(calendar, "POST", path, patience, json=asked).json()
        for entry in events.listed(told):
            if str(entry.get("scheduleId", "")).casefold() == calendar.casefold():
                if isinstance(entry.get("error"), dict):
                    raise schedule_refusal(entry["error"])
                return events.busy(entry)
        raise CalendarFailed("Microsoft did not say when this calendar is busy.", Trouble.OTHER)

    def _found(self, calendar: str, appointment: Appointment, patience: Patience) -> Kept | None:
        """The event with this key, wherever it has been moved to."""
        params = {
            "$filter": events.with_key(appointment.key),
            "$select": events.FIELDS,
            "$expand": events.WITH_ASKED,
            "$top": "2",
        }
        path = f"{_user(calendar)}/events"
        told = events.listed(self._service.ask(calendar, "GET", path, patience, params=params).json())
        return _ours(told[0], appointment) if told else None

    def _kept(self, calendar: str, appointment: Appointment, patience: Patience) -> Kept:
        """Look, and make it if it is not there. Raises Again when it is not known whether it was made."""
        there = self._found(calendar, appointment, patience)
        if there is not None:
            return there
        for life in range(events.LIVES):
            try:
                event_id = self._made(calendar, appointment, life, patience)
            except Refused as refused:
                if refused.code != DUPLICATE:
                    raise
                there = self._already(calendar, appointment, patience)
                if there is not None:
                    return there
            else:
                return self._settled(calendar, event_id, appointment.span, patience)
        raise CalendarFailed("This appointment was made, and taken out, too often.", Trouble.GONE)

    def _made(self, calendar: str, appointment: Appointment, life: int, patience: Patience) -> str:
        """Make it; its id, also when Graph answers with the one that is there already."""
        path = f"{_user(calendar)}/events"
        asked = events.new_event(appointment, appointment.zone, life)
        try:
            told = self._service.once(calendar, "POST", path, patience, json=asked)
        except Refused as refused:
            if refused.code not in NO_ZONE:
                raise
            asked = events.new_event(appointment, "UTC", life)
            told = self._service.once(calendar, "POST", path, patience, json=asked)
        return events.kept(told.json()).event_id

    def _already(self, calendar: str, appointment: Appointment, patience: Patience) -> Kept | None:
        """The event that Graph says it had: by its key, or among those of its time if the search lags."""
        there = self._found(calendar, appointment, patience)
        return there if there is not None else self._in_view(calendar, appointment, patience)

    def _in_view(self, calendar: str, appointment: Appointment, patience: Patience) -> Kept | None:
        lives = {events.transaction_id(appointment.key, life) for life in range(events.LIVES)}
        for event in self._viewed(calendar, appointment.span, patience):
            if event.get("transactionId") in lives:
                return _ours(event, appointment)
        return None

    def _viewed(self, calendar: str, span: Span, patience: Patience) -> Iterator[Mapping[str, Any]]:
        """What stands in the calendar at a time."""
        params = {
            "startDateTime": span.start.astimezone(UTC).isoformat(),
            "endDateTime": span.end.astimezone(UTC).isoformat(),
            "$select": f"{events.FIELDS},transactionId",
            "$expand": events.WITH_ASKED,
            "$top": str(PAGE),
        }
        asked: dict[str, Any] = {"params": params}
        path: object = f"{_user(calendar)}/calendarView"
        for _ in range(MOST_PAGES):
            told = self._service.ask(calendar, "GET", str(path), patience, **asked).json()
            yield from events.listed(told)
            path, asked = told.get("@odata.nextLink"), {}
            if path is None:
                return
        raise CalendarFailed("The calendar has too many appointments at one time.", Trouble.OTHER)

    def _settled(self, calendar: str, event_id: str, span: Span, patience: Patience) -> Kept:
        """The event read back; a wrong time, by other rules of its zone, is set right once."""
        there = self._read(calendar, event_id, patience)
        if there.span != _in_utc(span):
            self._change(calendar, event_id, events.times(span, "UTC"), patience)
            there = self._read(calendar, event_id, patience)
        if there.span != _in_utc(span):
            raise CalendarFailed("Microsoft keeps the appointment at another time.", Trouble.OTHER)
        return there

    def _read(self, calendar: str, event_id: str, patience: Patience) -> Kept:
        params = {"$select": events.FIELDS}
        try:
            told = self._service.ask(calendar, "GET", _event(calendar, event_id), patience, params=params)
        except CalendarFailed as failed:
            if failed.trouble is not Trouble.GONE:
                raise
            said = "Microsoft said that it has the appointment, and does not have it."
            raise CalendarFailed(said, Trouble.OTHER) from None
        return events.kept(told.json())

    def _change(self, calendar: str, event_id: str, times: dict[str, Any], patience: Patience) -> None:
        self._service.ask(calendar, "PATCH", _event(calendar, event_id), patience, json=times)


def _ours(event: Mapping[str, Any], appointment: Appointment) -> Kept:
    """The event as we know it. Raises CalendarFailed when it was made for another appointment."""
    if not events.made_for(event, appointment):
        raise CalendarFailed("Another appointment is kept under this one's key.", Trouble.OTHER)
    return events.kept(event)


def _user(calendar: str) -> str:
    return f"/users/{quote(calendar, safe='@')}"


def _event(calendar: str, event_id: str) -> str:
    return f"{_user(calendar)}/events/{quote(event_id, safe='')}"


def _in_utc(span: Span) -> Span:
    return Span(span.start.astimezone(UTC), span.end.astimezone(UTC))
