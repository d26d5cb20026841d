"""The boot settings of reporting: where faults of the program itself are told, without anything of callers.

May import: the standard library, pydantic, appliance.core.
"""

from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from appliance.core.frozen import Frozen
from appliance.core.notify_settings import LOOPBACK


class Reporting(Frozen):
    """Faults of the program, told to a Sentry or the like (docs/monitoring.md). Off by default."""

    dsn: str = Field(
        "",
        pattern=r"^(https?://[0-9A-Za-z]{1,64}@[A-Za-z0-9.:\[\]-]{1,253}(/[A-Za-z0-9._-]+)*/[0-9]{1,20})?$",
    )
    """The address that it gives for a project, such as https://key@sentry.example.com/3; empty: nothing is
    told. With http it has to be on this machine; elsewhere only bridge and worker tell it."""

    environment: str = Field("clinic", pattern=r"^[A-Za-z0-9_-]{1,64}$")
    """By what reports of this box are told from those of others."""

    @model_validator(mode="after")
    def _secret(self) -> Self:
        if urlsplit(self.dsn).scheme == "http" and not self.is_here:
            raise ValueError("dsn must begin with https:// unless it is on this machine")
        return self

    @property
    def is_here(self) -> bool:
        """Whether it is on this machine."""
        return urlsplit(self.dsn).hostname in LOOPBACK
