"""What a caller would hear to a question, and what it is drawn from: asked by staff, without a call.

May import: the standard library, appliance.core, appliance.languages, kb, models.local.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from appliance.core.citations import Asked
from appliance.core.dialogue import documents
from appliance.core.phrases.advice import asks_advice
from appliance.core.staff import StaffSettings
from appliance.core.tongue import spoken
from appliance.languages.folders import code_of
from kb import answer
from kb.found import Hit
from kb.search import Search
from models.local import sentences

PASSAGES = 5


@dataclass(frozen=True, slots=True)
class Told:
    """What was found, and what is said. `then` is what is done without an answer; empty with one."""

    question: str
    language: str
    confidence: float
    least: float
    """So sure an answer has to be."""
    then: str
    heard: tuple[str, ...]
    """The sentences of the assistant that speaks without the cloud."""
    hits: tuple[Hit, ...]
    problem: str | None
    """Why less may have been found than there is."""


def told(search: Search, question: str, language: str, staff: StaffSettings, today: date) -> Told:
    """Ask the documents; without a language in that of the words."""
    code = code_of(language or spoken(question, staff.languages) or staff.language)
    found = search.search(question, code, PASSAGES)
    rules = answer.Rules(staff.kb_min_confidence, staff.kb_old_after_months, today)
    made = answer.asked(question, code, found, rules)
    then = _then(made, staff)
    output = {"ok": True, "known": False, "then": then} if then else answer.for_model(made)
    return Told(
        question,
        code,
        found.confidence,
        staff.kb_min_confidence,
        then,
        _heard(output, code),
        found.hits,
        search.problem,
    )


def _then(made: Asked, staff: StaffSettings) -> str:
    if asks_advice(made.question):
        return "advice"
    return "" if made.sources else str(staff.low_confidence_action)


def _heard(output: dict[str, Any], language: str) -> tuple[str, ...]:
    then = documents.told(output, language, "…" if output.get("then") == "link" else "")
    says = then.says if hasattr(then, "says") else ()
    return tuple(sentences.text(say.sentence, say.language or language, say.fields) for say in says)
