"""Whether a caller has named the time that a model passes on as theirs; else what they did name. Pure.

A model may work out a date and be wrong, or make one up. What it passes on counts where the caller's words
name the same, by our own reading of them; where they name another time, that one counts; where they name none
or none for sure, the caller is asked: who said "around two" or "not at two" has not said "at two".
May import: the standard library, appliance.core.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, time

from appliance.core.booking import agreeing
from appliance.core.booking.wanted import Wanted, wanted
from appliance.core.story import Speaker, Turn
from appliance.core.when import Doubt, Mention, languages_of, left_open, mentions

TURNS_MOST = 8
"""So many of the caller's turns are looked through, the last ones first."""
TOGETHER = 3
"""A time may come in so many turns: "Tuesday", "the morning?", "no, at two"."""
LETTERS_MOST = 300
NO_NAME = frozenset({Doubt.NO_DAY, Doubt.NO_TIME})
"""What words come to that name no day."""


def as_said(given: Wanted, turns: Sequence[Turn], now: datetime) -> Wanted:
    """What is to be looked for: as `given`, or as the caller has said it; or the doubt to be asked about."""
    if (doubt := _left_open(given, turns, now)) is not None:
        return Wanted(doubt=doubt)
    said: Wanted | None = None
    for text in texts(turns):
        named = mentions(text, now)
        understood = [wanted(text, now, language) for language in languages_of(text)]
        if any(_same(given, each) for each in understood) or any(_names(each, given) for each in named):
            return given
        if said is None and named:
            said = _clearest(understood)
    return said or Wanted(doubt=Doubt.NO_DAY)


def texts(turns: Sequence[Turn]) -> Iterator[str]:
    """What the caller has said, and said yes to, turn by turn and together, the newest first."""
    said = [*told(turns)][-TURNS_MOST:]
    for last in range(len(said), 0, -1):
        for first in range(last - 1, max(last - 1 - TOGETHER, -1), -1):
            yield ", ".join(said[first:last])


def told(turns: Sequence[Turn]) -> Iterator[str]:
    """The caller's turns; one that is a yes with what it answers: "On Tuesday?" "Yes, at two"."""
    for asked, text in _answers(turns):
        yield f"{asked}, {text}" if asked else text


def _answers(turns: Sequence[Turn]) -> Iterator[tuple[str, str]]:
    """The caller's turns, each behind what it says yes to, if anything."""
    asked = ""
    for turn in turns:
        text = turn.text.strip()[:LETTERS_MOST]
        if turn.speaker is Speaker.ATTENDANT:
            asked = text
        elif turn.speaker is Speaker.CALLER and text:
            yield (asked if agreeing.yes(text) else ""), text
            asked = ""


def _left_open(given: Wanted, turns: Sequence[Turn], now: datetime) -> Doubt | None:
    """Why the time that is given is not sure, where the caller's last turn that names it leaves it open."""
    if given.start is None:
        return None
    for asked, text in reversed([*_answers(turns)][-TURNS_MOST:]):
        if any(_names(each, given) for each in mentions(text, now)):
            doubts = [left_open(text, now, language) for language in languages_of(text)]
            return None if None in doubts else doubts[0]
        if asked and any(_names(each, given) for each in mentions(f"{asked}, {text}", now)):
            return None
    return None


def _same(given: Wanted, said: Wanted) -> bool:
    """Whether words that came to this name as much as is given."""
    if given.start is not None:
        return said.start == given.start
    if said.start is not None:
        return said.start.date() == given.day and given.fits(said.start)
    return said.day is not None and said.day == given.day and given.part in ("", said.part)


def _names(named: Mention, given: Wanted) -> bool:
    if given.start is not None:
        return (named.day, named.at) == (given.start.date(), given.start.time().replace(tzinfo=None))
    if named.day is None or named.day != given.day:
        return False
    return not given.part or (named.at is not None and _in_part(given, named.at))


def _in_part(given: Wanted, at: time) -> bool:
    return given.day is not None and given.fits(datetime.combine(given.day, at))


def _clearest(understood: Sequence[Wanted]) -> Wanted | None:
    """What words came to in one of the languages: a time, or the doubt about one."""
    clear = (each for each in understood if each.start is not None or each.day is not None)
    doubtful = (each for each in understood if each.doubt is not None and each.doubt not in NO_NAME)
    return next(clear, None) or next(doubtful, None)
