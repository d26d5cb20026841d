"""What still comes of a brain when its call is over: kept as it was said and used, and nothing is decided.

Pure. May import: the standard library, appliance.core.
"""

from appliance.core.commands import Command, WriteTurn
from appliance.core.conversation import Conversation
from appliance.core.events import Event, Heard, ReplyEnded, ReplyWorded, UsageMissed, UsageReported
from appliance.core.story import Speaker

KEPT = UsageReported | UsageMissed | Heard | ReplyWorded | ReplyEnded
"""The facts that belong to a call even when they come after its end."""


def turns(conversation: Conversation, event: Event) -> list[Command]:
    """The turns whose words these are: what the caller said, and of our replies what was heard of them."""
    story = conversation.story
    match event:
        case Heard():
            place = story.tell(event.utterance_id, Speaker.CALLER, event.text)
            return [WriteTurn(place, Speaker.CALLER, event.text)]
        case ReplyWorded() if any(turn.turn_id == event.reply_id for turn in story.turns):
            return conversation.replies.worded(event)
        case _:
            return []
