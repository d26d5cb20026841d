"""Times of the day, of twelve or of twenty-four hours, and from when to when.

Pure. May import: the standard library, models.local.wording.
"""

import re
from functools import partial

from models.local.wording.numbers import counted
from models.local.wording.rules import Rule
from models.local.wording.vocabulary import Vocabulary

_HALF = r"([AaPp])\s?\.?\s?[Mm]\b\.?"
_FREE = r"(?<![\w:.,/$€£-])"
_HALF_HOUR_RANGE = re.compile(r"(?<![\w:.,/$-])([0-9]{1,2}:[0-5][0-9])\s?-\s?(?=[0-9]{1,2}(?![\w:]))")
_HOUR = "(?:[01]?[0-9]|2[0-4])"


def rules(words: Vocabulary) -> list[Rule]:
    """The rules of a language, in their order."""
    return (
        _english(words)
        if words.language == "en"
        else [(_HALF_HOUR_RANGE, lambda m: f"{m[1]} a "), *_spanish()]
    )


def _english(words: Vocabulary) -> list[Rule]:
    tail = rf"(?:\s?{_HALF}|([AaPp])\b)?(?![\w:%]|[.,/][0-9])"
    return [
        (_HALF_HOUR_RANGE, lambda m: f"{m[1]} {words.to} "),
        (re.compile(r"\b(noon|midnight)\s?-\s?(?=[0-9])", re.IGNORECASE), lambda m: f"{m[1]} to "),
        (re.compile(r"(?<=[Mm0-9.])\s?-\s?(?=noon|midnight)"), lambda m: " to "),
        (
            re.compile(
                rf"{_FREE}((?:[01]?[0-9]|2[0-4])(?::[0-5][0-9])?(?:\s?{_HALF})?)\s?-\s?(?=[0-9]{{1,2}}(?::[0-5][0-9])?\s?[AaPp]\s?\.?\s?[Mm]\b|[0-9]{{1,2}}:[0-5][0-9])"
            ),
            lambda m: f"{m[1]} {words.to} ",
        ),
        (re.compile(rf"{_FREE}({_HOUR}):([0-5][0-9])(?::([0-5][0-9]))?{tail}"), _time_en),
        (re.compile(rf"{_FREE}(1[0-2]|0?[1-9])\s?{_HALF}(?!\w)"), _hour_en),
    ]


def _time_en(found: re.Match[str]) -> str:
    hour, minute = int(found[1]), int(found[2])
    half = (found[4] or found[5] or "").lower()
    if not half and (hour >= 13 or found[1][0] == "0"):
        half = "a" if hour in {24, *range(12)} else "p"
    seconds = f" and {counted(int(found[3]), 'en')} seconds" if int(found[3] or 0) else ""
    return _clock_en(hour, minute, half, seconds) + (" " if half else "")


def _hour_en(found: re.Match[str]) -> str:
    return _clock_en(int(found[1]), 0, found[2].lower(), "")


def _clock_en(hour: int, minute: int, half: str, seconds: str) -> str:
    if minute == 0 and half and hour % 12 == 0 and not seconds:
        return "twelve midnight" if half == "a" else "twelve noon"
    said = counted(hour % 12 or 12, "en")
    if minute:
        said += f" {'oh ' if minute < 10 else ''}{counted(minute, 'en')}"
    elif not half:
        said += " o'clock"
    return said + seconds + (f" {half}.m." if half else "")


# Spanish -------------------------------------------------------------------------------------------------


def _spanish() -> list[Rule]:
    article = r"(?:\b(las?)\s)?"
    hours = r"(?:\s?(?:h|hs|hrs|horas)\b\.?)"
    end = r"(?![\w:%]|[.,/][0-9])"
    start = r"(?<![:.,/$€£-])"
    some_time = r"[0-9]{1,2}(?:[:][0-5][0-9]|\s?[AaPp]\s?\.?\s?[Mm]\b)"
    return [
        (
            re.compile(rf"{_FREE}({_HOUR}(?:[:][0-5][0-9])?(?:\s?{_HALF})?{hours}?)\s?-\s?(?={some_time})"),
            lambda m: f"{m[1]} a ",
        ),
        (
            re.compile(
                rf"{article}{start}\b({_HOUR})[:]([0-5][0-9])(?:[:]([0-5][0-9]))?(?:\s?{_HALF}|{hours})?{end}",
                re.IGNORECASE,
            ),
            partial(_time_es),
        ),
        (
            re.compile(
                rf"{article}{start}\b({_HOUR})(?:[.h]([0-5][0-9]))()(?:\s?{_HALF}|{hours}|(?<=h[0-5][0-9])){end}",
                re.IGNORECASE,
            ),
            partial(_time_es),
        ),
        (re.compile(rf"{article}{start}\b(1[0-2]|0?[1-9])()()\s?{_HALF}(?!\w)", re.IGNORECASE), _time_es),
        (re.compile(rf"{_FREE}([0-9]{{1,2}})\s?(?:-|a)\s?([0-9]{{1,2}})\s?(?:hs?|hrs)\b\.?"), _hours_es),
    ]


def _time_es(found: re.Match[str]) -> str:
    hour, minute = int(found[2]), int(found[3] or 0)
    half = (found[5] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0) if hour <= 12 else hour
    sure = bool(half) or hour >= 13 or found[2][0] == "0"
    seconds = f" y {counted(int(found[4]), 'es')} segundos" if int(found[4] or 0) else ""
    said = counted(hour % 12 or 12, "es", "f") + _minutes_es(minute) + seconds
    article = "la" if hour % 12 == 1 else "las"
    if found[1] and found[1][0].isupper():
        article = article.capitalize()
    return f"{article} {said}{_daypart_es(hour, minute) if sure else ''}{_stop(found)}"


def _stop(found: re.Match[str]) -> str:
    """The full stop of "p.m." or "h." may end its sentence."""
    ends = re.match(r"\s*$|\s+[A-ZÁÉÍÓÚÑ¿¡]", found.string[found.end() :])
    return "." if ends and found[0].endswith(".") else ""


def _minutes_es(minute: int) -> str:
    named = {0: "", 15: " y cuarto", 30: " y media"}
    return named[minute] if minute in named else f" y {counted(minute, 'es', 'm')}"


def _daypart_es(hour: int, minute: int) -> str:
    if hour % 12 == 0:
        if hour == 12:
            return " de la tarde" if minute else " del mediodía"
        return " de la noche"
    parts = ((6, "de la madrugada"), (12, "de la mañana"), (19, "de la tarde"), (25, "de la noche"))
    return " " + next(name for until, name in parts if hour < until)


def _hours_es(found: re.Match[str]) -> str:
    first, last = int(found[1]), int(found[2])
    return f"{counted(first, 'es', 'f')} a {counted(last, 'es', 'f')} horas"
