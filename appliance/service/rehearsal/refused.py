"""Why somebody may not rehearse so, or now, as an error.

May import: appliance.core.
"""

from appliance.core.errors import AttendantError
from appliance.core.rehearsal import REFUSED, Refusal


class Refused(AttendantError):
    """Nobody may rehearse so, or now."""

    def __init__(self, why: Refusal) -> None:
        super().__init__(REFUSED[why])
        self.why = why
