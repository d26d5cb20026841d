"""What the local assistant says of the office's documents, and what is done where they do not know.

It takes what the tool returned and says what comes next. Pure. May import: the standard library,
appliance.core.
"""

from collections.abc import Mapping
from typing import Any

from appliance.core.dialogue.asking import Step
from appliance.core.dialogue.following import Ask, Finished, Next, Person, verbatim
from appliance.core.dialogue.moves import LITERAL, Say

DOCUMENTS = frozenset({"answer_question", "get_policy"})
"""The tools that ask them."""
NAMING = frozenset({"source", "source_as_of"})
"""The sentences that name a source."""
ADVICE = "no_advice"


def says_source(said: str, as_of: str) -> Say:
    """The sentence that names a source, with its month where it is old."""
    if as_of:
        return Say("source_as_of", (("source", said), ("date", as_of)))
    return Say("source", (("source", said),))


def says_answer(answer: str, written_in: str, language: str) -> list[Say]:
    """An answer word for word: in the voice of its own language, and said so where that is another one."""
    if not written_in or written_in == language:
        return [*verbatim(answer)]
    return [Say("only_in_another"), Say(LITERAL, (("text", answer),), written_in)]


def news(output: Mapping[str, Any], language: str) -> list[Say]:
    """The same of what a tool returned, where something else leads on."""
    answer = str(output.get("answer") or "")
    if not answer:
        return [Say(ADVICE if output.get("then") == "advice" else "not_known")]
    said = says_answer(answer, str(output.get("language") or ""), language)
    source = str(output.get("source") or "")
    return [*said, says_source(source, str(output.get("as_of") or ""))] if source else said


def told(output: Mapping[str, Any], language: str, number: str) -> Next:
    """What is said and done; `number` is the caller's, where a link may be texted to it."""
    if output.get("ok") and output.get("answer"):
        said = tuple(news(output, language))
        if output.get("language") in ("", None, language):
            return Finished(said)
        # Who does not understand it can still have it answered.
        return Ask(Step.MESSAGE_OFFERED, (*said, Say("offer_message")))
    match output.get("then"):
        case "advice":
            return Person((Say(ADVICE),), "medical advice was asked for")
        case "people":
            return Person((Say("not_known_person"),), "the documents do not know")
        case "say":
            return Finished((Say("not_known_alone"),))
        case "link" if number:
            return Ask(Step.LINK, (Say("not_known_alone"), Say("offer_page", (("number", number),))))
        case _:
            return Ask(Step.MESSAGE_OFFERED, (Say("not_known"), Say("offer_message")))
