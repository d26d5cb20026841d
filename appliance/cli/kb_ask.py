"""`attendant kb ask`: what a caller would hear to a question, and what it is drawn from.

May import: everything; heavy parts inside the command.
"""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click
import orjson

from appliance.cli import rows, show
from appliance.cli.config import with_settings
from appliance.core.settings import Settings
from appliance.core.staff import Office

if TYPE_CHECKING:
    from appliance.tools.told import Told

SHOWN = 200


@click.command()
@click.argument("question")
@click.option("--lang", "language", help="The caller's language, such as es; left out, that of the words.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead.")
@with_settings
def ask(settings: Settings, question: str, language: str | None, *, as_json: bool) -> None:
    """Ask the documents: passages, how sure they are, and what a caller hears without the cloud."""
    from kb.answer import named

    office = rows.office(settings).at(datetime.now(UTC))
    told = _asked(settings, office, question, language or "")
    if as_json:
        click.echo(orjson.dumps(_tree(told), option=orjson.OPT_INDENT_2).decode())
        return
    if told.problem:
        show.line(told.problem)
    for place, hit in enumerate(told.hits, 1):
        text = " ".join(hit.passage.text.split())
        show.line(f"{place}. {hit.confidence:.2f}  {named(hit.passage)} ({hit.passage.slug})")
        show.line(f"   {text if len(text) <= SHOWN else f'{text[: SHOWN - 1]}…'}")
    sure = f"{told.confidence:.2f}, and at least {told.least:.2f} is wanted"
    show.line(f"Sure: {sure}." if told.hits else "Nothing was found.")
    if told.then:
        show.line(f"Done then: {told.then}.")
    show.line("A caller hears:")
    for sentence in told.heard:
        show.line(f"  {sentence}")


def _asked(settings: Settings, office: Office, question: str, language: str) -> "Told":
    from appliance.service import embedding
    from appliance.tools.told import told
    from kb.search import Search

    loaded = embedding.embedder_or_none(lambda: embedding.embedder(settings))
    search = Search(settings.knowledge_index, loaded)
    try:
        return told(search, question, language, office.staff, office.today or datetime.now(UTC).date())
    finally:
        search.close()


def _tree(told: "Told") -> dict[str, Any]:
    from kb.answer import named

    tree = asdict(told)
    del tree["hits"]
    passages = [
        {
            "confidence": round(hit.confidence, 4),
            "slug": hit.passage.slug,
            "source": named(hit.passage),
            "language": hit.passage.language,
            "text": hit.passage.text,
        }
        for hit in told.hits
    ]
    return {**tree, "passages": passages}
