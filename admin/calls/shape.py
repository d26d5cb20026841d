"""The shape of a conversation: who spoke when, from the events of a call, and which of it each turn is.

Pure. May import: the standard library, orjson, appliance.core.story, appliance.store.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import orjson

from appliance.core.story import Speaker
from appliance.store import times
from appliance.store.events import EventRow
from appliance.store.transcripts import TurnRow

BEGINS = frozenset({"SpeechStarted", "VoiceBegan"})
ENDS = frozenset({"SpeechStopped", "VoiceCeased"})
PLAYED = frozenset({"ReplyHeard", "ReplyPlayed"})
WIDTH = 1000
LEAST = 3
"""What is shorter than this is drawn so wide all the same."""
GAP = 2
"""Bars that would stand nearer are drawn as one: a long call has more than can be told apart."""
HIGH = 20
TOPS = {Speaker.CALLER: 6, Speaker.ATTENDANT: 34}
"""Where the bars of each lane begin."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of talk, in the picture's own units."""

    x: int
    width: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """The same, in milliseconds of the call."""

    from_ms: int
    until_ms: int


@dataclass(frozen=True, slots=True)
class Shape:
    """Both lanes of the picture, and how long all of it takes."""

    caller: list[Stretch]
    attendant: list[Stretch]
    ms: int
    width: int = WIDTH

    def __bool__(self) -> bool:
        return bool(self.caller or self.attendant)

    def of(self, speaker: Speaker) -> list[Stretch]:
        """The lane of whoever speaks; keys and tools have none."""
        return {Speaker.CALLER: self.caller, Speaker.ATTENDANT: self.attendant}.get(speaker, [])

    def bars(self, speaker: Speaker) -> list[Bar]:
        """A lane as it is drawn."""
        drawn: list[Bar] = []
        for bar in sorted((self._bar(each) for each in self.of(speaker)), key=lambda bar: bar.x):
            last = drawn[-1] if drawn else None
            if last is None or bar.x - (last.x + last.width) >= GAP:
                drawn.append(bar)
            else:
                drawn[-1] = Bar(last.x, max(last.width, bar.x + bar.width - last.x))
        return drawn

    def path(self, speaker: Speaker) -> str:
        """The same, as the path of an SVG."""
        top = TOPS[speaker]
        return "".join(f"M{bar.x} {top}h{bar.width}v{HIGH}h-{bar.width}z" for bar in self.bars(speaker))

    def _bar(self, each: Stretch) -> Bar:
        scale = WIDTH / max(1, self.ms)
        x = min(WIDTH - LEAST, max(0, round(each.from_ms * scale)))
        return Bar(x, max(LEAST, min(WIDTH - x, round((each.until_ms - each.from_ms) * scale))))


def shape(events: Sequence[EventRow]) -> Shape:
    """The shape of a call; without any bars where nobody is known to have spoken."""
    whole_ms = max((row.at_ms for row in events), default=0)
    return Shape(_caller(events, whole_ms), _attendant(events), whole_ms)


def stretches(turns: Sequence[TurnRow], shape: Shape, began_at: str) -> dict[int, Stretch]:
    """When each turn is said, by its place: from its first bar to the end of its last one.

    A bar belongs to the turn that was written down while it lasted, else to the one that came nearest to it.
    A turn of which no bar tells is left out.
    """
    began = times.read(began_at)
    found: dict[int, Stretch] = {}
    for speaker in TOPS:
        own = sorted((turn for turn in turns if turn.speaker is speaker), key=lambda turn: turn.at)
        written_ms = [round((times.read(turn.at) - began).total_seconds() * 1000) for turn in own]
        for bar in shape.of(speaker) if own else ():
            place = own[_nearest(written_ms, bar)].place
            so_far = found.get(place, bar)
            found[place] = Stretch(min(so_far.from_ms, bar.from_ms), max(so_far.until_ms, bar.until_ms))
    return found


def _nearest(written_ms: Sequence[int], bar: Stretch) -> int:
    after = bisect_left(written_ms, bar.from_ms)
    if after == len(written_ms):
        return after - 1
    if after == 0 or written_ms[after] <= bar.until_ms:
        return after
    nearer_before = bar.from_ms - written_ms[after - 1] < written_ms[after] - bar.until_ms
    return after - 1 if nearer_before else after


def _caller(events: Iterable[EventRow], whole_ms: int) -> list[Stretch]:
    """Two ears may hear the same voice: it lasts from the first that begins to the first that ends."""
    spans, began = list[Stretch](), None
    for row in events:
        if row.kind in BEGINS and began is None:
            began = row.at_ms
        elif row.kind in ENDS and began is not None:
            spans.append(Stretch(began, row.at_ms))
            began = None
    return spans if began is None else [*spans, Stretch(began, whole_ms)]


def _attendant(events: Iterable[EventRow]) -> list[Stretch]:
    """A reply that waits for the one before it begins when that one has been heard."""
    spans: dict[str, Stretch] = {}
    heard_ms = 0
    for row in events:
        if row.kind == "ReplyQueued":
            begin = max(row.at_ms, heard_ms)
            spans.setdefault(orjson.loads(row.data)["reply_id"], Stretch(begin, begin))
        elif row.kind in PLAYED and (reply := orjson.loads(row.data)["reply_id"]) in spans:
            began_ms = spans[reply].from_ms
            spans[reply] = Stretch(began_ms, max(began_ms, row.at_ms))
            heard_ms = max(heard_ms, row.at_ms)
    return list(spans.values())
