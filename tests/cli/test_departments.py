"""Departments at the command line."""

from pathlib import Path

from tests.cli.conftest import Typed


def test_departments_are_added_listed_and_removed(typed: Typed) -> None:
    done = typed("departments", "add", "Front Desk", "+14155550100", "+14155550101", "--alias", "reception")
    said, rendered = done.output.splitlines()
    assert said == "Front Desk is added as front-desk. Calls that begin from now on can reach it."
    assert rendered.startswith("Sentences that changed and are rendered ahead: ")
    assert typed("departments", "add", "Lab", "+14155550102", "--hours", "always").exit_code == 0
    assert typed("departments", "list").output.splitlines() == [
        "Key  Slug        Name        Numbers                     Hours   Also called",
        "1    front-desk  Front Desk  +14155550100, +14155550101  clinic  reception",
        "2    lab         Lab         +14155550102                always",
    ]
    moved = typed("departments", "move", "lab", "1").output.splitlines()[0]
    assert moved == "lab is on key 1. Calls that begin from now on go by it."
    assert typed("departments", "list").output.splitlines()[1].startswith("1    lab")
    assert typed("departments", "move", "nobody", "1").exit_code == 1
    assert typed("departments", "remove", "front-desk").exit_code == 0
    assert "front-desk" not in typed("departments", "list").output


def test_a_department_has_hours_of_its_own(typed: Typed) -> None:
    typed("departments", "add", "Lab", "+14155550102", "--alias", "blood work")
    done = typed("departments", "hours", "lab", '{"monday": [["08:00", "12:00"]]}')
    assert done.output == "The hours of lab are kept. Calls that begin from now on go by them.\n"
    assert "+14155550102  its own  blood work" in typed("departments", "list").output
    typed("departments", "hours", "lab", "clinic")
    assert "+14155550102  clinic  blood work" in typed("departments", "list").output


def test_mistakes_are_told(typed: Typed) -> None:
    assert "this is not: 911" in typed("departments", "add", "Lab", "911").stderr
    typed("departments", "add", "Lab", "+14155550102")
    again = typed("departments", "add", "lab", "+14155550102")
    assert (again.exit_code, again.stderr) == (1, "There is a department 'lab' already.\n")
    for hours in ("sometimes", '{"monday": [["12:00", "08:00"]]}', '{"someday": []}'):
        wrong = typed("departments", "hours", "lab", hours)
        assert wrong.exit_code == 1
        assert wrong.stderr.startswith("Hours are `always`, or days as JSON")
    assert "There is no department 'x-ray'." in typed("departments", "hours", "x-ray", "always").stderr
    gone = typed("departments", "remove", "x-ray")
    assert (gone.exit_code, gone.stderr) == (1, "There is no department 'x-ray'.\n")


def test_an_office_without_departments_says_what_to_do(typed: Typed, morning: Path) -> None:
    for slug in ("billing", "nurses"):
        assert typed("departments", "remove", slug).exit_code == 0
    assert "attendant departments add NAME NUMBER" in typed("departments", "list").output
