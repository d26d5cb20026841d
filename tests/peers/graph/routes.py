"""Which request means what: Graph's addresses to the mailboxes, with their options and what they answer.

May import: the standard library, the other files of this peer but the server.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from tests.peers.graph.entra import Entra
from tests.peers.graph.faults import Door
from tests.peers.graph.mailbox import Event, Mailbox
from tests.peers.graph.problem import Asked, Problem, Reply
from tests.peers.graph.zones import Zones

FIELDS = {"id", "webLink", "start", "end", "subject", "body", "showAs", "isReminderOn", "transactionId"}
FILTER = re.compile(
    r"singleValueExtendedProperties/Any\(ep: ep/id eq '(String \{[0-9a-f-]{36}\} Name \w+)'"
    r" and ep/value eq '([^']*)'\)"
)
EXPAND = re.compile(r"singleValueExtendedProperties\(\$filter=id eq '(String \{[0-9a-f-]{36}\} Name \w+)'\)")
ZONE = re.compile(r'outlook\.timezone="([^"]+)"')
MOST_SCHEDULES, LONGEST_WINDOW, PAGE = 20, timedelta(days=62), 10


class Graph:
    """Everything below /v1.0. One request at a time."""

    def __init__(self, entra: Entra) -> None:
        self.entra, self.zones, self.url = entra, Zones(), ""
        self.mailboxes: dict[str, Mailbox] = {}
        self._doors: dict[Door, Callable[[Asked, Mailbox], Reply]] = {
            "schedule": self._schedule,
            "calendar": self._calendar,
            "create": self._create,
            "find": self._find,
            "read": self._read,
            "change": self._change,
            "delete": self._delete,
            "view": self._view,
        }

    def mailbox(self, asked: Asked) -> Mailbox | None:
        """The one that it is about; none if there is none of this name."""
        return self.mailboxes.get(asked.path[2].casefold()) if len(asked.path) > 2 else None

    def answer(self, door: Door, asked: Asked) -> Reply:
        """What is answered. Raises Problem."""
        if not self.entra.knows(asked):
            raise Problem(401, "InvalidAuthenticationToken", "Access token has expired or is not yet valid.")
        mailbox = self.mailbox(asked)
        if mailbox is None:
            raise Problem(404, "ErrorInvalidUser", "The requested user is invalid.")
        mailbox.open()
        return self._doors[door](asked, mailbox)

    def _schedule(self, asked: Asked, _mailbox: Mailbox) -> Reply:
        told = asked.json()
        start, end = self.zones.read(told.get("startTime")), self.zones.read(told.get("endTime"))
        interval = timedelta(minutes=told.get("availabilityViewInterval", 30))
        named = told.get("schedules")
        if not isinstance(named, list) or not 1 <= len(named) <= MOST_SCHEDULES:
            raise Problem(400, "ErrorInvalidParameter", "1 to 20 schedules")
        if not timedelta() < end - start < LONGEST_WINDOW:
            raise Problem(400, "ErrorInvalidParameter", "a window of less than 62 days")
        if not timedelta(minutes=5) <= interval <= timedelta(days=1):
            raise Problem(400, "ErrorInvalidParameter", "an interval of 5 to 1440 minutes")
        value = []
        for name in named:
            mailbox = self.mailboxes.get(
                name.casefold(), Mailbox(name, schedule_error="ErrorMailRecipientNotFound")
            )
            value.append(mailbox.schedule(start, end, interval, self._shown(asked)))
        return Reply(200, {"value": value})

    def _calendar(self, asked: Asked, mailbox: Mailbox) -> Reply:
        _options(asked, {"$select"})
        return Reply(200, {"id": "calendar", "canEdit": mailbox.can_edit})

    def _create(self, asked: Asked, mailbox: Mailbox) -> Reply:
        status, event = mailbox.create(asked.json(), self.zones)
        return Reply(status, self._told(asked, event, mailbox))

    def _find(self, asked: Asked, mailbox: Mailbox) -> Reply:
        _options(asked, {"$filter", "$select", "$expand", "$top", "$skip"})
        named = FILTER.fullmatch(asked.query.get("$filter", ""))
        if named is None:
            raise Problem(400, "ErrorInvalidUrlQueryFilter", "The query filter contains invalid nodes.")
        return self._page(asked, mailbox, mailbox.with_property(named[1], named[2]))

    def _read(self, asked: Asked, mailbox: Mailbox) -> Reply:
        _options(asked, {"$select"})
        return Reply(200, self._told(asked, mailbox.event(asked.path[4]), mailbox))

    def _change(self, asked: Asked, mailbox: Mailbox) -> Reply:
        return Reply(200, self._told(asked, mailbox.change(asked.path[4], asked.json(), self.zones), mailbox))

    def _delete(self, asked: Asked, mailbox: Mailbox) -> Reply:
        mailbox.delete(asked.path[4])
        return Reply(204)

    def _view(self, asked: Asked, mailbox: Mailbox) -> Reply:
        _options(asked, {"startDateTime", "endDateTime", "$select", "$expand", "$top", "$skip"})
        try:
            start, end = (
                datetime.fromisoformat(asked.query[name]) for name in ("startDateTime", "endDateTime")
            )
        except (KeyError, ValueError) as exc:
            raise Problem(400, "ErrorInvalidParameter", "a view has a start and an end") from exc
        start, end = (when if when.tzinfo else when.replace(tzinfo=UTC) for when in (start, end))
        return self._page(asked, mailbox, mailbox.view(start, end))

    def _page(self, asked: Asked, mailbox: Mailbox, events: list[Event]) -> Reply:
        skip, top = int(asked.query.get("$skip", "0")), int(asked.query.get("$top", str(PAGE)))
        if not 1 <= top <= 1000:
            raise Problem(400, "ErrorInvalidParameter", "$top is 1 to 1000")
        told: dict[str, Any] = {
            "value": [self._told(asked, event, mailbox) for event in events[skip : skip + top]]
        }
        if skip + top < len(events):
            query = urlencode({**asked.query, "$skip": str(skip + top)})
            told["@odata.nextLink"] = f"{self.url}/{'/'.join(asked.path)}?{query}"
        return Reply(200, told)

    def _told(self, asked: Asked, event: Event, mailbox: Mailbox) -> dict[str, Any]:
        """An event, with what was selected of it and ids of the kind that was asked for."""
        shown = self._shown(asked)
        event_id = event.event_id(immutable='IdType="ImmutableId"' in asked.headers.get("prefer", ""))
        known = {name: value for name, value in event.told.items() if name in FIELDS}
        told = {
            **known,
            "id": event_id,
            "webLink": mailbox.link(event),
            "start": shown(event.start),
            "end": shown(event.end),
        }
        if "$select" in asked.query:
            told = {name: told[name] for name in asked.query["$select"].split(",") if name in told}
        return {"@odata.etag": f'W/"{event.number}"', **told, **_expanded(asked, event)}

    def _shown(self, asked: Asked) -> Callable[[datetime], dict[str, str]]:
        """How this one wants its times."""
        named = ZONE.search(asked.headers.get("prefer", ""))
        name = "UTC" if named is None else named[1]
        return lambda when: self.zones.written(when, name)


def _options(asked: Asked, known: set[str]) -> None:
    if strange := set(asked.query) - known:
        raise Problem(400, "RequestBroker--ParseUri", f"The option {sorted(strange)[0]!r} is not known here.")
    for name in asked.query.get("$select", "id").split(","):
        if name not in FIELDS | {"canEdit"}:
            raise Problem(400, "RequestBroker--ParseUri", f"Could not find a property named {name!r}.")


def _expanded(asked: Asked, event: Event) -> dict[str, Any]:
    """The extended property that was asked for, if the event has it."""
    if "$expand" not in asked.query:
        return {}
    named = EXPAND.fullmatch(asked.query["$expand"])
    if named is None:
        raise Problem(400, "BadRequest", "Parsing OData Select and Expand failed.")
    if named[1] not in event.properties:
        return {}
    return {"singleValueExtendedProperties": [{"id": named[1], "value": event.properties[named[1]]}]}


def door_of(asked: Asked) -> Door | None:
    """Which door a request comes to."""
    match asked.method, asked.path:
        case "GET", (_, "v2.0", ".well-known", "openid-configuration"):
            return "discovery"
        case "POST", (_, "oauth2", "v2.0", "token"):
            return "token"
        case "POST", ("v1.0", "users", _, "calendar", "getSchedule"):
            return "schedule"
        case "GET", ("v1.0", "users", _, "calendar"):
            return "calendar"
        case "GET", ("v1.0", "users", _, "calendarView"):
            return "view"
        case method, ("v1.0", "users", _, "events"):
            return {"POST": "create", "GET": "find"}.get(method)  # type: ignore[return-value]
        case method, ("v1.0", "users", _, "events", _):
            return {"GET": "read", "PATCH": "change", "DELETE": "delete"}.get(method)  # type: ignore[return-value]
    return None
