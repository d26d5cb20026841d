"""<Connect><Stream>: opens the media socket, holds it, and says how the call goes on after it.

May import: the standard library, aiohttp, this package.
"""

import asyncio
from datetime import UTC, datetime
from urllib.parse import urlsplit

import aiohttp

from tests.peers.carrier.address import BadAddress
from tests.peers.carrier.call import Document
from tests.peers.carrier.network import new_sid
from tests.peers.carrier.requests import FORWARDED_FOR, USER_AGENT, signature_header
from tests.peers.carrier.stage import CallerLeft, CallUpdated, Stage
from tests.peers.carrier.stream import (
    BOX_CLOSED,
    BOX_VANISHED,
    BROKEN,
    CALLER_HUNG_UP,
    MediaStream,
    websocket_url,
)
from tests.peers.carrier.twiml import Verb

CLOSE_S = 2.0
LONGEST_MESSAGE = 4 * 1024 * 1024
Trouble = tuple[int, str]


async def connect(stage: Stage, verb: Verb) -> Document | None:
    """Stream until one side ends it."""
    noun = verb.children[0]
    reason = await _stream(stage, noun)
    if reason == CALLER_HUNG_UP:
        stage.call.left = True
    if stage.call.left and verb.get("action"):
        stage.call.status = "completed"
        await stage.post(stage.action(verb, {}))
    stage.check()
    return stage.action(verb, {}) if verb.get("action") else None


async def _stream(stage: Stage, noun: Verb) -> str:
    parameters = {parameter.get("name"): parameter.get("value") for parameter in noun.children}
    stream = MediaStream(new_sid("MZ"), noun.get("url"), parameters, stage.call, stage.network)
    try:
        opened = await stage.unless_interrupted(_open(stage, stream), "stream")
    except (CallerLeft, CallUpdated) as exc:
        stream.end(type(exc).__name__)
        raise
    if isinstance(opened, tuple):
        stage.call.trouble(*opened, stream.url)
        _tell(stage, noun, stream, "stream-error", opened[1])
        return "failed"
    stage.call.streams.append(stream)
    _tell(stage, noun, stream, "stream-started")
    reason = await stream.talk(opened)
    if reason in (BOX_VANISHED, BROKEN):
        stage.call.trouble(31903, "connection of the stream broke", stream.url)
    if reason in (BOX_VANISHED, BOX_CLOSED):
        stage.call.trouble(31921, f"server closed the stream: {stream.close_code}", stream.url)
    _tell(stage, noun, stream, "stream-stopped")
    return reason


async def _open(stage: Stage, stream: MediaStream) -> aiohttp.ClientWebSocketResponse | Trouble:
    """The open socket, or the error that the carrier logs."""
    try:
        local = websocket_url(_checked(stage, stream.url))
    except BadAddress as exc:
        return exc.code, str(exc)
    way_s = stage.network.distance.one_way_s
    try:
        async with asyncio.timeout(stage.network.stream_connect_s):
            await asyncio.sleep(way_s)
            socket = await stage.requests.session.ws_connect(
                local,
                headers=_headers(stage, stream.url),
                max_msg_size=LONGEST_MESSAGE,
                timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_S),
            )
            await asyncio.sleep(way_s)
    except aiohttp.WSServerHandshakeError as exc:
        return 31920, f"handshake answered with {exc.status}"
    except (TimeoutError, aiohttp.ConnectionTimeoutError):
        return 31901, f"no answer within {stage.network.stream_connect_s} s"
    except aiohttp.ClientConnectorError as exc:
        return 31902, f"connection refused: {type(exc.os_error).__name__}"
    except aiohttp.ClientError as exc:
        return 31920, f"handshake broke: {type(exc).__name__}"
    if stream.ended:
        await socket.close()
    return socket


def _checked(stage: Stage, url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "wss" or not parts.hostname:
        raise BadAddress(31920, f"stream URL is not wss: {url[:80]}")
    if parts.query or "?" in url or parts.fragment:
        raise BadAddress(31920, f"stream URL has a query string: {url[:80]}")
    try:
        return stage.network.addresses.local(url)
    except BadAddress as exc:
        raise BadAddress(31904, str(exc)) from exc


def _headers(stage: Stage, url: str) -> dict[str, str]:
    headers = {
        "Host": urlsplit(url).netloc,
        "User-Agent": USER_AGENT,
        "X-Forwarded-Proto": "https",
        "X-Forwarded-For": FORWARDED_FOR,
    }
    signature = signature_header(stage.network, stage.call.faults.stream_signature, url, {})
    if signature is not None:
        headers["x-twilio-signature"] = signature
    return headers


def _tell(stage: Stage, noun: Verb, stream: MediaStream, event: str, error: str = "") -> None:
    extra = {
        "AccountSid": stage.network.account.sid,
        "CallSid": stage.call.sid,
        "StreamSid": stream.sid,
        "StreamName": noun.get("name", stream.sid),
        "StreamEvent": event,
        "Timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
    }
    if error:
        extra["StreamError"] = error
    method = noun.get("statusCallbackMethod", "POST")
    stage.tell_beside(event, noun.get("statusCallback"), method, extra)
