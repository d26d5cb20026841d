"""What staff decide in a call by the pages, and the recorded sentence before it goes on elsewhere, or ends.

Pure. May import: the standard library, appliance.core.
"""

from appliance.core.commands import Command, PlayPrompt, StopTimer
from appliance.core.dialogue.aloud import Aloud
from appliance.core.dialogue.moves import Leave
from appliance.core.dispositions import Disposition, Kind
from appliance.core.events import StaffDecided
from appliance.core.replies import PROMPT, Reply

WAITS = ("first_audio", "reply_due", "probe", "keys", "no_input", "message", "message_pause")
STAFF = "the staff: "
"""How the reason of an end begins that staff decided."""


def sentence(leave: Disposition) -> str:
    """The name of what a caller hears who is going there."""
    return "goodbye" if leave.kind is Kind.GOODBYE else "connecting"


def by_staff(event: StaffDecided, aloud: Aloud) -> list[Command]:
    """Break off what sounds, say a recorded sentence, and leave when it was heard.

    It is a recorded one since the caller cannot break into that: who is put out is not to talk their way in.
    A message that is being spoken is kept first.
    """
    leave = event.leave
    prompt, cut = sentence(leave), [*aloud.replies.silence(), *aloud.broken_off()]
    aloud.replies.speaking[PROMPT + prompt] = Reply()
    aloud.leaving = Leave(leave, f"{STAFF}{str(leave) or 'people'}")
    return [*cut, *(StopTimer(name) for name in WAITS), PlayPrompt(prompt, aloud.dialogue.language)]
