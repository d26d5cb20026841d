"""`get_business_hours`: the office's hours, computed here and never by the model."""

from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from appliance.tools.tool import Arguments, Desk, Result, Tool


class HoursWanted(Arguments):
    """In which language the hours are to be said."""

    language: Literal["en", "es"] = Field("en", description="The language that you speak with the caller.")


async def _run(desk: Desk, arguments: HoursWanted) -> Result:
    staff = desk.office.staff
    local = datetime.now(UTC).astimezone(ZoneInfo(staff.time_zone))
    said, is_open = staff.hours.said(arguments.language), staff.hours.open_at(local)
    return Result({"ok": True, "hours": said, "open_now": is_open})


GET_BUSINESS_HOURS = Tool(
    "get_business_hours",
    "The opening hours of the office, and whether it is open now.",
    HoursWanted,
    _run,
)
