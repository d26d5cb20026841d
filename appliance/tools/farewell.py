"""`end_call`: the call ends after the farewell was played."""

from pydantic import Field

from appliance.core.dispositions import GOODBYE
from appliance.tools.tool import Arguments, Desk, Result, Tool


class WhyEnded(Arguments):
    """Why the call ends."""

    reason: str = Field("", max_length=120, description="Why, in a few words.")


async def _run(desk: Desk, _arguments: WhyEnded) -> Result:
    return Result({"ok": True, "say": "Say goodbye if you have not; the call ends after it."}, GOODBYE)


END_CALL = Tool(
    "end_call", "End the call, when the caller is done and has been told goodbye.", WhyEnded, _run
)
