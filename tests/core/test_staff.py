"""What staff decide: checked when it is written, told to callers as they wrote it."""

from typing import Any

import pytest
from pydantic import ValidationError

from appliance.core.settings import told
from appliance.core.staff import Office, StaffSettings
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


def test_a_department_is_found_by_its_slug() -> None:
    assert office().department("billing") == BILLING
    assert office().department("sold") is None
    assert Office().department("") is None


def test_the_defaults_are_a_clinic_that_can_be_called() -> None:
    staff = StaffSettings()
    assert staff.front_door == "menu"
    assert {entry.digit for entry in staff.menu} == {"1", "2", "3", "9", "0"}
    assert all(entry.said and entry.words for entry in staff.menu)
