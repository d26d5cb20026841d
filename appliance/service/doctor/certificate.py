"""The front as a doctor sees it: whether it answers, and for how long and for whom its certificate holds.

May import: the standard library, cryptography, appliance.core, appliance.service.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.x509 import Certificate

from appliance.core.examined import Examined, missing, note, well
from appliance.core.settings import Settings
from appliance.service.certificate import making
from appliance.service.certificate.making import RENEWED_BEFORE
from appliance.service.certificate.names import names

PART = "certificate"
PORT = 443
ASK_S = 3.0
RENEWAL_MAY_TAKE = timedelta(days=1)
"""The box renews its own certificate by a timer; nothing is wrong before that had so long."""
MAKES = "`attendant certificate renew` makes it, as attendant-certificate.timer does each hour"


async def examined(
    settings: Settings, now: datetime | None = None, port: int = PORT
) -> AsyncIterator[Examined]:
    """Open a connection as browsers do, and look at what is served; nothing where no front is set."""
    if not settings.front.name:
        return
    address = ("127.0.0.1", port)
    try:
        told = await asyncio.to_thread(ssl.get_server_certificate, address, timeout=ASK_S)
    except ssl.SSLError:
        yield missing("front", f"it answers without a certificate: {MAKES}.")
        return
    except OSError as exc:
        told = f"it does not answer at port {port} ({exc}): `systemctl status attendant-front`."
        yield missing("front", told)
        return
    yield judged(x509.load_pem_x509_certificate(told.encode()), settings, now or datetime.now(UTC))


def judged(served: Certificate, settings: Settings, now: datetime) -> Examined:
    """How a certificate is that is served."""
    until = served.not_valid_after_utc
    day = f"{until:%Y-%m-%d}"
    if now < served.not_valid_before_utc:
        began = f"it holds only from {served.not_valid_before_utc:%Y-%m-%d %H:%M} UTC on"
        return missing(PART, f"{began}: is the box's clock right?")
    own = making.is_own(served)
    helps = MAKES if own else "have a new one made, and `attendant certificate use` it"
    if now >= until:
        return missing(PART, f"it ended on {day}, and browsers warn everybody: {helps}.")
    if settings.front.name in making.lacking(served, names(settings)):
        told = f"it is not for {settings.front.name}, and browsers warn whoever opens that: {helps}."
        return missing(PART, told)
    if until - now < RENEWED_BEFORE - (RENEWAL_MAY_TAKE if own else timedelta()):
        return note(PART, f"it ends on {day}: {helps}.")
    return well(PART, f"holds until {day}, for {settings.front.name}")
