"""Staff settings at the command line."""

from pathlib import Path
from typing import Any

import pytest

from appliance.core.staff import StaffSettings
from appliance.store import database, office
from tests.cli.conftest import Typed


def stored(path: Path, key: str) -> Any:
    """A setting as a call would take it."""
    db = database.connect_readonly(path)
    try:
        return getattr(office.load(db).staff, key)
    finally:
        db.close()


@pytest.fixture
def path(config: Path) -> Path:
    """Where the box's database is."""
    return config.parent / "data" / "attendant.db"


def test_the_list_tells_every_setting_with_its_sentence(typed: Typed) -> None:
    listed = typed("staff", "list")
    assert listed.exit_code == 0
    for key, field in StaffSettings.model_fields.items():
        assert f"\n{key} = " in f"\n{listed.output}"
        assert str(field.description) in listed.output
    assert listed.output.count("(the default)") == len(StaffSettings.model_fields)


def test_the_list_tells_who_decided_what(typed: Typed) -> None:
    assert typed("staff", "set", "business_name", "Ana's Clinic").exit_code == 0
    listed = typed("staff", "list").output
    assert 'business_name = "Ana\'s Clinic"' in listed
    assert "at the command line)" in listed


@pytest.mark.parametrize(
    ("key", "value", "kept"),
    [
        ("business_name", "Ana's Clinic", "Ana's Clinic"),
        ("business_name", '"Ana\'s Clinic"', "Ana's Clinic"),
        ("business_name", "24", "24"),
        ("business_name", "null", "null"),
        ("ring_s", "30", 30),
        ("kb_min_confidence", "0.7", 0.7),
        ("people", '["+14155550100"]', ("+14155550100",)),
        ("caller_id", "+14155550100", "+14155550100"),
        ("caller_id", "null", None),
        ("front_door", "assistant", "assistant"),
        ("time_zone", "Europe/Berlin", "Europe/Berlin"),
    ],
)
def test_a_value_is_text_or_json(typed: Typed, path: Path, key: str, value: str, kept: object) -> None:
    done = typed("staff", "set", key, value)
    said, *_ = done.output.splitlines()
    assert (done.exit_code, said) == (0, f"{key} is set. Calls that begin from now on go by it.")
    assert stored(path, key) == kept


def test_a_value_that_begins_with_a_dash_is_text(typed: Typed, path: Path) -> None:
    assert typed("staff", "set", "address", "--", "-1 Main Street").exit_code == 0
    assert stored(path, "address") == "-1 Main Street"


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("bussiness_name", "x", "bussiness_name is not a setting. Did you mean business_name?"),
        ("ring_s", "300", "ring_s: Input should be less than or equal to 60 (it is '300')."),
        ("ring_s", "soon", "ring_s: Input should be a valid integer"),
        ("people", "+14155550100", "It is written as JSON, such as '[\"+14155550100\"]'."),
        ("people", '["911"]', "911 is dialled for help and cannot be an extension"),
        ("people", '["5550100"]', "people.0: String should match pattern"),
        ("time_zone", "Mars", "must be a time zone such as America/New_York"),
        ("hours", '{"monday": [["17:00", "08:00"]]}', "times of a day must rise"),
        ("hours", "nine to five", 'It is written as JSON, such as \'{"monday":'),
        ("business_name", "", "at least 1 character"),
        ("holidays", '{"kept": ["Thanksgiving"]}', "Did you mean Thanksgiving Day?"),
        ("special_hours", '{"2026-12-24": [["12:00", "08:00"]]}', "times of a day must rise"),
        ("special_hours", '{"24 December": []}', "special_hours.24 December"),
    ],
)
def test_a_mistake_is_told_and_nothing_is_kept(
    typed: Typed, path: Path, key: str, value: str, sentence: str
) -> None:
    done = typed("staff", "set", key, value)
    assert done.exit_code == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    db = database.connect_readonly(path)
    assert office.rows(db) == []
    db.close()


def test_unset_goes_back_to_the_default(typed: Typed, path: Path) -> None:
    typed("staff", "set", "ring_s", "30")
    done = typed("staff", "unset", "ring_s")
    assert (done.exit_code, done.output) == (
        0,
        "ring_s has its default again. Calls that begin from now on go by it.\n",
    )
    assert stored(path, "ring_s") == StaffSettings().ring_s
    assert typed("staff", "unset", "ring_s").exit_code == 0
    assert "Did you mean ring_s?" in typed("staff", "unset", "rings").stderr


def test_the_defaults_are_those_of_the_language(typed: Typed) -> None:
    assert typed("staff", "set", "language", "es-US").exit_code == 0
    assert 'greeting = "Gracias por llamar a {business_name}."' in typed("staff", "list").output


def test_holidays_are_printed_and_those_that_are_kept_marked(typed: Typed, path: Path) -> None:
    kept = '{"kept": ["Christmas Day"]}'
    assert typed("staff", "set", "holidays", kept).exit_code == 0
    printed = typed("staff", "holidays", "--year", "2026").output.splitlines()
    assert "* Fri 2026-12-25  Christmas Day" in printed
    assert "  Thu 2026-11-26  Thanksgiving Day" in printed
    assert "  Fri 2026-11-27  Friday After Thanksgiving" not in printed
    printed = typed("staff", "holidays", "US", "TX", "--year", "2026").output.splitlines()
    assert "  Fri 2026-11-27  Friday After Thanksgiving" in printed
    nowhere = typed("staff", "holidays", "ZZ")
    assert nowhere.exit_code == 1
    assert "the holidays of ZZ are not known" in nowhere.stderr
