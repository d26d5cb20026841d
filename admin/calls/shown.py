"""What the pages of calls show, gathered from rows.

Pure. May import: the standard library, orjson, admin.words, appliance.core, appliance.store.
"""

import itertools
import re
import statistics
from collections.abc import Iterable
from dataclasses import dataclass

import orjson

from admin.words import Words, local
from appliance.core.staff import Office
from appliance.store import timings
from appliance.store.call_search import Found
from appliance.store.events import EventRow
from appliance.store.languages import LanguageRow
from appliance.store.timings import Timing
from appliance.store.usage import UsageRow

DETAIL_MOST = 2000
"""So long is what an event says of itself; the rest is left out."""


@dataclass(frozen=True, slots=True)
class Day:
    """The calls of a day, the newest first."""

    name: str
    calls: list[Found]


@dataclass(frozen=True, slots=True)
class Speed:
    """How quick the assistant was; None or no answers where there was nothing to measure."""

    answered_ms: int | None
    greeting_ms: int | None
    answers_ms: list[int]

    @property
    def median_ms(self) -> int:
        """The middle one of the answers."""
        return round(statistics.median(self.answers_ms))


@dataclass(frozen=True, slots=True)
class Used:
    """What one model used in a call, in tokens; the cost is None when a part of it is unknown.

    `prompts` are the versions of the instructions that it had.
    """

    model: str
    answers: int
    heard: int
    read: int
    cached: int
    spoken: int
    written: int
    cost_usd: float | None
    prompts: str = ""


@dataclass(frozen=True, slots=True)
class EventLine:
    """An event as a line; `seq` is its place among those of its call."""

    seq: int
    at: str
    name: str
    detail: str


def days(found: Iterable[Found], office: Office, now: str, words: Words) -> list[Day]:
    """Calls, the newest first, by days of the office."""
    today = local(now, office).date()
    grouped = itertools.groupby(found, lambda each: local(each.call.started_at, office).date())
    return [Day(words.day(date, today), list(those)) for date, those in grouped]


def languages(rows: Iterable[LanguageRow]) -> list[str]:
    """The languages of a call, each once, in the order in which they came."""
    return list(dict.fromkeys(row.language for row in rows))


def speed(found: Iterable[Timing]) -> Speed:
    """How quick a call was."""
    spans = list(found)

    def first(name: str) -> int | None:
        return next((span.ms for span in spans if span.name == name), None)

    answers = [span.ms for span in spans if span.name == timings.RESPONSE]
    return Speed(first(timings.ANSWERED), first(timings.GREETING), answers)


def used(rows: Iterable[UsageRow]) -> list[Used]:
    """What each model used."""
    by_model = itertools.groupby(sorted(rows, key=lambda row: row.model), lambda row: row.model)
    return [_used(model, list(those)) for model, those in by_model]


def _used(model: str, rows: list[UsageRow]) -> Used:
    costs = [row.cost_usd for row in rows]
    return Used(
        model=model,
        answers=len(rows),
        heard=sum(row.audio_in for row in rows),
        read=sum(row.text_in for row in rows),
        cached=sum(row.audio_cached + row.text_cached for row in rows),
        spoken=sum(row.audio_out for row in rows),
        written=sum(row.text_out for row in rows),
        cost_usd=None if None in costs else sum(cost for cost in costs if cost is not None),
        prompts=", ".join(sorted({row.prompt for row in rows} - {""})),
    )


def event_line(row: EventRow) -> EventLine:
    """An event as a line."""
    at = f"{row.at_ms // 60000}:{row.at_ms // 1000 % 60:02d}.{row.at_ms % 1000:03d}"
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", row.kind).capitalize()
    fields = orjson.loads(row.data)
    detail = ", ".join(f"{key} {value}" for key, value in fields.items() if value not in (None, ""))
    return EventLine(row.seq, at, name, detail if len(detail) <= DETAIL_MOST else f"{detail[:DETAIL_MOST]}…")
