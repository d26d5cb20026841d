"""The written utterances of tests/data/intents."""

from pathlib import Path

import orjson

from appliance.core.menu import DepartmentLine, plain
from appliance.core.wishes import Wish
from models.local.intents import Understanding

FOLDER = Path(__file__).parent.parent / "data" / "intents"

Row = dict[str, str]


def rows(name: str) -> list[Row]:
    """The lines of a set."""
    return [orjson.loads(line) for line in (FOLDER / f"{name}.jsonl").read_bytes().splitlines()]


def clinic(lines: list[Row]) -> tuple[DepartmentLine, ...]:
    """The departments that a set speaks of."""
    names = sorted({line["department"] for line in lines if "department" in line})
    return tuple(DepartmentLine(slug=plain(name).replace(" ", "-"), name=name, numbers=()) for name in names)


def right(line: Row, wish: Wish) -> bool:
    """Whether a wish is what the line says."""
    department = plain(line.get("department", "")).replace(" ", "-")
    return wish.intent == line["intent"] and department in ("", wish.department)


def share_right(understanding: Understanding, name: str) -> float:
    """How much of a set is understood, the language not being known."""
    lines = rows(name)
    departments = clinic(lines)
    return sum(right(line, understanding.wish(line["text"], departments)) for line in lines) / len(lines)
