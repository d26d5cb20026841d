"""Times of the day in Spanish. Pure. May import: the standard library, models.local.wording."""

import re

from models.local.wording.clock import FREE, HALF, HALF_HOUR_RANGE, HOUR
from models.local.wording.es.numbers import counted
from models.local.wording.rules import Rule
from models.local.wording.vocabulary import Vocabulary


def clock_rules(_words: Vocabulary) -> list[Rule]:
    """Of twelve or of twenty-four hours, and from when to when."""
    article = r"(?:\b(las?)\s)?"
    hours = r"(?:\s?(?:h|hs|hrs|horas)\b\.?)"
    end = r"(?![\w:%]|[.,/][0-9])"
    start = r"(?<![:.,/$€£-])"
    some_time = r"[0-9]{1,2}(?:[:][0-5][0-9]|\s?[AaPp]\s?\.?\s?[Mm]\b)"
    return [
        (HALF_HOUR_RANGE, lambda m: f"{m[1]} a "),
        (
            re.compile(rf"{FREE}({HOUR}(?:[:][0-5][0-9])?(?:\s?{HALF})?{hours}?)\s?-\s?(?={some_time})"),
            lambda m: f"{m[1]} a ",
        ),
        (
            re.compile(
                rf"{article}{start}\b({HOUR})[:]([0-5][0-9])(?:[:]([0-5][0-9]))?(?:\s?{HALF}|{hours})?{end}",
                re.IGNORECASE,
            ),
            _time,
        ),
        (
            re.compile(
                rf"{article}{start}\b({HOUR})(?:[.h]([0-5][0-9]))()(?:\s?{HALF}|{hours}|(?<=h[0-5][0-9])){end}",
                re.IGNORECASE,
            ),
            _time,
        ),
        (re.compile(rf"{article}{start}\b(1[0-2]|0?[1-9])()()\s?{HALF}(?!\w)", re.IGNORECASE), _time),
        (re.compile(rf"{FREE}([0-9]{{1,2}})\s?(?:-|a)\s?([0-9]{{1,2}})\s?(?:hs?|hrs)\b\.?"), _hours),
    ]


def _time(found: re.Match[str]) -> str:
    hour, minute = int(found[2]), int(found[3] or 0)
    half = (found[5] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0) if hour <= 12 else hour
    sure = bool(half) or hour >= 13 or found[2][0] == "0"
    seconds = f" y {counted(int(found[4]))} segundos" if int(found[4] or 0) else ""
    said = counted(hour % 12 or 12, "f") + _minutes(minute) + seconds
    article = "la" if hour % 12 == 1 else "las"
    if found[1] and found[1][0].isupper():
        article = article.capitalize()
    return f"{article} {said}{_daypart(hour, minute) if sure else ''}{_stop(found)}"


def _stop(found: re.Match[str]) -> str:
    """The full stop of "p.m." or "h." may end its sentence."""
    ends = re.match(r"\s*$|\s+[A-ZÁÉÍÓÚÑ¿¡]", found.string[found.end() :])
    return "." if ends and found[0].endswith(".") else ""


def _minutes(minute: int) -> str:
    named = {0: "", 15: " y cuarto", 30: " y media"}
    return named[minute] if minute in named else f" y {counted(minute, 'm')}"


def _daypart(hour: int, minute: int) -> str:
    if hour % 12 == 0:
        if hour == 12:
            return " de la tarde" if minute else " del mediodía"
        return " de la noche"
    parts = ((6, "de la madrugada"), (12, "de la mañana"), (19, "de la tarde"), (25, "de la noche"))
    return " " + next(name for until, name in parts if hour < until)


def _hours(found: re.Match[str]) -> str:
    first, last = int(found[1]), int(found[2])
    return f"{counted(first, 'f')} a {counted(last, 'f')} horas"
