"""What the dialogue makes of tools that the cloud had asked for, once the cloud is gone.

The tool's name decides: a refusal to cancel is no wish for another time. Of several all are told; the one
that asks most of the caller comes last and leads on. Pure. May import: the standard library, appliance.core.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from appliance.core.dialogue.asking import ANSWERS, TAKES
from appliance.core.dialogue.dialogue import Dialogue
from appliance.core.dialogue.documents import DOCUMENTS
from appliance.core.dialogue.documents import news as news_of_documents
from appliance.core.dialogue.moves import LITERAL, Move, Say
from appliance.core.dispositions import Disposition
from appliance.core.errands import Back
from appliance.core.events import Understood

REFUSED = {
    "cancel_appointment": "cancel",
    "move_appointment": "move",
    "book_appointment": "book",
    "request_appointment": "book",
}
"""What the caller still wants when one of these has refused."""
FOUND = "find_appointment"


def all_inherited(dialogue: Dialogue, back: Sequence[Back]) -> list[Move]:
    """The moves by which the caller is told of all that came back, and led on by one of them."""
    told = sorted((_Told.of(each) for each in back), key=lambda each: each.weight)
    news = [say for each in told[:-1] for say in each.news(dialogue.language)]
    last = told[-1]
    return [*news, *inherited(dialogue, last.tool, last.output, last.said, last.leave, last.about)]


@dataclass(frozen=True, slots=True)
class _Told:
    """What one of them has for the caller."""

    tool: str
    output: Mapping[str, Any]
    said: str
    leave: Disposition | None
    about: str = ""

    @classmethod
    def of(cls, back: Back) -> "_Told":
        """As it came back."""
        output = json.loads(back.answer.output)
        said = str(output.get("say") or output.get("hours") or output.get("answer") or "")
        return cls(back.tool, output, said, back.answer.leave, _message(back, output))

    @property
    def weight(self) -> int:
        """How much it asks of the caller: what failed leads to a person, whatever else was done."""
        if not (self.output.get("ok") or self.said):
            return 3
        if self.leave is not None:
            return 2
        asks = self.output.keys() & {"offers", "appointments"} or not (self.output.get("ok") and self.said)
        return int(bool(asks) and self.tool not in TAKES)

    def news(self, language: str) -> list[Move]:
        """The same in a sentence, where something else leads on."""
        if self.tool in TAKES:
            return [Say("message_kept" if self.output.get("ok") else "message_failed")]
        if self.tool in DOCUMENTS:
            return [*news_of_documents(self.output, language)]
        return [Say(LITERAL, (("text", self.said),))] if self.said else []


def _message(back: Back, output: Mapping[str, Any]) -> str:
    """The message that the cloud was told, where the tool has read it and still asks something."""
    if back.tool not in TAKES or output.get("ok") or not output.get("say"):
        return ""
    given = json.loads(back.arguments)
    return str(given.get("body") or given.get("about") or "")


def inherited(
    dialogue: Dialogue,
    tool: str,
    output: Mapping[str, Any],
    said: str,
    leave: Disposition | None,
    about: str = "",
) -> list[Move]:
    """The moves by which the caller is told of it, and led on. `about` is a message that needs an answer."""
    ok = bool(output.get("ok"))
    if not ok and (tool in REFUSED or (tool in TAKES and said)):
        # What was asked by its words was the cloud's to ask; that a time is taken is news.
        news = [Say(LITERAL, (("text", said),))] if output.get("why") == "taken" else []
        return [*news, *dialogue.resume(Understood("", REFUSED.get(tool, "leave_message"), text=about))]
    if tool == FOUND and not (ok and dialogue.facts.finds):
        return dialogue.done({"ok": False}, said, leave, tool)
    return dialogue.done(output, said, leave, ANSWERS if tool in DOCUMENTS else tool)
