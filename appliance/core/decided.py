"""What staff decide in a call by the pages, and the recorded sentence before it goes on elsewhere, or ends.

Pure. May import: the standard library, appliance.core.
"""

from appliance.core.commands import Command, PlayPrompt, StopTimer
from appliance.core.dialogue.aloud import Aloud
from appliance.core.dialogue.moves import Leave
from appliance.core.dispositions import Disposition, Kind
from appliance.core.events import StaffDecided
from appliance.core.replies import PROMPT, Reply

WAITS = ("first_audio", "reply_due", "probe", "keys", "no_input")


def sentence(leave: Disposition) -> str:
    """The name of what a caller hears who is going there."""
    return "goodbye" if leave.kind is Kind.GOODBYE else "connecting"


def by_staff(event: StaffDecided, aloud: Aloud) -> list[Command]:
    """Break off what sounds, say a recorded sentence, and leave when it was heard.

    It is a recorded one since the caller cannot break into that: who is put out is not to talk their way in.
    """
    leave = event.leave
    prompt, cut = sentence(leave), aloud.replies.silence()
    aloud.replies.speaking[PROMPT + prompt] = Reply()
    aloud.leaving = Leave(leave, f"the staff: {str(leave) or 'people'}")
    return [*cut, *(StopTimer(name) for name in WAITS), PlayPrompt(prompt, aloud.dialogue.language)]
