"""The callback list against the plainest one there is: whatever happens, all counts match."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from appliance.core.callbacks import Cause, Urgency
from appliance.store import callback_causes, callback_rows, callbacks, database
from appliance.store.callback_causes import Reason
from appliance.store.database import Connection
from appliance.store.errors import StoreError
from appliance.store.migrations import migrate
from tests.store.callback_model import Line, Model

BEGAN = datetime(2026, 11, 24, 15, tzinfo=UTC)
NUMBERS = ("", "+14155550101", "+14155550102", "+14155550103")
STAFF = ("ana", "ben")


@dataclass
class Both:
    """The list and its model, which are told the same."""

    db: Connection
    now: datetime = BEGAN
    model: Model = field(default_factory=Model)
    causes: int = 0

    def note(self, number: int, call: int, cause: Cause, urgency: Urgency) -> None:
        self.causes += 1
        self._told(f"message {self.causes}", NUMBERS[number], call, cause, urgency)

    def note_again(self, which: int, number: int, cause: Cause, urgency: Urgency) -> None:
        if self.causes:
            self._told(f"message {1 + which % self.causes}", NUMBERS[number], 0, cause, urgency)

    def _told(self, once: str, number: str, call: int, cause: Cause, urgency: Urgency) -> None:
        sid = f"CA{call}" if call else ""
        callback_causes.note(self.db, Reason(once, cause, self.now, number, urgency, call_sid=sid))
        self.model.note(once, cause, urgency, number, sid, self.now)

    def learn(self, which: int, number: int, urgency: Urgency) -> None:
        once = f"message {which}"
        callback_causes.learned(self.db, once, now=self.now, urgency=urgency, number=NUMBERS[number])
        self.model.learn(once, urgency, NUMBERS[number], self.now)

    def void(self, which: int) -> None:
        callback_causes.void(self.db, f"message {which}", "nobody speaks", now=self.now)
        self.model.void(f"message {which}")

    def act(self, which: int, what: str, who: int, minutes: int) -> None:
        """Something that staff do, or are refused to."""
        if not self.model.lines:
            return
        place = which % len(self.model.lines)
        line, entry, name = self.model.lines[place], place + 1, STAFF[who]
        # Told twice at once an attempt is one: that has a test of its own.
        self.now += timedelta(seconds=callbacks.TWICE_S + 1)
        until = self.now + timedelta(minutes=minutes)
        real: dict[str, Callable[[], object]] = {
            "take": lambda: callbacks.take(self.db, entry, name, now=self.now, over=True),
            "give back": lambda: callbacks.give_back(self.db, entry, name, now=self.now),
            "attempt": lambda: callbacks.attempt(self.db, entry, name, now=self.now),
            "snooze": lambda: callbacks.snooze(self.db, entry, name, until, now=self.now),
            "done": lambda: callbacks.done(self.db, entry, name, now=self.now),
            "undo": lambda: callbacks.undo(self.db, entry, name, now=self.now),
        }
        try:
            real[what]()
        except StoreError:
            assert line.state == "merged" or (line.state == "done" and what not in ("done", "undo"))
            return
        self._acted(line, what, name, until)

    def _acted(self, line: Line, what: str, name: str, until: datetime) -> None:
        match what:
            case "take":
                self.model.take(line, name)
            case "give back":
                self.model.give_back(line)
            case "attempt":
                self.model.attempt(line)
            case "snooze":
                self.model.snooze(line, until)
            case "done" if line.state == "open":
                self.model.done(line)
            case "undo" if line.state == "done":
                self.model.undo(line)

    def pass_time(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    def check(self) -> None:
        lines = self.model.lines
        opened = [line for line in lines if line.state == "open"]
        late = [line for line in opened if line.due <= self.now]
        found = callback_rows.counts(self.db, self.now)
        assert (found.open, found.emergencies, found.urgent) == (
            len(opened),
            sum(line.urgency is Urgency.EMERGENCY for line in opened),
            sum(line.urgency is Urgency.URGENT for line in opened),
        )
        assert (found.overdue, found.owned) == (len(late), sum(bool(line.owner) for line in opened))
        assert found.untouched == sum(not (line.owner or line.touched) for line in late)
        assert found.oldest_due == min((line.due for line in late), default=None)
        assert found.by_cause == Counter(mark.cause for line in opened for mark in line.marks if mark.live)
        for place, line in enumerate(lines, 1):
            entry = callback_rows.get(self.db, place)
            assert (entry.number, entry.state, entry.owner, entry.attempts) == (
                line.number, line.state, line.owner, line.attempts,
            )  # fmt: skip
            if line.state == "open":
                assert (entry.urgency, entry.due_at) == (line.urgency, line.due)
                assert entry.untouched == (not (line.owner or line.touched))
            assert {each.once for each in entry.causes} == {mark.once for mark in line.marks}
        page = callback_rows.open_page(self.db, limit=1000)
        assert [each.id for each in page] == [
            lines.index(line) + 1 for line in sorted(opened, key=lambda line: (line.urgency, line.due))
        ] or len({(line.urgency, line.due) for line in opened}) < len(opened)
        assert len(page) == len(opened)


URGENCIES = st.sampled_from(Urgency)
CALLERS, CALLS, PLACES = st.integers(0, 3), st.integers(0, 2), st.integers(0, 11)
ACTS = st.sampled_from(["take", "give back", "attempt", "snooze", "done", "undo"])
HAPPENINGS = st.one_of(
    st.tuples(st.just("note"), CALLERS, CALLS, st.sampled_from(Cause), URGENCIES),
    st.tuples(st.just("note"), CALLERS, CALLS, st.sampled_from(Cause), URGENCIES),
    st.tuples(st.just("note_again"), PLACES, CALLERS, st.sampled_from(Cause), URGENCIES),
    st.tuples(st.just("learn"), PLACES, CALLERS, URGENCIES),
    st.tuples(st.just("void"), PLACES),
    st.tuples(st.just("act"), PLACES, ACTS, st.integers(0, 1), st.integers(1, 3000)),
    st.tuples(st.just("act"), PLACES, ACTS, st.integers(0, 1), st.integers(1, 3000)),
    st.tuples(st.just("pass_time"), st.integers(1, 3000)),
)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """A database in which nothing is ever kept."""
    path = tmp_path_factory.mktemp("list") / "attendant.db"
    migrate(path)
    connection = database.connect(path)
    yield connection
    connection.close()


CALLED = ("note", 1, 0, Cause.MESSAGE, Urgency.NORMAL)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(happenings=st.lists(HAPPENINGS, max_size=40))
@example(happenings=[CALLED, ("act", 0, "done", 0, 1), CALLED, ("act", 0, "undo", 0, 1)])
def test_counts_match_to_the_one(empty: Connection, happenings: list[tuple[str, ...]]) -> None:
    empty.execute("BEGIN IMMEDIATE")
    try:
        both = Both(empty)
        for name, *values in happenings:
            getattr(both, name)(*values)
        both.check()
    finally:
        empty.execute("ROLLBACK")


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(happenings=st.lists(HAPPENINGS, max_size=25))
def test_nothing_that_was_done_is_forgotten(empty: Connection, happenings: list[tuple[str, ...]]) -> None:
    """However entries are merged, their histories add up."""
    empty.execute("BEGIN IMMEDIATE")
    try:
        both, tries = Both(empty), 0
        for name, *values in happenings:
            before = sum(line.attempts for line in both.model.lines if line.state != "merged")
            getattr(both, name)(*values)
            after = sum(line.attempts for line in both.model.lines if line.state != "merged")
            tries += max(0, after - before)
        told = empty.execute("SELECT count(*) FROM callback_event WHERE what = 'attempt'").fetchone()[0]
        causes = empty.execute("SELECT count(*) FROM callback_event WHERE what = 'cause'").fetchone()[0]
        assert (told, causes) == (tries, len(both.model.order))
        lost = empty.execute(
            "SELECT count(*) FROM callback_event WHERE callback_id IN"
            " (SELECT id FROM callback WHERE state = 'merged')"
        ).fetchone()[0]
        assert lost == 0
    finally:
        empty.execute("ROLLBACK")
