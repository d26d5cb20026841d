"""What the caller hears of us: replies in a queue, paced into the carrier, and proof of what was played.

Sans-I/O and without a clock: bytes and times go in, pieces with marks come out. The theory:

- The carrier plays what it has at real time. We keep it at most `LEAD_MS` ahead, so that little is lost
  when the caller breaks in, and put a mark behind every piece. A mark's name is `<generation>-<position>`.
- `clear` begins a new generation. The carrier returns the marks that it threw away as well, so a mark of an
  older generation proves nothing.
- The first piece of a run of audio is short: it waits for the carrier's ear, and until its mark comes back
  the frames that were on their way already count as if they had played it.
- What was played when a clear is obeyed is told by the marks that come back then (`Cleared`). Until they are
  here it is reckoned: audio and clear go the same way, so our clock is where the carrier will be.
- For pacing, our clock says where the carrier is since the run of audio began. A mark comes back late by a
  round trip, which is no reason to send less: only a delay that grows over a second of marks is.
- What was played is the last mark that came back, plus what the carrier's own clock (the caller's frames)
  has counted since, but never beyond the next mark, which would have come back.
- An answer that began before a clear is cut: what still arrives of it is not played.
- Whole frames are handed over, as a carrier may fill up what is none with silence; what is over waits for
  more of its reply, or for its end.

May import: the standard library, appliance.core.
"""

from collections import deque
from collections.abc import Container
from dataclasses import dataclass, field

from appliance.core.cleared import Cleared
from appliance.core.coding import BYTES_PER_MS, Coding
from appliance.core.events import PlayoutEvent, ReplyHeard, ReplyPlayed, ReplyQueued

LEAD_MS = 200
PIECE_MS = 100
FIRST_MS = 20
TOKEN_MS = 50
"""A token is 50 ms of an answer's sound: developers.openai.com/api/docs/guides/realtime-costs."""
LONGEST_TOKENS = 1800
"""An answer may have so many tokens: whatever part of them is sound, it fits into the queue."""
LONGEST_MS = LONGEST_TOKENS * TOKEN_MS
REMEMBERED = 64
FRAME_MS = 20
MARKS_LEARNT = 20
MARKS_JUDGED = 10
AHEAD_MOST_MS = 100


@dataclass(slots=True)
class _Reply:
    """A reply in the queue; positions are bytes of this generation."""

    reply_id: str
    response_id: str
    queued: int = 0
    sent: int = 0
    starts: int = 0
    complete: bool = False
    reserved: bool = False
    """Whether it holds its place until it is complete, whatever else is there to be played."""
    waiting: deque[bytes] = field(default_factory=deque)

    def take(self, most: int) -> bytes:
        """Take up to `most` bytes from the front."""
        piece = self.waiting.popleft()
        while len(piece) < most and self.waiting:
            piece += self.waiting.popleft()
        if len(piece) > most:
            self.waiting.appendleft(piece[most:])
            piece = piece[:most]
        self.sent += len(piece)
        return piece


@dataclass(slots=True)
class _Pace:
    """Our clock's idea of the carrier's place in a run of audio, kept honest by marks.

    The smallest delay of the last marks against that of the first ones: what it has grown by, the carrier
    has fallen behind (or, bounded, run ahead). A round trip and its jitter are in both and count for nothing.
    """

    _per_ms: int
    _from: int = 0
    _since_s: float = 0.0
    _usual_ms: int | None = None
    _learnt: int = 0
    _late_ms: deque[int] = field(default_factory=lambda: deque(maxlen=MARKS_JUDGED))
    _behind_ms: int = 0

    def begin(self, position: int, now_s: float) -> None:
        """A run of audio begins here, now; what is known of the round trip stays."""
        self._from, self._since_s, self._behind_ms = position, now_s, 0
        self._late_ms.clear()

    def _by_clock(self, now_s: float) -> int:
        return self._from + int((now_s - self._since_s) * 1000) * self._per_ms

    def reckoned(self, now_s: float) -> int:
        """Where the carrier is."""
        return self._by_clock(now_s) - self._behind_ms * self._per_ms

    def mark(self, position: int, now_s: float) -> None:
        """A mark of this run came back; one of an earlier run says nothing about it."""
        if position <= self._from:
            return
        late_ms = (self._by_clock(now_s) - position) // self._per_ms
        if self._learnt < MARKS_LEARNT:
            self._learnt += 1
            self._usual_ms = late_ms if self._usual_ms is None else min(self._usual_ms, late_ms)
        self._late_ms.append(late_ms)
        if len(self._late_ms) == MARKS_JUDGED and self._usual_ms is not None:
            self._behind_ms = max(-AHEAD_MOST_MS, min(self._late_ms) - self._usual_ms)


class Playout:
    """The queue of one call's replies, in the coding of its leg."""

    def __init__(self, lead_ms: int = LEAD_MS, piece_ms: int = PIECE_MS, coding: Coding = "ulaw_8k") -> None:
        self._per_ms = BYTES_PER_MS[coding]
        self._lead = lead_ms * self._per_ms
        self._piece = piece_ms * self._per_ms
        self._frame = FRAME_MS * self._per_ms
        self.generation = 0
        self.dropped_ms = 0
        self.cleared = Cleared({}, per_ms=self._per_ms)
        self._pace = _Pace(self._per_ms)
        self._begun: deque[str] = deque(maxlen=REMEMBERED)
        self._cut: deque[str] = deque(maxlen=REMEMBERED)
        self._start_anew()

    def _start_anew(self) -> None:
        self._replies: deque[_Reply] = deque()
        self._marks: deque[int] = deque()
        self._held = 0
        self._sent = 0
        self._confirmed = 0
        self._since = 0
        self._next = self._piece
        self._pace.begin(0, 0.0)

    @property
    def waiting(self) -> bool:
        """Whether there is audio that was not handed to the carrier yet."""
        return self._held > 0

    @property
    def playing(self) -> bool:
        """Whether the carrier has audio of ours that it did not confirm."""
        return self._confirmed < self._sent

    @property
    def starved(self) -> str:
        """The brain's reply that was played as far as it came and is not complete; empty when none is."""
        reply = self._replies[0] if self._replies else None
        if reply is None or reply.complete or reply.reserved or self._ready(reply) or self.playing:
            return ""
        return reply.reply_id

    def begin(self, response_id: str) -> None:
        """An answer begins; a clear from now on cuts it, whether it has audio yet or not."""
        self._begun.append(response_id)

    def reserve(self, reply_id: str) -> None:
        """A sentence of our own is about to be spoken: what comes later is played behind it.

        It is to be completed in any case, also without audio.
        """
        if len(self._replies) < REMEMBERED:
            self._replies.append(_Reply(reply_id, reply_id, reserved=True))
            self._begun.append(reply_id)

    def queue(self, response_id: str, reply_id: str, audio: bytes) -> list[PlayoutEvent]:
        """Take audio of a reply; what belongs to an answer that was cut is dropped."""
        if response_id in self._cut or not audio:
            return []
        reply = next((each for each in self._replies if each.reply_id == reply_id), None)
        too_many = reply is None and len(self._replies) >= REMEMBERED
        if too_many or self._held + len(audio) > LONGEST_MS * self._per_ms:
            self.dropped_ms += len(audio) // self._per_ms
            return []
        events: list[PlayoutEvent] = []
        if reply is None:
            reply = self._add(response_id, reply_id)
        if not reply.queued:
            events = self._begins(reply)
        reply.waiting.append(audio)
        reply.queued += len(audio)
        self._held += len(audio)
        return events

    def _add(self, response_id: str, reply_id: str) -> _Reply:
        """A new reply in the queue."""
        reply = _Reply(reply_id, response_id)
        self._replies.append(reply)
        if response_id not in self._begun:
            self._begun.append(response_id)
        return reply

    def _begins(self, reply: _Reply) -> list[PlayoutEvent]:
        """Its first audio is here. What a brain said before it is complete: it has gone on."""
        for earlier in self._replies:
            if earlier is reply:
                break
            earlier.complete = earlier.complete or not earlier.reserved
        return [*self._finished(), ReplyQueued(reply.reply_id)]

    def complete(self, reply_id: str) -> list[PlayoutEvent]:
        """No more audio of this reply will come."""
        for reply in self._replies:
            if reply.reply_id == reply_id:
                reply.complete = True
        return self._finished()

    def sound(self, reply_id: str, audio: bytes) -> list[PlayoutEvent]:
        """Play this behind what is there. That it begins is kept from everybody: it is no answer."""
        events = [*self.queue(reply_id, reply_id, audio), *self.complete(reply_id)]
        return [event for event in events if not isinstance(event, ReplyQueued)]

    def due(self, now_s: float) -> list[tuple[bytes, str]]:
        """All pieces to hand to the carrier now, each with the mark that goes behind it."""
        pieces: list[tuple[bytes, str]] = []
        while piece := self.next_due(now_s):
            pieces.append(piece)
        return pieces

    def next_due(self, now_s: float) -> tuple[bytes, str] | None:
        """The next piece to hand to the carrier, if one is due, and the mark that goes behind it."""
        if not self._held:
            return None
        reply = next(each for each in self._replies if each.waiting or (each.reserved and not each.complete))
        ready, room = self._ready(reply), self._lead - (self._sent - self._reckoned(now_s))
        if not ready or room < min(self._next, ready):
            return None
        return self._hand_over(reply, ready, now_s)

    def _ready(self, reply: _Reply) -> int:
        """How much of a reply can be handed over: of one that goes on, no part of a frame."""
        left = reply.queued - reply.sent
        return left if reply.complete else left - left % self._frame

    def _hand_over(self, reply: _Reply, ready: int, now_s: float) -> tuple[bytes, str]:
        if not self.playing:
            self._since = 0
        begins = self._reckoned(now_s) >= self._sent
        if begins:
            self._pace.begin(self._sent, now_s)
        if not reply.sent:
            reply.starts = self._sent
        first = FIRST_MS * self._per_ms
        piece = reply.take(min(ready, first if begins else self._next))
        self._next = self._piece - first if begins else self._piece
        self._held -= len(piece)
        self._sent += len(piece)
        self._marks.append(self._sent)
        return piece, f"{self.generation}-{self._sent}"

    def _reckoned(self, now_s: float) -> int:
        """Where the carrier should be by our clock. Good enough for pacing, never for truncating."""
        return max(self._confirmed, min(self._sent, self._pace.reckoned(now_s)))

    def mark_reached(self, mark: str, now_s: float) -> list[PlayoutEvent]:
        """The carrier returned a mark. One that we did not send, or of an older generation, says nothing."""
        generation, _, place = mark.partition("-")
        if generation == str(self.generation - 1):
            self._thrown_back(place)
            return []
        position = next((each for each in self._marks if str(each) == place), None)
        if generation != str(self.generation) or position is None:
            return []
        while self._marks and self._marks[0] <= position:
            self._marks.popleft()
        self._confirmed = position
        self._since = 0
        self._pace.mark(position, now_s)
        return self._finished()

    def _thrown_back(self, place: str) -> None:
        """A mark from before the last clear: what it proves is where the carrier was when it obeyed."""
        position = next((each for each in self.cleared.marks if str(each) == place), None)
        if position is not None:
            self.cleared.mark(position)

    def carrier_clock(self, frame_bytes: int) -> None:
        """The carrier's clock went on by a frame of the caller's."""
        self._since += frame_bytes
        if not self.cleared.settled:
            self.cleared.carrier_clock(frame_bytes)

    def _played(self) -> int:
        next_mark = self._marks[0] if self._marks else self._sent
        return min(self._confirmed + self._since, next_mark)

    def _finished(self) -> list[PlayoutEvent]:
        events: list[PlayoutEvent] = []
        while self._replies:
            reply = self._replies[0]
            if not reply.complete or reply.waiting or reply.starts + reply.sent > self._confirmed:
                break
            self._replies.popleft()
            if reply.queued:
                events.append(ReplyPlayed(reply.reply_id, reply.queued // self._per_ms))
        return events

    def heard(self) -> list[PlayoutEvent]:
        """How much of each reply in the queue the carrier had played at its last frame, in order."""
        return self._heard(self._played())

    def heard_until_clear(self, now_s: float) -> list[PlayoutEvent]:
        """How much of each it will have played when a clear of now is there: reckoned; `cleared` tells."""
        return self._heard(max(self._played(), self._reckoned(now_s)))

    def _heard(self, played: int) -> list[PlayoutEvent]:
        return [
            ReplyHeard(each.reply_id, _within(played - each.starts, each.sent) // self._per_ms)
            for each in self._replies
            if each.queued
        ]

    def ignore(self, response_id: str) -> list[PlayoutEvent]:
        """Play nothing more of an answer; what the carrier has of it already is played."""
        self._cut.append(response_id)
        for reply in [each for each in self._replies if each.response_id == response_id]:
            unplayed = reply.queued - reply.sent
            self._held -= unplayed
            reply.queued = reply.sent
            reply.waiting.clear()
            reply.complete = True
        return self._finished()

    def only(self, reply_ids: Container[str]) -> list[PlayoutEvent]:
        """Play nothing more but these sentences of ours; what the carrier has already is played."""
        cut = [each for each in self._begun if each not in reply_ids]
        return [event for response_id in cut for event in self.ignore(response_id)]

    def clear(self) -> None:
        """Forget everything queued; the carrier is to be told to do the same."""
        self._cut.extend(self._begun)
        self._begun.clear()
        spans = {each.reply_id: (each.starts, each.starts + each.sent) for each in self._replies}
        self.cleared = Cleared(spans, self._confirmed, self._since, self._marks, per_ms=self._per_ms)
        self.generation += 1
        self._start_anew()


def _within(position: int, length: int) -> int:
    return max(0, min(position, length)) if length else 0
