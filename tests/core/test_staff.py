"""What staff decide: checked when it is written, told to callers as they wrote it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from appliance.core import front_door
from appliance.core.dialogue.facts import Facts
from appliance.core.menu import Choice
from appliance.core.settings import told
from appliance.core.staff import Office, StaffSettings
from appliance.core.steps import Ask
from models import prompt
from tests.core.office import BILLING, office


@pytest.mark.parametrize(
    ("decided", "sentence"),
    [
        ({"busines_name": "x"}, "busines_name is not a setting. Did you mean business_name?"),
        ({"hours": {"mondy": []}}, "hours.mondy is not a setting. Did you mean hours.monday?"),
        ({"hours": {"monday": [["17:00", "08:00"]]}}, "hours.monday: Value error, times of a day must rise"),
        ({"business_name": ""}, "business_name: String should have at least 1 character"),
        ({"business_name": "x" * 81}, "business_name: String should have at most 80 characters"),
        ({"time_zone": "Mars/Base"}, "time_zone: Value error, must be a time zone such as America/New_York"),
        ({"time_zone": "../etc/passwd"}, "time_zone: Value error, must be a time zone"),
        ({"people": ["5550100"]}, "people.0: String should match pattern"),
        ({"people": ["+15550100010"] * 11}, "people: Tuple should have at most 10 items"),
        ({"caller_id": "anonymous"}, "caller_id: String should match pattern"),
        ({"ring_s": 3}, "ring_s: Input should be greater than or equal to 5 (it is '3')."),
        ({"front_door": "garage"}, "front_door: Input should be 'menu' or 'assistant'"),
        (
            {"menu": [{"digit": "12", "choice": "hours", "words": [], "said": ""}]},
            "menu.0.digit: String should",
        ),
        (
            {"menu": [{"digit": "1", "choice": "pizza", "words": [], "said": ""}]},
            "menu.0.choice: Input should",
        ),
        (
            {"menu": [{"digit": "1", "choice": "hours", "words": [], "said": "x" * 301}]},
            "menu.0.said: String",
        ),
        ({"menu": []}, "menu: Value error, the menu needs an entry: without one no caller gets anywhere"),
        (
            {"menu": [{"digit": "1", "choice": each, "words": [], "said": ""} for each in Choice]},
            "menu: Value error, each key can lead to one thing only, and 1 is there twice",
        ),
        (
            {"menu": [{"digit": "0", "choice": "hours", "words": [], "said": ""}]},
            "menu: Value error, key 0 always leads to a person, and to nothing else",
        ),
        ({"wording": {"bussy": "x"}}, "wording.bussy is not a setting. Did you mean wording.busy?"),
        ({"wording": {"busy": "x" * 301}}, "wording.busy: String should have at most 300 characters"),
        (
            {"language": "fr-FR"},
            "language: Value error, There is no language 'fr-FR': the folders are en, es",
        ),
        ({"assistant_notes": "x" * 4001}, "assistant_notes: String should have at most 4000 characters"),
        ({"kb_min_confidence": 1.1}, "kb_min_confidence: Input should be less than or equal to 1"),
    ],
)
def test_a_mistake_of_the_staff_is_told_in_a_sentence(decided: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError) as found:
        StaffSettings.model_validate(decided)
    (said,) = told(found.value, StaffSettings)
    assert said.startswith(sentence)


def test_the_greeting_has_the_clinics_name_whatever_it_is() -> None:
    plain = StaffSettings(business_name="Riverside", greeting="Hello, {business_name} here.")
    assert plain.greeting_said().startswith("Hello, Riverside here. If this is an emergency")
    odd = StaffSettings(
        business_name="{greeting}", greeting="{0} {business_name} {x!r:>{y}}", emergency_notice=""
    )
    assert odd.greeting_said() == "{0} {greeting} {x!r:>{y}}"


def test_who_calls_a_closed_clinic_hears_so() -> None:
    staff = StaffSettings(
        business_name="Riverside", greeting_closed="{business_name} is closed now.", closed_on=["2026-11-25"]
    )
    working_day = datetime.fromisoformat("2026-11-24T15:00:00+00:00")
    for days, greeting in ((0, "Thank you for calling Riverside."), (1, "Riverside is closed now.")):
        now = Office(staff=staff).at(working_day + timedelta(days=days))
        assert now.greeting_said() == f"{greeting} {staff.notice}"
        facts = Facts.of(now, "")
        assert facts.greeting == now.greeting_said()
        (first, *_) = front_door.greeted_menu(now)
        assert isinstance(first, Ask)
        assert first.before[0].text.startswith(greeting)
        (asked, *_) = front_door.hours(now)
        assert isinstance(asked, Ask)
        assert asked.before[0].text.startswith("Today we are closed. We are open Monday ") == bool(days)
        assert ("closed today" in prompt.instructions(now)) == bool(days)
        assert greeting in prompt.instructions(now)
    plain = Office(staff=StaffSettings()).at(working_day + timedelta(hours=12))
    assert not plain.open_now
    assert plain.greeting_said() == plain.staff.greeting_said()


def test_a_department_is_found_by_its_slug() -> None:
    assert office().department("billing") == BILLING
    assert office().department("sold") is None
    assert Office().department("") is None


def test_the_defaults_are_a_clinic_that_can_be_called() -> None:
    staff = StaffSettings()
    assert staff.front_door == "menu"
    assert {entry.digit for entry in staff.menu} == {"1", "3", "5", "9", "0"}
    assert all(entry.said and entry.words for entry in staff.menu)


@pytest.mark.parametrize(
    ("zone", "at", "began"),
    [
        ("America/New_York", "2026-11-25T21:30:00+00:00", "2026-11-25T05:00:00+00:00"),
        ("America/New_York", "2026-11-25T04:59:00+00:00", "2026-11-24T05:00:00+00:00"),
        ("America/New_York", "2026-03-08T20:00:00+00:00", "2026-03-08T05:00:00+00:00"),
        ("Europe/Madrid", "2026-07-01T00:10:00+00:00", "2026-06-30T22:00:00+00:00"),
    ],
)
def test_a_day_begins_by_the_office_s_own_clock(zone: str, at: str, began: str) -> None:
    staff = StaffSettings(time_zone=zone)
    assert staff.day_began(datetime.fromisoformat(at)) == datetime.fromisoformat(began)


@pytest.mark.parametrize(
    ("language", "number", "notice"),
    [
        ("en-US", "911", "If this is an emergency, please hang up and dial 911."),
        ("en-US", "112", "If this is an emergency, please hang up and dial 1 1 2."),
        ("es-US", "112", "Si se trata de una emergencia, cuelgue y marque el 1 1 2."),
    ],
)
def test_the_emergency_notice_has_the_number_that_is_set(language: str, number: str, notice: str) -> None:
    staff = StaffSettings.model_validate({"language": language, "emergency_number": number})
    assert staff.notice == notice
    assert staff.greeting_said().endswith(notice)
    own = staff.model_copy(update={"emergency_notice": "In danger, dial 999."})
    assert own.notice == "In danger, dial 999."


@pytest.mark.parametrize("days", [1, 364, -1])
def test_the_audit_log_is_kept_for_a_year_at_the_least(days: int) -> None:
    with pytest.raises(ValidationError):
        StaffSettings.model_validate({"keep_days": {"audit": days}})
    for kept in (0, 365):
        assert StaffSettings.model_validate({"keep_days": {"audit": kept}}).keep_days.audit == kept
