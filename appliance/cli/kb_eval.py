"""`attendant kb eval`: how well the knowledge base finds, held against questions with their answers.

May import: click, orjson, appliance.core, appliance.cli, kb; the models inside the command.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click
import orjson

from appliance.cli import show
from appliance.core.ports import Embedder
from appliance.core.staff import StaffSettings
from kb import exam, trial
from kb.exam import Exam
from kb.search import Search
from kb.trial import Query, TrialWrong

BEYOND = "oos*.jsonl"
"""Files of questions that nothing answers, in the folder of a set or beside it."""
FIGURES = (
    ("hit@1", "hit_at_1"),
    ("hit@3", "hit_at_3"),
    ("MRR", "mrr"),
    ("AUROC", "auroc"),
    ("wrong@95", "wrong_at_95"),
    ("ECE", "ece"),
    ("answered", "answered"),
    ("wrongly", "wrongly_answered"),
    ("beyond", "out_of_scope_answered"),
)
Folder = click.Path(exists=True, file_okay=False, path_type=Path)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked besides the sets' own questions, and how the answers are judged."""

    language: str | None
    queries: Path | None
    beyond: Path | None
    threshold: float


@click.command(name="eval")
@click.argument("folder", metavar="DIR", type=Folder)
@click.option("--lang", metavar="CODE", help="The language of the set; without it, it is found out.")
@click.option(
    "--queries", type=Folder, help="Ask the questions of this set, with the same ids, of DIR's documents."
)
@click.option(
    "--out-of-scope",
    "beyond",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=f"Questions that nothing answers; without it, {BEYOND} in DIR or beside it.",
)
@click.option(
    "--threshold",
    type=click.FloatRange(0, 1),
    default=StaffSettings.model_fields["kb_min_confidence"].default,
    show_default=True,
    help="How sure an answer must be.",
)
@click.option("--words-alone", is_flag=True, help="Search as the box does without the embedding model.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def evaluate(
    folder: Path,
    lang: str | None,
    queries: Path | None,
    beyond: Path | None,
    threshold: float,
    *,
    words_alone: bool,
    as_json: bool,
) -> None:
    """Measure how well answers are found in DIR, a set or a folder of sets.

    A set is a folder with corpus.jsonl, queries.jsonl and qrels.tsv. It gets an index of its own, which is
    thrown away; nothing else is touched.
    """
    asked = Asked(lang, queries, beyond, threshold)
    embedder = None if words_alone else _embedder()
    exams = [_held(place, asked, embedder) for place in _sets(folder)]
    if as_json:
        told = [_as_json(each) for each in exams]
        click.echo(orjson.dumps(told[0] if trial.is_trial(folder) else {"sets": told}).decode())
        return
    show.table(
        ("set", "lang", "docs", "queries", *(head for head, _ in FIGURES)), [_line(each) for each in exams]
    )


def _embedder() -> Embedder:
    from models.embed import Embedder as Shipped

    return Shipped()


def _sets(folder: Path) -> list[Path]:
    """The folder itself where it is a set, else those in it that are. Raises TrialWrong."""
    if trial.is_trial(folder):
        return [folder]
    found = sorted(each for each in folder.iterdir() if each.is_dir() and trial.is_trial(each))
    if not found:
        raise TrialWrong(
            f"{folder} is no set and holds none: a set is a folder with {trial.CORPUS}, {trial.QUERIES} and"
            f" {trial.ANSWERS}."
        )
    return found


def _held(folder: Path, asked: Asked, embedder: Embedder | None) -> Exam:
    given = trial.read(folder)
    if asked.queries:
        given = given.asked(trial.read(asked.queries))
    spoken = given.asked_in if asked.queries or not asked.language else asked.language
    strays = _beyond(folder, asked.beyond)
    with tempfile.TemporaryDirectory(prefix="attendant-kb-") as scratch:
        path = Path(scratch) / "index.db"
        exam.index_of(list(exam.passages_of(given, asked.language or given.language)), embedder, path)
        search = Search(path, embedder)
        try:
            return exam.examined(given, search, spoken, asked.threshold, strays, trial.language_of(strays))
        finally:
            search.close()


def _beyond(folder: Path, named: Path | None) -> tuple[Query, ...]:
    """The questions that nothing answers: those of the named file, or of all in the set or beside it."""
    files = [named] if named else sorted({*folder.glob(BEYOND), *folder.resolve().parent.glob(BEYOND)})
    return tuple(query for file in files for query in trial.read_queries(file))


def _as_json(told: Exam) -> dict[str, Any]:
    rest = asdict(told)
    return {**rest.pop("score"), **rest}


def _line(told: Exam) -> Sequence[str]:
    figures = _as_json(told)
    return (
        told.name,
        told.language,
        str(told.documents),
        str(told.score.queries),
        *("-" if figures[key] is None else f"{figures[key]:.3f}" for _, key in FIGURES),
    )
