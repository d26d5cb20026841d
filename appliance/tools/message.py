"""`take_message`: a message for the staff, on disk before the assistant may say so."""

from pydantic import Field

from appliance.tools.tool import Arguments, Desk, Result, Tool


class MessageGiven(Arguments):
    """What the caller wants to be told to the staff."""

    subject: str = Field(min_length=1, max_length=120, description="What it is about, in a few words.")
    body: str = Field(
        min_length=1, max_length=2000, description="The message with the caller's name and number."
    )


async def _run(desk: Desk, arguments: MessageGiven) -> Result:
    await desk.keep_message(arguments.subject, arguments.body)
    return Result({"ok": True, "say": "I have written that down for the staff."})


TAKE_MESSAGE = Tool("take_message", "Take a message for the staff.", MessageGiven, _run)
