"""Appointments in the store: holds that run out, and one owner for each time however many race for it."""

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from appliance.core.calendar import Span
from appliance.store import bookings, database, errors
from appliance.store.bookings import SlotTaken, State, Wanted
from appliance.store.database import Connection, immediate

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
NINE = datetime(2026, 12, 1, 14, tzinfo=UTC)
HELD = timedelta(minutes=3)
ANA = bookings.Patient("Ana Ruiz", "+14155550100", "1980-03-09")


def wanted(key: str, start: datetime = NINE, minutes: int = 30, taken: int | None = None) -> Wanted:
    """A time with this provider; `taken` minutes of it are the provider's."""
    span = Span(start, start + timedelta(minutes=minutes))
    whole = Span(start, start + timedelta(minutes=taken or minutes))
    return Wanted(key, "CA1", "cleaning", "lee", span, whole, "America/New_York")


def hold(db: Connection, want: Wanted, now: datetime = NOW) -> None:
    with immediate(db):
        bookings.hold(db, want, now=now, until=now + HELD)


def promise(db: Connection, key: str, now: datetime = NOW) -> bookings.Booking:
    with immediate(db):
        return bookings.promise(db, key, ANA, now=now)


def booked(db: Connection, key: str, now: datetime = NOW) -> None:
    with immediate(db):
        bookings.booked(db, key, event_id=f"e-{key}", link="https://calendar", now=now)


def test_a_time_that_is_held_is_nobody_elses_until_the_hold_has_run_out(db: Connection) -> None:
    hold(db, wanted("a"))
    with pytest.raises(SlotTaken):
        hold(db, wanted("b", NINE + timedelta(minutes=25)))
    hold(db, wanted("c", NINE + timedelta(minutes=30)))
    assert bookings.taken(db, "lee", Span(NINE, NINE + timedelta(hours=1)), now=NOW) == [
        Span(NINE, NINE + timedelta(minutes=30)),
        Span(NINE + timedelta(minutes=30), NINE + timedelta(minutes=60)),
    ]
    later = NOW + HELD
    assert bookings.taken(db, "lee", Span(NINE, NINE + timedelta(hours=1)), now=later) == []
    hold(db, wanted("b"), later)


def test_a_hold_that_has_run_out_is_good_while_nobody_else_has_the_time(db: Connection) -> None:
    hold(db, wanted("a"))
    assert promise(db, "a", NOW + timedelta(hours=1)).state is State.PROMISED
    hold(db, wanted("b", NINE + timedelta(hours=2)))
    hold(db, wanted("c", NINE + timedelta(hours=2)), NOW + HELD)
    with pytest.raises(SlotTaken):
        promise(db, "b", NOW + HELD)
    assert bookings.get(db, "b").state is State.HELD


def test_what_is_taken_at_once_needs_no_hold_and_is_the_same_when_it_is_taken_again(db: Connection) -> None:
    def take(key: str) -> bookings.Booking:
        with immediate(db):
            return bookings.take(db, wanted(key), ANA, now=NOW)

    first = take("a")
    assert (first.state, first.patient) == (State.PROMISED, "Ana Ruiz")
    assert take("a") == first
    booked(db, "a")
    assert take("a").state is State.BOOKED
    with pytest.raises(SlotTaken):
        take("b")


def test_what_is_promised_stays_taken_and_is_the_same_when_promised_again(db: Connection) -> None:
    hold(db, wanted("a", taken=45))
    first = promise(db, "a")
    assert promise(db, "a", NOW + timedelta(hours=5)) == first
    assert (first.patient, first.phone, first.event_id) == ("Ana Ruiz", "+14155550100", None)
    for start in (NINE, NINE + timedelta(minutes=40)):
        with pytest.raises(SlotTaken):
            hold(db, wanted("b", start), NOW + timedelta(days=1))
    booked(db, "a")
    (found,) = bookings.of_patient(db, "+14155550100", "", NOW)
    assert (found.state, found.event_id, found.link) == (State.BOOKED, "e-a", "https://calendar")
    assert bookings.of_patient(db, "+14155550100", "", NINE + timedelta(minutes=30)) == []


def test_what_staff_move_is_where_they_moved_it_whoever_else_has_some_of_it(db: Connection) -> None:
    for key, start in (("a", NINE), ("b", NINE + timedelta(hours=1))):
        hold(db, wanted(key, start, taken=40))
        promise(db, key)
    booked(db, "a")
    to = Span(NINE + timedelta(minutes=45), NINE + timedelta(minutes=75))
    with immediate(db):
        found = bookings.moved(db, "a", to, now=NOW)
    assert (found.span, found.taken.end) == (to, to.end + timedelta(minutes=10))
    assert found.asked == Span(NINE, NINE + timedelta(minutes=30))
    hold(db, wanted("c", NINE, minutes=45))
    with pytest.raises(SlotTaken):
        hold(db, wanted("d", NINE + timedelta(minutes=45), minutes=5))
    back = Span(NINE + timedelta(minutes=50), NINE + timedelta(minutes=55))
    with immediate(db):
        again = bookings.moved(db, "a", back, now=NOW)
    # The calendar knows it by the time that was asked first.
    assert (again.span, again.asked) == (back, found.asked)


def test_what_is_given_up_or_cancelled_is_free_again(db: Connection) -> None:
    hold(db, wanted("a"))
    with immediate(db):
        bookings.give_up(db, "a", now=NOW)
    with pytest.raises(SlotTaken):
        promise(db, "a")
    hold(db, wanted("b"))
    promise(db, "b")
    booked(db, "b")
    with pytest.raises(errors.NoSuchRow), immediate(db):
        bookings.give_up(db, "b", now=NOW)
    with immediate(db):
        bookings.cancel(db, "b", now=NOW)
    hold(db, wanted("a"))
    assert bookings.get(db, "a").state is State.HELD


def test_what_is_not_there_is_told(db: Connection) -> None:
    with pytest.raises(errors.NoSuchRow):
        promise(db, "nothing")
    hold(db, wanted("a"))
    with pytest.raises(errors.NoSuchRow):
        booked(db, "a")


def test_fifty_callers_race_for_ten_times_and_ten_have_one(path: Path) -> None:
    won: list[int] = []
    ready = threading.Barrier(50)

    def caller(number: int) -> None:
        db = database.connect(path)
        try:
            ready.wait()
            for place in range(10):
                slot = (number + place) % 10
                want = wanted(f"k{number}", NINE + timedelta(minutes=30 * slot))
                try:
                    hold(db, want)
                    promise(db, want.key)
                except SlotTaken:
                    continue
                won.append(slot)
                return
        finally:
            db.close()

    racing = [threading.Thread(target=caller, args=(number,)) for number in range(50)]
    for each in racing:
        each.start()
    for each in racing:
        each.join()
    assert Counter(won) == dict.fromkeys(range(10), 1)


class Desk(RuleBasedStateMachine):
    """Anything that callers do in any order; what is taken never overlaps."""

    path: Path

    @initialize()
    def begin(self) -> None:
        self.db = database.connect(self.path)
        self.db.execute("DELETE FROM booking")
        self.now = NOW

    def teardown(self) -> None:
        self.db.close()

    def attempt(self, verb: object, *given: object, **named: object) -> None:
        try:
            with immediate(self.db):
                verb(self.db, *given, now=self.now, **named)  # type: ignore[operator]
        except (SlotTaken, errors.NoSuchRow):
            pass

    keys = st.sampled_from(["a", "b", "c", "d"])
    starts = st.integers(0, 12).map(lambda step: NINE + timedelta(minutes=5 * step))
    lengths = st.sampled_from([5, 10, 30])

    @rule(key=keys, start=starts, minutes=lengths, more=st.sampled_from([0, 5, 15]))
    def hold(self, key: str, start: datetime, minutes: int, more: int) -> None:
        self.attempt(bookings.hold, wanted(key, start, minutes, minutes + more), until=self.now + HELD)

    @rule(key=keys)
    def promise(self, key: str) -> None:
        self.attempt(bookings.promise, key, ANA)

    @rule(key=keys, start=starts)
    def take(self, key: str, start: datetime) -> None:
        self.attempt(bookings.take, wanted(key, start), ANA)

    @rule(key=keys)
    def booked(self, key: str) -> None:
        self.attempt(bookings.booked, key, event_id="e", link="")

    @rule(key=keys, verb=st.sampled_from([bookings.give_up, bookings.cancel]))
    def end(self, key: str, verb: object) -> None:
        self.attempt(verb, key)

    @rule(minutes=st.integers(0, 4))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @invariant()
    def nothing_overlaps(self) -> None:
        taken = bookings.taken(self.db, "lee", Span(NOW, NINE + timedelta(days=1)), now=self.now)
        assert all(early.end <= late.start for early, late in pairwise(taken))


def test_whatever_callers_do_nothing_overlaps(path: Path) -> None:
    Desk.path = path
    run_state_machine_as_test(Desk, settings=settings(max_examples=40, deadline=None))


@pytest.mark.parametrize(("minutes", "length"), [(0, 1), (3, 4), (4, 1), (4, 2), (7, 33), (59, 60)])
def test_times_that_are_on_no_grid_are_taken_whole(db: Connection, minutes: int, length: int) -> None:
    start = NINE + timedelta(minutes=minutes)
    hold(db, wanted("a", start, length))
    for moment in (start, start + timedelta(minutes=length - 1)):
        with pytest.raises(SlotTaken):
            hold(db, wanted("b", moment, 1))
