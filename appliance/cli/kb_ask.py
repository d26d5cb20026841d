"""`attendant kb ask`: what a caller would hear to a question, and what it is drawn from.

May import: everything; heavy parts inside the command.
"""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import click
import orjson

from appliance.cli import rows, show
from appliance.cli.config import with_settings
from appliance.core.settings import Settings
from appliance.core.staff import Office

PASSAGES = 5
SHOWN = 200


@dataclass(frozen=True, slots=True)
class _Told:
    """What is printed. `then` is what is done as there is no answer; empty when there is one."""

    question: str
    language: str
    confidence: float
    least: float
    then: str
    heard: tuple[str, ...]
    passages: tuple[dict[str, Any], ...]
    problem: str | None


@click.command()
@click.argument("question")
@click.option("--lang", "language", help="The caller's language, such as es; left out, that of the words.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead.")
@with_settings
def ask(settings: Settings, question: str, language: str | None, *, as_json: bool) -> None:
    """Ask the documents: passages, how sure they are, and what a caller hears without the cloud."""
    office = rows.office(settings).at(datetime.now(UTC))
    told = _asked(settings, office, question, language)
    if as_json:
        click.echo(orjson.dumps(asdict(told), option=orjson.OPT_INDENT_2).decode())
        return
    if told.problem:
        show.line(told.problem)
    for place, passage in enumerate(told.passages, 1):
        text = " ".join(str(passage["text"]).split())
        show.line(f"{place}. {passage['confidence']:.2f}  {passage['source']} ({passage['slug']})")
        show.line(f"   {text if len(text) <= SHOWN else f'{text[: SHOWN - 1]}…'}")
    sure = f"{told.confidence:.2f}, and at least {told.least:.2f} is wanted"
    show.line(f"Sure: {sure}." if told.passages else "Nothing was found.")
    if told.then:
        show.line(f"Done then: {told.then}.")
    show.line("A caller hears:")
    for sentence in told.heard:
        show.line(f"  {sentence}")


def _asked(settings: Settings, office: Office, question: str, language: str | None) -> _Told:
    from appliance.core.phrases.advice import asks_advice
    from appliance.core.tongue import spoken
    from appliance.languages.folders import code_of
    from appliance.service import embedding
    from appliance.service.answers import embedder_or_none
    from kb import answer
    from kb.search import Search

    staff = office.staff
    code = code_of(language or spoken(question, staff.languages) or staff.language)
    search = Search(settings.knowledge_index, embedder_or_none(lambda: embedding.embedder(settings)))
    try:
        found = search.search(question, code, PASSAGES)
    finally:
        search.close()
    today = office.today or datetime.now(UTC).date()
    rules = answer.Rules(staff.kb_min_confidence, staff.kb_old_after_months, today)
    made = answer.asked(question, code, found, rules)
    then = "advice" if asks_advice(question) else "" if made.sources else str(staff.low_confidence_action)
    output = answer.for_model(made) if not then else {"ok": True, "known": False, "then": then}
    passages = tuple(
        {
            "confidence": round(hit.confidence, 4),
            "slug": hit.passage.slug,
            "source": answer.named(hit.passage),
            "language": hit.passage.language,
            "text": hit.passage.text,
        }
        for hit in found.hits
    )
    return _Told(
        question,
        code,
        found.confidence,
        staff.kb_min_confidence,
        then,
        _heard(output, code),
        passages,
        search.problem,
    )


def _heard(output: dict[str, Any], language: str) -> tuple[str, ...]:
    """The sentences of the local assistant."""
    from appliance.core.dialogue import documents
    from models.local import sentences

    then = documents.told(output, language, "…" if output.get("then") == "link" else "")
    says = then.says if hasattr(then, "says") else ()
    return tuple(sentences.text(say.sentence, say.language or language, say.fields) for say in says)
