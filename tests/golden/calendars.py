"""Where the appointments of golden calls stand: in the box, or at a peer over TLS, by the vendor's own SDK.

May import: the standard library, appliance, tests.peers, scripts.loopback_box.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, get_args
from zoneinfo import ZoneInfo

from appliance.calendars.google.calendar import GoogleCalendar
from appliance.calendars.graph.account import Account
from appliance.calendars.graph.calendar import GraphCalendar
from appliance.calendars.local.calendar import OwnCalendar
from appliance.core.calendar import Appointment, Calendar, Span
from appliance.core.calendar_settings import Google
from appliance.store.bookings import Booking
from scripts.loopback_box import LoopbackBox
from tests.peers.google import Fault as GoogleFault
from tests.peers.google import GooglePeer
from tests.peers.google import faults as of_google
from tests.peers.graph import Fault as GraphFault
from tests.peers.graph import GraphPeer
from tests.peers.graph import faults as of_graph

ZONE = ZoneInfo("America/New_York")
ELSEWHERE = (ZONE, ZoneInfo("Pacific/Honolulu"), ZoneInfo("Pacific/Kiritimati"))
"""At any moment it is not the same day in all of them."""
SOON = timedelta(minutes=10)
DOCTOR, MAILBOX = "lee", "lee@clinic.example"
UNAVAILABLE = 503
TO_COME = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Wrong:
    """What goes wrong at a service: at which door, how, and how often."""

    door: str
    kind: str
    times: int


@dataclass(frozen=True, slots=True)
class Standing:
    """An event as the service itself has it."""

    event_id: str
    link: str
    span: Span


class Service(ABC):
    """A calendar service, and the one calendar in it that the golden calls' doctor has."""

    where: ClassVar[str]
    kept_in: ClassVar[str] = "own"
    named: ClassVar[str] = DOCTOR
    doors: ClassVar[tuple[str, ...]] = ()
    kinds: ClassVar[tuple[str, ...]] = ()

    def settings(self) -> dict[str, dict[str, Any]]:
        """What the box is told of it."""
        return {}

    @abstractmethod
    def known_to(self, box: LoopbackBox) -> Calendar:
        """Give the box what it needs to come in; the same calendar as the box will have it."""

    @abstractmethod
    def standing(self, box: LoopbackBox, bookings: Iterable[Booking]) -> Iterator[Standing]:
        """All that stands in the doctor's calendar."""

    @abstractmethod
    def fails(self, wrong: Iterable[Wrong]) -> None:
        """Let these go wrong from here on."""

    @abstractmethod
    def close(self) -> None:
        """Be there no more."""


class InTheBox(Service):
    """The box's own calendar."""

    where = "in the box's own calendar"

    def known_to(self, box: LoopbackBox) -> Calendar:
        return OwnCalendar(box.database)

    def standing(self, box: LoopbackBox, bookings: Iterable[Booking]) -> Iterator[Standing]:
        calendar, now = OwnCalendar(box.database), datetime.now(UTC)
        known = [calendar.find(DOCTOR, _asked(each)) for each in bookings]
        for span in calendar.busy(DOCTOR, Span(now, now + TO_COME)):
            same = (each for each in known if each and each.span == span)
            yield next((Standing(each.event_id, each.link, span) for each in same), Standing("", "", span))

    def fails(self, wrong: Iterable[Wrong]) -> None:
        assert not list(wrong), "nothing goes wrong in the box's own calendar here"

    def close(self) -> None:
        """It is there as long as the box is."""


class AtGoogle(Service):
    """Google Calendar."""

    where, kept_in, named = "at Google", f"google:{MAILBOX}", MAILBOX
    doors, kinds = get_args(of_google.Door), get_args(of_google.Kind)

    def __init__(self, folder: Path) -> None:
        self._peer = GooglePeer(folder).__enter__()
        self._peer.diary.share(MAILBOX, zone=ZONE.key)

    def settings(self) -> dict[str, dict[str, Any]]:
        return {"google": {"api_url": self._peer.url, "ca_file": str(self._peer.ca_file)}}

    def known_to(self, box: LoopbackBox) -> Calendar:
        _secret(box, "google_key.json", json.dumps(self._peer.key))
        return GoogleCalendar(self._peer.key, Google(api_url=self._peer.url, ca_file=self._peer.ca_file))

    def standing(self, box: LoopbackBox, bookings: Iterable[Booking]) -> Iterator[Standing]:
        for each in self._peer.diary.standing(MAILBOX):
            begins, ends = (datetime.fromisoformat(each[end]["dateTime"]) for end in ("start", "end"))
            yield Standing(each["id"], each["htmlLink"], Span(begins.astimezone(UTC), ends.astimezone(UTC)))

    def fails(self, wrong: Iterable[Wrong]) -> None:
        self._peer.fails(*(GoogleFault(w.door, w.kind, times=w.times) for w in wrong))  # type: ignore[arg-type]

    def close(self) -> None:
        self._peer.__exit__(None, None, None)


class AtMicrosoft(Service):
    """Microsoft 365."""

    where, kept_in, named = "at Microsoft 365", f"microsoft:{MAILBOX}", MAILBOX
    doors, kinds = get_args(of_graph.Door), ("refuse", "did_refuse", "hang", "did_hang", "lie", "cut")

    def __init__(self, folder: Path) -> None:
        self._open = ExitStack()
        self._peer = self._open.enter_context(GraphPeer())
        self._mailbox = self._peer.add(MAILBOX)
        self._told = {
            "authority_url": self._peer.url,
            "graph_url": f"{self._peer.url}/v1.0",
            "ca_file": self._peer.trust(folder),
        }

    def settings(self) -> dict[str, dict[str, Any]]:
        who = {"tenant": self._peer.entra.tenant, "client_id": self._peer.app.client_id}
        return {"microsoft": {**who, **self._told, "ca_file": str(self._told["ca_file"])}}

    def known_to(self, box: LoopbackBox) -> Calendar:
        _secret(box, "microsoft_secret", self._peer.app.secret)
        who = (self._peer.entra.tenant, self._peer.app.client_id, self._peer.app.secret)
        calendar = GraphCalendar(Account(*who, **self._told))  # type: ignore[arg-type]
        self._open.callback(calendar.close)
        return calendar

    def standing(self, box: LoopbackBox, bookings: Iterable[Booking]) -> Iterator[Standing]:
        for each in self._mailbox.events.values():
            event_id, link = each.event_id(immutable=True), self._mailbox.link(each)
            yield Standing(event_id, link, Span(each.start, each.end))

    def fails(self, wrong: Iterable[Wrong]) -> None:
        for each in wrong:
            self._peer.faults.add(*[_of_graph(each)] * each.times)

    def close(self) -> None:
        self._open.close()


SERVICES: dict[str, type[AtGoogle | AtMicrosoft]] = {"Google": AtGoogle, "Microsoft 365": AtMicrosoft}


def opened(name: str, folder: Path) -> Service:
    """The service of this name, listening; without a name the box's own."""
    if not name:
        return InTheBox()
    folder.mkdir(parents=True)
    return SERVICES[name](folder)


def lines(service: Service, box: LoopbackBox, bookings: list[Booking]) -> list[str]:
    """The [calendar] section: what the service has, and whether the store knows it by id and link."""
    kept = {(each.event_id, each.link, each.span): ZoneInfo(each.zone) for each in bookings}
    made = list[str]()
    for each in service.standing(box, bookings):
        zone = kept.get((each.event_id, each.link, each.span))
        begins, ends = (at.astimezone(zone or ZONE) for at in (each.span.start, each.span.end))
        known = f"the box has its id{' and its link' if each.link else ''}" if zone else "the box has another"
        made.append(f"{service.where}: {begins:%A %H:%M} to {ends:%H:%M}, {known}")
    return made or [f"{service.where}: nothing"]


def zone_without(weekday: str) -> str:
    """A zone in which it is not this day of the week, nor will be soon: who names it means the next."""
    now = datetime.now(UTC)
    moments = (now, now + SOON)
    return next(
        zone.key
        for zone in ELSEWHERE
        if weekday not in {f"{moment.astimezone(zone):%A}" for moment in moments}
    )


def _asked(booking: Booking) -> Appointment:
    return Appointment(booking.key, booking.title, booking.notes, booking.asked or booking.span, booking.zone)


def _of_graph(wrong: Wrong) -> GraphFault:
    done, kind = wrong.kind.startswith("did_"), wrong.kind.removeprefix("did_")
    if kind == "refuse":
        return GraphFault(wrong.door, "status", UNAVAILABLE, done=done)  # type: ignore[arg-type]
    return GraphFault(wrong.door, kind, done=done)  # type: ignore[arg-type]


def _secret(box: LoopbackBox, name: str, text: str) -> None:
    path = box.folder / "data" / "secrets" / name
    path.touch(mode=0o600)
    path.write_text(text)
