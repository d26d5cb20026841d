"""`get_business_hours`: the office's hours, computed here and never by the model."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from appliance.tools.tool import Desk, NoArguments, Result, Tool


async def _run(desk: Desk, _arguments: NoArguments) -> Result:
    staff = desk.office.staff
    local = datetime.now(UTC).astimezone(ZoneInfo(staff.time_zone))
    return Result({"ok": True, "hours": staff.hours.said(), "open_now": staff.hours.open_at(local)})


GET_BUSINESS_HOURS = Tool(
    "get_business_hours",
    "The opening hours of the office, and whether it is open now.",
    NoArguments,
    _run,
)
