"""docs/golden-calls.md names for each tool the golden calls that use it, by door and by language."""

import re
from pathlib import Path

import pytest

from appliance.tools.toolbox import TOOLS
from tests.golden.calendars import SERVICES
from tests.golden.format import GoldenCall, read_call

PAGE = Path(__file__).parents[2] / "docs" / "golden-calls.md"
FOLDER = Path(__file__).parent / "calls"
DOORS = ("cloud", "cloud", "voice", "voice", "keys", "keys")
SPANISH = re.compile(r"es-US|say say_es|press 8|\"es\"|menu: main:es")


def table() -> dict[str, list[str]]:
    """The cells of each tool's row."""
    rows = [line.strip("|").split("|") for line in PAGE.read_text("utf-8").splitlines() if line[:3] == "| `"]
    return {cells[0].strip(" `"): [cell.strip() for cell in cells[1:]] for cells in rows}


def named() -> list[tuple[str, str, bool, str]]:
    """Tool, door, whether in Spanish, and the name of the call, of every cell that has one."""
    return [
        (tool, DOORS[place], place % 2 == 1, cell.strip("()` "))
        for tool, cells in table().items()
        for place, cell in enumerate(cells)
        if cell != "–"
    ]


def door_of(call: GoldenCall) -> str:
    """By which door its tools are asked for."""
    clinic = call.text("clinic")
    if "the cloud is down" not in clinic:
        return "cloud"
    return "voice" if "the box hears by itself" in clinic else "keys"


def test_every_tool_has_its_row() -> None:
    assert list(table()) == [tool.name for tool in TOOLS]


@pytest.mark.parametrize(("tool", "door", "spanish", "name"), named())
def test_a_call_comes_by_its_door_and_in_its_language(
    tool: str, door: str, *, spanish: bool, name: str
) -> None:
    path = FOLDER / f"{name}.call"
    call, text = read_call(path), path.read_text("utf-8")
    assert door_of(call) == door
    if not name.endswith("_to_english"):
        assert bool(SPANISH.search(text)) == spanish
    if door == "cloud":
        assert f"uses: {tool} " in text


def test_the_calls_of_the_second_table_are_there() -> None:
    named = _between("Calendars that do not", "Other back ends")
    assert len(named) > 10
    for name in named:
        clinic = read_call(FOLDER / f"{name}.call").text("clinic")
        assert re.search(rf"^at ({'|'.join(SERVICES)}): ", clinic, re.MULTILINE), name
    for service in ("google", "microsoft"):
        clinics = [read_call(FOLDER / f"{name}.call") for name in named if service in name]
        told = "\n".join(call.text("clinic") for call in clinics)
        assert all(f": {how} " in told for how in ("refuse", "hang", "lie")), service


def test_tuesday_at_two_is_looked_up_where_it_stands() -> None:
    named = _between('"Book me Tuesday', "Calendars that do not")
    assert len(named) == 4
    for name in named:
        call = read_call(FOLDER / f"{name}.call")
        assert "Book me Tuesday 2pm for 30 minutes" in call.text("assistant")
        assert call.lines("calendar") or call.lines("texts")


def _between(begins: str, ends: str) -> list[str]:
    """The calls that are named between these words of the page."""
    return re.findall(r"`(\w+)`", PAGE.read_text("utf-8").partition(begins)[2].partition(ends)[0])


def test_the_calls_of_other_back_ends_are_there() -> None:
    others = PAGE.read_text("utf-8").partition("Other back ends")[2]
    for name in re.findall(r"`(\w+)` \(", others):
        assert read_call(FOLDER / f"{name}.call").title
