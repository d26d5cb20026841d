"""When a caller would like to come, by the caller's words or a written time: a start, a day, soon, a doubt.

Nothing is guessed: what is ambiguous, past or vague is a doubt, and is asked. Pure.
May import: the standard library, appliance.core, appliance.languages.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from appliance.core.menu import plain
from appliance.core.when import Doubt, resolve, resolve_day, tells_of_time
from appliance.languages.tables import table

HALVES: dict[str, tuple[time, time]] = {
    "morning": (time(0), time(12)),
    "dawn": (time(0), time(8)),
    "noonish": (time(11), time(14)),
    "afternoon": (time(12), time(18)),
    "evening": (time(17), time(23, 59)),
    "night": (time(18), time(23, 59)),
}
"""The parts of a day, as far as an office keeps them apart."""
OPEN = frozenset({Doubt.SEVERAL, Doubt.WHICH_DAY, Doubt.WHICH_HALF})
"""What may be one of two."""
SOME_DAY = datetime(2026, 1, 5, 9, tzinfo=ZoneInfo("UTC"))
"""A Monday morning: whether words name a time does not hang on when they are said."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A `start`, or a `day` with perhaps a part of it, or with neither as soon as can be; or the doubt.

    `behind` is a start that what is wanted comes behind, on whatever day.
    """

    start: datetime | None = None
    day: date | None = None
    part: str = ""
    doubt: Doubt | None = None
    behind: datetime | None = None

    def fits(self, start: datetime) -> bool:
        """Whether a start is in the part of the day that was asked for."""
        begins, ends = HALVES.get(self.part, (time.min, time.max))
        return begins <= start.time() < ends


def wanted(words: str, now: datetime, language: str, *, day: date | None = None) -> Wanted:
    """What these words ask for. `now` is in the office's zone, and 2026-12-01T14:00 is by its clock.

    `day` is one that was told before, and counts when none is said; then they have to name a time or a part
    of it.
    """
    words = words.strip()
    if not words:
        return Wanted()
    written = _written(words, now)
    if written is not None:
        return written
    found = resolve(words, now, language, day=day)
    if found.start is not None:
        return Wanted(found.start)
    if found.doubt is Doubt.NO_TIME:
        on = resolve_day(words, now, language, day=day)
        if day is None or on.part:
            return Wanted(day=on.day, part=on.part, doubt=on.doubt)
    if found.doubt in (Doubt.NO_DAY, Doubt.VAGUE):
        rest = _but_soon(words, language)
        if rest is not None:
            on = resolve_day(rest, now, language)
            return Wanted(day=on.day, part=on.part)
    return Wanted(doubt=found.doubt)


def names_time(words: str, language: str) -> bool:
    """Whether a day, or a time or a part of one, is in these words, whichever it is."""
    if not words.strip():
        return False
    found = wanted(words, SOME_DAY, language)
    if found.doubt is Doubt.NO_DAY:
        found = wanted(words, SOME_DAY, language, day=SOME_DAY.date() + timedelta(1))
    return found.start is not None or found.day is not None or found.doubt in OPEN


def silent_on_when(words: str, language: str) -> bool:
    """Whether nothing of when is in these words, not even that any time will do."""
    return wanted(words, SOME_DAY, language).doubt is Doubt.NO_DAY and not tells_of_time(words, language)


def _but_soon(words: str, language: str) -> str | None:
    """What is said beside the wish for the first free time; None without that wish."""
    said = f" {plain(words)} "
    for phrase in table(language, "booking")["soon"]:
        if f" {phrase} " in said:
            return said.replace(f" {phrase} ", " ")
    return None


def _written(words: str, now: datetime) -> Wanted | None:
    """A time in ISO 8601, taken by the office's clock; None for what is none.

    A model writes `Z` behind what the caller said: callers speak of no other clock than the office's.
    """
    try:
        at = datetime.fromisoformat(words)
    except ValueError:
        return None
    zone = now.tzinfo
    if not isinstance(zone, ZoneInfo):
        raise TypeError("now must be in a ZoneInfo")
    local = at.replace(tzinfo=zone)
    if len(words) <= len("2026-12-01"):
        return Wanted(day=local.date()) if local.date() >= now.date() else Wanted(doubt=Doubt.PAST)
    return Wanted(local) if local > now else Wanted(doubt=Doubt.PAST)
