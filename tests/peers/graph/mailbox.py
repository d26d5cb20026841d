"""One mailbox: its events with their rules, and when it is busy. Times inside are UTC.

May import: the standard library, the problem and the zones of this peer.
"""

import base64
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from tests.peers.graph.problem import Problem
from tests.peers.graph.zones import Zones

NEW = {
    "subject",
    "body",
    "start",
    "end",
    "showAs",
    "isReminderOn",
    "transactionId",
    "singleValueExtendedProperties",
}
CHANGED = NEW - {"transactionId", "singleValueExtendedProperties"}
SHOWN = {"free": "0", "tentative": "1", "busy": "2", "oof": "3", "workingElsewhere": "4", "unknown": "2"}
Repeat = Literal[200, 201, 409]


@dataclass
class Event:
    """An event in it. `moves` counts how often it was put into another folder; its ordinary id tells."""

    number: int
    told: dict[str, Any]
    start: datetime
    end: datetime
    moves: int = 0

    def event_id(self, *, immutable: bool) -> str:
        """Its id of either kind; both have characters that mean something in an address."""
        raw = f"immutable>>{self.number:05}" if immutable else f"folder{self.moves}??>{self.number:05}"
        return ("AAk" if immutable else "AAM") + base64.b64encode(raw.encode()).decode()

    @property
    def properties(self) -> dict[str, str]:
        return {each["id"]: each["value"] for each in self.told.get("singleValueExtendedProperties", [])}


@dataclass
class Mailbox:
    """`blocks` is busy time without events; `repeat` is how a transaction that is known is answered.

    Without `remembers` a transaction is forgotten at once; while `search_lags` a filter finds nothing. With
    `keeps_deleted` what was taken out is still known by its immutable id, as among the deleted items.
    """

    address: str
    licensed: bool = True
    allowed: bool = True
    can_edit: bool = True
    schedule_error: str = ""
    repeat: Repeat = 201
    remembers: bool = True
    search_lags: bool = False
    keeps_deleted: bool = False
    blocks: list[tuple[str, datetime, datetime]] = field(default_factory=list)
    events: dict[int, Event] = field(default_factory=dict)
    transactions: dict[str, int] = field(default_factory=dict)
    inside: int = 0
    most_inside: int = 0
    _numbers: int = 0
    _deleted: list[Event] = field(default_factory=list)

    def open(self) -> None:
        """Raises Problem when nothing can be done in it."""
        if not self.licensed:
            raise Problem(404, "MailboxNotEnabledForRESTAPI")
        if not self.allowed:
            raise Problem(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")

    def create(self, told: dict[str, Any], zones: Zones) -> tuple[int, Event]:
        """Make an event, or answer with that of the same transaction."""
        _only(told, NEW)
        start, end = _times(told, zones)
        named = told.get("transactionId")
        if named in self.transactions:
            there = self.events.get(self.transactions[named])
            if self.repeat == 409 or there is None:
                raise Problem(409, "ErrorDuplicateTransactionId", "The transaction id has been used.")
            return self.repeat, there
        self._numbers += 1
        event = Event(self._numbers, told, start, end)
        self.events[event.number] = event
        if named is not None and self.remembers:
            self.transactions[named] = event.number
        return 201, event

    def change(self, event_id: str, told: dict[str, Any], zones: Zones) -> Event:
        """Change some of an event."""
        event = self.event(event_id)
        _only(told, CHANGED)
        if "start" in told or "end" in told:
            event.start, event.end = _times(told, zones)
        event.told.update(told)
        return event

    def delete(self, event_id: str) -> None:
        """Take one out."""
        gone = self.event(event_id)
        self.events.pop(gone.number, None)
        self._deleted = [gone] if self.keeps_deleted else []

    def event(self, event_id: str) -> Event:
        """One by an id of either kind. Raises Problem when there is none."""
        if not event_id.startswith(("AAk", "AAM")):
            raise Problem(400, "ErrorInvalidIdMalformed", "Id is malformed.")
        for event in [*self.events.values(), *self._deleted]:
            if event_id in {event.event_id(immutable=True), event.event_id(immutable=False)}:
                return event
        raise Problem(404, "ErrorItemNotFound", "The specified object was not found in the store.")

    def link(self, event: Event) -> str:
        """What opens it in a browser."""
        return f"https://outlook.office365.com/owa/?itemid={event.number}&exvsurl=1&mailbox={self.address}"

    def with_property(self, name: str, value: str) -> list[Event]:
        """Those that have this extended property."""
        if self.search_lags:
            return []
        return [event for event in self.events.values() if event.properties.get(name) == value]

    def view(self, start: datetime, end: datetime) -> list[Event]:
        """Those of a time, in order."""
        seen = (event for event in self.events.values() if event.start < end and start < event.end)
        return sorted(seen, key=lambda event: (event.start, event.number))

    def schedule(self, start: datetime, end: datetime, interval: timedelta, shown: Any) -> dict[str, Any]:
        """When it is busy, as getSchedule says it; `shown` writes a time."""
        if self.schedule_error:
            error = {"message": "It could not be had.", "responseCode": self.schedule_error}
            return {"scheduleId": self.address, "error": error}
        spans = [
            (event.told.get("showAs", "busy"), event.start, event.end) for event in self.view(start, end)
        ]
        spans += [block for block in self.blocks if block[1] < end and start < block[2]]
        items = [{"status": how, "start": shown(begun), "end": shown(over)} for how, begun, over in spans]
        view, at = "", start
        while at < end:
            over = [how for how, begun, gone in spans if begun < at + interval and at < gone]
            view += max((SHOWN[how] for how in over), default="0")
            at += interval
        return {"scheduleId": self.address, "availabilityView": view, "scheduleItems": items}


def _only(told: dict[str, Any], known: set[str]) -> None:
    if strange := set(told) - known:
        raise Problem(
            400, "RequestBodyRead", f"The property {sorted(strange)[0]!r} does not exist or is fixed."
        )
    if len(told.get("subject", "")) > 255:
        raise Problem(400, "ErrorInvalidRequest", f"The subject {told['subject']!r} is too long.")
    if told.get("body", {}).get("contentType", "text") not in {"text", "html"}:
        raise Problem(400, "RequestBodyRead", "contentType is text or html")


def _times(told: dict[str, Any], zones: Zones) -> tuple[datetime, datetime]:
    start, end = zones.read(told.get("start")), zones.read(told.get("end"))
    if end < start:
        raise Problem(400, "ErrorPropertyValidationFailure", "the end is before the start")
    return start, end
