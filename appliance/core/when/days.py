"""From what was said of a day to a date. What may be one of two days is asked, and so is what is past.

A weekday is the next of its name. With `next` it is that only when the next one lies in another week than
today, whether weeks begin on Sunday or on Monday; else it is asked.
May import: the standard library, appliance.core.when.
"""

import calendar
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from appliance.core.when.items import Item
from appliance.core.when.told import Doubt, Unclear

WEEK = 7
AHEAD_MOST = 183
"""Days: a date without a year that has just passed is no date of next year."""
ASKED = "asked"
"""The value of an item that is asked about alone: nobody comes then, and the next of the kind is meant."""
DAYS_MOST = 36_525
"""What is further away than a century is no time that anybody means, and soon is in no calendar."""
SUNDAY = 6


@dataclass(frozen=True, slots=True)
class Days:
    """What was said of one day, apart: a date, a weekday, a week; and how far the day is moved from there.

    `beside` is a weekday next to the date, before or after it: the Monday before Thanksgiving.
    """

    dates: Sequence[Item]
    weekdays: Sequence[Item]
    weeks: Sequence[Item]
    moved: int = 0
    beside: Sequence[Item] = ()

    def day(self, today: date) -> date:
        """The date. Raises Unclear."""
        if any(len(each) > 1 for each in (self.weekdays, self.weeks, self.beside)):
            raise Unclear(Doubt.SEVERAL)
        found = {_date(item, today) for item in self.dates}
        if self.weekdays:
            found = self._with_weekday(found, self.weekdays[0], today)
        elif self.weeks and not found:
            raise Unclear(Doubt.NO_DAY)
        if len(found) != 1:
            raise Unclear(Doubt.SEVERAL if found else Doubt.NO_DAY)
        day = found.pop() + timedelta(self.moved)
        for item in self.beside:
            day = _beside(day, item.number("wd"), item.number("side"))
        if day < today:
            raise Unclear(Doubt.PAST)
        return day

    def _with_weekday(self, found: set[date], said: Item, today: date) -> set[date]:
        if found:
            (item,) = self.dates[:1]
            return {_of_weekday(item, said.number("wd"), day, today) for day in found}
        if self.weeks:
            return {_in_week(said, self.weeks[0].number("weeks"), today)}
        return {_weekday(said, today)}


def _beside(day: date, weekday: int, side: int) -> date:
    """The weekday next before that day (-1), or next after it (1)."""
    return day + side * timedelta((side * (weekday - day.weekday()) - 1) % WEEK + 1)


def _date(item: Item, today: date) -> date:
    """What an item comes to, which may name its weekday as well."""
    day = FORMS[item.form](item, today)
    return (
        _of_weekday(item, item.number("wd"), day, today)
        if item.form == "dom" and "wd" in item.values
        else day
    )


def _of_weekday(item: Item, weekday: int, day: date, today: date) -> date:
    """The date, which must be that weekday; a bare day of the month may be next month's for its sake."""
    if day.weekday() == weekday:
        return day
    if item.form == "dom":
        later = _day_of_month(item, day + timedelta(1))
        if later.weekday() == weekday and day <= today + timedelta(31):
            return later
    raise Unclear(Doubt.NO_SUCH_TIME)


def _in_week(said: Item, weeks: int, today: date) -> date:
    if weeks and today.weekday() == SUNDAY:
        raise Unclear(Doubt.WHICH_DAY)  # has the week begun, or does it begin tomorrow?
    monday = today - timedelta(today.weekday())
    day = monday + timedelta(WEEK * weeks + said.number("wd"))
    if said.number("wd") == SUNDAY:
        raise Unclear(Doubt.WHICH_DAY)
    return day


def _weekday(said: Item, today: date) -> date:
    ahead = (said.number("wd") - today.weekday()) % WEEK
    which = said.values.get("which", "")
    if which == "next":
        return today + timedelta(_next(ahead, today))
    if which == "after_next":
        return today + timedelta(_next(ahead, today) + WEEK)
    if which == "coming":
        return today + timedelta(ahead or WEEK)
    if not ahead:
        # On a Friday "this Friday", too, may be today or in a week.
        raise Unclear(Doubt.WHICH_DAY)
    return today + timedelta(ahead + WEEK * said.number("later"))


def _next(ahead: int, today: date) -> int:
    """How many days ahead `next` means. Raises Unclear when that may be either."""
    if not ahead:
        return WEEK
    for begins in (0, SUNDAY):
        since = (today.weekday() - begins) % WEEK
        if since + ahead < WEEK:
            raise Unclear(Doubt.WHICH_DAY)
    return ahead


def _offset(item: Item, today: date) -> date:
    days = item.number("days") + item.number("n", 1) * item.number("each")
    if days > DAYS_MOST:
        raise Unclear(Doubt.NO_SUCH_TIME)
    return today + timedelta(days)


def _day_of_month(item: Item, today: date) -> date:
    """The next day of that number, this month or the one after."""
    dom = item.number("dom")
    day = _made(today.year, today.month, dom)
    return day if day >= today else _made(*_months_on(today, 1), dom)


def _months_on(today: date, months: int) -> tuple[int, int]:
    whole = today.year * 12 + today.month - 1 + months
    return whole // 12, whole % 12 + 1


def _in_month(item: Item, today: date) -> date:
    """A day of this month or of the next."""
    return _made(*_months_on(today, item.number("months")), item.number("dom"))


def _made(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as exc:
        raise Unclear(Doubt.NO_SUCH_TIME) from exc


def _dated(item: Item, today: date) -> date:
    """A day and a month; without a year it is the next of the kind, if that is not too far away."""
    month, dom = item.number("mo"), item.number("dom")
    if "year" in item.values:
        year = item.number("year")
        return _made(year + 2000 if year < 100 else year, month, dom)
    for year in range(today.year, today.year + 2):
        if (month, dom) == (2, 29) and not calendar.isleap(year):
            continue
        day = _made(year, month, dom)
        if day >= today:
            return _near(item, day, today)
    raise Unclear(Doubt.NO_SUCH_TIME)


def _strokes(item: Item, today: date) -> date:
    """A date with strokes: the month first, or the day first where the language has it so."""
    first, second = item.number("one"), item.number("two")
    month, dom = first, second
    if item.values.get("order") == "day":
        month, dom = second, first
        if first != second and first <= 12 and second <= 12:
            raise Unclear(Doubt.WHICH_DAY)
    if month > 12 >= dom:
        month, dom = dom, month
    values = {**item.values, "mo": str(month), "dom": str(dom)}
    return _dated(Item(item.kind, item.form, item.start, item.end, values), today)


def _nth_weekday(item: Item, today: date) -> date:
    """The second Tuesday of a month, or the last."""
    year, month = _month_of(item, today)
    day = _nth_of(item, year, month)
    over = day < today and ASKED in item.values and "mo" in item.values
    return _nth_of(item, year + 1, month) if over else day


def _nth_of(item: Item, year: int, month: int) -> date:
    days = [day for week in calendar.monthcalendar(year, month) if (day := week[item.number("wd")])]
    nth = item.number("nth")
    if nth > len(days):
        raise Unclear(Doubt.NO_SUCH_TIME)
    return date(year, month, days[nth - 1] if nth else days[-1]) + timedelta(item.number("days"))


def _last_day(item: Item, today: date) -> date:
    """The last day of a month."""
    year, month = _month_of(item, today)
    return date(year, month, calendar.monthrange(year, month)[1])


def _easter(item: Item, today: date) -> date:
    """The next day that is so many days from Easter Sunday, if that is not too far away."""
    for year in (today.year, today.year + 1):
        day = _easter_sunday(year) + timedelta(item.number("days"))
        if day >= today:
            break
    return _near(item, day, today)


def _near(item: Item, day: date, today: date) -> date:
    """The next of a day that comes each year, if it is not too far away; one that is asked about never is."""
    too_far = day.year > today.year and (day - today).days > AHEAD_MOST
    if too_far and ASKED not in item.values:
        raise Unclear(Doubt.PAST)
    return day


def _easter_sunday(year: int) -> date:
    """By the rule of Meeus, for every year of the Gregorian calendar."""
    golden, (century, rest) = year % 19, divmod(year, 100)
    leaps, skipped = divmod(century, 4)
    moon = (19 * golden + century - leaps - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    week = (32 + 2 * skipped + 2 * (rest // 4) - moon - rest % 4) % 7
    late = (golden + 11 * moon + 22 * week) // 451
    month, dom = divmod(moon + week - 7 * late + 114, 31)
    return date(year, month, dom + 1)


def _month_of(item: Item, today: date) -> tuple[int, int]:
    """The month that is named, the next of its name, or the one so many months on."""
    if "mo" not in item.values:
        return _months_on(today, item.number("months"))
    month = item.number("mo")
    return today.year + (month < today.month), month


def _doubtful(doubt: Doubt) -> Callable[[Item, date], date]:
    def raised(_item: Item, _today: date) -> date:
        raise Unclear(doubt)

    return raised


FORMS: Mapping[str, Callable[[Item, date], date]] = {
    "offset": _offset,
    "dom": _day_of_month,
    "in_month": _in_month,
    "dated": _dated,
    "strokes": _strokes,
    "nth": _nth_weekday,
    "last_day": _last_day,
    "easter": _easter,
    "past": _doubtful(Doubt.PAST),
    "vague": _doubtful(Doubt.VAGUE),
    "which": _doubtful(Doubt.WHICH_DAY),
}
