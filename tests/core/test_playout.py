"""The playout against a carrier that plays what it has at real time and returns marks late or early."""

import random
from collections import deque
from dataclasses import dataclass, field

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from appliance.core.coding import BYTES_PER_MS as PER_MS
from appliance.core.coding import Coding
from appliance.core.events import PlayoutEvent, ReplyHeard, ReplyPlayed, ReplyQueued
from appliance.core.playout import LEAD_MS, LONGEST_MS, PIECE_MS, REMEMBERED, TOKEN_MS, Playout
from appliance.core.settings import Cloud
from appliance.core.ulaw import BYTES_PER_MS

FRAME = 20 * BYTES_PER_MS
MS = BYTES_PER_MS


@dataclass(slots=True)
class Carrier:
    """Plays at real time; marks are due when everything before them was played."""

    received: bytearray = field(default_factory=bytearray)
    played: int = 0
    marks: deque[tuple[int, str]] = field(default_factory=deque)

    def take(self, audio: bytes, mark: str) -> None:
        self.received += audio
        self.marks.append((len(self.received), mark))

    def play(self, count: int) -> list[str]:
        self.played = min(len(self.received), self.played + count)
        reached = []
        while self.marks and self.marks[0][0] <= self.played:
            reached.append(self.marks.popleft()[1])
        return reached

    def clear(self) -> list[str]:
        """Everything is thrown away; all marks come back at once."""
        thrown = [mark for _, mark in self.marks]
        self.received.clear()
        self.marks.clear()
        self.played = 0
        return thrown


class PlayoutMachine(RuleBasedStateMachine):
    """Queues, completes, plays, clears in any order, and looks at what the carrier got."""

    def __init__(self) -> None:
        super().__init__()
        self.playout = Playout()
        self.carrier = Carrier()
        self.now_s = 100.0
        self.expected = bytearray()
        self.spans: dict[str, tuple[int, int]] = {}
        self.late: deque[str] = deque()
        self.stale: deque[str] = deque()
        self.cut_responses: list[str] = []
        self.response = self.replies = self.fill = 0
        self.reply = ""
        self.queued: list[str] = []
        self.over: list[str] = []
        self.playout.begin("resp0")

    def happened(self, events: list[PlayoutEvent]) -> None:
        for event in events:
            if isinstance(event, ReplyQueued):
                self.queued.append(event.reply_id)
            elif isinstance(event, ReplyPlayed):
                start, length = self.spans[event.reply_id]
                assert self.carrier.played >= start + length
                assert event.total_ms == length // MS
                self.over.append(event.reply_id)

    @rule()
    def a_response_begins(self) -> None:
        if self.reply:
            self.the_reply_is_complete()
        self.response += 1
        self.playout.begin(f"resp{self.response}")

    @rule(size=st.integers(1, 4000), new=st.booleans())
    def audio_comes(self, size: int, new: bool) -> None:
        if new or not self.reply:
            self.replies += 1
            self.reply = f"item{self.replies}"
            self.spans[self.reply] = (len(self.expected), 0)
        self.fill += 1
        audio = bytes((self.fill + at) % 251 for at in range(size))
        self.happened(self.playout.queue(f"resp{self.response}", self.reply, audio))
        if f"resp{self.response}" not in self.cut_responses:
            start, length = self.spans[self.reply]
            self.spans[self.reply] = (start, length + size)
            self.expected += audio

    @precondition(lambda self: self.reply)
    @rule()
    def the_reply_is_complete(self) -> None:
        self.happened(self.playout.complete(self.reply))
        self.reply = ""

    @rule(frames=st.integers(1, 12), marks_wait=st.booleans())
    def time_passes(self, frames: int, marks_wait: bool) -> None:
        for _ in range(frames):
            self.now_s += 0.02
            self.late.extend(self.carrier.play(FRAME))
            self.playout.carrier_clock(FRAME)
            if not marks_wait:
                self.marks_come()
            self.pieces_go()

    @rule()
    def marks_come(self) -> None:
        while self.late:
            self.happened(self.playout.mark_reached(self.late.popleft(), self.now_s))

    @rule()
    def pieces_go(self) -> None:
        for audio, mark in self.playout.due(self.now_s):
            assert 0 < len(audio) <= PIECE_MS * MS
            generation, _, place = mark.partition("-")
            assert generation == str(self.playout.generation)
            self.carrier.take(audio, mark)
            assert int(place) == len(self.carrier.received)

    @rule()
    def the_caller_breaks_in(self) -> None:
        self.cut_responses += [f"resp{number}" for number in range(self.response + 1)]
        self.playout.clear()
        self.stale.extend([*self.late, *self.carrier.clear()])
        self.late.clear()
        self.expected.clear()
        self.spans.clear()
        self.reply = ""
        assert not self.playout.waiting
        assert self.playout.heard() == []

    @precondition(lambda self: self.stale)
    @rule()
    def a_mark_of_before_comes(self) -> None:
        before = self.playout.heard()
        assert self.playout.mark_reached(self.stale.popleft(), self.now_s) == []
        assert self.playout.heard() == before

    @invariant()
    def all_bytes_come_out_in_order_exactly_once(self) -> None:
        got = self.carrier.received
        assert got == self.expected[: len(got)]
        assert self.playout.waiting == (len(got) < len(self.expected))

    @invariant()
    def the_carrier_is_never_far_ahead(self) -> None:
        assert len(self.carrier.received) - self.carrier.played <= (LEAD_MS + PIECE_MS) * MS

    @invariant()
    def nothing_counts_as_heard_that_was_not_played(self) -> None:
        for event in self.playout.heard():
            assert isinstance(event, ReplyHeard)
            start, length = self.spans[event.reply_id]
            played = max(0, min(self.carrier.played - start, length))
            assert event.played_ms <= played // MS

    @invariant()
    def every_reply_is_told_once(self) -> None:
        assert len(self.queued) == len(set(self.queued))
        assert len(self.over) == len(set(self.over))

    def teardown(self) -> None:
        """In the end everything that was queued is played."""
        if self.reply:
            self.the_reply_is_complete()
        for _ in range(60 * 50):
            self.time_passes(1, marks_wait=False)
            if self.carrier.played == len(self.expected):
                break
        assert self.carrier.played == len(self.expected)
        assert self.playout.heard() == []


TestPlayout = pytest.mark.filterwarnings("default")(PlayoutMachine.TestCase)
TestPlayout.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def sent(playout: Playout, now_s: float) -> int:
    return sum(len(audio) for audio, _ in playout.due(now_s))


def test_the_first_200_ms_go_at_once_and_begin_with_a_short_piece() -> None:
    playout = Playout()
    playout.queue("r1", "a", bytes(8000))
    assert [mark for _, mark in playout.due(0.0)] == ["0-160", "0-800", "0-1600"]
    assert sent(playout, 0.05) == 0
    assert sent(playout, 0.1) == 800


def test_a_short_piece_at_the_end_does_not_wait_for_a_long_one() -> None:
    playout = Playout()
    playout.queue("r1", "a", bytes(1700))
    playout.complete("a")
    assert sent(playout, 0.0) == 1600
    assert sent(playout, 0.02) == 100


def test_no_part_of_a_frame_is_handed_over_while_more_of_its_reply_may_come() -> None:
    playout = Playout()
    sound = bytes(range(250)) * 4
    pieces: list[bytes] = []
    for at, size in ((0, 170), (170, 333), (503, 7), (510, 490)):
        playout.queue("r1", "a", sound[at : at + size])
        pieces += [audio for audio, _ in playout.due(at / 8000)]
    assert [len(piece) % 160 for piece in pieces] == [0] * len(pieces)
    # What is over is no sound that could be played: nothing else comes, and the reply is given up.
    assert len(b"".join(pieces)) == 960
    playout.mark_reached("0-960", 0.2)
    assert playout.starved == "a"
    playout.complete("a")
    pieces += [audio for audio, _ in playout.due(0.2)]
    assert b"".join(pieces) == sound


def test_a_carrier_without_marks_is_paced_by_our_clock() -> None:
    playout = Playout()
    playout.queue("r1", "a", bytes(80_000))
    assert sum(sent(playout, at / 50) for at in range(100)) == pytest.approx(16_000, abs=1600)


def test_heard_stops_at_the_next_mark() -> None:
    """The carrier's clock went on, but the mark that would prove it did not come back."""
    playout = Playout()
    playout.queue("r1", "a", bytes(8000))
    playout.due(0.0)
    for _ in range(50):
        playout.carrier_clock(FRAME)
    assert playout.heard() == [ReplyHeard("a", 20)]
    playout.mark_reached("0-160", 0.5)
    for _ in range(50):
        playout.carrier_clock(FRAME)
    assert playout.heard() == [ReplyHeard("a", 100)]


def test_audio_of_a_cut_answer_is_dropped_even_if_it_had_none_before() -> None:
    playout = Playout()
    playout.begin("r1")
    playout.clear()
    assert playout.queue("r1", "a", bytes(800)) == []
    assert not playout.waiting
    assert playout.queue("r2", "b", bytes(800)) == [ReplyQueued("b")]


def test_a_new_reply_completes_the_one_before() -> None:
    playout = Playout()
    playout.queue("r1", "a", bytes(800))
    marks = [mark for _, mark in playout.due(0.0)]
    assert playout.queue("r1", "b", bytes(800)) == [ReplyQueued("b")]
    assert playout.mark_reached(marks[-1], 0.1) == [ReplyPlayed("a", 100)]


def test_a_sentence_of_ours_keeps_the_place_that_it_was_asked_for_at() -> None:
    playout = Playout()
    playout.reserve("say:1")
    assert playout.queue("r1", "i1", b"\x01" * FRAME) == [ReplyQueued("i1")]
    assert playout.complete("i1") == []
    assert playout.due(1.0) == []
    assert playout.heard() == [ReplyHeard("i1", 0)]
    assert playout.queue("say:1", "say:1", b"\x02" * FRAME) == [ReplyQueued("say:1")]
    assert [audio[:1] for audio, _ in playout.due(1.0)] == [b"\x02"]
    # Its second half comes late: the answer does not come between.
    assert not playout.starved
    assert playout.due(1.0) == []
    assert playout.queue("say:1", "say:1", b"\x03" * FRAME) == []
    assert playout.complete("say:1") == []
    assert [audio[:1] for audio, _ in playout.due(1.1)] == [b"\x03", b"\x01"]
    marks = [f"0-{FRAME * place}" for place in (1, 2, 3)]
    assert [event for mark in marks for event in playout.mark_reached(mark, 1.2)] == [
        ReplyPlayed("say:1", 40),
        ReplyPlayed("i1", 20),
    ]


def test_a_sentence_of_ours_that_cannot_be_said_holds_nothing_up() -> None:
    playout = Playout()
    playout.reserve("say:1")
    playout.queue("r1", "i1", b"\x01" * FRAME)
    assert playout.complete("say:1") == []
    assert len(playout.due(1.0)) == 1


def test_a_sentence_of_ours_that_was_cut_before_it_began_is_not_said() -> None:
    playout = Playout()
    playout.reserve("say:1")
    playout.clear()
    assert playout.queue("say:1", "say:1", b"\x02" * FRAME) == []
    playout.queue("r1", "i1", b"\x01" * FRAME)
    assert len(playout.due(1.0)) == 1


def test_what_is_to_be_heard_to_its_end_plays_on_and_nothing_else_does() -> None:
    playout = Playout()
    playout.sound("sound:1", b"\x01" * FRAME)
    for reply_id in ("say:1", "say:2"):
        playout.reserve(reply_id)
    playout.begin("r1")
    playout.queue("r2", "i2", b"\x04" * FRAME)
    assert [audio[:1] for audio, _ in playout.due(1.0)] == [b"\x01"]
    assert playout.only(("say:1",)) == []
    # Also of what is still to come, and of what had no sound yet, nothing is played.
    for reply_id, sound in (("say:2", b"\x03"), ("say:1", b"\x02")):
        playout.queue(reply_id, reply_id, sound * FRAME)
        playout.complete(reply_id)
    assert playout.queue("r1", "i1", b"\x05" * FRAME) == []
    playout.queue("r3", "i3", b"\x06" * FRAME)
    assert [audio[:1] for audio, _ in playout.due(1.1)] == [b"\x02", b"\x06"]
    events = [event for place in (1, 2) for event in playout.mark_reached(f"0-{FRAME * place}", 1.3)]
    assert events == [ReplyPlayed("sound:1", 20), ReplyPlayed("say:1", 20)]


def test_too_much_audio_is_dropped_and_counted() -> None:
    playout = Playout()
    for _ in range(LONGEST_MS // 1000 + 10):
        playout.queue("r1", "a", bytes(8000))
    assert playout.dropped_ms == 10_000


def test_too_many_replies_are_dropped_and_counted() -> None:
    """A flood of tiny replies must not make every look at the queue slow."""
    playout = Playout()
    queued = [playout.queue("r1", f"item{number}", bytes(80)) for number in range(1000)]
    assert sum(map(len, queued)) == REMEMBERED
    assert playout.dropped_ms == (1000 - REMEMBERED) * 10


@pytest.mark.parametrize(
    "mark",
    ["", "-", "0", "0-", "0-x", "0--800", "1-800", "00-800", "0-799", "0-" + "9" * 5000, "0-²", "x" * 60_000],
)
def test_a_mark_that_we_did_not_send_says_nothing(mark: str) -> None:
    playout = Playout()
    playout.queue("r1", "a", bytes(8000))
    playout.due(0.0)
    assert playout.mark_reached(mark, 0.1) == []
    assert playout.heard() == [ReplyHeard("a", 0)]


def test_a_mark_twice_counts_once() -> None:
    playout = Playout()
    playout.queue("r1", "a", bytes(800))
    playout.complete("a")
    playout.due(0.0)
    assert playout.mark_reached("0-800", 0.1) == [ReplyPlayed("a", 100)]
    assert playout.mark_reached("0-800", 0.1) == []


AUDIO_100_MS = b"\x10" * 800


def _at_a_distance(rtt_ms: int, jitter_ms: int, *, slower: float = 1.0) -> tuple[int, int]:
    """Twenty seconds of a reply through a carrier so far away: (ms of silence within it, ms most ahead)."""
    drawn, playout = random.Random(5), Playout()
    for _ in range(200):
        playout.queue("r1", "i1", AUDIO_100_MS)
    up: deque[tuple[float, int, str]] = deque()
    down: deque[tuple[float, str]] = deque()
    pending: deque[tuple[int, str]] = deque()
    arrived = played = silent_ms = ahead_ms = 0
    for now_ms in range(22_000):
        while down and down[0][0] <= now_ms:
            playout.mark_reached(down.popleft()[1], now_ms / 1000)
        for piece, mark in playout.due(now_ms / 1000) if now_ms % 20 == 0 else ():
            arrives = now_ms + rtt_ms / 2 + drawn.uniform(0, jitter_ms)
            up.append((max(arrives, up[-1][0] if up else 0), len(piece), mark))
        while up and up[0][0] <= now_ms:
            arrived += up[0][1]
            pending.append((arrived, up.popleft()[2]))
        ahead_ms = max(ahead_ms, (arrived - played) // 8)
        if now_ms % 20 == 0 and played < 160_000:
            step = int(160 / slower)
            silent_ms += 20 if played and arrived - played < step and arrived < 160_000 else 0
            played = min(arrived, played + step)
        while pending and pending[0][0] <= played:
            back = now_ms + rtt_ms / 2 + drawn.uniform(0, jitter_ms)
            down.append((max(back, down[-1][0] if down else 0), pending.popleft()[1]))
    return silent_ms, ahead_ms


@pytest.mark.parametrize("rtt_ms", [0, 40, 80, 150, 300])
@pytest.mark.parametrize("jitter_ms", [0, 40])
def test_a_distant_carrier_is_kept_fed_and_not_far_ahead(rtt_ms: int, jitter_ms: int) -> None:
    silent_ms, ahead_ms = _at_a_distance(rtt_ms, jitter_ms)
    assert silent_ms <= 20
    assert ahead_ms <= LEAD_MS + 20 + jitter_ms


def test_a_carrier_whose_clock_is_slow_is_not_run_away_from() -> None:
    _, ahead_ms = _at_a_distance(80, 0, slower=1.01)
    assert ahead_ms <= LEAD_MS + 60


def test_the_longest_answer_that_may_be_asked_for_fits() -> None:
    """All of it at once, before the carrier has played any; a longer one cannot be asked for."""
    (most,) = (limit.le for limit in Cloud.model_fields["max_output_tokens"].metadata if hasattr(limit, "le"))
    playout, piece = Playout(), bytes(TOKEN_MS * MS)
    for _ in range(most):
        playout.queue("r1", "i1", piece)
    assert playout.dropped_ms == 0
    playout.queue("r1", "i1", piece)
    assert playout.dropped_ms == TOKEN_MS


@pytest.mark.parametrize("coding", ["pcm_8k", "pcm_16k", "pcm_24k"])
def test_every_coding_is_paced_and_cut_at_the_same_ms(coding: Coding) -> None:
    """The same call in µ-law and in PCM: the same pieces at the same times, the same words heard."""
    wider = PER_MS[coding] // MS

    def call(playout: Playout, by: int) -> list[object]:
        told: list[object] = []
        marks: deque[str] = deque()
        drawn = random.Random(7)
        for at in range(400):
            if at % 130 == 0:
                playout.queue(f"r{at}", f"a{at}", bytes(drawn.randrange(4000, 9000) * by))
                playout.complete(f"a{at}")
            for piece, mark in playout.due(at / 50):
                told.append(len(piece) // by)
                marks.append(mark)
            playout.carrier_clock(FRAME * by)
            if at % 5 == 4 and marks:
                told += playout.mark_reached(marks.popleft(), at / 50)
            if at == 150:
                told += playout.heard_until_clear(at / 50)
                playout.clear()
                while marks:
                    playout.mark_reached(marks.popleft(), at / 50)
                assert playout.cleared.settled
                told += [playout.cleared.heard_ms(f"a{each}", -1) for each in (0, 130)]
        return [*told, *playout.heard()]

    assert call(Playout(coding=coding), wider) == call(Playout(), 1)
