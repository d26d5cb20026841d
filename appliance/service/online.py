"""Asks the services whether our accounts are good, before a caller does: `attendant check --online`.

May import: appliance.core, appliance.calendars, models, openai, twilio, aiohttp.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing

from appliance.calendars.google.calendar import google_calendar
from appliance.calendars.graph.account import account
from appliance.calendars.graph.patience import Clock, Patience
from appliance.calendars.graph.tokens import Tokens
from appliance.core.cloud_address import rest_url
from appliance.core.errors import AttendantError, CarrierFailed
from appliance.core.settings import Cloud, Settings, Twilio
from appliance.notify import mail
from twilio_bridge.rest import TwilioRest

ASK_S = 8.0


async def cloud_problem(cloud: Cloud, key: str) -> str:
    """A sentence about what is wrong with the key or the model; empty when both are good."""
    import openai  # noqa: PLC0415 -- slow to load, and the doctor needs the rest of this alone

    timeout = openai.Timeout(ASK_S, connect=3.0)
    async with openai.AsyncOpenAI(
        api_key=key, base_url=rest_url(cloud), timeout=timeout, max_retries=1
    ) as client:
        try:
            await client.models.retrieve(cloud.model)
        except openai.AuthenticationError:
            return "The cloud refuses the API key: put a valid one into the key file."
        except openai.NotFoundError:
            return f"The cloud has no model {cloud.model} for this key: choose another in [cloud]."
        except openai.APIStatusError as exc:
            return f"The cloud answers with status {exc.status_code}: try again later."
        except openai.APIConnectionError:
            return f"The cloud cannot be reached at {rest_url(cloud)}."
    return ""


async def carrier_problem(settings: Settings, auth_token: str) -> str:
    """A sentence about what is wrong with the carrier's account; empty when it is good."""
    try:
        async with asyncio.timeout(ASK_S), TwilioRest(settings.twilio, auth_token) as rest:
            await rest.check_account()
            problems = [await _fallback_problem(rest), await _texts_problem(rest, settings.twilio)]
            return " ".join(filter(None, problems))
    except CarrierFailed as exc:
        return f"Twilio does not accept the account: {exc}."
    except TimeoutError:
        return f"Twilio cannot be reached at {settings.twilio.api_url}."


async def _fallback_problem(rest: TwilioRest) -> str:
    """A sentence about numbers at which callers are lost when the box is dead; empty when there are none."""
    try:
        numbers = await rest.without_fallback()
    except CarrierFailed:
        # Not every key may list the numbers; the account is good all the same.
        return ""
    if not numbers:
        return ""
    return (
        f"Nothing is set for {', '.join(numbers)} when the primary handler fails: callers are lost when"
        " the box is dead. Print what belongs there with `attendant fallback`."
    )


async def _texts_problem(rest: TwilioRest, twilio: Twilio) -> str:
    """A sentence about texts that people send and we do not hear of; empty when we do, or send none."""
    try:
        elsewhere = bool(twilio.sms_from) and await rest.texts_elsewhere()
    except CarrierFailed:
        return ""
    if not elsewhere:
        return ""
    return (
        f"Texts to {twilio.sms_from} do not come here, so that nobody hears of a STOP: set what is done when"
        f" a message comes in to {twilio.public_url}/twilio/sms."
    )


async def findings(settings: Settings) -> AsyncIterator[tuple[str, str]]:
    """Each service with what is wrong with it (empty: nothing)."""
    if settings.cloud.enabled:
        yield "cloud", await _with_secret(settings, "cloud")
    if settings.twilio.account_sid:
        yield "twilio", await _with_secret(settings, "twilio")
    if (settings.secrets_dir / settings.google.key_file).exists():
        yield "google", await asyncio.to_thread(google_problem, settings)
    if settings.microsoft.tenant:
        yield "microsoft", await asyncio.to_thread(microsoft_problem, settings)
    if settings.mail.host:
        yield "mail", await asyncio.to_thread(mail_problem, settings)


def mail_problem(settings: Settings) -> str:
    """A sentence about why the mail server would take nothing of ours; empty when it would. Blocks."""
    try:
        password = settings.secret(settings.mail.password_file) if settings.mail.user else ""
        mail.check(settings.mail, password)
    except AttendantError as exc:
        return str(exc)
    return ""


def google_problem(settings: Settings) -> str:
    """A sentence about what is wrong with the service account; empty for nothing. Blocks for some seconds."""
    try:
        google = google_calendar(settings)
        if google is not None:
            google.sign_in()
    except AttendantError as exc:
        return str(exc)
    return ""


def microsoft_problem(settings: Settings) -> str:
    """A sentence about why Microsoft gives the app no token; empty when it does. Blocks for some seconds."""
    try:
        tokens = Tokens(account(settings))
        with closing(tokens):
            tokens.token(Patience.of(ASK_S, Clock()))
    except AttendantError as exc:
        return str(exc)
    return ""


async def _with_secret(settings: Settings, service: str) -> str:
    try:
        if service == "cloud":
            return await cloud_problem(settings.cloud, settings.secret(settings.cloud.key_file))
        return await carrier_problem(settings, settings.secret(settings.twilio.auth_token_file))
    except AttendantError as exc:
        return str(exc)
