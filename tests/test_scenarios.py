"""docs/developing.md says which drill proves what of desk phones: every one that it names is there."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "developing.md"
HEADING = "## What is proven of desk phones"
FOLDER = ROOT / "tests" / "asterisk"
NAMED = re.compile(r"`(test_\w+)\.(\w+)`")
SCENARIOS = (
    *(
        "menu by key",
        "menu by voice",
        "assistant, with barge-in",
        "transfer answered",
        "screened and declined",
    ),
    *("busy", "unanswered", "phone not registered", "REFER between desks", "voicemail", "caller hangs up"),
    *("staff first", "after hours", "trunk in", "trunk out", "keys by RFC 4733", "wideband"),
    *("an independent telephone", "newcomer", "many calls", "many at once"),
)
FAULTS = (
    *("bridge not running", "bridge killed", "bridge hangs before a call", "bridge hangs in a call"),
    *("manager interface", "Asterisk restarted", "media socket cut", "cloud cut"),
)


def rows() -> dict[str, list[tuple[str, str]]]:
    """What is proven, and the tests that prove it: file and function."""
    text = PAGE.read_text("utf-8").partition(HEADING)[2].partition("\n## ")[0]
    cells = [line.split("|") for line in text.splitlines() if NAMED.search(line)]
    return {cell[1].strip(): NAMED.findall(cell[2]) for cell in cells}


@cache
def functions(file: str) -> frozenset[str]:
    """The tests of a file of drills."""
    tree = ast.parse((FOLDER / f"{file}.py").read_text("utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(each.name for each in tree.body if isinstance(each, kinds))


@pytest.mark.parametrize("what", [*SCENARIOS, *FAULTS])
def test_each_scenario_and_each_fault_names_its_tests(what: str) -> None:
    assert [name for name in rows() if name.startswith(what)], f"{what} is not in {PAGE.name}"


def test_every_test_that_is_named_is_there() -> None:
    named = [(file, test) for tests in rows().values() for file, test in tests]
    assert len(named) >= len(SCENARIOS) + len(FAULTS)
    gone = [f"{file}.{test}" for file, test in named if f"test_{test}" not in functions(file)]
    assert gone == []


def test_every_file_of_calls_is_named() -> None:
    """A drill that nobody finds in the table is one that nobody knows to have."""
    named = {file for tests in rows().values() for file, _ in tests}
    calls = {path.stem for path in FOLDER.glob("test_*.py") if "house(" in path.read_text("utf-8")}
    assert calls - named == set()
