"""`answer_question` and `get_policy`: what the office's own documents say, or that they say nothing.

Until there are documents nothing is known, and it is said so: nobody makes up an answer.
"""

from pydantic import Field

from appliance.tools.tool import Arguments, Desk, Result, Tool

NOT_KNOWN = (
    "Say that you do not know, and offer to take a message or to connect with a person. Make up nothing."
)


class QuestionAsked(Arguments):
    """What the caller wants to know."""

    question: str = Field(min_length=1, max_length=500, description="The question, in the caller's words.")


class PolicyWanted(Arguments):
    """Of what the caller wants to know the clinic's rules."""

    topic: str = Field(
        min_length=1, max_length=120, description="What the rules are about, such as cancelling or payment."
    )


async def _run(_desk: Desk, _arguments: QuestionAsked | PolicyWanted) -> Result:
    return Result({"ok": True, "known": False, "next": NOT_KNOWN})


ANSWER_QUESTION = Tool(
    "answer_question",
    "Answer a question about the clinic from its own documents: services, prices, insurance, parking."
    " Call it before you answer any such question.",
    QuestionAsked,
    _run,
    again=True,
)
GET_POLICY = Tool(
    "get_policy",
    "The clinic's own rules on a subject, word for word, such as cancelling or payment.",
    PolicyWanted,
    _run,
    again=True,
)
