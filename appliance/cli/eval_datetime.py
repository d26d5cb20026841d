"""Measures how well spoken times are understood, on a file of utterances: `attendant eval datetime`.

May import: click, orjson, pydantic, appliance.core, appliance.cli,
appliance.languages.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click
import orjson
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from appliance.cli import show
from appliance.core.errors import AttendantError
from appliance.core.when import When, resolve
from appliance.languages.folders import codes


class BadLine(AttendantError):
    """A line of the file that cannot be measured."""


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as exc:
        raise ValueError("is no time zone") from exc
    return name


class Line(BaseModel):
    """What was said, when and where; and the start that is meant, or none where a receptionist must ask."""

    model_config = ConfigDict(frozen=True)

    now: datetime
    tz: str
    text: str
    start: datetime | None

    _known = field_validator("tz")(_zone)

    def local(self, at: datetime) -> datetime:
        """A time of this line in its zone; one without an offset is the zone's own."""
        zone = ZoneInfo(self.tz)
        return at.astimezone(zone) if at.tzinfo else at.replace(tzinfo=zone)


@dataclass(frozen=True, slots=True)
class Judged:
    """A line with what was found in it."""

    line: Line
    found: When

    @property
    def right(self) -> bool:
        """Whether the start is the one that is meant, or is rightly asked for."""
        meant = self.line.start
        if meant is None or self.found.start is None:
            return meant is None and self.found.start is None
        return self.line.local(meant).timestamp() == self.found.start.timestamp()

    @property
    def guessed(self) -> bool:
        """Whether a start was found where a receptionist must ask."""
        return self.line.start is None and self.found.start is not None

    def told(self) -> dict[str, object]:
        """The line, and what was found, for a report."""
        given = self.line.model_dump(mode="json")
        return {**given, "found": self.found.start, "doubt": self.found.doubt}


def read(file: Path) -> Iterator[Line]:
    """The lines of a file; empty ones are passed over. Raises BadLine."""
    for number, raw in enumerate(file.read_bytes().splitlines(), 1):
        if raw.strip():
            yield _line(raw, f"Line {number} of {file}")


def _line(raw: bytes, where: str) -> Line:
    try:
        return Line.model_validate(orjson.loads(raw))
    except orjson.JSONDecodeError as exc:
        raise BadLine(f"{where} is not a JSON object.") from exc
    except ValidationError as exc:
        first = exc.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the line"
        raise BadLine(f"{where}: {place}: {first['msg']}.") from exc


def judged(lines: Sequence[Line], language: str) -> list[Judged]:
    """Each line with what is understood of it."""
    return [Judged(line, resolve(line.text, line.local(line.now), language)) for line in lines]


@click.command(name="datetime")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--lang", type=click.Choice(codes()), default="en", help="The language spoken.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: total, right, guessed, wrong.")
def of_datetime(file: Path, lang: str, *, as_json: bool) -> None:
    """Measure the understanding of spoken times on FILE: JSON lines with now, tz, text and start.

    `start` is null where a receptionist must ask; a start that is found there is guessed.
    """
    found = judged(list(read(file)), lang)
    if not found:
        raise BadLine(f"{file} has no line to measure.")
    right, guessed = sum(each.right for each in found), sum(each.guessed for each in found)
    wrong = [each for each in found if not each.right]
    if as_json:
        told = [each.told() for each in wrong]
        report = {"total": len(found), "right": right, "guessed": guessed, "wrong": told}
        click.echo(orjson.dumps(report, option=orjson.OPT_INDENT_2).decode())
        return
    show.table(("lines", "right", "share", "guessed"), [_figures(len(found), right, guessed)])
    if wrong:
        show.line()
        show.table(("now", "said", "meant", "found"), [_row(each) for each in wrong])


def _figures(total: int, right: int, guessed: int) -> tuple[str, ...]:
    return str(total), str(right), f"{right / total:.1%}", str(guessed)


def _row(each: Judged) -> tuple[str, ...]:
    meant, found = each.line.start, each.found
    return (
        f"{each.line.local(each.line.now):%a %Y-%m-%d %H:%M}",
        each.line.text,
        f"{each.line.local(meant):%a %Y-%m-%d %H:%M}" if meant else "ask",
        f"{found.start:%a %Y-%m-%d %H:%M}" if found.start else f"ask: {found.doubt}",
    )
