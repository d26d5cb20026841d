"""The boot settings of recordings: whether they are kept in a bucket elsewhere, and how long here as well.

May import: the standard library, pydantic, appliance.core.
"""

from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from appliance.core.frozen import Frozen, Secret
from appliance.core.notify_settings import LOOPBACK


class Recordings(Frozen):
    """Recordings of messages in S3-compatible storage, for boxes with little room (docs/recordings.md)."""

    s3_url: str = Field("", pattern=r"^(https?://[A-Za-z0-9.:-]+/[a-z0-9.-]{3,63}(/[A-Za-z0-9._-]+)*)?$")
    """Where they are moved to: service, bucket and folder, such as
    https://s3.eu-central-1.amazonaws.com/my-bucket/clinic. Empty: they stay on this box."""

    s3_region: str = Field("us-east-1", pattern=r"^[a-z0-9-]{1,40}$")
    """The region of the bucket."""

    s3_access_file: Annotated[Path | None, Secret(lines=True)] = None
    """File with the keys of that storage, the lines AWS_ACCESS_KEY_ID=... and AWS_SECRET_ACCESS_KEY=...;
    relative to the secrets folder."""

    s3_ca_file: Path | None = None
    """Certificates to trust there instead of the system's."""

    here_days: int = Field(2, ge=0, le=3650)
    """For so many days after a message its recording lies on this box as well."""

    @model_validator(mode="after")
    def _private(self) -> Self:
        if not self.s3_url:
            return self
        if self.s3_access_file is None:
            raise ValueError("s3_access_file must be set with s3_url: nobody else may read recordings")
        if not self.s3_url.startswith("https:") and urlsplit(self.s3_url).hostname not in LOOPBACK:
            raise ValueError("s3_url must begin with https: recordings do not travel in the clear")
        return self
