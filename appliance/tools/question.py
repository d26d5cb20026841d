"""`answer_question` and `get_policy`: what the office's own documents say, or what is done as they do not.

What is not sure enough is not said, medical advice is never given, and nobody makes up an answer: that is
decided here, for the cloud and the local assistant alike.
May import: pydantic, appliance.core, kb, models.local.
"""

import asyncio

from pydantic import Field

from appliance.core.citations import Asked
from appliance.core.dispositions import PEOPLE
from appliance.core.phrases.advice import asks_advice
from appliance.core.staff import Otherwise
from appliance.core.story import Speaker
from appliance.tools.tool import Arguments, Desk, Result, Tool
from kb import answer
from kb.answer import Rules
from models.local import sentences

NOT_KNOWN = "Say that you do not know. Make up nothing. "
NEXT = {
    Otherwise.MESSAGE: f"{NOT_KNOWN}Offer to take a message or to connect with a person.",
    Otherwise.PEOPLE: f"{NOT_KNOWN}The caller is being connected with a person.",
    Otherwise.SAY: f"{NOT_KNOWN}Ask whether there is anything else.",
    Otherwise.LINK: (
        f"{NOT_KNOWN}Offer to text a link to the clinic's web page, and ask whether the number that they call"
        " from is right; then call text_booking_link with about=clinic."
    ),
}
ADVICE = "no_advice"
"""Our own sentence about medical advice."""
NO_ADVICE = (
    "The caller asks for medical advice: say nothing. They were told that you give none, and are connected."
)
LAST_WORDS_S = 0.25
"""The caller's own words may still be on their way."""


class QuestionAsked(Arguments):
    """What the caller wants to know."""

    question: str = Field(min_length=1, max_length=500, description="The question, in the caller's words.")


class PolicyWanted(Arguments):
    """Of what the caller wants to know the clinic's rules."""

    topic: str = Field(
        min_length=1, max_length=120, description="What the rules are about, such as cancelling or payment."
    )


async def _question(desk: Desk, arguments: QuestionAsked) -> Result:
    return await _answered(desk, arguments.question)


async def _policy(desk: Desk, arguments: PolicyWanted) -> Result:
    return await _answered(desk, arguments.topic)


async def _answered(desk: Desk, question: str) -> Result:
    language = desk.language()
    if asks_advice(question) or asks_advice(await _last_words(desk)):
        refused = {"ok": True, "known": False, "next": NO_ADVICE, "then": "advice"}
        return Result(refused, PEOPLE, asked=Asked(question, language), sentence=ADVICE)
    staff, documents = desk.office.staff, desk.answers
    if documents is None:
        return _not_known(desk, Asked(question, language))
    today = desk.office.at(desk.clock()).today or desk.clock().date()
    rules = Rules(staff.kb_min_confidence, staff.kb_old_after_months, today)
    made = answer.asked(question, language, await documents.search(question, language), rules)
    if made.sources and made.answer:
        return Result(answer.for_model(made), asked=made)
    documents.missed(question, language, made.confidence)
    return _not_known(desk, made)


async def _last_words(desk: Desk) -> str:
    """What the caller said last: a model may word a question otherwise."""
    try:
        async with asyncio.timeout(LAST_WORDS_S):
            turns = await desk.said()
    except TimeoutError:
        return ""
    return next((turn.text for turn in reversed(turns) if turn.speaker is Speaker.CALLER), "")


def _not_known(desk: Desk, made: Asked) -> Result:
    """Say so, and do what the staff want done then."""
    then = desk.office.staff.low_confidence_action
    if then is Otherwise.LINK and not (desk.links and desk.office.staff.clinic_url):
        then = Otherwise.MESSAGE
    output = {"ok": True, "known": False, "next": NEXT[then], "then": str(then)}
    if then is Otherwise.LINK and desk.links is not None:
        output["link"] = desk.links.offer()
    if then is Otherwise.PEOPLE:
        said = sentences.text("not_known_person", desk.language())
        return Result({**output, "say": said}, PEOPLE, asked=made)
    return Result(output, asked=made)


ANSWER_QUESTION = Tool(
    "answer_question",
    "Answer a question about the clinic from its own documents: services, prices, insurance, parking."
    " Call it before you answer any such question, and for every question about health or medicine, too.",
    QuestionAsked,
    _question,
    again=True,
)
GET_POLICY = Tool(
    "get_policy",
    "The clinic's own rules on a subject, word for word, such as cancelling or payment.",
    PolicyWanted,
    _policy,
    again=True,
)
