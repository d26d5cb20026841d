"""A webhook: JSON that is posted to an address of the clinic's, signed, and known again by its key.

`Attendant-Signature` is `t=<seconds since 1970>,v1=<HMAC-SHA256 of "<t>.<body>" in hexadecimal>`.
May import: the standard library, aiohttp, orjson, appliance.core, appliance.notify.
"""

import hashlib
import hmac
import ssl
from collections.abc import Mapping
from datetime import datetime

import aiohttp
import orjson

from appliance.core.notify_settings import Notify
from appliance.notify.failed import NotifyFailed

TIMEOUT_S = 15.0
AGAIN_STATUS = frozenset({408, 409, 425, 429})
PATIENCE_MOST_S = 3600.0


def signature(secret: str, body: bytes, at: datetime) -> str:
    """The header that proves who posts this, and when."""
    seconds = int(at.timestamp())
    digest = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"


async def post(notify: Notify, secret: str, told: Mapping[str, object], *, key: str, at: datetime) -> None:
    """Post it; the other side has taken it when this returns. Raises NotifyFailed."""
    if not notify.webhook_url:
        raise NotifyFailed("No webhook is set ([notify] webhook_url).", again=False)
    body = orjson.dumps(dict(told))
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": key,
        "Attendant-Signature": signature(secret, body, at),
    }
    trusted = ssl.create_default_context(
        cafile=None if notify.webhook_ca_file is None else str(notify.webhook_ca_file)
    )
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_S)) as http,
            http.post(
                notify.webhook_url, data=body, headers=headers, ssl=trusted, allow_redirects=False
            ) as answer,
        ):
            _judge(answer.status, answer.headers.get("Retry-After", ""))
    except (TimeoutError, aiohttp.ClientError, OSError) as exc:
        raise NotifyFailed(f"The webhook is not reached: {type(exc).__name__}.", again=True) from exc


def _judge(status: int, retry_after: str) -> None:
    """Raises NotifyFailed for a status that is no success; a redirection is none."""
    if 200 <= status < 300:
        return
    again = status >= 500 or status in AGAIN_STATUS
    after_s = min(float(retry_after), PATIENCE_MOST_S) if retry_after.isdecimal() else 0.0
    raise NotifyFailed(f"The webhook answered {status}.", again=again, after_s=after_s)
