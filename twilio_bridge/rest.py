"""Twilio's REST service: redirect a live call, send a text, fetch a recording.

The vendor's client has no time-outs and no retries of its own, so both are here: each request 2.5 s, one
more try when trying again can help. May import: appliance.core, twilio, aiohttp.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import aiohttp
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.rest import Client

from appliance.core.errors import CarrierFailed
from appliance.core.files import settle
from appliance.core.settings import Twilio

REQUEST_S = 2.5
DOWNLOAD_S = 60.0
TRIES = 2
PIECE = 64 * 1024
RECORDING_MOST = 64 * 1024 * 1024

T = TypeVar("T")


class _AddressedClient(AsyncTwilioHttpClient):  # type: ignore[misc]
    """The vendor's HTTP client, with the service's address from our settings."""

    def __init__(self, api_url: str, request_s: float) -> None:
        super().__init__(timeout=None)
        self._api_url = api_url
        self._request_s = request_s

    async def request(
        self,
        method: str,
        url: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Any:
        """Send a request to the configured address; the vendor's way to authenticate is deprecated."""
        url = self._api_url + url.removeprefix("https://api.twilio.com")
        headers = {**(headers or {}), **({"Authorization": aiohttp.encode_basic_auth(*auth)} if auth else {})}
        async with asyncio.timeout(self._request_s):
            return await super().request(method, url, params, data, headers, allow_redirects=allow_redirects)


class TwilioRest:
    """The account's REST calls. Enter it on the running loop; every method raises CarrierFailed."""

    def __init__(self, twilio: Twilio, auth_token: str, *, request_s: float = REQUEST_S) -> None:
        self._twilio = twilio
        self._auth_token = auth_token
        self._request_s = request_s

    async def __aenter__(self) -> Self:
        self._http = _AddressedClient(self._twilio.api_url, self._request_s)
        self._client = Client(self._twilio.account_sid, self._auth_token, http_client=self._http)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.close()

    async def check_account(self) -> None:
        """Ask for the account itself: good credentials get an answer."""
        await _tried(lambda: self._client.api.accounts(self._twilio.account_sid).fetch_async())

    async def redirect(self, call_sid: str, url: str) -> None:
        """Have a live call fetch its next TwiML from this address; ends its running stream."""
        await _tried(lambda: self._client.calls(call_sid).update_async(url=url, method="POST"))

    async def hang_up(self, call_sid: str) -> None:
        """End a live call."""
        await _tried(lambda: self._client.calls(call_sid).update_async(status="completed"))

    async def text(self, to: str, body: str) -> str:
        """Send a text, once, and return its id: sent twice is worse than reported lost."""
        if not self._twilio.sms_from:
            raise CarrierFailed("no number to send texts from is set ([twilio] sms_from)", retry=False)
        message = await _tried(
            lambda: self._client.messages.create_async(to=to, from_=self._twilio.sms_from, body=body),
            tries=1,
        )
        return str(message.sid)

    async def fetch_recording(self, recording_sid: str, path: Path) -> int:
        """Download a recording as WAV into a file, on disk when this returns its size in bytes."""
        url = (
            f"{self._twilio.api_url}/2010-04-01/Accounts/{self._twilio.account_sid}"
            f"/Recordings/{recording_sid}.wav"
        )
        return await _tried(lambda: self._download(url, path))

    async def _download(self, url: str, path: Path) -> int:
        auth = aiohttp.encode_basic_auth(self._twilio.account_sid, self._auth_token)
        part = path.with_suffix(".part")
        async with (
            asyncio.timeout(DOWNLOAD_S),
            aiohttp.ClientSession(headers={"Authorization": auth}) as http,
            http.get(url) as response,
        ):
            if response.status != 200:
                again = response.status in (404, 429) or response.status >= 500
                raise CarrierFailed(f"recording: status {response.status}", retry=again)
            size = await _save(response.content, part)
        await asyncio.to_thread(settle, part, path)
        return size


async def _save(stream: aiohttp.StreamReader, path: Path) -> int:
    """Write a stream to a file and have it on disk; no larger than is sane."""
    size = 0
    with await asyncio.to_thread(path.open, "wb") as file:
        async for piece in stream.iter_chunked(PIECE):
            size += len(piece)
            if size > RECORDING_MOST:
                raise CarrierFailed("recording: too large", retry=False)
            await asyncio.to_thread(file.write, piece)
        file.flush()
        await asyncio.to_thread(os.fsync, file.fileno())
    return size


async def _tried(ask: Callable[[], Awaitable[T]], tries: int = TRIES) -> T:
    """Ask, once more if that can help. Raises CarrierFailed."""
    failed = CarrierFailed("not asked", retry=False)
    for _ in range(tries):
        try:
            return await ask()
        except TwilioRestException as exc:
            again = exc.status == 429 or exc.status >= 500
            failed = CarrierFailed(f"status {exc.status}, code {exc.code}", retry=again)
        except (TimeoutError, aiohttp.ClientError, OSError) as exc:
            failed = CarrierFailed(f"not reached: {type(exc).__name__}", retry=True)
        except (TwilioException, ValueError, KeyError, TypeError) as exc:
            # Somebody else answers in the carrier's place, such as a captive portal.
            failed = CarrierFailed(f"not the carrier's answer: {type(exc).__name__}", retry=False)
        except CarrierFailed as exc:
            failed = exc
        if not failed.retry:
            break
    raise failed
