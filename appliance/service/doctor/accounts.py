"""Accounts elsewhere as a doctor sees them: Twilio and its numbers, each calendar, and the mail server.

May import: the standard library, appliance.core, appliance.calendars, appliance.service, appliance.store,
twilio_bridge.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

from appliance.calendars.graph.account import expiry
from appliance.core.errors import CarrierFailed, SettingsError
from appliance.core.examined import Examined, missing, note, well
from appliance.core.settings import Settings
from appliance.service import online
from appliance.service.booking import calendars
from appliance.store import database, visits
from appliance.store.errors import StoreError
from twilio_bridge.rest import TwilioRest

ASK_S = 8.0


async def twilio(settings: Settings) -> AsyncIterator[Examined]:
    """The account, and where calls and texts of its numbers go."""
    if not settings.twilio.account_sid:
        return
    try:
        token = settings.secret(settings.twilio.auth_token_file)
    except SettingsError:
        return  # It has a line of its own.
    if problem := await online.carrier_problem(settings, token):
        yield missing("Twilio", problem)
    else:
        yield well("Twilio", "accepts the account")
    try:
        async with asyncio.timeout(ASK_S), TwilioRest(settings.twilio, token) as rest:
            yield _webhooks(await rest.webhooks(), settings.twilio.public_url)
    except (CarrierFailed, TimeoutError):
        return  # The account's own line, or a key that may not list numbers.


def _webhooks(found: dict[str, str], public_url: str) -> Examined:
    part, right = "Twilio numbers", f"POST {public_url}/twilio/voice"
    if not found:
        told = f"no call of the account comes to this box: set 'A call comes in' of a number to {right}"
        return missing(part, f"{told} (docs/first-call.md).")
    wrong = [f"{number} has {told}" for number, told in found.items() if told]
    if wrong:
        return missing(part, f"{'; '.join(wrong)}: 'A call comes in' is to be {right}.")
    return well(part, f"calls of {len(found)} come to this box")


async def of_calendars(settings: Settings) -> AsyncIterator[Examined]:
    """Every calendar of a provider: whether it can be read and written."""
    try:
        db = database.connect_readonly(settings.database)
    except StoreError:
        return  # The database has a line of its own.
    try:
        with database.translated():
            providers = visits.load(db).provider
    except StoreError:
        return
    finally:
        db.close()
    found = await calendars.looked(settings, providers)
    for name, failure in found.items():
        if failure:
            yield missing(f"calendar {name}", f"{str(failure).rstrip('.')}: {_shared(name)}.")
    if found and not any(found.values()):
        yield well("calendars", f"{len(found)} can be read and written")
    if told := expiry(settings.microsoft, datetime.now(UTC).date()):
        yield note("Microsoft 365", told)


def _shared(name: str) -> str:
    service = name.partition(":")[0]
    if service == "google":
        return "share it with the service account as one who may change events (docs/google-calendars.md)"
    if service == "microsoft":
        return "give the app Calendars.ReadWrite for it (docs/microsoft-calendars.md)"
    return "`attendant bookings check` asks again"


async def post(settings: Settings) -> AsyncIterator[Examined]:
    """The mail server: whether it is there, to be trusted, and accepts the account."""
    if not settings.mail.host:
        return
    problem = await asyncio.to_thread(online.mail_problem, settings)
    if problem:
        yield missing("mail server", f"{problem.rstrip('.')}: look at [mail].")
    else:
        yield well("mail server", f"{settings.mail.host} accepts the account")
