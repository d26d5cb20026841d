"""Departments at the command line."""

from pathlib import Path

from tests.cli.conftest import Typed


def test_departments_are_added_listed_and_removed(typed: Typed) -> None:
    done = typed("departments", "add", "Front Desk", "+14155550100", "+14155550101", "--alias", "reception")
    assert done.output == "Front Desk is added as front-desk. Calls that begin from now on can reach it.\n"
    assert typed("departments", "add", "Lab", "+14155550102").exit_code == 0
    assert typed("departments", "list").output.splitlines() == [
        "Key  Slug        Name        Numbers                     Also called",
        "1    front-desk  Front Desk  +14155550100, +14155550101  reception",
        "2    lab         Lab         +14155550102",
    ]
    assert typed("departments", "remove", "front-desk").exit_code == 0
    assert "front-desk" not in typed("departments", "list").output


def test_mistakes_are_told(typed: Typed) -> None:
    assert "this is not: 911" in typed("departments", "add", "Lab", "911").stderr
    typed("departments", "add", "Lab", "+14155550102")
    again = typed("departments", "add", "lab", "+14155550102")
    assert (again.exit_code, again.stderr) == (1, "There is a department 'lab' already.\n")
    gone = typed("departments", "remove", "x-ray")
    assert (gone.exit_code, gone.stderr) == (1, "There is no department 'x-ray'.\n")


def test_an_office_without_departments_says_what_to_do(typed: Typed, morning: Path) -> None:
    for slug in ("billing", "nurses"):
        assert typed("departments", "remove", slug).exit_code == 0
    assert "attendant departments add NAME NUMBER" in typed("departments", "list").output
