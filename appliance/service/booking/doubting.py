"""Why nothing was done, for the assistant and for the caller.

May import: appliance.core.
"""

from appliance.core.booking.desk import NotBooked
from appliance.core.booking.saying import question


def doubt(why: str, language: str, told: str) -> NotBooked:
    """What is raised for this reason: `told` is for the assistant, and behind it what the caller is asked."""
    asked = question(language, why)
    return NotBooked(f"{told}{asked}", why, asked)
