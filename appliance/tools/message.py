"""`take_message`: a message for the staff, on disk before the assistant may say so."""

from pydantic import Field

from appliance.tools.tool import Arguments, Desk, Result, Tool

RECORDING = r"^message-[0-9a-f-]{1,60}\.wav$"


class MessageGiven(Arguments):
    """What the caller wants to be told to the staff."""

    subject: str = Field(min_length=1, max_length=120, description="What it is about, in a few words.")
    body: str = Field(
        min_length=1, max_length=2000, description="The message with the caller's name and number."
    )


class MessageSpoken(MessageGiven):
    """A message that the caller spoke after being asked to."""

    recording: str = Field(pattern=RECORDING, description="The name under which it was recorded.")


async def _run(desk: Desk, arguments: MessageGiven) -> Result:
    recording = arguments.recording if isinstance(arguments, MessageSpoken) else ""
    await desk.keep_message(arguments.subject, arguments.body, recording)
    return Result({"ok": True, "say": "I have written that down for the staff."})


TAKE_MESSAGE = Tool("take_message", "Take a message for the staff.", MessageGiven, _run)
TAKE_SPOKEN_MESSAGE = Tool(
    "take_spoken_message", "Keep a message that was recorded in the call.", MessageSpoken, _run, offered=False
)
