"""A time that a caller tells piece by piece: "Tuesday at six", "in the evening"; "at two", "on Tuesday".

Pure. The last words count first. What they leave open is taken from what was said before, the newest first;
what is open still, or may be one of two, is a doubt, and is asked.
May import: the standard library, appliance.core.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from appliance.core.booking.wanted import Wanted, wanted
from appliance.core.when import Doubt, OnDay, resolve, resolve_day, tells_of_time

PIECES_MOST = 4
"""In more of them nobody tells a time."""


def pieced(words: str, earlier: Sequence[str], now: datetime, language: str) -> Wanted:
    """What these words ask for behind the earlier ones. `now` is in the office's zone."""
    alone = wanted(words, now, language)
    earlier = [each for each in earlier if tells_of_time(each, language)]
    if not earlier or alone.start is not None or alone == Wanted():
        return alone
    if (whole := _together(words, earlier, alone, now, language)) is not None:
        return whole
    if alone.day is not None:
        return _at_the_time_said(alone, earlier, now, language) or alone
    if alone.doubt is not Doubt.NO_DAY:
        return alone
    on = _day_said(earlier, now, language)
    if on.day is None:
        return Wanted(doubt=on.doubt)
    found = wanted(words, now, language, day=on.day)
    if found.doubt is Doubt.NO_TIME:
        # A bare number is a time beside a day alone.
        beside = wanted(f"{earlier[-1]}, {words}", now, language)
        return beside if beside.doubt is Doubt.WHICH_HALF else found
    return found


def _together(
    words: str, earlier: Sequence[str], alone: Wanted, now: datetime, language: str
) -> Wanted | None:
    """The start that the words come to, read as one with the last before them; None where there is none."""
    if not tells_of_time(words, language):
        return None
    timeless = resolve(words, now, language, day=now.date() + timedelta(1)).doubt is Doubt.NO_TIME
    for first in range(len(earlier) - 1, -1, -1):
        start = wanted(", ".join([*earlier[first:], words]), now, language).start
        if start is None or alone.day not in (None, start.date()) or not alone.fits(start):
            continue
        # "Tuesday at two" is at two in the afternoon, and does not become "two in the morning".
        told = _at_the_time_said(Wanted(day=start.date()), earlier, now, language) if timeless else None
        if told in (None, Wanted(start)):
            return Wanted(start)
    return None


def _at_the_time_said(on: Wanted, earlier: Sequence[str], now: datetime, language: str) -> Wanted | None:
    """On this day, at the time that was said last for any: "Tuesday at two", "or rather Wednesday"."""
    for each in reversed(earlier):
        start = resolve(each, now, language, day=on.day, instead=True).start
        if start is not None:
            return Wanted(start) if on.fits(start) else None
    return None


def _day_said(earlier: Sequence[str], now: datetime, language: str) -> OnDay:
    """The day that was named last, or the doubt about it."""
    named = (resolve_day(each, now, language) for each in reversed(earlier))
    return next((on for on in named if on.doubt is not Doubt.NO_DAY), OnDay(doubt=Doubt.NO_DAY))
