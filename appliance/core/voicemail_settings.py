"""The boot settings of voicemail: what becomes of a recording, and what may be told to the cloud.

May import: the standard library, pydantic, appliance.core.
"""

from pydantic import Field

from appliance.core.frozen import Frozen


class Voicemail(Frozen):
    """What `attendant worker` makes of messages that callers speak."""

    written_down: bool = True
    """Whether spoken messages are written down, by the speech program; else they are only to be heard."""

    silence_cut: bool = True
    """Whether long silence is cut out of what is kept; a table of what was cut is kept with the text."""

    delete_at_carrier: bool = True
    """Whether a recording is deleted at Twilio once our copy is on disk."""

    recording_most_mb: int = Field(64, ge=1, le=512)
    """The largest recording that is fetched from Twilio, in megabytes: 64 are more than an hour."""

    fetch_s: int = Field(120, ge=10, le=1800)
    """Time for one try to fetch a recording; the next goes on where it ended."""

    longest_s: int = Field(7200, ge=60, le=14400)
    """So much of a recording is kept and written down; what is behind it is left out, and that is said."""

    cloud: bool = False
    """Whether the cloud may sum a message up. Its text leaves the building then; sound and the number that
    the caller rang from do not."""

    cloud_model: str = Field("gpt-4o-mini", pattern=r"^[A-Za-z0-9._-]{1,80}$")
    """The model that sums up."""
