"""What still comes of a brain when its call is over: kept as it was said and used, and looked at for danger.

Pure. May import: the standard library, appliance.core.
"""

from appliance.core.commands import Command
from appliance.core.conversation import Conversation
from appliance.core.events import Event, Heard, ReplyEnded, ReplyWorded, UsageMissed, UsageReported
from appliance.core.looking import heard_late

KEPT = UsageReported | UsageMissed | Heard | ReplyWorded | ReplyEnded
"""The facts that belong to a call even when they come after its end."""


def turns(conversation: Conversation, event: Event) -> list[Command]:
    """The turns whose words these are: what the caller said, and of our replies what was heard of them.

    Danger in what the caller said is told as well.
    """
    story = conversation.story
    match event:
        case Heard():
            # What we have overheard was answered then.
            answered = conversation.aloud.overhearing.answered
            return heard_late(event, story, None if answered else conversation.watch)
        case ReplyWorded() if any(turn.turn_id == event.reply_id for turn in story.turns):
            return conversation.replies.worded(event)
        case _:
            return []
