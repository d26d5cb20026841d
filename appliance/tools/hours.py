"""`get_business_hours`: the clinic's hours, holidays and exceptions, computed here and never by the model."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from pydantic import Field

from appliance.core.opening_said import Told
from appliance.core.when import Doubt, Unclear, resolve, resolve_days
from appliance.tools.tool import Arguments, Desk, Result, Spoken, Tool

DAYS_MOST = 3
WHY = {
    Doubt.NO_DAY: "No day was understood in these words; if one is meant",
    Doubt.WHICH_DAY: "It may be one of two days",
    Doubt.PAST: "That day is over",
    Doubt.NO_SUCH_TIME: "There is no such day",
    Doubt.VAGUE: "More than one day may be meant",
}


class HoursWanted(Arguments):
    """For which day, and in which language."""

    day: str = Field(
        "",
        max_length=200,
        description="The day that the caller asks about, in the caller's own words, such as"
        ' "next Friday", "tomorrow at six" or "Thanksgiving". Leave it out for now and the usual week.',
    )
    language: Spoken = ""


async def _run(desk: Desk, arguments: HoursWanted) -> Result:
    opening = desk.office.staff.opening
    now = opening.local(desk.clock())
    told = Told(opening, now.date(), arguments.language)
    is_open = opening.open_at(now)
    output: dict[str, Any] = {"ok": True, "open_now": is_open}
    try:
        # Words are read for milliseconds: not on the loop that carries the calls.
        days, then = await asyncio.to_thread(_meant, arguments, now, opening.holidays.coming(now.date()))
    except Unclear as unclear:
        said = f"{told.week()} {told.now(is_open=is_open, changes=opening.changes(now))}".rstrip()
        output["hours"] = said
        if arguments.day.strip():
            why = WHY.get(Doubt(str(unclear)), "It is not clear which day is meant")
            output["unclear"] = f"{why}: ask for the date. These are the usual hours."
        return Result(output)
    hours = [told.day(opening.day(day)) for day in days[:DAYS_MOST]]
    output["dates"] = [day.isoformat() for day in days[:DAYS_MOST]]
    if then is not None and then.date() == days[0]:
        hours.append(told.then(then))
        output["open_then"] = opening.open_at(then)
    elif days == (now.date(),):
        hours.append(told.now(is_open=is_open, changes=opening.changes(now)))
    return Result({**output, "hours": " ".join(hours).rstrip()})


def _meant(
    arguments: HoursWanted, now: datetime, holidays: Mapping[str, Sequence[date]]
) -> tuple[Sequence[date], datetime | None]:
    """The days that were asked about; of a single one the time, where it is clear. Raises Unclear."""
    days = resolve_days(arguments.day, now, arguments.language, holidays=holidays)
    if len(days) != 1:
        return days, None
    start = resolve(arguments.day, now, arguments.language, holidays=holidays).start
    return days, None if start is None else start.astimezone(now.tzinfo)


GET_BUSINESS_HOURS = Tool(
    "get_business_hours",
    "The clinic's opening hours, holidays and exceptions: in general and now, or on a day that is asked for."
    " Say what it returns; never reckon with dates or times yourself.",
    HoursWanted,
    _run,
    again=True,
)
