"""From what was said of a time to a time of day, by how clinics are called.

A bare hour from 1 to 5 is in the afternoon, 8 to 11 in the morning, 12 is noon; 6 and 7 are asked.
May import: the standard library, appliance.core.when.
"""

from collections.abc import Mapping
from datetime import time

from appliance.core.when.items import Item
from appliance.core.when.told import Doubt, Unclear

AFTERNOON, MORNING, NOON = range(1, 6), range(8, 12), 12
PARTS: Mapping[str, tuple[range, range]] = {
    "dawn": (range(1, 7), range(0)),
    "morning": (range(5, 12), range(0)),
    "noonish": (range(11, 12), range(1, 3)),
    "afternoon": (range(0), range(1, 9)),
    "evening": (range(0), range(4, 12)),
    "night": (range(0), range(6, 12)),
}
"""Hours on the dial that a part of the day has before noon, and after it."""

HOURS_OF: Mapping[str, range] = {
    "dawn": range(7),
    "morning": range(12),
    "noonish": range(11, 15),
    "afternoon": range(12, 21),
    "evening": range(16, 24),
    "night": range(17, 24),
}
"""Hours of the day that a part of the day can have."""


def time_of_day(item: Item, part: str) -> time:
    """The time that an item tells, in this part of the day if one was said. Raises Unclear."""
    hour, minute = _on_the_dial(item)
    half, own = item.values.get("half", ""), item.values.get("part", "")
    if half:
        hour = _half(hour, half)
    elif own == "morning" and 1 <= hour < NOON:
        pass  # "three in the morning", with one breath
    elif (own or part) and hour <= NOON:
        hour = _in_part(hour, own or part)
    else:
        hour = _bare(hour)
    if part and (half or own) and hour not in HOURS_OF[part]:
        raise Unclear(Doubt.WHICH_HALF)  # "in the afternoon at ten in the morning"
    return time(hour, minute)


def _on_the_dial(item: Item) -> tuple[int, int]:
    """Hour and minute as a clock shows them: a quarter to one is 12:45."""
    run = item.number("run")
    hour, minute = divmod(run, 100) if run else (item.number("h"), item.number("m"))
    if hour > 23 or minute > 59:
        raise Unclear(Doubt.NO_SUCH_TIME)
    if not item.values.get("back") or not minute:
        return hour, minute
    if hour == NOON and "half" in item.values:
        raise Unclear(Doubt.WHICH_HALF)
    if hour <= NOON:
        return (hour - 2) % NOON + 1, 60 - minute
    return hour - 1, 60 - minute


def _half(hour: int, half: str) -> int:
    if hour > NOON and half == "pm":
        return hour
    if not 1 <= hour <= NOON:
        raise Unclear(Doubt.NO_SUCH_TIME)
    if hour == NOON and half == "am":
        raise Unclear(Doubt.WHICH_HALF)  # midnight: of which day?
    return hour if half == "am" or hour == NOON else hour + 12


def _in_part(hour: int, part: str) -> int:
    before, after = PARTS[part]
    if hour in before:
        return hour
    if hour in after:
        return hour + 12
    if hour == NOON and part in ("noonish", "afternoon"):
        return hour
    raise Unclear(Doubt.WHICH_HALF)


def _bare(hour: int) -> int:
    if hour in AFTERNOON:
        return hour + 12
    if hour in MORNING or hour >= NOON:
        return hour
    raise Unclear(Doubt.WHICH_HALF)
