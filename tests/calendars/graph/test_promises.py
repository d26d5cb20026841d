"""Whatever goes wrong in whatever order: what was promised is there in the end, once, and nothing else is."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import get_args

import pytest
import trustme
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from appliance.calendars.graph import events
from appliance.calendars.graph.calendar import GraphCalendar
from appliance.calendars.graph.refusals import LONGEST_WAIT_S
from appliance.core.calendar import CalendarFailed, Trouble
from tests.calendars.graph.stand import DESK, NINE, QuickClock, account, appointment, span
from tests.peers.graph import Fault, GraphPeer, Mailbox
from tests.peers.graph.faults import Door
from tests.peers.graph.mailbox import Repeat

KEYS = ["a", "b"]
HOURS = range(4)
DOORS: list[Door] = ["token", "find", "create", "read", "change", "delete"]
faults = st.one_of(
    st.builds(
        Fault,
        st.sampled_from(DOORS),
        st.just("status"),
        st.sampled_from([401, 403, 429, 500, 503]),
        headers=st.sampled_from([{}, {"Retry-After": "1"}, {"Retry-After": "60"}]),
        done=st.booleans(),
    ),
    st.builds(Fault, st.sampled_from(DOORS), st.just("cut"), done=st.booleans()),
    st.builds(Fault, st.sampled_from(["create", "change", "delete"]), st.just("lie")),
    st.builds(Fault, st.sampled_from(DOORS), st.just("body"), body=st.sampled_from([b"", b"{}", b"[]"])),
)
acts = st.lists(
    st.tuples(
        st.sampled_from(["keep", "move", "remove"]),
        st.sampled_from(KEYS),
        st.sampled_from(HOURS),
        st.lists(faults, max_size=4),
    ),
    max_size=8,
)


@dataclass
class Office:
    """What an office does, and what it was told; the truth is in the mailbox."""

    calendar: GraphCalendar
    desk: Mailbox
    ids: dict[str, str] = field(default_factory=dict)
    asked: dict[str, datetime] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)

    def stands(self, key: str) -> datetime | None:
        """When the appointment of this key stands; it must not be there twice."""
        named = events.transaction_id(key)
        found = [each for each in self.desk.events.values() if each.properties[events.KEY_PROPERTY] == named]
        assert len(found) <= 1
        return found[0].start if found else None

    def known(self, key: str) -> bool:
        """Whether an appointment has the id that was told last."""
        return any(self.ids[key] == each.event_id(immutable=True) for each in self.desk.events.values())

    def keep(self, key: str, hour: datetime) -> None:
        """The same key is the same appointment: what was asked for first."""
        start, before = self.asked.setdefault(key, hour), self.stands(key)
        try:
            kept = self.calendar.keep(DESK, appointment(key, start))
        except CalendarFailed as failed:
            self.failed(failed, before)
            assert self.stands(key) in {before, before or start}
            return
        self.ids[key] = kept.event_id
        assert self.desk.event(kept.event_id).properties[events.KEY_PROPERTY] == events.transaction_id(key)
        assert kept.span.start == self.stands(key) == (before or start)

    def move(self, key: str, start: datetime) -> None:
        before = self.stands(key)
        try:
            kept = self.calendar.move(DESK, self.ids[key], span(start), "UTC")
        except CalendarFailed as failed:
            # One that was made again, without our knowing, has another id.
            self.failed(failed, before if self.known(key) else None)
            assert self.stands(key) in {before, before and start}
            return
        assert kept.span.start == self.stands(key) == start

    def remove(self, key: str) -> None:
        before = self.stands(key)
        self.removed.add(key)
        try:
            self.calendar.remove(DESK, self.ids[key])
        except CalendarFailed:
            assert self.stands(key) in {before, None}
            return
        assert self.stands(key) is None

    @staticmethod
    def failed(failure: CalendarFailed, before: datetime | None) -> None:
        """What is said to be gone is gone."""
        assert failure.trouble is not Trouble.GONE or before is None

    def do(self, act: str, key: str, start: datetime) -> None:
        """One act; what was never kept can be neither moved nor removed."""
        if act == "keep":
            self.keep(key, start)
        elif key in self.ids:
            self.move(key, start) if act == "move" else self.remove(key)


@pytest.fixture(scope="module")
def ground(
    authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[GraphPeer, GraphCalendar, QuickClock]]:
    """A peer whose tokens age at once, so that one is asked for each time."""
    with GraphPeer(authority) as peer:
        peer.entra.extra = {"refresh_in": -60}
        clock = QuickClock()
        calendar = GraphCalendar(account(peer, tmp_path_factory.mktemp("trust")), clock=clock)
        yield peer, calendar, clock
        calendar.close()


@settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(acts=acts, repeat=st.sampled_from(get_args(Repeat)), remembers=st.booleans())
def test_what_was_promised_is_there(
    ground: tuple[GraphPeer, GraphCalendar, QuickClock],
    acts: list[tuple[str, str, int, list[Fault]]],
    repeat: Repeat,
    *,
    remembers: bool,
) -> None:
    peer, calendar, clock = ground
    peer.faults.clear()
    office = Office(calendar, peer.add(DESK))
    office.desk.repeat, office.desk.remembers = repeat, remembers
    for act, key, hour, due in acts:
        others = {other: office.stands(other) for other in KEYS if other != key}
        peer.faults.add(*due)
        office.do(act, key, NINE + timedelta(hours=hour))
        peer.faults.clear()
        clock.wait(LONGEST_WAIT_S)
        assert {other: office.stands(other) for other in others} == others
    for key in KEYS:
        if key not in office.removed:
            kept = calendar.keep(DESK, appointment(key, office.asked.get(key, NINE)))
            assert office.stands(key) == kept.span.start
