"""Measures how well wishes are understood, on a file of utterances: `attendant eval intents`.

May import: click, orjson, pydantic, appliance.core, appliance.languages; the models inside the command.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from appliance.cli import show
from appliance.core import phrases
from appliance.core.errors import AttendantError
from appliance.core.menu import DepartmentLine, plain
from appliance.core.wishes import Intent, Wish
from appliance.languages.folders import codes

KEYS = {"0": Intent.PERSON, "#": Intent.REPEAT}
"""What keys that are said lead to."""


class BadLine(AttendantError):
    """A line of the file that cannot be measured."""


class Line(BaseModel):
    """One utterance and what it should be understood as."""

    model_config = ConfigDict(frozen=True)

    text: str
    intent: Intent
    department: str | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """A line with what was found in it."""

    line: Line
    wish: Wish
    department: str
    """The name of the department that was found."""

    @property
    def right(self) -> bool:
        """Whether the wish is right, and the department too where one is expected."""
        expected = plain(self.line.department or "")
        return self.wish.intent is self.line.intent and expected in ("", plain(self.department))

    def told(self) -> dict[str, object]:
        """The line, and what was found, for a report."""
        return {
            "text": self.line.text,
            "intent": self.line.intent,
            "department": self.line.department or "",
            "found": self.wish.intent,
            "found_department": self.department,
            "candidates": list(self.wish.candidates),
            "confidence": round(self.wish.confidence, 3),
        }


def _line(raw: bytes, number: int, file: Path) -> Line:
    try:
        return Line.model_validate(orjson.loads(raw))
    except orjson.JSONDecodeError as exc:
        raise BadLine(f"Line {number} of {file} is not a JSON object.") from exc
    except ValidationError as exc:
        first = exc.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the line"
        raise BadLine(f"Line {number} of {file}: {place}: {first['msg']}.") from exc


def read(file: Path) -> list[Line]:
    """The lines of a file; empty ones are passed over."""
    try:
        raw = file.read_bytes().splitlines()
    except OSError as exc:
        raise BadLine(f"{file} cannot be read: {exc.strerror}.") from exc
    lines = [_line(each, number, file) for number, each in enumerate(raw, 1) if each.strip()]
    if not lines:
        raise BadLine(f"{file} has no line to measure.")
    return lines


def departments_of(names: Sequence[str]) -> tuple[DepartmentLine, ...]:
    """Departments of these names; names that differ by accents or capitals are one."""
    once = {plain(name): name for name in reversed(names) if plain(name)}
    return tuple(
        DepartmentLine(slug=slug.replace(" ", "-"), name=name, numbers=())
        for slug, name in sorted(once.items())
    )


def judged(
    lines: Sequence[Line],
    departments: tuple[DepartmentLine, ...],
    language: str | None,
    weights: Path | None = None,
) -> list[Judged]:
    """Each line with what a call takes it for; `weights` is a folder of a network of many languages."""
    from models.local.intents import Understanding
    from models.local.meaning import Meaning
    from models.local.taken import taken

    understanding = Understanding.shipped(meaning=Meaning.of(weights) if weights else None)
    book = phrases.load()

    def wish(text: str) -> Wish:
        if alarm := book.find(text):
            # A call watches for it, and answers it before all else.
            return Wish(Intent(alarm.what), confidence=1.0)
        said = taken(understanding, text, departments, language)
        pressed = said.digits if said.wish.intent is Intent.NONE else ""
        return Wish(KEYS[pressed], confidence=1.0) if pressed in KEYS else said.wish

    names = {line.slug: line.name for line in departments}
    wishes = [(line, wish(line.text)) for line in lines]
    return [Judged(line, found, names.get(found.department, "")) for line, found in wishes]


def _table(found: Sequence[Judged]) -> None:
    rows = []
    for intent in Intent:
        of_it = [each for each in found if each.line.intent is intent]
        if of_it:
            right = sum(each.right for each in of_it)
            rows.append((str(intent), str(len(of_it)), str(right), f"{right / len(of_it):.1%}"))
    right = sum(each.right for each in found)
    rows.append(("all", str(len(found)), str(right), f"{right / len(found):.1%}"))
    show.table(("Intent", "Lines", "Right", "Share"), rows)
    for each in found:
        if not each.right:
            expected = " ".join(filter(None, (each.line.intent, each.line.department)))
            got = " ".join(filter(None, (each.wish.intent, each.department)))
            show.line(f"{expected}, found {got}: {each.line.text}")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--lang", type=click.Choice(codes()), help="The language spoken; found out when not given.")
@click.option(
    "--departments", help="The departments' names, with commas; otherwise those that the file names."
)
@click.option(
    "--embeddings",
    type=click.Path(path_type=Path),
    help="A folder of weights that know more languages; otherwise what ships understands alone.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: total, right, share, wrong.")
def intents(
    file: Path, lang: str | None, departments: str | None, embeddings: Path | None, *, as_json: bool
) -> None:
    """Measure the understanding of wishes on FILE: JSON lines with text, intent and perhaps department."""
    lines = read(file)
    named = departments.split(",") if departments else [line.department or "" for line in lines]
    found = judged(lines, departments_of([name.strip() for name in named]), lang, embeddings)
    if not as_json:
        _table(found)
        return
    wrong = [each.told() for each in found if not each.right]
    right = len(found) - len(wrong)
    told = {"total": len(found), "right": right, "share": round(right / len(found), 4), "wrong": wrong}
    click.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode())
