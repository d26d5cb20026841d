"""`end_call`: the call ends after the farewell was played."""

from pydantic import Field

from appliance.core.dispositions import GOODBYE
from appliance.tools.tool import Arguments, Desk, Result, Tool
from models.local import sentences


class WhyEnded(Arguments):
    """Why the call ends."""

    reason: str = Field("", max_length=120, description="Why, in a few words.")


SAID = "Say goodbye if you have not; the call ends after it."


async def _run(desk: Desk, _arguments: WhyEnded) -> Result:
    farewell = sentences.text("goodbye", desk.language())
    return Result({"ok": True, "say": farewell, "next": SAID}, GOODBYE)


END_CALL = Tool(
    "end_call", "End the call, when the caller is done and has been told goodbye.", WhyEnded, _run
)
