"""The shape of a conversation: when the caller spoke and when the assistant did, from the events of a call.

Pure. May import: the standard library, orjson, appliance.store.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import orjson

from appliance.store.events import EventRow

BEGINS = frozenset({"SpeechStarted", "VoiceBegan"})
ENDS = frozenset({"SpeechStopped", "VoiceCeased"})
PLAYED = frozenset({"ReplyHeard", "ReplyPlayed"})
WIDTH = 1000
LEAST = 3
"""What is shorter than this is drawn so wide all the same."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of talk, in the picture's own units."""

    x: int
    width: int


@dataclass(frozen=True, slots=True)
class Shape:
    """Both lanes of the picture, and how long all of it takes."""

    caller: list[Bar]
    attendant: list[Bar]
    ms: int
    width: int = WIDTH

    def __bool__(self) -> bool:
        return bool(self.caller or self.attendant)


def shape(events: Sequence[EventRow]) -> Shape:
    """The shape of a call; without any bars where nobody is known to have spoken."""
    whole_ms = max((row.at_ms for row in events), default=0)
    return Shape(
        [_bar(begin, end, whole_ms) for begin, end in _caller(events, whole_ms)],
        [_bar(begin, end, whole_ms) for begin, end in _attendant(events)],
        whole_ms,
    )


def _caller(events: Iterable[EventRow], whole_ms: int) -> list[tuple[int, int]]:
    """Two ears may hear the same voice: it lasts from the first that begins to the first that ends."""
    spans, began = list[tuple[int, int]](), None
    for row in events:
        if row.kind in BEGINS and began is None:
            began = row.at_ms
        elif row.kind in ENDS and began is not None:
            spans.append((began, row.at_ms))
            began = None
    return spans if began is None else [*spans, (began, whole_ms)]


def _attendant(events: Iterable[EventRow]) -> list[tuple[int, int]]:
    """A reply that waits for the one before it begins when that one has been heard."""
    spans: dict[str, tuple[int, int]] = {}
    heard_ms = 0
    for row in events:
        if row.kind == "ReplyQueued":
            begin = max(row.at_ms, heard_ms)
            spans.setdefault(orjson.loads(row.data)["reply_id"], (begin, begin))
        elif row.kind in PLAYED and (reply := orjson.loads(row.data)["reply_id"]) in spans:
            spans[reply] = (spans[reply][0], max(spans[reply][0], row.at_ms))
            heard_ms = max(heard_ms, row.at_ms)
    return list(spans.values())


def _bar(begin_ms: int, end_ms: int, whole_ms: int) -> Bar:
    scale = WIDTH / max(1, whole_ms)
    x = min(WIDTH - LEAST, max(0, round(begin_ms * scale)))
    return Bar(x, max(LEAST, min(WIDTH - x, round((end_ms - begin_ms) * scale))))
