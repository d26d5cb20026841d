"""The boot settings of calendars elsewhere: Google Calendar and Microsoft 365.

May import: the standard library, pydantic, appliance.core.
"""

from datetime import date
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from appliance.core.frozen import Frozen, Secret

HTTPS_URL = r"^https://[^/?#\s@]+(/[^?#\s]*[^/?#\s])?$"


class Google(Frozen):
    """Google Calendar, by a service account of the clinic's own with which each calendar is shared."""

    key_file: Annotated[Path, Secret(lines=True)] = Path("google_key.json")
    """The service account's key as Google gives it out, relative to the secrets folder; no file:
    no calendars there."""

    api_url: str = Field("https://www.googleapis.com", pattern=r"^https://[^?#\s]+[^/?#\s]$")
    """Where the Calendar API is; where tokens come from stands in the key."""

    ca_file: Path | None = None
    """Certificates to trust instead of the system's, for a proxy that opens TLS."""

    patience_ms: int = Field(4000, ge=500, le=30000)
    """Time for one thing to be done there, with all that is tried again; a caller waits for it."""


class Microsoft(Frozen):
    """Calendars in Microsoft 365, by an app registration of the clinic's own."""

    tenant: str = Field("", pattern=r"^[A-Za-z0-9.-]{0,100}$")
    """The directory (tenant) ID; empty: no calendars there."""

    client_id: str = Field("", pattern=r"^[0-9A-Fa-f-]{0,36}$")
    """The application (client) ID of the app registration."""

    secret_file: Annotated[Path, Secret()] = Path("microsoft_secret")
    """File with the app's client secret (its value, not its ID); relative to the secrets folder."""

    certificate_file: Annotated[Path | None, Secret(lines=True)] = None
    """A PEM file with private key and certificate, instead of the secret; relative to the secrets folder."""

    secret_expires: date | None = None
    """The day on which secret or certificate expire, as 2027-11-30; you are warned 30 days before."""

    graph_url: str = Field("https://graph.microsoft.com/v1.0", pattern=HTTPS_URL)
    """Where Microsoft Graph is; a national cloud has another host."""

    authority_url: str = Field("https://login.microsoftonline.com", pattern=HTTPS_URL)
    """Where tokens come from; a national cloud has another host."""

    ca_file: Path | None = None
    """Certificates to trust instead of the usual public ones, for a proxy that opens TLS."""

    @model_validator(mode="after")
    def _known(self) -> Self:
        if self.tenant and not self.client_id:
            raise ValueError("client_id must be set with tenant: it names the app that may use the calendars")
        return self
