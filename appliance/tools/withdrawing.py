"""`withdraw_message`: a message that was kept goes, because the caller says so and not because a model does.

May import: appliance.core, appliance.tools.
"""

from appliance.core.booking import agreeing, saying
from appliance.core.taking_back import said_so
from appliance.tools.message import WITHIN_S
from appliance.tools.tool import Desk, NoArguments, Result, Tool, refused

ASKED, WITHDRAWN = "ask to withdraw", "withdrawn"
"""Behind how many turns that was so last, among what is doubted."""
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
    # Words that have had one message taken back take back no other.
    since = max(last.behind, desk.doubted.get(WITHDRAWN, 0))
    asked = max(since, desk.doubted.get(ASKED, len(turns)))
    if not (said_so(turns[since:]) or agreeing.consents(turns[asked:])):
        desk.doubted[ASKED] = len(turns)
        question = saying.question(desk.language(), "withdraw")
        return Result({"ok": False, "error": f"{NOT_SAID}{question}", "say": question})
    if not await last.withdraw():
        return Result({"ok": False, "error": SEEN_TO, "say": saying.sentence(desk.language(), "seen_to")})
    desk.doubted[WITHDRAWN] = len(turns)
    return Result({"ok": True, "say": saying.sentence(desk.language(), "withdrawn")})


WITHDRAW_MESSAGE = Tool(
    "withdraw_message",
    "Take back the message or the wish for a call that was kept last in this call, when the caller no longer"
    " wants it. Never say that it is taken back before this has answered.",
    NoArguments,
    _withdraw,
    within_s=WITHIN_S,
)
