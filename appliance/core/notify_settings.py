"""The boot settings of what the box tells staff outside of calls: by e-mail, and by a webhook.

May import: the standard library, pydantic, appliance.core.
"""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from appliance.core.frozen import Frozen, Secret

LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Mail(Frozen):
    """The mail server through which staff are told of what is overdue."""

    host: str = Field("", pattern=r"^[A-Za-z0-9.:-]{0,253}$")
    """Its name, such as smtp.example.com; empty: no e-mail is sent."""

    port: int = Field(587, ge=1, le=65535)
    """Its port: 587 for STARTTLS, 465 for TLS."""

    security: Literal["starttls", "tls", "none"] = "starttls"
    """How the connection is kept secret, with a certificate that is checked; `none`: a server on this box."""

    user: str = Field("", max_length=254)
    """The account; empty: the server wants none."""

    password_file: Annotated[Path, Secret()] = Path("mail_password")
    """File with the account's password; relative to the secrets folder."""

    sender: str = Field("", pattern=r"^([^@\s<>,;]+@[^@\s<>,;]+)?$", max_length=254)
    """The address that e-mails come from, such as attendant@example.com."""

    ca_file: Path | None = None
    """Certificates to trust instead of the system's, for a server with one of the clinic's own."""

    timeout_s: int = Field(30, ge=5, le=120)
    """How long one e-mail may take."""

    @model_validator(mode="after")
    def _usable(self) -> Self:
        if self.host and not self.sender:
            raise ValueError("sender must be set with host: e-mails come from it")
        if self.security == "none" and self.host and self.host not in LOOPBACK:
            raise ValueError("security none is for a server on this machine alone, such as 127.0.0.1")
        return self


class Notify(Frozen):
    """What else staff are told by."""

    admin_url: str = Field("", pattern=r"^(https?://[^\s<>\"]{3,150})?$")
    """The address of the admin's pages in the clinic's network, to stand in what is sent; empty: none stands
    there."""

    webhook_url: str = Field(
        "", pattern=r"^(https://[^\s<>\"]{3,500}|http://(127\.0\.0\.1|\[::1\])[^\s<>\"]*)?$"
    )
    """Where a step `webhook` of the escalation posts to; empty: nowhere."""

    webhook_secret_file: Annotated[Path, Secret()] = Path("webhook_secret")
    """File with the secret that signs what is posted; relative to the secrets folder."""

    webhook_ca_file: Path | None = None
    """Certificates to trust there instead of the system's."""
