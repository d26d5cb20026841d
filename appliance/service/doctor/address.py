"""The public address as a doctor sees it: it goes there as Twilio does, with what Twilio would sign.

By that it is seen whether name, certificate, tunnel or proxy, path, signature and WebSocket are as they
should be (docs/reachability.md). May import: the standard library, aiohttp, appliance.core, twilio_bridge.
"""

import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import aiohttp

from appliance.core.errors import SettingsError
from appliance.core.examined import ADDRESS, Examined, missing, note, well
from appliance.core.settings import Settings
from twilio_bridge.server import HERE, UNSIGNED
from twilio_bridge.signature import signed

PART, CERTIFICATE = ADDRESS, "public certificate"
ASK_S = 8.0
ENDS_SOON_DAYS = 10
"""Tunnels and Caddy renew theirs a month before."""
GATEWAY = frozenset({502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 530})
READ_MOST = 200


class _Wrong(Exception):
    """What is wrong with it, in a sentence."""


async def examined(settings: Settings, trust: ssl.SSLContext | None = None) -> AsyncIterator[Examined]:
    """Go there. `trust` is what certificates are held against, as of the system where it is left out."""
    twilio = settings.twilio
    if not twilio.account_sid:
        return
    try:
        token = settings.secret(twilio.auth_token_file)
    except SettingsError:
        return  # It has a line of its own.
    url, port = twilio.public_url, settings.listen.public_port
    headers = {"X-Twilio-Signature": signed(token, f"{url}{HERE}")}
    timeout = aiohttp.ClientTimeout(total=ASK_S)
    connector = aiohttp.TCPConnector(ssl=trust or ssl.create_default_context())
    try:
        async with aiohttp.ClientSession(timeout=timeout, headers=headers, connector=connector) as http:
            await _asked(http, url, port)
            ends = await _opened(http, url)
    except _Wrong as exc:
        yield missing(PART, str(exc))
    except aiohttp.ClientConnectorCertificateError as exc:
        yield missing(PART, f"{_untrusted(url, exc)}: Twilio refuses it (its error 11237).")
    except aiohttp.ClientConnectorDNSError:
        name = urlsplit(url).hostname
        yield missing(PART, f"the name {name} is not found: enter it in the domain, or is the tunnel made?")
    except (aiohttp.ClientError, TimeoutError, OSError) as exc:
        yield note(PART, _unreached(url, exc))
    else:
        yield well(PART, f"{url} leads here; what Twilio signs is accepted, and WebSockets pass")
        yield _certificate(ends)


async def _asked(http: aiohttp.ClientSession, url: str, port: int) -> None:
    """As for a webhook. Raises _Wrong."""
    async with http.get(f"{url}{HERE}", allow_redirects=False) as answer:
        text = (await answer.content.read(READ_MOST)).decode("utf-8", "replace")
        status, leads_to = answer.status, urlsplit(answer.headers.get("Location", "")).hostname
    if status == 204:
        return
    if status == 403 and text == UNSIGNED:
        raise _Wrong(
            f"{url} leads to a bridge that does not take it for Twilio's: the proxy has to keep path and"
            " query as they are, [twilio] public_url must be exactly this address, and the bridge has to be"
            " restarted after a change of public_url or of the token."
        )
    if status in GATEWAY:
        raise _Wrong(
            f"a tunnel or proxy answers at {url} with {status}, and does not reach the bridge: does"
            f" attendant-bridge run, does cloudflared or tailscaled, and is the target 127.0.0.1:{port}?"
        )
    if 300 <= status < 400:
        raise _Wrong(
            f"{url} leads on to {leads_to or 'elsewhere'} ({status}), and Twilio signs for the first address"
            " alone: no login (Cloudflare Access) and no redirection may stand before /twilio/."
        )
    if status == 404:
        raise _Wrong(
            f"{url} answers, and knows nothing of {HERE}: is it another server, or does the proxy take"
            " /twilio away from the path, or the bridge run an older version?"
        )
    raise _Wrong(f"{url} answers {status} instead of the bridge: what stands before /twilio/ there?")


async def _opened(http: aiohttp.ClientSession, url: str) -> str:
    """As for a call's sound; when the certificate ends, as it tells. Raises _Wrong."""
    try:
        async with http.ws_connect(f"{url}{HERE}") as ws:
            inside = ws.get_extra_info("ssl_object")
            return str(inside.getpeercert()["notAfter"]) if inside is not None else ""
    except aiohttp.WSServerHandshakeError as exc:
        raise _Wrong(
            f"{url} lets webhooks through, and no WebSocket ({exc.status}): without it callers get"
            " the menu by keys and no assistant. In nginx `proxy_set_header Upgrade` and `Connection` are"
            " needed; Caddy, cloudflared and Tailscale pass it by themselves."
        ) from exc


def _untrusted(url: str, failed: aiohttp.ClientConnectorCertificateError) -> str:
    reason = getattr(failed.certificate_error, "verify_message", "") or "it cannot be checked"
    return f"the certificate at {url} is not to be trusted ({reason})"


def _unreached(url: str, failed: Exception) -> str:
    return (
        f"{url} is not reached from here ({type(failed).__name__}). Some routers lead nobody from"
        " inside back to an address of their own: then ring the number to see. Else the tunnel or"
        " Caddy does not run, or the port is not forwarded (docs/reachability.md)."
    )


def _certificate(ends: str) -> Examined:
    if not ends:
        return note(CERTIFICATE, "it does not say when it ends.")
    at = datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC)
    if (at - datetime.now(UTC)).days < ENDS_SOON_DAYS:
        told = f"it ends on {at:%Y-%m-%d}, and should have been renewed long ago"
        return missing(CERTIFICATE, f"{told}: look at what stands before the bridge (Caddy's log).")
    return well(CERTIFICATE, f"it holds until {at:%Y-%m-%d}")
