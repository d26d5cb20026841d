"""How staff are told, whatever of: an e-mail, a post to their webhook, a text that is news still.

May import: the standard library, appliance.core, appliance.notify, appliance.store, appliance.jobs.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta

from appliance.core.errors import SettingsError
from appliance.core.settings import Settings
from appliance.jobs.errand import Errand
from appliance.jobs.kinds import JobFailed
from appliance.notify import mail, webhook
from appliance.notify.failed import NotifyFailed
from appliance.store import texting

TEXT_GOOD = timedelta(hours=2)
"""After so long a text to staff is no news any more."""
UNSET_S = 600.0
"""So long until it is tried again where a secret or an address is missing: somebody may mend it."""


def by_mail(
    errand: Errand, settings: Settings, to: str, subject: str, body: str, *, key: str, at: datetime
) -> None:
    """Send an e-mail. Raises NotifyFailed, SettingsError."""
    password = settings.secret(settings.mail.password_file) if settings.mail.user else ""
    letter = mail.letter(settings.mail, to, subject, body, key=key, at=at)
    mail.send(settings.mail, password, letter, errand.left_s)


def by_webhook(
    errand: Errand, settings: Settings, told: Mapping[str, object], *, key: str, at: datetime
) -> None:
    """Post it. Raises NotifyFailed, SettingsError."""
    secret = settings.secret(settings.notify.webhook_secret_file)
    errand.awaited(webhook.post(settings.notify, secret, told, key=key, at=at))


def see_that_a_text_is_news(errand: Errand, number: str, happened: datetime, now: datetime) -> None:
    """See that it is not too late for a text, and that the number wants any. Raises JobFailed."""
    if now - happened > TEXT_GOOD or errand.read(lambda db: texting.stopped(db, number)):
        raise JobFailed("The number wants no texts, or it is no news any more.", again=False)


@contextmanager
def tried_again() -> Iterator[None]:
    """Have what fails of this tried again where that can help. Raises JobFailed."""
    try:
        yield
    except NotifyFailed as exc:
        raise JobFailed(str(exc), again=exc.again, after_s=exc.after_s) from exc
    except SettingsError as exc:
        raise JobFailed(str(exc), again=True, after_s=UNSET_S) from exc
