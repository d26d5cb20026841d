"""The office: what staff decide, checked when it is set and again when a call takes it."""

from datetime import time
from typing import Any

import orjson
import pytest

from appliance.core.errors import SettingsError
from appliance.core.hours import WeeklyHours
from appliance.core.menu import Choice, MenuEntry
from appliance.core.staff import Office, StaffSettings
from appliance.store import errors, office
from appliance.store.database import Connection
from tests.store.conftest import AT


def put(db: Connection, key: str, value: object) -> None:
    office.set_value(db, key, value, at=AT, by="ana")


def test_an_office_without_rows_has_the_defaults(db: Connection) -> None:
    assert office.load(db) == Office()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("business_name", "Ana's Clinic"),
        ("hours", {"monday": [["08:00", "12:00"], ["13:00", "17:00"]], "tuesday": []}),
        ("menu", [{"digit": "1", "choice": "people", "words": ["person"], "said": "Press 1."}]),
        ("people", ["+14155550100", "+14155550101"]),
        ("caller_id", None),
        ("ring_s", 30),
        ("kb_min_confidence", 0.7),
        ("time_zone", "Europe/Berlin"),
    ],
)
def test_a_decision_comes_back_as_it_was_made(db: Connection, key: str, value: object) -> None:
    put(db, key, value)
    assert office.load(db).staff == StaffSettings.model_validate({key: value})
    (row,) = office.rows(db)
    assert (row.key, row.changed_at, row.changed_by) == (key, AT, "ana")


def test_every_default_can_be_stored(db: Connection) -> None:
    for key, value in StaffSettings().model_dump(mode="json").items():
        put(db, key, value)
    assert office.load(db) == Office()
    assert len(office.rows(db)) == len(StaffSettings.model_fields)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("ring_s", 600, "ring_s: Input should be less than or equal to 60"),
        ("people", ["0800 1234"], "people.0: String should match"),
        ("time_zone", "Mars", "time_zone: .*must be a time zone"),
        ("busines_name", "x", "Did you mean business_name"),
    ],
)
def test_a_bad_decision_is_refused_in_a_sentence(db: Connection, key: str, value: Any, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        put(db, key, value)
    assert office.rows(db) == []


def test_a_decision_is_changed_and_unmade(db: Connection) -> None:
    put(db, "ring_s", 30)
    put(db, "ring_s", 40)
    assert office.load(db).staff.ring_s == 40
    office.unset(db, "ring_s")
    office.unset(db, "ring_s")
    assert office.load(db) == Office()


def test_bad_rows_are_told_and_leave_the_others_alone(
    db: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    put(db, "business_name", "Ana's Clinic")
    for key, value in {"ring_s": 600, "hours": {"monday": 3}, "of_a_later_version": True}.items():
        db.execute(
            "INSERT INTO business_config VALUES (?, ?, ?, 'ana')", (key, orjson.dumps(value).decode(), AT)
        )
    assert office.load(db).staff == StaffSettings(business_name="Ana's Clinic")
    assert [key in caplog.text for key in ("ring_s", "hours.monday", "of_a_later_version")] == [True] * 3


def test_key_0_of_a_menu_of_old_is_a_persons_and_its_entry_keeps_its_words(
    db: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    """A box of before could be told to give 0 to something else."""
    hours = {"digit": "0", "choice": "hours", "words": ["hours"], "said": "For our hours, press 0."}
    person = {"digit": "9", "choice": "people", "words": ["nurse"], "said": "For a nurse, press 9."}
    stored = orjson.dumps([hours, person]).decode()
    db.execute("INSERT INTO business_config VALUES ('menu', ?, ?, 'ana')", (stored, AT))
    first, second = office.load(db).staff.menu
    assert (first.digit, first.choice, first.words, first.said) == ("", Choice.HOURS, ("hours",), "")
    assert second == MenuEntry.model_validate(person)
    assert "key 0 always leads to a person" in caplog.text
    with pytest.raises(SettingsError, match="key 9 cannot be es's"):
        put(db, "language_keys", {"es": "9"})


def test_departments_keep_their_order(db: Connection) -> None:
    billing = office.add_department(db, "Billing", ["+14155550101"], ["accounts", "money"])
    nurse = office.add_department(db, "Nurse's Línea", ["+14155550102", "+14155550103"])
    assert (billing.slug, nurse.slug) == ("billing", "nurse-s-linea")
    assert office.load(db).departments == (billing, nurse)
    changed = office.change_department(db, "billing", "Accounts", ["+14155550109"])
    assert office.departments(db) == [changed, nurse]
    assert (changed.slug, changed.name, changed.aliases) == ("billing", "Accounts", ())
    office.remove_department(db, "billing")
    again = office.add_department(db, "Billing", ["+14155550101"])
    assert office.departments(db) == [nurse, again]


def test_a_department_is_moved_to_a_key(db: Connection) -> None:
    for name in ("A", "B", "C"):
        office.add_department(db, name, ["+14155550100"])
    for slug, key, order in (
        ("c", 1, "cab"),
        ("c", 9, "abc"),
        ("b", 2, "abc"),
        ("a", 2, "bac"),
        ("a", 0, "abc"),
    ):
        office.move_department(db, slug, key)
        assert "".join(line.slug for line in office.departments(db)) == order
    with pytest.raises(errors.NoSuchRow):
        office.move_department(db, "d", 1)


def test_a_department_has_hours_of_its_own_or_the_clinics_or_is_always_there(db: Connection) -> None:
    own = {"monday": [["08:00", "12:00"]]}
    lab = office.add_department(db, "Lab", ["+14155550101"], ["blood"], own)
    assert isinstance(lab.hours, WeeklyHours)
    assert lab.hours.monday == ((time(8), time(12)),)
    office.add_department(db, "Nurses", ["+14155550102"], hours="always")
    office.add_department(db, "Billing", ["+14155550103"])
    assert [line.hours for line in office.departments(db)] == [lab.hours, "always", None]
    office.set_department_hours(db, "lab", None)
    assert office.departments(db)[0] == lab.model_copy(update={"hours": None})
    with pytest.raises(SettingsError, match="times of a day must rise"):
        office.set_department_hours(db, "lab", {"monday": [["12:00", "08:00"]]})
    with pytest.raises(errors.NoSuchRow, match="'none'"):
        office.set_department_hours(db, "none", "always")


def test_hours_that_cannot_be_read_are_the_clinics(db: Connection, caplog: pytest.LogCaptureFixture) -> None:
    office.add_department(db, "Lab", ["+14155550101"])
    db.execute("UPDATE department SET hours = '7'")
    assert office.departments(db)[0].hours is None
    assert "a department's hours are not used" in caplog.text


@pytest.mark.parametrize(
    ("name", "numbers", "said"),
    [
        ("Billing", ["+14155550101"], "'Billing' already"),
        ("", ["+14155550101"], "needs a name"),
        ("!!", ["+14155550101"], "needs a name"),
        ("New", [], "1 to 10 telephone numbers"),
        ("New", ["+14155550101", "911"], "this is not: 911"),
    ],
)
def test_a_bad_department_is_refused_in_a_sentence(
    db: Connection, name: str, numbers: list[str], said: str
) -> None:
    office.add_department(db, "Billing", ["+14155550101"])
    with pytest.raises(SettingsError, match=said):
        office.add_department(db, name, numbers)
    assert len(office.departments(db)) == 1


def test_there_is_a_key_for_each_department(db: Connection) -> None:
    for number in range(9):
        office.add_department(db, f"Room {number}", ["+14155550101"])
    with pytest.raises(SettingsError, match="one for each key"):
        office.add_department(db, "Room 9", ["+14155550101"])


def test_a_department_that_is_not_there(db: Connection) -> None:
    with pytest.raises(errors.NoSuchRow, match="'none'"):
        office.remove_department(db, "none")
    with pytest.raises(errors.NoSuchRow, match="'none'"):
        office.change_department(db, "none", "None", ["+14155550101"])


BEFORE = [
    {"digit": digit, "choice": choice, "words": [], "said": ""}
    for digit, choice in (("1", "hours"), ("2", "departments"), ("0", "people"))
]


def test_a_key_leads_to_one_thing_only_whichever_is_set_first(db: Connection) -> None:
    put(db, "language_keys", {"es": "2"})
    with pytest.raises(SettingsError, match="key 2 cannot be es's, it leads to departments in the menu"):
        put(db, "menu", BEFORE)
    put(db, "language_keys", {"es": "7"})
    put(db, "menu", BEFORE)
    with pytest.raises(SettingsError, match="key 2 cannot be es's"):
        put(db, "language_keys", {"es": "2"})
    staff = office.load(db).staff
    assert (staff.language_keys, len(staff.menu)) == ({"es": "7"}, 3)
    put(db, "language_keys", {})
    with pytest.raises(SettingsError, match="fr is none of the other languages"):
        put(db, "language_keys", {"fr": "7"})


def test_a_language_without_a_folder_is_refused_with_those_that_there_are(db: Connection) -> None:
    for key, value in (("language", "fr-FR"), ("languages", ["en", "fr"])):
        with pytest.raises(SettingsError, match=r"There is no language 'fr.*': the folders are en, es"):
            put(db, key, value)
    put(db, "language", "es-MX")
    put(db, "languages", ["en-GB", "es", "en"])
    staff = office.load(db).staff
    assert (staff.language, staff.languages) == ("es-MX", ("en", "es"))
