"""The boot settings of what is too much.

May import: pydantic, appliance.core.
"""

from pydantic import Field

from appliance.core.frozen import Frozen


class Limits(Frozen):
    """What is too much."""

    calls_at_once: int = Field(8, ge=1, le=500)
    """Calls held at the same time; the next caller is led to people and voicemail."""

    call_longest_s: int = Field(1200, ge=30, le=3000)
    """The longest time a caller can spend with the assistant."""

    start_s: int = Field(5, ge=1, le=30)
    """How long a media connection may take to say which call it belongs to."""
