"""Whatever goes wrong at Google: what was promised stands there, and what was removed does not."""

from collections.abc import Callable
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance.calendars.google.calendar import GoogleCalendar, event_id_of
from appliance.core.calendar import CalendarFailed, Span, Trouble
from tests.calendars.google.desk import DOCTOR, ZONE, at, opened, visit
from tests.peers.google import Fault, GooglePeer
from tests.peers.google.faults import Door, Kind

PATIENCE_MS = 500
KEYS = ("a", "b")
DOORS: tuple[Door, ...] = ("token", "insert", "get", "patch", "update", "delete", "list")
KINDS: tuple[Kind, ...] = ("refuse", "did_refuse", "lie", "did_hang", "cut", "drop", "expire", "text", "html")
STATUSES = (400, 401, 403, 404, 409, 410, 412, 429, 500, 503)


@dataclass(frozen=True)
class Step:
    """One verb, for one of the appointments, and what goes wrong meanwhile."""

    verb: str
    key: str
    minutes: int
    faults: tuple[Fault, ...]


@dataclass
class Promised:
    """Where an appointment may stand after all that was said of it; None is nowhere."""

    spans: set[Span | None] = field(default_factory=lambda: {None})


faults = st.builds(
    Fault, st.sampled_from(DOORS), st.sampled_from(KINDS), st.sampled_from(STATUSES), times=st.integers(1, 3)
)
# A calendar that denies twice what it has, when told to remove it and when looked at, cannot be seen through.
seen_through = faults.filter(lambda fault: not (fault.door == "get" and fault.status in (404, 410)))
steps = st.builds(
    Step,
    st.sampled_from(("keep", "keep", "move", "remove")),
    st.sampled_from(KEYS),
    st.sampled_from((0, 60, 120)),
    st.lists(seen_through, max_size=2).map(tuple),
)


def taken(calendar: GoogleCalendar, step: Step, promised: Promised) -> None:
    """Take a step, and note what was promised by it."""
    event_id, wanted = event_id_of(step.key), at(step.minutes)
    verbs: dict[str, Callable[[], Span | None]] = {
        "keep": lambda: calendar.keep(DOCTOR, visit(step.key, step.minutes)).span,
        "move": lambda: calendar.move(DOCTOR, event_id, wanted, ZONE).span,
        "remove": lambda: calendar.remove(DOCTOR, event_id),
    }
    try:
        promised.spans = {verbs[step.verb]()}
    except CalendarFailed as exc:
        if exc.trouble is Trouble.GONE and step.verb == "move" and not step.faults:
            assert None in promised.spans
            promised.spans = {None}
        else:
            promised.spans |= {None} if step.verb == "remove" else {wanted}


def where(google: GooglePeer, key: str) -> Span | None:
    """Where an appointment stands at the peer."""
    busy = [each for each in google.diary.standing(DOCTOR) if each["id"] == event_id_of(key)]
    spans = [at(minutes) for minutes in (0, 60, 120)]
    shown = {span.start.astimezone(ZoneInfo(ZONE)).isoformat(): span for span in spans}
    return shown[busy[0]["start"]["dateTime"]] if busy else None


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(steps, min_size=1, max_size=5))
def test_what_was_promised_stands_there_and_what_was_removed_does_not(
    google: GooglePeer, taken_steps: list[Step]
) -> None:
    google.renewed()
    google.diary.share(DOCTOR, zone=ZONE)
    calendar = opened(google, patience_ms=PATIENCE_MS)
    promised = {key: Promised() for key in KEYS}
    for step in taken_steps:
        google.fails(*step.faults)
        taken(calendar, step, promised[step.key])
        google.well()
        assert where(google, step.key) in promised[step.key].spans
    for key in KEYS:
        assert where(google, key) in promised[key].spans
