"""Opening hours in words: of the week, of a day, of now.

The words of a language are data (its `opening.toml`). Pure. May import: the standard library,
appliance.core, appliance.languages.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from appliance.core.hours import words as words_of
from appliance.core.opening import Day, Opening
from appliance.core.when import date_said
from appliance.languages.folders import code_of, codes
from appliance.languages.tables import table

EXCEPTIONS_AHEAD = 7
"""Days for which it is told that their hours are not the usual ones."""
NAMED_BY_WEEKDAY = 7
"""Days ahead that are told by their weekday alone."""


@dataclass(frozen=True)
class Told:
    """The hours as they are said in a language on a day (`today`, by the office's own clock)."""

    opening: Opening
    today: date
    language: str = "en"

    @cached_property
    def _code(self) -> str:
        code = code_of(self.language)
        return code if code in codes() else "en"

    @cached_property
    def _table(self) -> dict[str, Any]:
        return table(self._code, "opening")

    def _said(self, sentence: str, **words: str) -> str:
        # "We are open until 5 p.m." ends in one point.
        return str(self._table["said"][sentence]).format(**words).replace("..", ".")

    def week(self) -> str:
        """The usual week; before it today, if it is otherwise, and behind it other such days soon."""
        usual = self.opening.weekly.said(self._code)
        return " ".join([*self._exceptions(0, 1), usual, *self._exceptions(1, EXCEPTIONS_AHEAD)])

    def _exceptions(self, first: int, end: int) -> Iterator[str]:
        for ahead in range(first, end):
            day = self.opening.day(self.today + timedelta(days=ahead))
            if day.special:
                yield self.day(day)

    def day(self, day: Day) -> str:
        """The hours of one date."""
        named = self._day_named(day.date)
        if day.spans:
            words = words_of(self._code)
            hours = (words.hours.format(words.clock(start), words.clock(end)) for start, end in day.spans)
            return self._said("open_on", day=named, hours=words.joined.join(hours))
        if day.holiday:
            return self._said("holiday_on", day=named, holiday=self._holiday(day.holiday))
        return self._said("closed_on", day=named)

    def _day_named(self, on: date) -> str:
        ahead = (on - self.today).days
        if ahead in (0, 1):
            return self._said("tomorrow" if ahead else "today")
        named = self._said("other_day", date=date_said(on, self.today, self._code))
        return named[:1].upper() + named[1:]

    def _holiday(self, name: str) -> str:
        own = self._table["holidays"].get(name, "")
        # The library's names are English.
        return own or (name if self._code == "en" else self._said("a_holiday"))

    def now(self, *, is_open: bool, changes: datetime | None) -> str:
        """Whether it is open now, and until when it is, or when it is again."""
        if changes is None:
            return "" if is_open else self._said("closed_long")
        if not is_open:
            return self._said("closed_now", when=self.when(changes))
        return self._said("open_now", until=self._clock(changes))

    def then(self, at: datetime) -> str:
        """Whether it is open at a time of a day that is told beside it."""
        return self._said("open_then" if self.opening.open_at(at) else "closed_then", time=self._clock(at))

    def department(self, name: str, opens: datetime | None) -> str:
        """That a department is closed, and when it opens again."""
        if opens is None:
            return self._said("department_closed_long", department=name)
        return self._said("department_closed", department=name, when=self.when(opens))

    def when(self, opens: datetime) -> str:
        """When it opens, as short as it can be told today."""
        ahead, time = (opens.date() - self.today).days, self._clock(opens)
        if ahead < 2:
            return self._said("opens_tomorrow" if ahead else "opens_today", time=time)
        if ahead < NAMED_BY_WEEKDAY:
            return self._said("opens_in_days", time=time, weekday=words_of(self._code).days[opens.weekday()])
        return self._said("opens_later", date=date_said(opens.date(), self.today, self._code))

    def _clock(self, at: datetime) -> str:
        return words_of(self._code).clock(at.time().replace(tzinfo=None))
