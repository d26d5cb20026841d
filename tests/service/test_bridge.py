"""What the bridge decides when it puts a call together."""

import pytest

from appliance.core.staff import StaffSettings
from appliance.service.bridge import turn_detection


@pytest.mark.parametrize(
    ("wanted", "detector", "used"),
    [
        ("manual", True, "manual"),
        ("manual", False, "server"),
        ("semantic", False, "semantic"),
        ("server", True, "server"),
    ],
)
def test_turns_are_ended_by_us_only_with_a_detector(wanted: str, used: str, *, detector: bool) -> None:
    staff = StaffSettings.model_validate({"turn_detection": wanted})
    assert turn_detection(staff, detector=detector) == used
