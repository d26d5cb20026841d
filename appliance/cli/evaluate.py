"""Holds what the box understands against sentences that somebody has labelled.

A command here joins the group `eval`. May import: click, orjson, appliance.core, appliance.cli,
appliance.languages.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import orjson

from appliance.cli import show
from appliance.core import phrases
from appliance.core.errors import AttendantError
from appliance.languages.tables import having

LABELS = ("emergency", "person", "not")


class LineWrong(AttendantError):
    """A line of a set cannot be used. Names the line."""


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence, what it was labelled, and the line as it was given."""

    text: str
    label: str
    given: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wrong:
    """A sentence in which something else was found than it was labelled."""

    line: Line
    found: str
    topic: str | None


@dataclass(frozen=True, slots=True)
class Score:
    """How a set did. Shares are of 1; of nothing, nothing is missed and nothing alarms."""

    total: int
    recall: float
    false_alarms: float
    wrong: list[Wrong]

    def as_json(self) -> dict[str, Any]:
        """The score as one object; each wrong line as it was given, and what was found in it."""
        wrong = [{**bad.line.given, "found": bad.found, "topic": bad.topic} for bad in self.wrong]
        return {
            "total": self.total,
            "recall": self.recall,
            "false_alarms": self.false_alarms,
            "wrong": wrong,
        }


@click.group(name="eval")
def evaluate() -> None:
    """Measure what is understood on your own sentences."""


@evaluate.command(name="phrases")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--lang", type=click.Choice(having("phrases")), help="The language that the set is in, for the table."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def of_phrases(file: Path, lang: str | None, *, as_json: bool) -> None:
    """Say how well emergencies and wishes for a person are found in FILE.

    A line of FILE is {"text": ..., "label": "emergency", "person" or "not"}. All languages are looked for
    at once, as in a call.
    """
    score = scored(list(lines(file)))
    if as_json:
        click.echo(orjson.dumps(score.as_json()).decode())
        return
    heads = ("language", "sentences", "recall", "false alarms", "wrong")
    figures = (str(score.total), f"{score.recall:.1%}", f"{score.false_alarms:.1%}", str(len(score.wrong)))
    show.table(heads, [(lang or "-", *figures)])
    if score.wrong:
        show.line()
        show.table(
            ("labelled", "found", "text"), [(bad.line.label, bad.found, bad.line.text) for bad in score.wrong]
        )


def lines(file: Path) -> Iterator[Line]:
    """The lines of a set, empty ones left out. Raises LineWrong."""
    try:
        text = file.read_text("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise LineWrong(f"{file} is not text in UTF-8.") from exc
    for number, given in enumerate(text.split("\n"), start=1):
        if given.strip():
            yield _line(given, f"Line {number} of {file}")


def _line(given: str, where: str) -> Line:
    try:
        row = orjson.loads(given)
    except orjson.JSONDecodeError as exc:
        raise LineWrong(f"{where} is not JSON.") from exc
    if not isinstance(row, dict):
        raise LineWrong(f"{where} is not an object with text and label.")
    if not isinstance(row.get("text"), str):
        raise LineWrong(f"{where} has no text.")
    if row.get("label") not in LABELS:
        raise LineWrong(f"{where} has none of the labels {', '.join(LABELS)}.")
    return Line(row["text"], row["label"], row)


def scored(rows: list[Line]) -> Score:
    """How the phrases do on these lines.

    Recall is the share of lines labelled emergency or person in which just that is found; false alarms the
    share of lines labelled not in which anything is found.
    """
    book = phrases.load()
    wrong = []
    for row in rows:
        finding = book.find(row.text)
        found = finding.what if finding else "not"
        if found != row.label:
            wrong.append(Wrong(row, found, finding.topic if finding else None))
    quiet = sum(row.label == "not" for row in rows)
    alarms = sum(bad.line.label == "not" for bad in wrong)
    wishes = len(rows) - quiet
    missed = len(wrong) - alarms
    return Score(
        len(rows),
        1 - missed / wishes if wishes else 1.0,
        alarms / quiet if quiet else 0.0,
        wrong,
    )
