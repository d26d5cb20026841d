"""The boot settings of alerts: who is told when something is wrong with the box itself.

May import: the standard library, pydantic, appliance.core.
"""

from pydantic import Field

from appliance.core.escalation import Address, Number
from appliance.core.frozen import Frozen


class Alerts(Frozen):
    """Who is told when something is wrong with the box, and when it is well again (docs/monitoring.md)."""

    emails: tuple[Address, ...] = Field((), max_length=10)
    """Addresses that get an e-mail, by the server of [mail]."""

    texts: tuple[Number, ...] = Field((), max_length=10)
    """Numbers that get a text, from the number of [twilio] sms_from."""

    webhook: bool = False
    """Whether it is posted to the webhook of [notify], too."""

    after_minutes: int = Field(5, ge=0, le=1440)
    """A trouble that passes within so many minutes is told to nobody."""

    well_minutes: int = Field(15, ge=1, le=1440)
    """It is over when all was well for so long; for one that comes again and again within a day, longer."""
