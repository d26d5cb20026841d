"""Twilio's REST service: redirect a live call, send a text, look into its books, fetch a recording.

The vendor's client has no time-outs and no retries of its own, so both are here: each request 2.5 s, one
more try when trying again can help. May import: appliance.core, twilio, aiohttp.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import aiohttp
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.rest import Client
from twilio.rest.api.v2010 import account  # noqa: F401 -- the SDK would import it later, and stop every call

from appliance.core.errors import CarrierFailed, UnknownToCarrier
from appliance.core.settings import Twilio
from appliance.core.standing import Standing
from appliance.core.steps import CallEnded, CallOffered, LookedUp, RingEnded, VoicemailTaken
from appliance.core.texts import SentText
from twilio_bridge.download import REFUSES_US, USUAL, Bounds, download
from twilio_bridge.twiml import Addresses
from twilio_bridge.webhook import CALL_SID, CARRIER, FINAL, RECORDING_SID, number

REQUEST_S = 2.5
TRIES = 2
PHONES_MOST = 50
TEXTS_MOST = 50
LISTED_MOST = 5000
PAGE = 200

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
        self.standing = Standing()
        """How the last request went."""

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
        await self._asked(lambda: self._client.api.accounts(self._twilio.account_sid).fetch_async())

    async def redirect(self, call_sid: str, url: str) -> None:
        """Have a live call fetch its next TwiML from this address; ends its running stream."""
        await self._asked(lambda: self._client.calls(call_sid).update_async(url=url, method="POST"))

    async def talks(self, call_sid: str) -> bool:
        """Whether one of the phones that are rung for a call was answered, and talks with the caller."""
        rung = await self._asked(
            lambda: self._client.calls.list_async(parent_call_sid=call_sid, limit=PHONES_MOST)
        )
        return any(each.status == "in-progress" for each in rung)

    async def hang_up(self, call_sid: str) -> None:
        """End a live call."""
        await self._asked(lambda: self._client.calls(call_sid).update_async(status="completed"))

    async def ring(self, to: str, shown: str, key: str, seconds: int) -> str:
        """Ring a telephone for so long, and return the call's id. Asked for once: rung twice is worse."""
        if not shown:
            raise CarrierFailed("no number to call from is set ([twilio] sms_from)", retry=False)
        addresses = Addresses.of(self._twilio)
        call = await self._asked(
            lambda: self._client.calls.create_async(
                to=to,
                from_=shown,
                url=addresses.webhook(f"on-call?of={key}"),
                status_callback=addresses.webhook(f"on-call-over?of={key}"),
                status_callback_event=["completed"],
                timeout=seconds,
            ),
            tries=1,
        )
        return str(call.sid)

    async def text(self, to: str, body: str, report_to: str = "") -> str:
        """Send a text, once, and return its id: sent twice is worse than reported lost.

        What becomes of it is reported to the address `report_to`.
        """
        if not self._twilio.sms_from:
            raise CarrierFailed("no number to send texts from is set ([twilio] sms_from)", retry=False)
        told = {"status_callback": report_to} if report_to else {}
        message = await self._asked(
            lambda: self._client.messages.create_async(to=to, from_=self._twilio.sms_from, body=body, **told),
            tries=1,
        )
        return str(message.sid)

    async def texted(self, to: str, since: datetime) -> list[SentText]:
        """The texts to a number that were made since then, by the carrier's books; the newest first."""
        listed = await self._asked(
            lambda: self._client.messages.list_async(
                to=to, from_=self._twilio.sms_from, limit=TEXTS_MOST, page_size=TEXTS_MOST
            )
        )
        return [
            SentText(str(each.sid), str(each.body or ""), str(each.status), int(each.error_code or 0))
            for each in listed
            # One that waits with the carrier has not been sent on any day yet, but was made on one.
            if each.date_created is not None and each.date_created >= since
        ]

    async def look_up(self, call_sid: str) -> LookedUp:
        """How a call and the phones rung for it ended. Raises UnknownToCarrier for none of the account's."""
        call = await self._asked(lambda: self._client.calls(call_sid).fetch_async())
        offered = None
        if call.direction == "inbound":
            offered = CallOffered(call_sid, number(call._from or ""), number(call.to or ""), CARRIER)
        if call.status not in FINAL:
            return LookedUp(None, offered=offered, began=call.start_time)
        rung = await self._asked(
            lambda: self._client.calls.list_async(parent_call_sid=call_sid, limit=PHONES_MOST)
        )
        phones = tuple(
            RingEnded(
                call_sid, "answered" if each.status == "completed" else each.status, _whole(each.duration)
            )
            for each in rung
            if each.status in FINAL
        )
        ended = CallEnded(call_sid, call.status, _whole(call.duration), call.end_time)
        return LookedUp(ended, phones, offered, call.start_time)

    async def numbers(self) -> dict[str, bool]:
        """The account's numbers, and of each whether its calls come to this box.

        One whose set-up does not say, as an application or a trunk stands in it, is left out.
        """
        return {
            each.phone_number: self._comes_here(each)
            for each in await self._numbers()
            if each.voice_url and not each.voice_application_sid and not each.trunk_sid
        }

    async def webhooks(self) -> dict[str, str]:
        """The numbers whose calls come to this box, and how they do where that is not as it should be."""
        right = f"{self._twilio.public_url}/twilio/voice".casefold()
        return {
            each.phone_number: ""
            if each.voice_method == "POST" and str(each.voice_url).partition("#")[0].casefold() == right
            else f"{each.voice_method} {each.voice_url}"
            for each in await self._numbers()
            if self._comes_here(each)
        }

    async def without_fallback(self) -> list[str]:
        """The numbers whose calls come to this box, and go nowhere when it does not answer."""
        return [
            each.phone_number
            for each in await self._numbers()
            if self._comes_here(each) and not each.voice_fallback_url
        ]

    async def texts_elsewhere(self) -> bool:
        """Whether the number of our texts is none of the account's, or tells others of those that come."""
        here = f"{self._twilio.public_url}/twilio/sms".casefold()
        ours = [each for each in await self._numbers() if each.phone_number == self._twilio.sms_from]
        return not any(str(each.sms_url or "").casefold().startswith(here) for each in ours)

    async def send_here(self, was: str) -> list[str]:
        """Have the numbers whose calls and texts went to another box come to this one; those numbers.

        `was` is the address under which Twilio reached that box. Whoever asks again changes nothing more.
        """
        moved = []
        for each in await self._numbers():
            if changes := dict(_moved(each, f"{was}/", f"{self._twilio.public_url}/")):
                sid = each.sid
                await self._asked(partial(self._updated, sid, changes))
                moved.append(each.phone_number)
        if left := [each.phone_number for each in await self._numbers() if [*_moved(each, f"{was}/", "/")]]:
            raise CarrierFailed(f"calls of {', '.join(left)} still go to {was}", retry=True)
        return moved

    async def _updated(self, sid: str, changes: dict[str, str]) -> None:
        await self._client.incoming_phone_numbers(sid).update_async(**changes)

    async def _numbers(self) -> list[Any]:
        listed: list[Any] = await self._asked(
            lambda: self._client.incoming_phone_numbers.list_async(limit=LISTED_MOST, page_size=PAGE)
        )
        return listed

    def _comes_here(self, number: Any) -> bool:
        return str(number.voice_url or "").casefold().startswith(f"{self._twilio.public_url}/".casefold())

    async def voicemail_since(self, since: datetime) -> list[VoicemailTaken]:
        """The account's recorded messages that were begun since then and can be fetched, the newest first."""
        recordings = await self._asked(
            lambda: self._client.recordings.list_async(
                date_created_after=since, limit=LISTED_MOST, page_size=PAGE
            )
        )
        return [
            VoicemailTaken(
                each.call_sid, each.sid, _whole(each.duration), at=each.start_time or each.date_created
            )
            for each in recordings
            if each.status == "completed"
            and each.source == "RecordVerb"
            and RECORDING_SID.fullmatch(each.sid or "")
            and CALL_SID.fullmatch(each.call_sid or "")
        ]

    async def fetch_recording(self, recording_sid: str, path: Path, bounds: Bounds = USUAL) -> int:
        """Download a recording as WAV into a file, on disk when this returns its size in bytes.

        What was cut off is gone on with by the next try. Raises CarrierFailed, NoRoom.
        """
        url = (
            f"{self._twilio.api_url}/2010-04-01/Accounts/{self._twilio.account_sid}"
            f"/Recordings/{recording_sid}.wav"
        )
        auth = aiohttp.encode_basic_auth(self._twilio.account_sid, self._auth_token)
        async with aiohttp.ClientSession(headers={"Authorization": auth}) as http:
            return await self._asked(lambda: download(http, url, path, bounds))

    async def delete_recording(self, recording_sid: str) -> None:
        """Have the carrier keep a recording no longer; one that is gone already is as good."""
        with suppress(UnknownToCarrier):
            await self._asked(lambda: self._client.recordings(recording_sid).delete_async())

    async def _asked(self, ask: Callable[[], Awaitable[T]], tries: int = TRIES) -> T:
        """Ask, and note how it went. Raises CarrierFailed."""
        try:
            answer = await _tried(ask, tries)
        except CarrierFailed as exc:
            if exc.down:
                self.standing.failed(str(exc))
            else:
                self.standing.answered()
            raise
        self.standing.answered()
        return answer


def _moved(number: Any, was: str, now: str) -> Iterator[tuple[str, str]]:
    """Of the addresses of a number those that are on another host, as they are on the new one."""
    for name in ("voice_url", "voice_fallback_url", "sms_url", "status_callback"):
        url = str(getattr(number, name) or "")
        if url.casefold().startswith(was.casefold()):
            yield name, now + url[len(was) :]


def _whole(said: object) -> int:
    """A number of seconds as the service writes it; what is none is 0."""
    text = str(said)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0


def _unlisted(error: TwilioException) -> CarrierFailed:
    """What the vendor's client says when it gets no page of a list: the answer is in its arguments."""
    status = getattr(error.args[-1], "status_code", 0) if error.args else 0
    if not status:
        return CarrierFailed(f"not the carrier's answer: {type(error).__name__}", retry=False, down=True)
    again = status == 429 or status >= 500
    return CarrierFailed(f"status {status}", retry=again, down=again or status in REFUSES_US)


async def _tried(ask: Callable[[], Awaitable[T]], tries: int = TRIES) -> T:
    """Ask, once more if that can help. Raises CarrierFailed."""
    failed = CarrierFailed("not asked", retry=False)
    for _ in range(tries):
        try:
            return await ask()
        except TwilioRestException as exc:
            again = exc.status == 429 or exc.status >= 500
            kind = UnknownToCarrier if exc.status == 404 else CarrierFailed
            down = again or exc.status in REFUSES_US
            failed = kind(
                f"status {exc.status}, code {exc.code}",
                retry=again,
                down=down,
                unsure=exc.status >= 500,
                code=exc.code or 0,
            )
        except aiohttp.ClientConnectorError as exc:
            failed = CarrierFailed(f"not reached: {type(exc).__name__}", retry=True)
        except (TimeoutError, aiohttp.ClientError, OSError) as exc:
            failed = CarrierFailed(f"not reached: {type(exc).__name__}", retry=True, unsure=True)
        except TwilioException as exc:
            failed = _unlisted(exc)
        except (ValueError, KeyError, TypeError, AttributeError) as exc:
            # Somebody else answers in the carrier's place, such as a captive portal.
            problem = f"not the carrier's answer: {type(exc).__name__}"
            failed = CarrierFailed(problem, retry=False, down=True, unsure=True)
        except CarrierFailed as exc:
            failed = exc
        if not failed.retry:
            break
    raise failed
