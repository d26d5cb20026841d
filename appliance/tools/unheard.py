"""Dates, times and names in what a model wrote of a caller that the caller was not heard to say. Pure.

It is for staff to know, and refuses nothing: transcripts have mistakes, too.
May import: the standard library, appliance.core, appliance.languages, appliance.tools, models.local.
"""

import re
from collections.abc import Collection, Iterator
from datetime import date, datetime, time
from functools import cache
from itertools import islice

from appliance.core.booking import backing
from appliance.core.booking.birthday import months
from appliance.core.menu import plain
from appliance.core.when import mentions
from appliance.languages.folders import codes
from appliance.languages.tables import having, table, words_of_all
from appliance.tools import heard
from appliance.tools.born import born_said
from models.local import lexicon

_ENDS = re.compile(r"[.!?…:;\n]")
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
NAMES_MOST = 20
"""So many names that are not word for word in the caller's are held against all that they said."""
INTRODUCES_MOST = 40
"""In so many letters before a name stands what leads to it."""
ABBREVIATION = 4
"""So many letters, all of them large, are no name: MRI, ID, COVID is one more."""


def unheard(
    text: str, turns: heard.Turns, now: datetime, known: Collection[str] = (), subject: str = ""
) -> str:
    """What is in the text and not in the caller's words. `known` are names that need not be.

    Of the subject dates and times alone count: models write its words large. They are told in figures. `now`
    is aware and in the office's zone.
    """
    expected = {word for name in known for word in plain(name).split()}
    names = dict.fromkeys(name for name in _names(text) if plain(name) not in expected)
    said = heard.words_said(turns)
    doubtful = (name for name in names if plain(name) not in said)
    missing = [name for name in islice(doubtful, NAMES_MOST) if not heard.name_within(name, said)]
    return ", ".join(dict.fromkeys([*_times(f"{subject}. {text}", turns, now), *missing]))


# Dates and times --------------------------------------------------------------------------------------------


def _times(text: str, turns: heard.Turns, now: datetime) -> Iterator[str]:
    said = {each for told in backing.texts(turns) for each in mentions(told, now)}
    days, hours = {each.day for each in said}, {each.at for each in said}
    for each in mentions(text, now):
        if each in said or each.unclear:
            continue
        if each.day is not None and each.day not in days and not _born(each.day, turns, now):
            yield _figures(each.day, each.at)
        elif each.at is not None and each.at not in hours:
            yield _figures(None, each.at)


def _born(day: date, turns: heard.Turns, now: datetime) -> bool:
    return day < now.date() and born_said(day.isoformat(), turns)


def _figures(day: date | None, at: time | None) -> str:
    told = (day.isoformat() if day else "", f"{at:%H:%M}" if at else "")
    return " ".join(filter(None, told))


# Names ------------------------------------------------------------------------------------------------------


def _names(text: str) -> Iterator[str]:
    """The words that name somebody, or something, in whatever letters they are written.

    They are common names, or stand behind what comes before a name ("Dr.", "named"), or are written large,
    but for the first of a sentence that stands alone there.
    """
    found, named = [*_WORD.finditer(text)], False
    for before, word, after in zip([None, *found], found, [*found[1:], None], strict=False):
        begins = _apart(text, before, word)
        told = (named and not begins) or _introduced(text[: word.start()], before)
        named = told and not _ordinary(word[0])
        if named or _common(word[0]) or (_may_name(word[0]) and not (begins and _alone(text, word, after))):
            yield word[0]


def _alone(text: str, word: re.Match[str], after: re.Match[str] | None) -> bool:
    """Whether no other word that may be a name follows in the sentence."""
    return after is None or _apart(text, word, after) or not _may_name(after[0])


def _common(word: str) -> bool:
    return plain(word) in _common_names() and not _abbreviates(word)


def _introduced(text: str, before: re.Match[str] | None) -> bool:
    """Whether what stands before a word leads to a name."""
    if before is None or (
        _ENDS.search(text[before.end() :]) and plain(before[0]) not in heard.around_names()
    ):
        return False
    return f" {plain(text[-INTRODUCES_MOST:])}".endswith(_introducing())


def _ordinary(word: str) -> bool:
    """Whether it is a word that callers use for what it is, and written so."""
    said = plain(word).split()
    small = not word[:1].isupper() and _callers_words().issuperset(said)
    return len(word) < 2 or small or _abbreviates(word) or not _no_names().isdisjoint(said)


def _apart(text: str, one: re.Match[str] | None, other: re.Match[str] | None) -> bool:
    """Whether these are words of two sentences; the stop of "Dr." ends none."""
    if one is None or other is None:
        return True
    ends = _ENDS.search(text[one.end() : other.start()]) is not None
    return ends and plain(one[0]) not in heard.around_names()


def _may_name(word: str) -> bool:
    if not word[:1].isupper() or len(word) < 2 or _abbreviates(word):
        return False
    return not {plain(word), *plain(word).split()} & _no_names()


def _abbreviates(word: str) -> bool:
    return word.isupper() and len(word) <= ABBREVIATION


@cache
def _common_names() -> frozenset[str]:
    """Names that are no other word, of all languages."""
    return words_of_all("language", "names", "given") | words_of_all("language", "names", "family")


@cache
def _callers_words() -> frozenset[str]:
    """Words that callers use for what they are; behind "Dr." even "brown" is none of them."""
    names = (lexicon.table(code, "intents")["words"].get("surname", ()) for code in having("intents"))
    return lexicon.known_words() - {word for each in names for name in each for word in plain(name).split()}


@cache
def _introducing() -> tuple[str, ...]:
    """What comes right before a name, in all languages."""
    told = (table(code, "language").get("names", {}).get("introduced", ()) for code in codes())
    return tuple(f" {phrase}" for each in told for phrase in each)


@cache
def _no_names() -> frozenset[str]:
    """Small words, days, months, titles and languages: none is somebody's name."""
    small, languages = words_of_all("language", "small_words"), words_of_all("language", "called")
    days = {
        word
        for code in having("wording")
        for day in table(code, "wording")["days"]
        for word in plain(day).split()
    }
    return small | heard.around_names() | languages | days | {*months()}
