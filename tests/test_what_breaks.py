"""The table of what breaks: every row names tests that there are, and the page is made of the rows."""

import ast
from functools import cache
from pathlib import Path

from scripts import what_breaks

LEAST = 25
WANTED = (
    "bridge killed", "bridge hangs", "worker killed", "worker hangs", "speech program killed, hung",
    "admin killed", "Asterisk killed", "Asterisk hangs", "disk full", "disk read-only", "database locked",
    "database damaged", "weights damaged", "the clock jumps", "summer time", "name server dead", "30 %",
    "too slow", "comes twice", "replayed", "too little memory", "power cut", "certificate", "key is missing",
    "token is missing",
)  # fmt: skip
"""What has to be among them."""


@cache
def functions(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text("utf-8"))
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, kinds))


def test_every_row_names_tests_that_there_are() -> None:
    rows = [row for found in what_breaks.groups().values() for row in found]
    assert len(rows) >= LEAST
    missing = [
        test
        for row in rows
        for path, name in map(what_breaks.file_of, row.tests)
        for test in [f"{path.stem}.{name}"]
        if not path.exists() or name not in functions(path)
    ]
    assert not missing
    assert all(row.tests and row.caller and row.staff for row in rows)


def test_nothing_is_left_out() -> None:
    faults = [row.fault for found in what_breaks.groups().values() for row in found]
    assert len(set(faults)) == len(faults)
    assert [wanted for wanted in WANTED if not any(wanted in fault for fault in faults)] == []
