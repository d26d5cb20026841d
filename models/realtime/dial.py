"""Connections to the Realtime service: opened within a budget, watched for silence of the network.

A cut network is silent: sends go on succeeding for minutes. So a line knows how long the peer's kernel has
not acknowledged what we send (TCP_INFO), the kernel gives up by TCP_USER_TIMEOUT, and a heartbeat of the
WebSocket notices a peer that is alive below and dead above.

May import: appliance.core, models.realtime, aiohttp, orjson.
"""

import asyncio
import socket
import ssl
import struct
from types import TracebackType
from typing import Self

import aiohttp
import orjson

from appliance.core.errors import AttendantError
from appliance.core.settings import Cloud
from models.realtime import faults, messages
from models.realtime.faults import Action
from models.realtime.names import RememberingResolver

HEARTBEAT_S = 4.0
USER_TIMEOUT_MS = 3000
CLOSE_S = 0.5
MESSAGE_MOST = 4 * 1024 * 1024
STUCK_BEATS = 3
GREETED_S = 1.5
"""Until a service says that there is a session."""
ANSWERED_S = 4.0
"""Until it has answered in a word."""

# struct tcp_info of linux/tcp.h: after 8 bytes of flags come 32-bit counters; these two are wanted.
_TCP_INFO = struct.Struct("8x 4I I 7I I")


class DialFailed(AttendantError):
    """No session could be had. `action` says whether trying again can help."""

    def __init__(self, code: str, action: Action) -> None:
        super().__init__(f"the cloud cannot be reached: {code}")
        self.code = code
        self.action = action


class Line:
    """One open WebSocket to the service."""

    def __init__(self, ws: "aiohttp.ClientWebSocketResponse[bool]") -> None:
        self._ws = ws
        self._socket = ws.get_extra_info("socket")
        self._stuck_beats = 0
        self._told_code: int | None = None
        if self._socket is not None:
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, USER_TIMEOUT_MS)

    async def send(self, text: str) -> None:
        """Send a message. On a line that is gone it does nothing: the receiving side notices."""
        try:
            await self._ws.send_str(text)
        except (aiohttp.ClientError, ConnectionError):
            return

    async def receive(self) -> str | bytes | None:
        """The next message; None when the line has ended."""
        message = await self._ws.receive()
        if message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
            data: str | bytes = message.data
            return data
        if message.type is aiohttp.WSMsgType.CLOSE:
            # Kept here: the library forgets it when its answer finds the peer gone.
            self._told_code = message.data
        return None

    @property
    def close_code(self) -> int | None:
        """Why it ended, by the protocol's number."""
        return self._told_code or self._ws.close_code

    def unacknowledged(self, longest_ms: int) -> bool:
        """Whether the peer's kernel has acknowledged nothing for so long although audio is under way.

        To be asked every 100 ms. Right after a pause the last acknowledgement is old by rights, so it has
        to be seen three times in a row.
        """
        if self._socket is None:
            return False
        try:
            raw = self._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO.size)
        except (OSError, ValueError):
            # The loop has closed the socket already (uvloop: ValueError): whoever receives hears of it.
            return False
        if len(raw) < _TCP_INFO.size:
            return False
        fields = _TCP_INFO.unpack(raw)
        unacked, since_ack_ms = fields[4], fields[-1]
        stuck = unacked > 0 and since_ack_ms >= longest_ms
        self._stuck_beats = self._stuck_beats + 1 if stuck else 0
        return self._stuck_beats >= STUCK_BEATS

    async def close(self) -> None:
        """Close in good order if the peer plays along, in half a second if not."""
        try:
            async with asyncio.timeout(CLOSE_S):
                await self._ws.close()
        except (TimeoutError, aiohttp.ClientError, ConnectionError):
            return


class Dialer:
    """Opens lines. One object serves a whole process; enter it on the running loop."""

    def __init__(self, cloud: Cloud, key: str) -> None:
        self._cloud = cloud
        self._key = key
        self._http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        trust = ssl.create_default_context(cafile=self._cloud.ca_file)
        connector = aiohttp.TCPConnector(
            resolver=RememberingResolver(), ttl_dns_cache=300, limit=0, ssl=trust, force_close=True
        )
        self._http = aiohttp.ClientSession(connector=connector)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._http is not None:
            await self._http.close()

    async def dial(self, model: str) -> Line:
        """Open a line within the budget, at the second try if the first fails fast. Raises DialFailed."""
        failed = DialFailed("timeout", Action.RETRY)
        try:
            async with asyncio.timeout(self._cloud.connect_ms / 1000):
                for _ in range(2):
                    try:
                        return await self._open(model)
                    except DialFailed as exc:
                        failed = exc
                        if exc.action is not Action.RETRY:
                            break
        except TimeoutError:
            pass
        raise failed

    async def probe(self, model: str, answered_s: float = ANSWERED_S) -> None:
        """See that the service answers: open a session, be given a word, close. Raises DialFailed.

        A service that opens sessions and says nothing in them is not well, and every call would find it out.
        """
        line = await self.dial(model)
        try:
            code = await _first(line, "session.created", GREETED_S, "setup_timeout")
            if not code:
                await line.send(messages.ask_for_a_word("probe"))
                code = await _first(line, "response.done", answered_s, "mute")
        finally:
            await line.close()
        if code:
            raise DialFailed(code, Action.RETRY)

    async def _open(self, model: str) -> Line:
        assert self._http is not None  # noqa: S101 -- entered by the bridge before any call
        headers = {"Authorization": f"Bearer {self._key}"}
        try:
            ws = await self._http.ws_connect(
                self._cloud.url,
                params={"model": model},
                headers=headers,
                heartbeat=HEARTBEAT_S,
                timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_S),
                max_msg_size=MESSAGE_MOST,
            )
        except aiohttp.WSServerHandshakeError as exc:
            raise DialFailed(f"status_{exc.status}", faults.of_status(exc.status)) from exc
        except (aiohttp.ClientConnectorDNSError, aiohttp.ClientConnectorCertificateError) as exc:
            code = "dns" if isinstance(exc, aiohttp.ClientConnectorDNSError) else "certificate"
            raise DialFailed(code, Action.GIVE_UP) from exc
        except aiohttp.ClientConnectorSSLError as exc:
            raise DialFailed("tls", Action.RETRY) from exc
        except (aiohttp.ClientError, OSError) as exc:
            raise DialFailed("refused", Action.RETRY) from exc
        try:
            return Line(ws)
        except OSError as exc:
            # It is closed already.
            raise DialFailed("refused", Action.RETRY) from exc


async def _first(line: Line, wanted: str, within_s: float, late: str) -> str:
    """Why this event does not come, or brings no good; empty when it is here. `late`: it came not in time."""
    try:
        async with asyncio.timeout(within_s):
            while (said := await line.receive()) is not None:
                kind, trouble = _read(said)
                if trouble or kind == wanted:
                    return trouble
                if wanted == "session.created":
                    return kind
    except TimeoutError:
        return late
    return f"closed_{line.close_code}"


def _read(said: str | bytes) -> tuple[str, str]:
    """The type of an event, and the code of the error that it tells of."""
    try:
        event = orjson.loads(said)
        kind = str(event["type"])
        response = event.get("response", {}) if kind == "response.done" else {}
        failed = response.get("status") == "failed"
        error = (response["status_details"] if failed else event).get("error") or {}
        return kind, str(error.get("code") or "error") if failed or kind == "error" else ""
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        return "", "garbage"
