"""The boot settings of a second box that stands ready for when the first one dies.

May import: the standard library, pydantic, appliance.core.
"""

from pydantic import Field

from appliance.core.frozen import Frozen


class Standby(Frozen):
    """A second box that stands ready, fed by the backups of the first one (docs/boxes.md)."""

    follows: str = Field("", pattern=r"^[A-Za-z0-9._-]{0,120}$")
    """The name of the box that this one stands ready for, as `attendant backup list` shows it; empty on the
    box that answers."""

    other: str = Field("", pattern=r"^([A-Za-z0-9.-]{1,120}:[0-9]{1,5})?$")
    """Host and port of the other box's pages, such as 192.168.1.10:443: while they answer nothing is taken
    over."""

    wait_s: int = Field(120, ge=0, le=3600)
    """How long a takeover waits for the other box to say that it stands down, where a trunk would ring
    both."""
