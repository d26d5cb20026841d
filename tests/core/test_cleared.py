"""What had been played at a clear, against a carrier at any distance that keeps frames and marks in order."""

import random
from collections import deque
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.core.cleared import PATIENCE_MS, Cleared
from appliance.core.events import ReplyHeard
from appliance.core.playout import Playout
from appliance.core.ulaw import BYTES_PER_MS

FRAME_MS = 20
FRAME = FRAME_MS * BYTES_PER_MS
A, B = "a", "b"
SPANS = {A: (0, 1600), B: (1600, 4000)}


def test_the_frames_before_the_marks_of_the_clear_say_how_far_it_came() -> None:
    cleared = Cleared(SPANS, confirmed=800, since=160, marks=deque([1600, 2400, 3200]))
    cleared.carrier_clock(FRAME)
    for mark in (1600, 2400):
        cleared.mark(mark)
        assert not cleared.settled
    cleared.mark(3200)
    assert cleared.settled
    assert (cleared.heard_ms(A, 7), cleared.heard_ms(B, 7)) == (140, 0)


def test_a_mark_that_was_played_counts_and_the_frames_begin_anew() -> None:
    cleared = Cleared(SPANS, confirmed=800, since=640, marks=deque([1600, 2400, 3200]))
    cleared.carrier_clock(FRAME)
    cleared.mark(1600)
    cleared.carrier_clock(FRAME)
    cleared.carrier_clock(FRAME)
    cleared.mark(2400)
    cleared.mark(3200)
    assert (cleared.heard_ms(A, 7), cleared.heard_ms(B, 7)) == (200, 40)


def test_a_frame_among_the_marks_of_the_clear_does_not_make_them_played() -> None:
    cleared = Cleared(SPANS, confirmed=800, since=160, marks=deque([1600, 2400, 3200]))
    cleared.mark(1600)
    cleared.carrier_clock(FRAME)
    assert cleared.settled
    assert cleared.heard_ms(A, 7) == 120


def test_nothing_is_waited_for_when_all_marks_were_back() -> None:
    cleared = Cleared(SPANS, confirmed=1600, since=800)
    assert cleared.settled
    assert (cleared.heard_ms(A, 7), cleared.heard_ms(B, 7)) == (200, 0)


def test_without_marks_it_stays_as_reckoned() -> None:
    cleared = Cleared(SPANS, confirmed=800, since=0, marks=deque([1600]))
    for _ in range(PATIENCE_MS // FRAME_MS):
        assert not cleared.settled
        cleared.carrier_clock(FRAME)
    assert cleared.settled
    assert cleared.heard_ms(A, 170) == 170
    cleared.mark(1600)
    assert cleared.heard_ms(A, 170) == 170


@pytest.mark.parametrize("position", [0, 801, 99999])
def test_a_mark_that_was_not_out_says_nothing(position: int) -> None:
    cleared = Cleared(SPANS, confirmed=800, since=0, marks=deque([1600]))
    cleared.mark(position)
    assert not cleared.settled


@dataclass
class Wire:
    """One direction: what is put in comes out after so many ms, in order."""

    way_ms: float
    jitter_ms: float
    drawn: random.Random
    travels: deque[tuple[float, object]] = field(default_factory=deque)

    def put(self, now_ms: float, thing: object) -> None:
        arrives = now_ms + self.way_ms + self.drawn.uniform(0, self.jitter_ms)
        self.travels.append((max(arrives, self.travels[-1][0] if self.travels else 0.0), thing))

    def arrived(self, now_ms: float) -> list[object]:
        out = []
        while self.travels and self.travels[0][0] <= now_ms:
            out.append(self.travels.popleft()[1])
        return out


@dataclass
class Carrier:
    """Plays 20 ms a tick; a mark is due when all before it has sounded, or at a clear."""

    received: int = 0
    taken: int = 0
    heard: int = 0
    marks: deque[tuple[int, str]] = field(default_factory=deque)
    obeyed_at: int | None = None

    def obey(self, thing: object) -> list[object]:
        if isinstance(thing, tuple):
            audio, mark = thing
            self.received += len(audio)
            self.marks.append((self.received, mark))
            return []
        self.obeyed_at = self.taken
        thrown = [mark for _, mark in self.marks]
        self.marks.clear()
        self.taken = self.heard = self.received
        return list(thrown)

    def tick(self) -> list[object]:
        self.heard = self.taken
        back: list[object] = []
        while self.marks and self.marks[0][0] <= self.heard:
            back.append(self.marks.popleft()[1])
        self.taken = min(self.received, self.taken + FRAME)
        return [*back, FRAME]


@dataclass
class Far:
    """A playout and its carrier, so far apart; `tick_phase` is when the carrier's frames begin."""

    round_trip_ms: int
    jitter_ms: int
    tick_phase: int
    seed: int
    playout: Playout = field(default_factory=Playout)
    carrier: Carrier = field(default_factory=Carrier)

    def __post_init__(self) -> None:
        drawn = random.Random(self.seed)
        self.up, self.down = (Wire(self.round_trip_ms / 2, self.jitter_ms, drawn) for _ in range(2))

    def ms(self, now_ms: int) -> None:
        """A millisecond passes."""
        for came in self.down.arrived(now_ms):
            if isinstance(came, str):
                self.playout.mark_reached(came, now_ms / 1000)
            else:
                self.playout.carrier_clock(FRAME)
        if now_ms % FRAME_MS == 0:
            for piece in self.playout.due(now_ms / 1000):
                self.up.put(now_ms, piece)
        back = [each for thing in self.up.arrived(now_ms) for each in self.carrier.obey(thing)]
        if now_ms % FRAME_MS == self.tick_phase:
            back += self.carrier.tick()
        for each in back:
            self.down.put(now_ms, each)

    def clear(self, now_ms: int) -> dict[str, int]:
        """Break in; how much of each reply will have been heard, as reckoned."""
        heard = self.playout.heard_until_clear(now_ms / 1000)
        self.playout.clear()
        self.up.put(now_ms, None)
        return {each.reply_id: each.played_ms for each in heard if isinstance(each, ReplyHeard)}


# Unsteadier than by two frames the carrier is starved, and frames pass in which nothing is played.
@given(
    far=st.builds(Far, st.integers(0, 300), st.integers(0, 40), st.integers(0, 19), st.integers(0, 1000)),
    lengths_ms=st.lists(st.integers(30, 1500), min_size=1, max_size=4),
    breaks_in_ms=st.integers(0, 4000),
)
@settings(max_examples=150, deadline=None)
def test_at_any_distance_it_is_within_a_frame_of_what_was_played(
    far: Far, lengths_ms: list[int], breaks_in_ms: int
) -> None:
    for number, length_ms in enumerate(lengths_ms):
        far.playout.queue("r", f"i{number}", bytes(length_ms * BYTES_PER_MS))
        far.playout.complete(f"i{number}")
    for now_ms in range(breaks_in_ms):
        far.ms(now_ms)
    reckoned = far.clear(breaks_in_ms)
    for now_ms in range(breaks_in_ms, breaks_in_ms + 1000):
        far.ms(now_ms)
    cleared, obeyed_at = far.playout.cleared, far.carrier.obeyed_at
    assert cleared.settled
    assert obeyed_at is not None
    for reply_id, (begins, ends) in cleared.spans.items():
        truth_ms = max(0, min(obeyed_at, ends) - begins) // BYTES_PER_MS
        assert abs(cleared.heard_ms(reply_id, 0) - truth_ms) <= FRAME_MS
        # Before it is known, no more is wrong than what is unsteady: both ways, and the carrier's tick.
        assert abs(reckoned[reply_id] - truth_ms) <= 2 * far.jitter_ms + 2 * FRAME_MS
