"""`withdraw_message`: a message that was kept goes, because the caller says so and not because a model does.

May import: appliance.core, appliance.tools.
"""

from appliance.core.booking import agreeing, saying
from appliance.core.taking_back import said_so
from appliance.tools.message import WITHIN_S
from appliance.tools.tool import Desk, NoArguments, Result, Tool, refused

NONE_STANDS = (
    "No message of this call is known that could be taken back. Say so, and offer to leave staff another."
)
NOT_SAID = "The caller has not said so in as many words. Ask, and call this again when they say yes: "
SEEN_TO = (
    "Staff have seen to it already. Say so, and offer to take another message that says what is changed."
)


async def _withdraw(desk: Desk, _arguments: NoArguments) -> Result:
    turns, last = await desk.said(), desk.stands()
    if last is None:
        return refused(NONE_STANDS)
    asked = desk.doubted.get(f"withdraw {last.behind}", len(turns))
    if not (said_so(turns[last.behind :]) or agreeing.consents(turns[asked:])):
        desk.doubted[f"withdraw {last.behind}"] = len(turns)
        question = saying.question(desk.language(), "withdraw")
        return Result({"ok": False, "error": f"{NOT_SAID}{question}", "say": question})
    if not await last.withdraw():
        return Result({"ok": False, "error": SEEN_TO, "say": saying.sentence(desk.language(), "seen_to")})
    return Result({"ok": True, "say": saying.sentence(desk.language(), "withdrawn")})


WITHDRAW_MESSAGE = Tool(
    "withdraw_message",
    "Take back the message or the wish for a call that was kept last in this call, when the caller no longer"
    " wants it. Never say that it is taken back before this has answered.",
    NoArguments,
    _withdraw,
    within_s=WITHIN_S,
)
