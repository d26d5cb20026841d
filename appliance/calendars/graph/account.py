"""Whose calendars they are: directory, app, and what the app shows for itself; read from the settings.

May import: the standard library, appliance.core.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from appliance.core.calendar_settings import Microsoft
from appliance.core.errors import SettingsError
from appliance.core.settings import Settings

WARN_DAYS = 30
KEY = re.compile(r"-----BEGIN ([A-Z ]*PRIVATE KEY)-----.+?-----END \1-----", re.DOTALL)
CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Account:
    """An app registration, and where its tokens and Graph are. `credential` is a secret, or a key in PEM.

    `certificate` is that of the key, in PEM; empty when the credential is a secret.
    """

    tenant: str
    client_id: str
    credential: str = field(repr=False)
    certificate: str = ""
    authority_url: str = "https://login.microsoftonline.com"
    graph_url: str = "https://graph.microsoft.com/v1.0"
    ca_file: Path | None = None


def account(settings: Settings) -> Account:
    """The account of the settings. Raises SettingsError when its secret or certificate is not there."""
    told = settings.microsoft
    credential, certificate = _credential(settings, told)
    return Account(
        told.tenant,
        told.client_id,
        credential,
        certificate,
        told.authority_url,
        told.graph_url,
        told.ca_file,
    )


def expiry(told: Microsoft, today: date) -> str:
    """A sentence when secret or certificate end soon or have ended; empty when they do not."""
    if not told.tenant or told.secret_expires is None:
        return ""
    days = (told.secret_expires - today).days
    if days > WARN_DAYS:
        return ""
    what = "The client secret" if told.certificate_file is None else "The certificate"
    end = f"has expired on {told.secret_expires}" if days < 0 else f"expires on {told.secret_expires}"
    return f"{what} of [microsoft] {end}: make a new one in Microsoft Entra, and set secret_expires anew."


def _credential(settings: Settings, told: Microsoft) -> tuple[str, str]:
    """The secret alone, or the key and its certificate with those that vouch for it."""
    if told.certificate_file is None:
        return settings.secret(told.secret_file), ""
    text = settings.secret_text(told.certificate_file)
    key, certificates = KEY.search(text), CERTIFICATE.findall(text)
    if key is None or not certificates:
        path = settings.secrets_dir / told.certificate_file
        raise SettingsError([f"The file {path} must hold a private key and its certificate, both as PEM."])
    return key[0], "\n".join(certificates)
