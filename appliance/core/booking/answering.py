"""Which of the times that were read out to a caller they have said yes to. Pure.

A time was read out when what was heard of the attendant names its day and hour, or has our own words for it,
and the visit and the provider where there are several; a time that was read out is told again without them.
The answer is the caller's next turn behind that: a yes where one time was read out, or words or a key for one
of several. What is said to another question is no answer to it, but a plain no, or a "let me think", takes a
yes back. Where a time is told, and what is asked is whether a number or a name is right, a yes or a no is to
that, and the time has to be named. May import: the standard library, appliance.core, appliance.languages.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto

from appliance.core.booking import agreeing, birthday
from appliance.core.booking.calling_from import asks_name, asks_to_act, checks
from appliance.core.booking.choosing import counted, nth, number_word, numbered
from appliance.core.booking.naming import Naming
from appliance.core.menu import plain
from appliance.core.story import Speaker, Turn
from appliance.core.when import Mention, mentions, starts
from appliance.languages.prompts import codes

DIAL = 12
OTHER = -1
"""In place of a time: one that was not read out."""
_QUESTION = re.compile(r"(?:[^.!?…]|[.!…](?!\s+[A-ZÁÉÍÓÚÑ¿]))+\?")
"""The stop of "2 p.m." ends no sentence."""
_CLAUSE = re.compile(r"[^,.;:!?…]+")


@dataclass(frozen=True, slots=True)
class Told:
    """A time as it may be read out: its start, in the office's zone, and our words for it.

    `names` are to be named with it; `whole` are our words for all of it, where these are more.
    """

    start: datetime
    said: str
    names: tuple[Naming, ...] = ()
    whole: str = ""


class Answer(Enum):
    """What the caller has said to a time."""

    UNREAD = auto()
    """It was not read out."""
    OPEN = auto()
    """It was, and there is no yes to it."""
    YES = auto()


def answer(
    turns: Sequence[Turn], told: Sequence[Told], place: int, now: datetime, also: Collection[str] = ()
) -> Answer:
    """What the caller has said to the time at this place of those that they may have been told.

    `turns` are those since it was found; `also` are words that count as a yes.
    """
    heard = _Heard(told, now, also)
    for turn in turns:
        match turn.speaker:
            case Speaker.ATTENDANT:
                heard.attendant(turn.text)
            case Speaker.CALLER | Speaker.KEYPAD if turn.text.strip():
                heard.caller(turn)
            case _:
                pass
    if heard.taken == place:
        return Answer.YES
    return Answer.OPEN if place in heard.ever else Answer.UNREAD


@dataclass(slots=True)
class _Heard:
    """What was read out and answered so far: places of times.

    `heard` were read out last, since the caller spoke; `ever` at all; `last` for each start the last.
    """

    told: Sequence[Told]
    now: datetime
    also: Collection[str]
    heard: list[int] = field(default_factory=list)
    ever: list[int] = field(default_factory=list)
    last: dict[datetime, set[int]] = field(default_factory=dict)
    taken: int | None = None
    _answered: bool = False
    _checks: bool = False
    _asks_name: bool = False
    _asks: bool = False

    def attendant(self, text: str) -> None:
        """The attendant was heard saying this."""
        if self._answered:
            self.heard, self._answered = [], False
            self._checks = self._asks_name = self._asks = False
        self._checks = self._checks or checks(text)
        self._asks = self._asks or asks_to_act(text) or any(map(self._names, _QUESTION.findall(text)))
        self._asks_name = self._asks_name or asks_name(text)
        read = [*self._read(text)]
        for start in {self.told[place].start for place in read}:
            self.last[start] = {place for place in read if self.told[place].start == start}
        for place in read:
            for known in (self.heard, self.ever):
                if place not in known:
                    known.append(place)

    @property
    def _elsewhere(self) -> bool:
        """Whether a yes or a no is to a number or a name."""
        return self._checks and not self._asks

    def _names(self, text: str) -> bool:
        return any(True for _ in self._timed(text))

    def _read(self, text: str) -> Iterator[int]:
        return (place for place in self._timed(text) if self._meant(place, text))

    def _timed(self, text: str) -> Iterator[int]:
        """Those whose time a text names, in its order."""
        named, words = starts(text, self.now), f" {plain(text)} "
        in_order = {start: order for order, start in enumerate(named)}
        at = [
            place
            for place, each in enumerate(self.told)
            if each.start in in_order or f" {plain(each.said)} " in words
        ]
        yield from sorted(at, key=lambda place: in_order.get(self.told[place].start, place))

    def _meant(self, place: int, text: str) -> bool:
        """Whether a text that names the time is about this one: what it leaves out is as it was told last."""
        told = self.told[place]
        before = [self.told[each].names for each in self.last.get(told.start, ())]
        return all(
            said if (said := name.said(text)) is not None else _left_out(name, before) for name in told.names
        )

    def caller(self, turn: Turn) -> None:
        """The caller said or keyed this."""
        self._answered = True
        if turn.speaker is Speaker.KEYPAD:
            self._key(turn.text)
        elif self.heard:
            self._answer(turn.text)
        elif agreeing.hedges(turn.text) or (agreeing.refuses(turn.text) and not self._elsewhere):
            self.taken = None

    def _key(self, keys: str) -> None:
        place = int(keys) - 1 if len(keys) == 1 and keys.isdecimal() else OTHER
        if self.heard and not (self._elsewhere and len(self.heard) == 1):
            self.taken = self.heard[place] if 0 <= place < len(self.heard) else None

    def _answer(self, text: str) -> None:
        chosen = None if agreeing.hedges(text) else self._chosen(text)
        if chosen is not None:
            self.taken = None if chosen == OTHER else chosen
        elif agreeing.hedges(text):
            self.taken = None
        elif self._elsewhere:
            pass  # who is wrong about the number is not wrong about the time
        elif len(self.heard) == 1 and agreeing.yes(text, self.also):
            self.taken = self.heard[0]
        elif agreeing.denies(text) and not (self._asks_name and self.heard == [self.taken]):
            self.taken = None

    def _chosen(self, text: str) -> int | None:
        """The time that these words name, by its number or by itself; OTHER for one that was not read out."""
        clauses = [each.strip() for each in _CLAUSE.findall(agreeing.stated(text))]
        refused = bool(clauses) and agreeing.refuses(clauses[0])
        rest = clauses[refused:]
        if any(map(agreeing.denies, rest)):
            return None
        # "No, the first one" is one of those before.
        pool = self.ever if refused and len(self.heard) == 1 else self.heard
        counted_so = [self._counted(clause, pool) for clause in rest] if len(pool) > 1 else []
        by_number = {place for found in counted_so for place in found}
        if by_number:
            return by_number.pop() if len(by_number) == 1 else None
        return self._named(_mentioned(", ".join(rest), self.now), pool)

    def _counted(self, clause: str, pool: Sequence[int]) -> set[int]:
        """Those that are meant by a number alone: "two" may be the second, or two o'clock."""
        word = number_word(clause)
        number = counted(word) if word else 0
        found = {pool[number - 1]} if 0 < number <= len(pool) else set()
        if nth(word) or numbered(clause) or not number:
            return found
        return found | {place for place in pool if self.told[place].start.hour % DIAL == number % DIAL}

    def _named(self, named: Sequence[Mention], pool: Sequence[int]) -> int | None:
        if not named:
            return None
        fitting = {place for place in self.ever for each in named if _is(self.told[place].start, each)}
        if not fitting:
            return OTHER
        near = fitting & {*pool} or fitting
        # Of one time alone its day is not enough: "Tuesday is my birthday".
        enough = len(pool) > 1 or any(each.at is not None for each in named)
        return near.pop() if enough and len(near) == 1 else None


def _left_out(name: Naming, before: Sequence[tuple[Naming, ...]]) -> bool:
    return any(name in names for names in before) if before else name.known


def _mentioned(text: str, now: datetime) -> list[Mention]:
    """The clear days and times to come that a caller names; a day of birth is none."""
    births = {(day.month, day.day) for code in codes() if (day := birthday.told(text, code))}
    return [
        each
        for each in mentions(text, now)
        if not each.unclear
        and (each.day is None or (each.day >= now.date() and (each.day.month, each.day.day) not in births))
    ]


def _is(start: datetime, named: Mention) -> bool:
    return named.day in (None, start.date()) and named.at in (None, start.time())
