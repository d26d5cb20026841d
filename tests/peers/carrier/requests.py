"""Requests of the carrier to the box: signed, timed, retried, redirected as the real one does it.

May import: the standard library, aiohttp, this package's address, network and signature.
"""

import asyncio
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode, urljoin, urlsplit

import aiohttp
import yarl

from tests.peers.carrier.address import BadAddress, Limits, split_limits
from tests.peers.carrier.network import Network, SignatureKind
from tests.peers.carrier.signature import sign

MOST_REDIRECTS = 10
LONGEST_ANSWER = 512 * 1024
KEEPS_METHOD = frozenset({307, 308})
USER_AGENT = "TwilioProxy/1.1"
FORWARDED_FOR = "198.51.100.7"


class RequestFailed(Exception):
    """The box gave no usable answer; the code is the one the carrier logs."""

    def __init__(self, code: int, text: str, *, cause: str = "", status: int = 0) -> None:
        super().__init__(text)
        self.code = code
        self.cause = cause
        self.status = status


@dataclass(frozen=True, slots=True)
class Request:
    """One request to make; retries of it carry the same token."""

    url: str
    params: Mapping[str, str]
    method: str = "POST"
    signature: SignatureKind = "right"
    token: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(frozen=True, slots=True)
class Answer:
    """What the box said, and the URL that said it in the end."""

    url: str
    status: int
    content_type: str
    body: bytes


async def ask_once(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Client middleware: a connection that broke is not tried again behind our back."""
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as exc:
        raise aiohttp.ClientConnectionError(f"broke: {type(exc).__name__}") from exc


def signature_header(
    network: Network, kind: SignatureKind, url: str, params: Mapping[str, str]
) -> str | None:
    """The signature to send, which a fault may spoil or leave away."""
    if kind == "missing":
        return None
    token = network.account.auth_token if kind == "right" else "not the token of this account"
    return sign(token, url, params.items())


@dataclass(slots=True)
class Requests:
    """Makes requests over one client session."""

    network: Network
    session: aiohttp.ClientSession

    async def send(self, request: Request) -> Answer:
        """Make a request within its limits, again where the limits say so; the 2xx answer."""
        try:
            bare, limits = split_limits(request.url)
        except BadAddress as exc:
            raise RequestFailed(exc.code, str(exc)) from exc
        request = replace(request, url=bare, method=request.method.upper())
        try:
            async with asyncio.timeout(limits.total_s):
                return await self._with_retries(request, limits)
        except TimeoutError as exc:
            raise RequestFailed(11200, f"no answer within {limits.total_s} s", cause="rt") from exc

    async def _with_retries(self, request: Request, limits: Limits) -> Answer:
        for tries_left in range(limits.retries, -1, -1):
            try:
                return await self._follow(request, limits)
            except RequestFailed as exc:
                if not tries_left or exc.cause not in limits.retry_on:
                    raise
        raise AssertionError("unreachable")

    async def _follow(self, request: Request, limits: Limits) -> Answer:
        for _ in range(MOST_REDIRECTS + 1):
            answer, location = await self._once(request, limits)
            if not location:
                return answer
            url, _ = split_limits(urljoin(request.url, location))
            if answer.status in KEEPS_METHOD:
                request = replace(request, url=url)
            else:
                request = replace(request, url=url, method="GET", params={})
        raise RequestFailed(11200, f"more than {MOST_REDIRECTS} redirects")

    async def _once(self, request: Request, limits: Limits) -> tuple[Answer, str]:
        signed_url, body, signed_params = _placed(request)
        headers = self._headers(request, signed_url, signed_params)
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8"
        timeout = aiohttp.ClientTimeout(sock_connect=limits.connect_s, sock_read=limits.read_s)
        try:
            local = yarl.URL(self.network.addresses.local(signed_url), encoded=True)
            async with self.session.request(
                request.method, local, data=body, headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                return await _checked(signed_url, response)
        except BadAddress as exc:
            raise RequestFailed(exc.code, str(exc)) from exc
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as exc:
            raise RequestFailed(11205, f"connection failed: {type(exc).__name__}", cause="ct") from exc
        except aiohttp.ServerTimeoutError as exc:
            raise RequestFailed(11200, "no answer in time", cause="rt") from exc
        except aiohttp.ClientError as exc:
            raise RequestFailed(11200, f"connection broke: {type(exc).__name__}") from exc

    def _headers(self, request: Request, url: str, params: Mapping[str, str]) -> dict[str, str]:
        headers = {
            "Host": urlsplit(url).netloc.rpartition("@")[2],
            "User-Agent": USER_AGENT,
            "Accept": "*/*",
            "X-Forwarded-Proto": urlsplit(url).scheme,
            "X-Forwarded-For": FORWARDED_FOR,
            "I-Twilio-Idempotency-Token": request.token,
        }
        signature = signature_header(self.network, request.signature, url, params)
        if signature is not None:
            headers["X-Twilio-Signature"] = signature
        return headers


def _placed(request: Request) -> tuple[str, bytes | None, Mapping[str, str]]:
    """URL to call and sign, body, and the parameters that are signed beside the URL."""
    form = urlencode(list(request.params.items()))
    if request.method == "POST":
        return request.url, form.encode(), request.params
    if not form:
        return request.url, None, {}
    return request.url + ("&" if urlsplit(request.url).query else "?") + form, None, {}


async def _checked(url: str, response: aiohttp.ClientResponse) -> tuple[Answer, str]:
    body = await response.content.read(LONGEST_ANSWER)
    while len(body) < LONGEST_ANSWER and not response.content.at_eof():
        body += await response.content.read(LONGEST_ANSWER - len(body))
    answer = Answer(url, response.status, response.headers.get("Content-Type", ""), body)
    location = response.headers.get("Location", "") if 300 <= response.status < 400 else ""
    if not location and not 200 <= response.status < 300:
        cause = f"{response.status // 100}xx"
        raise RequestFailed(11200, f"HTTP status {response.status}", cause=cause, status=response.status)
    return answer, location
