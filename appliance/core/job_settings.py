"""The boot settings of the worker: what the IT person may have to say about jobs.

May import: the standard library, pydantic, appliance.core.
"""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from appliance.core.frozen import Frozen, Secret


class Jobs(Frozen):
    """What is done after calls and by timetable, by `attendant worker`."""

    threads: int = Field(2, ge=1, le=32)
    """Jobs done at the same time."""

    redis_url: str = Field("", pattern=r"^(rediss?://[^/?#@\s]+(/[0-9]+)?|unix:///[^?#@\s]+)?$")
    """A Redis that tells the worker of new jobs, such as redis://127.0.0.1:6379/0. Empty: a file in the data
    folder does. Jobs themselves are in the database, in any case."""

    redis_password_file: Annotated[Path | None, Secret()] = None
    """File with the password of that Redis, if it wants one; relative to the secrets folder."""

    stop_s: int = Field(60, ge=0, le=600)
    """How long jobs may go on when the worker is told to stop; one that needs longer is begun again later."""

    kept_days: int = Field(30, ge=1, le=3650)
    """How long a job that was done or dropped stays in the list."""
