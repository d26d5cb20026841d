"""Times of the day in English. Pure. May import: the standard library, models.local.wording."""

import re

from models.local.wording.clock import FREE, HALF, HALF_HOUR_RANGE, HOUR
from models.local.wording.en.numbers import counted
from models.local.wording.rules import Rule
from models.local.wording.vocabulary import Vocabulary


def clock_rules(words: Vocabulary) -> list[Rule]:
    """Of twelve or of twenty-four hours, and from when to when."""
    tail = rf"(?:\s?{HALF}|([AaPp])\b)?(?![\w:%]|[.,/][0-9])"
    return [
        (HALF_HOUR_RANGE, lambda m: f"{m[1]} {words.to} "),
        (re.compile(r"\b(noon|midnight)\s?-\s?(?=[0-9])", re.IGNORECASE), lambda m: f"{m[1]} to "),
        (re.compile(r"(?<=[Mm0-9.])\s?-\s?(?=noon|midnight)"), lambda m: " to "),
        (
            re.compile(
                rf"{FREE}((?:[01]?[0-9]|2[0-4])(?::[0-5][0-9])?(?:\s?{HALF})?)\s?-\s?(?=[0-9]{{1,2}}(?::[0-5][0-9])?\s?[AaPp]\s?\.?\s?[Mm]\b|[0-9]{{1,2}}:[0-5][0-9])"
            ),
            lambda m: f"{m[1]} {words.to} ",
        ),
        (re.compile(rf"{FREE}({HOUR}):([0-5][0-9])(?::([0-5][0-9]))?{tail}"), _time),
        (re.compile(rf"{FREE}(1[0-2]|0?[1-9])\s?{HALF}(?!\w)"), _hour),
    ]


def _time(found: re.Match[str]) -> str:
    hour, minute = int(found[1]), int(found[2])
    half = (found[4] or found[5] or "").lower()
    if not half and (hour >= 13 or found[1][0] == "0"):
        half = "a" if hour in {24, *range(12)} else "p"
    seconds = f" and {counted(int(found[3]))} seconds" if int(found[3] or 0) else ""
    return _clock(hour, minute, half, seconds) + (" " if half else "")


def _hour(found: re.Match[str]) -> str:
    return _clock(int(found[1]), 0, found[2].lower(), "")


def _clock(hour: int, minute: int, half: str, seconds: str) -> str:
    if minute == 0 and half and hour % 12 == 0 and not seconds:
        return "twelve midnight" if half == "a" else "twelve noon"
    said = counted(hour % 12 or 12)
    if minute:
        said += f" {'oh ' if minute < 10 else ''}{counted(minute)}"
    elif not half:
        said += " o'clock"
    return said + seconds + (f" {half}.m." if half else "")
