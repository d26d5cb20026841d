"""The box's clock as a doctor sees it: beside those of the services that it speaks with anyway.

May import: the standard library, aiohttp, appliance.core, appliance.service.doctor.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import aiohttp

from appliance.core.cloud_address import rest_url
from appliance.core.examined import Examined, missing, note, well
from appliance.core.settings import Settings
from appliance.service.doctor import cloud

PART = "clock"
ASK_S = 5.0
OFF = timedelta(seconds=5)
"""A `Date` is told in whole seconds, and may be on its way for one or two."""
KEPT = Path("/run/systemd/timesync/synchronized")
"""systemd-timesyncd's word that it has set the clock by a server."""
HELP = "`timedatectl set-ntp true`, and `timedatectl` shows whether it is synchronised"


async def examined(settings: Settings, kept: Path = KEPT) -> AsyncIterator[Examined]:
    """Ask one service after the other until one says what time it is."""
    for place in _places(settings):
        ahead = await _ahead(place)
        if ahead is None:
            continue
        if abs(ahead) > OFF:
            told = f"it is {ahead.total_seconds():+.0f} s off that of {place}"
            yield missing(PART, f"{told}: opening hours, codes and certificates go by it. {HELP}.")
        else:
            yield well(PART, f"it is that of {place}")
        return
    if await asyncio.to_thread(kept.exists):
        yield well(PART, "systemd-timesyncd has set it")
    else:
        yield note(PART, f"nobody could be asked what time it is: {HELP}.")


def _places(settings: Settings) -> Sequence[str]:
    return [
        *([rest_url(settings.cloud)] if cloud.used(settings) else []),
        *([settings.twilio.api_url] if settings.twilio.account_sid else []),
    ]


async def _ahead(place: str) -> timedelta | None:
    """How far our clock is ahead of a web server's; None when it does not say."""
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ASK_S)) as http,
            http.head(place, allow_redirects=False) as answer,
        ):
            told = parsedate_to_datetime(answer.headers["Date"])
            # It is cut off to the second: on the average half of one is lost.
            return datetime.now(UTC) - told.astimezone(UTC) - timedelta(seconds=0.5)
    except (aiohttp.ClientError, TimeoutError, OSError, KeyError, ValueError):
        return None
