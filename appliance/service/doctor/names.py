"""Name servers as a doctor sees them: whether the names that the box needs can be found, and how quickly.

May import: the standard library, aiohttp, appliance.core, appliance.service.doctor, models.realtime.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp.abc import AbstractResolver

from appliance.core.examined import Examined, missing, note, well
from appliance.core.settings import Settings
from appliance.service.doctor import cloud
from models.realtime.names import RememberingResolver

PART = "name servers"
SLOW_MS = 300
HELP = "`resolvectl status` shows which are asked; set others in the router, or by DHCP"


async def examined(settings: Settings, resolver: AbstractResolver | None = None) -> AsyncIterator[Examined]:
    """Look all names up at once, as calls do."""
    names = wanted(settings)
    if not names:
        return
    using = resolver or RememberingResolver()
    try:
        took = await asyncio.gather(*(_took_ms(using, name) for name in names))
    finally:
        await using.close()
    lost = [name for name, ms in zip(names, took, strict=True) if ms is None]
    slowest = max((ms for ms in took if ms is not None), default=0)
    if len(lost) == len(names):
        told = f"none of {', '.join(names)} is found: calls go on without the cloud. {HELP}."
        yield missing(PART, told)
    elif lost:
        yield missing(PART, f"{', '.join(lost)} not found: is each spelt as it should be? Else {HELP}.")
    elif slowest > SLOW_MS:
        yield note(PART, f"it takes up to {slowest} ms to find a name: {HELP}.")
    else:
        yield well(PART, f"{', '.join(names)} found within {slowest} ms")


def wanted(settings: Settings) -> list[str]:
    """The names that the settings have; addresses need no look-up."""
    twilio, microsoft, backup = settings.twilio, settings.microsoft, settings.backup.repository
    urls = [
        settings.cloud.url if cloud.used(settings) else "",
        *((twilio.api_url, twilio.public_url) if twilio.account_sid else ()),
        *((microsoft.authority_url, microsoft.graph_url) if microsoft.tenant else ()),
        settings.notify.webhook_url,
        settings.reporting.dsn,
        backup.removeprefix("s3:") if backup.startswith("s3:http") else "",
        f"//{settings.mail.host}",
        f"//{settings.asterisk.trunk.host}" if settings.asterisk.enabled else "",
    ]
    hosts = (urlsplit(url).hostname for url in urls)
    return list(dict.fromkeys(host for host in hosts if host and not _is_address(host)))


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


async def _took_ms(resolver: AbstractResolver, name: str) -> int | None:
    began_s = time.monotonic()
    try:
        found = await resolver.resolve(name)
    except OSError:
        return None
    return round((time.monotonic() - began_s) * 1000) if found else None
