"""The cloud as a doctor sees it: a session is really opened, given a word, and closed; and what models cost.

May import: the standard library, appliance.core, models.realtime.
"""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime

from appliance.core.errors import AttendantError, SettingsError
from appliance.core.examined import Examined, missing, note, well
from appliance.core.settings import Settings
from models.realtime import prices
from models.realtime.dial import Dialer, DialFailed

PART, PRICES = "cloud session", "cloud prices"
TOLD: Mapping[str, str] = {
    "dns": "its name is not found: see the line of the name servers",
    "certificate": (
        "its certificate is not to be trusted: does a proxy open TLS here? Then [cloud] ca_file, and is the"
        " box's clock right?"
    ),
    "tls": "TLS fails: something between the box and it meddles with the connection",
    "refused": "nobody takes the connection: is the line to the internet there, and [cloud] url right?",
    "timeout": "no connection within [cloud] connect_ms: a slow line, or a firewall that drops port 443",
    "setup_timeout": "it takes the connection, and says nothing",
    "mute": "it opens a session, and says no word in it: try again in some minutes",
    "status_401": "it refuses the key: put a valid one into [cloud] key_file",
    "status_403": "it refuses the key for this region or project: look at the key's permissions",
    "status_404": "there is no such model for this key: choose another as [cloud] model",
    "status_429": "the account has used up what it may: look at limits and billing of the account",
    "insufficient_quota": "the account's credit is used up: add some to its billing",
    "billing_hard_limit_reached": "the account's own limit of costs is reached: raise it in its billing",
    "invalid_api_key": "it refuses the key: put a valid one into [cloud] key_file",
    "model_not_found": "there is no such model for this key: choose another as [cloud] model",
}
LATER = "try again in some minutes; calls go on without it"


def used(settings: Settings) -> bool:
    """Whether calls may have it: nobody is asked for anything by a box without a key."""
    return settings.cloud.enabled and (settings.secrets_dir / settings.cloud.key_file).exists()


async def examined(settings: Settings) -> AsyncIterator[Examined]:
    """Open one as calls do, where a key is there; and look into the table of prices."""
    cloud = settings.cloud
    if not cloud.enabled:
        return
    try:
        key = settings.secret(cloud.key_file)
    except SettingsError:
        pass  # It has a line of its own.
    else:
        yield await _session(settings, key)
    yield _prices(settings)


async def _session(settings: Settings, key: str) -> Examined:
    cloud = settings.cloud
    try:
        async with Dialer(cloud, key) as dialer:
            await dialer.probe(cloud.model)
    except DialFailed as exc:
        return missing(PART, f"{cloud.url}: {TOLD.get(exc.code, f'{exc.code}: {LATER}')}.")
    return well(PART, f"{cloud.model} at {cloud.url} has answered in a session")


def _prices(settings: Settings) -> Examined:
    cloud = settings.cloud
    models = (cloud.model, cloud.transcription_model)
    try:
        notices = prices.load(cloud.prices_file).notices(models, datetime.now(UTC).date())
    except AttendantError as exc:
        return missing(PRICES, str(exc))
    if notices:
        return note(PRICES, " ".join(notices))
    return well(PRICES, f"known of {', '.join(filter(None, models))}")
