"""The table of what breaks: its rows, their page, and the tests that they name.

May import: the standard library.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).parent / "what_breaks.toml"
TESTS = Path(__file__).parent.parent / "tests"
HEAD = """# What breaks, and what happens then

Made by `scripts/reference.py` from `scripts/what_breaks.toml`. Each row is a fault, what the caller hears,
what staff see, and the tests that show it: `folder/file.what_it_shows` is `test_what_it_shows` in
`tests/folder/file.py`. Those of `asterisk`, `drill`, `update` and some others are drills
(`./scripts/dev drill`), which take real programs and some minutes. What is called an alert is told as
[monitoring.md](monitoring.md) says; a fault of the cloud in every way at every point of a call has a page of
its own, [faults.md](faults.md).

Whatever breaks, the caller ends with people or voicemail: the carrier, or the dialplan, leads there when
nothing of ours answers.
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One fault."""

    fault: str
    caller: str
    staff: str
    tests: tuple[str, ...]


def groups() -> dict[str, list[Row]]:
    """The rows, by what they are about."""
    table = tomllib.loads(TABLE.read_text("utf-8"))
    return {group["name"]: [_row(*row) for row in group["row"]] for group in table["group"]}


def _row(fault: str, caller: str, staff: str, *tests: str) -> Row:
    return Row(fault, caller, staff, tests)


def file_of(test: str) -> tuple[Path, str]:
    """The file and the function that a row's test is."""
    place, _, name = test.partition(".")
    return TESTS / f"{place}.py", f"test_{name}"


def page() -> str:
    """The page."""
    return "\n".join([HEAD, *_tables()])


def _tables() -> Iterator[str]:
    for name, rows in groups().items():
        yield f"## {name}\n\n| what breaks | the caller hears | staff see | tests |"
        yield "| --- | --- | --- | --- |"
        for row in rows:
            tests = ", ".join(f"`{test}`" for test in row.tests)
            yield f"| {row.fault} | {row.caller} | {row.staff} | {tests} |"
        yield ""
