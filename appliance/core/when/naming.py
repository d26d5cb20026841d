"""The days and times that a text names, each for itself: nothing has to be one day and one time here.

For what is read out to a caller ("Tuesday at two; or Wednesday at ten"), and for what is written about one.
Pure. May import: the standard library, appliance.core.when, appliance.languages.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cache

from appliance.core.when.atoms import Tongue, spaced
from appliance.core.when.days import FORMS
from appliance.core.when.hours import time_of_day
from appliance.core.when.items import Item, Kind, Patterns
from appliance.core.when.resolving import counts, day_of
from appliance.core.when.told import Doubt, Unclear
from appliance.languages.tables import having, table, words

DATES = frozenset({"dated", "strokes"})
"""Forms of a day that may be past and is still that day, such as one of birth."""
FROM_NOW = "ahead"


@dataclass(frozen=True, slots=True)
class Mention:
    """A day, a time of day, or a day with the time that is named beside it.

    `unclear` is in place of what may be one of two: what was said, as atoms.
    """

    day: date | None = None
    at: time | None = None
    unclear: str = ""


def mentions(text: str, now: datetime) -> tuple[Mention, ...]:
    """What a text names, in order, in whichever language it is. `now` is aware, in the office's zone."""
    found = (each for language in languages_of(text) for each in _in(text, now, language))
    return tuple(dict.fromkeys(found))


def starts(text: str, now: datetime) -> tuple[datetime, ...]:
    """The starts that a text names: a day and a time each."""
    return tuple(
        datetime.combine(each.day, each.at, now.tzinfo)
        for each in mentions(text, now)
        if each.day is not None and each.at is not None
    )


def reads(language: str) -> bool:
    """Whether times are found in what is said in a language such as `es`."""
    return bool(table(language, "when").get("found"))


def languages_of(text: str) -> Sequence[str]:
    """The language that has most of these words; several that have as many."""
    said = spaced(text).split()
    known = {code: sum(word in _own(code) for word in said) for code in having("when")}
    return [code for code, count in known.items() if count == max(known.values())]


@cache
def _own(language: str) -> frozenset[str]:
    """The words of a language, as far as they bear on times or change none."""
    given = table(language, "when")
    named = " ".join(
        said for name in ("numbers", "tens", "ordinals", "words") for said in given.get(name, {}).values()
    )
    return frozenset(named.replace(",", " ").split()) | words(given, "silent") | words(given, "plain")


def _in(text: str, now: datetime, language: str) -> Sequence[Mention]:
    atoms = Tongue.of(language).atoms(text)
    items = list(Patterns.of(language).items(atoms))
    named = _Named(now)
    for part in _parts(items, atoms):
        if part[0].kind is Kind.DAY:
            named.day(part, atoms)
        else:
            named.time(part[0], atoms)
    return named.all()


def _parts(items: Sequence[Item], atoms: Sequence[str]) -> Iterator[list[Item]]:
    """The times and parts of a day, one by one, and days with what stands right beside them."""
    days: list[Item] = []
    for item in items:
        if days and (item.kind is not Kind.DAY or item.start > days[-1].end):
            yield days
            days = []
        if item.kind is Kind.DAY:
            days.append(item)
        elif item.kind in (Kind.TIME, Kind.PART) and counts(item, items, atoms):
            yield [item]
    if days:
        yield days


@dataclass(slots=True)
class _Named:
    """What a text has named so far.

    A time is of the day before it, or of the one behind it where the text names times first.
    """

    now: datetime
    found: list[Mention] = field(default_factory=list)
    pending: list[Mention] = field(default_factory=list)
    """Times that are of no day yet."""
    on: Mention | None = None
    alone: bool = False
    """Whether the day has no time yet."""
    times_first: bool = False
    part: str = ""

    def day(self, group: Sequence[Item], atoms: Sequence[str]) -> None:
        """A day, or several in a row that are not one."""
        for each in self._days(group, atoms):
            self._leave()
            self.times_first = bool(self.pending)
            self.on, self.alone = each, True
            for at in self.pending:
                self._pair(at)
            self.pending.clear()
            self.part = ""

    def time(self, item: Item, atoms: Sequence[str]) -> None:
        """A time of day, or a part of one."""
        if item.kind is Kind.PART:
            self.part = item.form
        elif item.form != FROM_NOW:
            at = self._time(item, atoms)
            if self.on is None or self.times_first:
                self.pending.append(at)
            else:
                self._pair(at)

    def all(self) -> list[Mention]:
        """All of it."""
        for at in self.pending:
            self._pair(at)
        self._leave()
        return self.found

    def _pair(self, at: Mention) -> None:
        on = self.on
        if on is None or on.unclear or at.unclear:
            self.found.append(at)
        else:
            self.found.append(Mention(on.day, at.at))
            self.alone = False

    def _leave(self) -> None:
        if self.on is not None and self.alone:
            self.found.append(self.on)
        self.on, self.alone = None, False

    def _days(self, group: Sequence[Item], atoms: Sequence[str]) -> Iterator[Mention]:
        try:
            yield Mention(day=day_of(group, self.now.date(), None))
        except Unclear as unclear:
            if len(group) > 1 and unclear.doubt is Doubt.SEVERAL:
                for item in group:
                    yield from self._days([item], atoms)
            else:
                yield self._past(group) or Mention(unclear=_words(group, atoms))

    def _past(self, group: Sequence[Item]) -> Mention | None:
        """A date that is over."""
        for item in group:
            if item.form in DATES:
                try:
                    return Mention(day=FORMS[item.form](item, self.now.date()))
                except Unclear:
                    return None
        return None

    def _time(self, item: Item, atoms: Sequence[str]) -> Mention:
        for part in dict.fromkeys((self.part, "")):
            try:
                return Mention(at=time_of_day(item, part))
            except Unclear:
                continue
        return Mention(unclear=_words([item], atoms))


def _words(items: Sequence[Item], atoms: Sequence[str]) -> str:
    return " ".join(atoms[items[0].start : items[-1].end])
