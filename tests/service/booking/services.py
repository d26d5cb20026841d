"""The calendars of a clinic that books: its own, Google's and Microsoft's, by the vendors' own SDKs over TLS.

May import: appliance, tests.calendars, tests.peers, tests.service.booking.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from appliance.calendars.google.calendar import GoogleCalendar
from appliance.calendars.graph.calendar import GraphCalendar
from appliance.calendars.local.calendar import OwnCalendar
from appliance.core.calendar import Appointment, Calendar, Span
from appliance.core.calendar_settings import Google
from appliance.store import database, own_events
from tests.calendars.graph.stand import account
from tests.peers.google import Fault as GoogleFault
from tests.peers.google import GooglePeer
from tests.peers.graph import Fault as GraphFault
from tests.peers.graph import GraphPeer
from tests.service.booking.clinic import ONE_DOCTOR, ZONE, Clinic

DOCTOR = "lee@clinic.example"
NAMES = ("own", "google", "microsoft")
ALWAYS = Span(datetime(2026, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC))
ENOUGH = 12
"""So many times a fault happens as all tries together can take."""


@dataclass
class Service:
    """A calendar service. `kept_in` is what a provider has for it; `opened` makes a new way to it.

    `wrong` has it go wrong from here on (down, slow, lies, or well again), `stands` says what is in the
    doctor's calendar, `put` is what staff do in it by themselves, and `renewed` empties it.
    """

    kept_in: str
    opened: Callable[[], Calendar | None]
    wrong: Callable[[str], None]
    stands: Callable[[Clinic], list[Span]]
    put: Callable[[Clinic, Span], None]
    renewed: Callable[[], None]

    @property
    def name(self) -> str:
        """Which of NAMES it is."""
        return self.kept_in.partition(":")[0]

    @property
    def bookable(self) -> dict[str, Any]:
        """One doctor, whose calendar is there."""
        return {**ONE_DOCTOR, "provider": [{"slug": "lee", "name": "Dr. Lee", "calendar": self.kept_in}]}


@contextmanager
def service_of(name: str, google: GooglePeer, graph: GraphPeer, folder: Path) -> Iterator[Service]:
    """The service of this name, empty."""
    makers = {"own": _own, "google": lambda: _google(google), "microsoft": lambda: _graph(graph, folder)}
    with contextmanager(makers[name])() as made:
        made.renewed()
        yield made


def _nothing(*_: object) -> None:
    pass


def _own() -> Iterator[Service]:
    def put(office: Clinic, span: Span) -> None:
        told = Appointment(f"staff {span.start:%d %H:%M}", "Staff meeting", "", span, ZONE.key)
        OwnCalendar(office.path).keep("lee", told)

    def stands(office: Clinic) -> list[Span]:
        db = database.connect_readonly(office.path)
        try:
            return [each.span for each in own_events.between(db, "lee", ALWAYS)]
        finally:
            db.close()

    # It begins with the store of each clinic.
    yield Service("own", lambda: None, _nothing, stands, put, _nothing)


def _google(peer: GooglePeer) -> Iterator[Service]:
    faults = {
        "down": [GoogleFault("insert", "refuse", 503, times=ENOUGH)],
        "slow": [GoogleFault("insert", "hang", times=ENOUGH)],
        "lies": [GoogleFault("insert", "lie", times=ENOUGH)],
    }

    def wrong(how: str) -> None:
        peer.well()
        peer.fails(*faults.get(how, []))

    def stands(_: Clinic) -> list[Span]:
        told = [(each["start"]["dateTime"], each["end"]["dateTime"]) for each in peer.diary.standing(DOCTOR)]
        return [_span(*map(datetime.fromisoformat, each)) for each in told]

    def put(_: Clinic, span: Span) -> None:
        times = {"start": span.start, "end": span.end}
        peer.diary.insert(DOCTOR, {end: {"dateTime": at.isoformat()} for end, at in times.items()})

    def renewed() -> None:
        peer.renewed()
        peer.diary.share(DOCTOR)

    def opened() -> Calendar:
        return GoogleCalendar(peer.key, Google(api_url=peer.url, ca_file=peer.ca_file))

    yield Service(f"google:{DOCTOR}", opened, wrong, stands, put, renewed)
    peer.well()


def _graph(peer: GraphPeer, folder: Path) -> Iterator[Service]:
    faults = {
        "down": GraphFault("create", "status", 503),
        "slow": GraphFault("create", "hang"),
        "lies": GraphFault("create", "lie"),
    }
    made = list[GraphCalendar]()

    def wrong(how: str) -> None:
        peer.faults.clear()
        if how != "well":
            peer.faults.add(*[faults[how]] * ENOUGH)

    def stands(_: Clinic) -> list[Span]:
        return [Span(each.start, each.end) for each in peer.graph.mailboxes[DOCTOR].events.values()]

    def put(_: Clinic, span: Span) -> None:
        times = {"start": span.start, "end": span.end}
        told = {end: {"dateTime": f"{at:%Y-%m-%dT%H:%M:%S}", "timeZone": "UTC"} for end, at in times.items()}
        peer.graph.mailboxes[DOCTOR].create({"subject": "Staff meeting", **told}, peer.graph.zones)

    def renewed() -> None:
        peer.faults.clear()
        peer.add(DOCTOR)

    def opened() -> Calendar:
        made.append(GraphCalendar(account(peer, folder)))
        return made[-1]

    yield Service(f"microsoft:{DOCTOR}", opened, wrong, stands, put, renewed)
    peer.faults.clear()
    for each in made:
        each.close()


def _span(start: datetime, end: datetime) -> Span:
    return Span(start.astimezone(UTC), end.astimezone(UTC))


def others(service: Service) -> dict[str, Calendar]:
    """What the clinic has beside its own calendar."""
    calendar = service.opened()
    return {} if calendar is None else {service.name: calendar}
