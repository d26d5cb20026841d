"""An office for the tests: two departments that can be rung, one without a telephone."""

from typing import Any

from appliance.core.menu import DepartmentLine
from appliance.core.staff import Office, StaffSettings

FRONT_DESK = "+15550100010"
BILLING = DepartmentLine(
    slug="billing", name="Billing", numbers=("+15550100011",), aliases=("accounts", "invoice"), hours="always"
)
NURSES = DepartmentLine(
    slug="nurses", name="Nurses", numbers=("+15550100012",), aliases=("nurse", "triage"), hours="always"
)
ARCHIVE = DepartmentLine(slug="archive", name="The Archive", numbers=())


def office(**staff: Any) -> Office:
    """The office with these decisions of its staff."""
    decided = StaffSettings.model_validate({"people": [FRONT_DESK], **staff})
    return Office(staff=decided, departments=(BILLING, NURSES, ARCHIVE))
