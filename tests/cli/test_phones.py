"""Desk phones at the command line: what they had done by codes."""

from datetime import UTC, datetime
from pathlib import Path

from appliance.store import codes, database
from tests.cli.conftest import Typed


def test_what_was_done_by_codes_is_printed(typed: Typed, config: Path) -> None:
    assert typed("phones", "add", "101", "Front desk").exit_code == 0
    assert typed("phones", "codes").output == "No phone has dialled a code yet.\n"
    db = database.connect(config.parent / "data" / "attendant.db")
    try:
        with database.immediate(db):
            codes.close_today(db, "101", now=datetime(2026, 11, 25, 15, 0, tzinfo=UTC))
            codes.reopen(db, "101", now=datetime(2026, 11, 25, 16, 0, tzinfo=UTC))
    finally:
        db.close()
    assert typed("phones", "codes").output.splitlines() == [
        "When                      Phone  What",
        "2026-11-25T16:00:00.000Z  101    opened it again",
        "2026-11-25T15:00:00.000Z  101    closed the clinic for the day",
    ]


def test_a_phone_is_the_staffs_until_it_is_said_to_be_public(typed: Typed) -> None:
    assert typed("phones", "add", "101", "Front desk").exit_code == 0
    assert typed("phones", "add", "201", "Waiting room", "--public").exit_code == 0

    def listed() -> list[list[str]]:
        return [line.split()[-1:] for line in typed("phones", "list").output.splitlines()[1:]]

    assert listed() == [["staff"], ["public"]]
    assert typed("phones", "set", "101", "--public").output == "The phone 101 is public.\n"
    assert typed("phones", "set", "201", "--staff").exit_code == 0
    assert listed() == [["public"], ["staff"]]
    assert typed("phones", "set", "109", "--public").exit_code != 0
