"""What was promised, as a doctor sees it: who waits for a call, and whether somebody would be told.

May import: the standard library, appliance.core, appliance.store.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from appliance.core.errors import SettingsError
from appliance.core.escalation import Step
from appliance.core.examined import Examined, missing, note, well
from appliance.core.settings import Settings
from appliance.core.staff import StaffSettings
from appliance.store import callback_rows, database, retention
from appliance.store.callback_rows import Counts
from appliance.store.errors import StoreError


def examined(settings: Settings, staff: StaffSettings, now: datetime | None = None) -> Iterator[Examined]:
    """Look at the list, at the steps by which staff are told, and at what retention could not verify."""
    yield from _list(settings, now or datetime.now(UTC))
    for step in staff.escalation:
        if problem := _problem(step, settings, staff):
            yield missing(f"escalation by {step.by}", problem)


def _list(settings: Settings, now: datetime) -> Iterator[Examined]:
    try:
        db = database.connect_readonly(settings.database)
    except StoreError:
        return  # The database's own line says so.
    try:
        with database.translated():
            counts, unseen = callback_rows.counts(db, now), retention.unverified(db)
    except StoreError:
        return
    finally:
        db.close()
    yield _waiting(counts)
    if unseen:
        told = "something was deleted that is not seen to be gone yet: it is tried again in the night."
        yield note("retention", told)


def _waiting(counts: Counts) -> Examined:
    if counts.untouched:
        told = f"{counts.untouched} overdue, and nobody has touched them: attendant callbacks list."
        return note("callbacks", told)
    return well("callbacks", f"{counts.open} to be called back, {counts.overdue} overdue")


def alerting(settings: Settings) -> Iterator[Examined]:
    """Whether whoever is to be told of what is wrong with the box could be."""
    alerts, sms_from = settings.alerts, settings.twilio.sms_from
    ways = {
        "email": _mail(settings) if alerts.emails else "",
        "text": "" if sms_from or not alerts.texts else "set [twilio] sms_from, from which texts are sent.",
        "webhook": _hook(settings) if alerts.webhook else "",
    }
    for by, problem in ways.items():
        if problem:
            yield missing(f"alerts by {by}", problem)
    if not (alerts.emails or alerts.texts or alerts.webhook):
        told = "nobody is told when something is wrong with the box: set [alerts] emails"
        yield note("alerts", f"{told} (docs/monitoring.md).")


def _problem(step: Step, settings: Settings, staff: StaffSettings) -> str:
    """Why a step could tell nobody; empty when it can."""
    match step.by:
        case "email":
            return _mail(settings)
        case "webhook":
            return _hook(settings)
        case "text":
            return "" if settings.twilio.sms_from else "set [twilio] sms_from, from which texts are sent."
        case "rota":
            return _rota(settings, staff)


def _hook(settings: Settings) -> str:
    if not settings.notify.webhook_url:
        return "set [notify] webhook_url."
    return _secret(settings, webhook=True)


def _mail(settings: Settings) -> str:
    if not settings.mail.host:
        return "set [mail] host and sender."
    return _secret(settings, webhook=False) if settings.mail.user else ""


def _secret(settings: Settings, *, webhook: bool) -> str:
    file = settings.notify.webhook_secret_file if webhook else settings.mail.password_file
    try:
        settings.secret(file)
    except SettingsError as exc:
        return str(exc)
    return ""


def _rota(settings: Settings, staff: StaffSettings) -> str:
    if not staff.on_call_rota:
        return "nobody is on call: set on_call_rota."
    if settings.twilio.account_sid:
        calls_from = staff.caller_id or settings.twilio.sms_from
        return "" if calls_from else "it is rung through Twilio: set [twilio] sms_from, or caller_id."
    asterisk = settings.asterisk
    outside = asterisk.enabled and (asterisk.trunk.host or asterisk.existing)
    return "" if outside else "it is rung over a trunk or through Twilio: set [asterisk.trunk] or [twilio]."
