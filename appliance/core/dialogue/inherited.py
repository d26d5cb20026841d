"""What the dialogue makes of a tool that the cloud had asked for, once the cloud is gone.

The tool's name decides: a refusal to cancel is no wish for another time. Pure. May import: the standard
library, appliance.core.
"""

from collections.abc import Mapping
from typing import Any

from appliance.core.dialogue.asking import ANSWERS
from appliance.core.dialogue.dialogue import Dialogue
from appliance.core.dialogue.moves import LITERAL, Move, Say
from appliance.core.dispositions import Disposition
from appliance.core.events import Understood

REFUSED = {
    "cancel_appointment": "cancel",
    "move_appointment": "move",
    "book_appointment": "book",
    "request_appointment": "book",
}
"""What the caller still wants when one of these has refused."""
FOUND = "find_appointment"
DOCUMENTS = frozenset({ANSWERS, "get_policy"})


def inherited(
    dialogue: Dialogue, tool: str, output: Mapping[str, Any], said: str, leave: Disposition | None
) -> list[Move]:
    """The moves by which the caller is told of it, and led on."""
    ok = bool(output.get("ok"))
    if not ok and tool in REFUSED:
        # What was asked by its words was the cloud's to ask; that a time is taken is news.
        news = [Say(LITERAL, (("text", said),))] if output.get("why") == "taken" else []
        return [*news, *dialogue.resume(Understood("", REFUSED[tool]))]
    if tool == FOUND and not (ok and dialogue.facts.finds):
        return dialogue.done({"ok": False}, said, leave, tool)
    return dialogue.done(output, said, leave, ANSWERS if tool in DOCUMENTS else tool)
