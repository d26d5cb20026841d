"""The peer: a listening socket, what it refuses at the door, and its sessions to be looked at.

May import: every module here, aiohttp.
"""

import asyncio
import secrets
import ssl
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import orjson
from aiohttp import WSCloseCode, web

from tests.peers.realtime.bell import PATIENCE_S, Bell
from tests.peers.realtime.faults import Fault, read_fault
from tests.peers.realtime.line import Line, reset
from tests.peers.realtime.refusals import Refused
from tests.peers.realtime.script import Cursor, Script
from tests.peers.realtime.session import Session, Surroundings
from tests.peers.realtime.voices import Voices

T = TypeVar("T")

MODELS = (
    "gpt-realtime-2.1",
    "gpt-realtime-2.1-mini",
    "gpt-realtime-2",
    "gpt-realtime-1.5",
    "gpt-realtime",
    "gpt-realtime-2025-08-28",
    "gpt-realtime-mini",
    "gpt-realtime-mini-2025-12-15",
)
LARGEST_MESSAGE = 24 * 1024 * 1024
SESSIONS_KEPT = 1000


class RealtimePeer:
    """`async with RealtimePeer(script=...) as peer:` listens at `peer.url` until it is left."""

    def __init__(
        self,
        script: Script | Path | str | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        key: str = "sk-test",
        models: tuple[str, ...] = MODELS,
        rejects: str = "http",
        speedup: float | None = None,
        chunk_ms: int | None = None,
        voice: str | None = None,
        record: int = 20_000,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """A script, its file, or its text. `rejects` is `http` or `event` (accept, error, close)."""
        given = {"speedup": speedup, "chunk_ms": chunk_ms, "voice": voice}
        changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        self.script = replace(_script(script), **changes)
        self.sessions: list[Session] = []
        self.refused: list[int] = []
        """The HTTP status, or the close code, of each connection turned away."""
        self.connections = self._served = 0
        self._host, self._port, self._tls = host, port, tls
        self._key, self._models, self._rejects, self._record = key, models, rejects, record
        self._bell = Bell()
        self._voices = Voices(self.script.voice)
        self._shared_cursor = Cursor(self.script)
        self._at_the_door = [*self.script.connect]
        self._armed: list[Fault] = []
        self._tag = secrets.token_hex(2)
        self._stopping = asyncio.Event()
        self._open: dict[web.WebSocketResponse, Line] = {}
        self._failures: list[BaseException] = []
        app = web.Application()
        app.router.add_get("/v1/realtime", self._connected)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)

    @property
    def url(self) -> str:
        """The base address, as a client's setting has it: `ws://127.0.0.1:PORT/v1`."""
        return f"{'wss' if self._tls else 'ws'}://{self._host}:{self._port}/v1"

    async def __aenter__(self) -> Self:
        sources = [source for reply in self.script.replies() for source in reply.sources()]
        await asyncio.to_thread(self._voices.prepare, sources)
        await self._runner.setup()
        await self.listen()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        for ws, line in [*self._open.items()]:
            line.thaw()
            await ws.close(code=WSCloseCode.GOING_AWAY)
        await self._runner.cleanup()
        if self._failures and error is None:
            raise self._failures[0]

    # For tests

    @property
    def port(self) -> int:
        """Where it listens, or would."""
        return self._port

    async def listen(self) -> None:
        """Take connections (again)."""
        self._site = web.TCPSite(self._runner, self._host, self._port, ssl_context=self._tls)
        await self._site.start()

    async def shut(self) -> None:
        """Take no further connections; sessions that are open stay."""
        await self._site.stop()

    def forgive(self) -> None:
        """Let whoever comes in again, whatever was to go wrong at the door."""
        self._at_the_door.clear()

    async def wait_for(self, predicate: Callable[[], T], timeout_s: float = PATIENCE_S) -> T:
        """Wait, event by event, until the predicate is true; return what it returned."""
        return await self._bell.wait_for(predicate, timeout_s, self._story)

    async def session(self, number: int = 1, timeout_s: float = PATIENCE_S) -> Session:
        """The n-th session since the peer began, from 1."""
        await self.wait_for(lambda: len(self.sessions) >= number, timeout_s)
        return self.sessions[number - 1]

    async def received(self, kind: str, count: int = 1, timeout_s: float = PATIENCE_S) -> dict[str, Any]:
        """Wait until the newest session got so many client events of a type; return the last of them."""

        def arrived() -> list[dict[str, Any]]:
            events = self.sessions[-1].received_of(kind) if self.sessions else []
            return events[count - 1 : count]

        return (await self.wait_for(arrived, timeout_s))[0]

    def fault_now(self, kind: str, session: Session | None = None, **numbers: Any) -> None:
        """Let it go wrong in the newest open session; a fault of replies takes the running or the next."""
        fault = read_fault({"kind": kind, **numbers})
        (session or self._newest()).do(fault)

    def fault_at(self, point: str, kind: str, session: Session | None = None, **numbers: Any) -> None:
        """Arm a fault for a point, in the newest open session or else in the next one."""
        fault = read_fault({"kind": kind, "at": point, **numbers})
        if point == "connect":
            self._at_the_door.append(fault)
        elif session or any(not known.closed for known in self.sessions):
            (session or self._newest()).armed.add([fault])
        else:
            self._armed.append(fault)

    def _newest(self) -> Session:
        return next(session for session in reversed(self.sessions) if not session.closed)

    def _story(self) -> str:
        lines = [f"{self.connections} connections, refused {self.refused}"]
        for session in self.sessions[-3:]:
            sent = [event["type"] for _, event in session.sent[-12:]]
            lines.append(f"session {session.number} sent last {sent}")
        return "; ".join(lines)

    # At the door

    async def _connected(self, request: web.Request) -> web.StreamResponse:
        self.connections += 1
        self._bell.ring()
        fault = self._door_fault()
        if fault and fault.kind == "stall":
            await self._stopping.wait()
        if fault and fault.kind in ("stall", "reset"):
            reset(request)
            return web.Response()
        refused = _asked_for(fault) or self._refusal(request)
        if refused and (self._rejects == "http" or (fault and fault.kind == "refuse")):
            return self._turned_away(*refused)
        ws = web.WebSocketResponse(
            timeout=1.0, compress=False, max_msg_size=LARGEST_MESSAGE, decode_text=False
        )
        await ws.prepare(request)
        if refused:
            return await self._accept_and_close(ws, refused[1])
        await self._serve(ws, request, fault)
        return ws

    def _door_fault(self) -> Fault | None:
        if not self._at_the_door:
            return None
        fault = self._at_the_door[0]
        if fault.times == 1:
            self._at_the_door.pop(0)
        elif fault.times > 1:
            self._at_the_door[0] = replace(fault, times=fault.times - 1)
        return fault

    def _refusal(self, request: web.Request) -> tuple[int, Refused] | None:
        authorization = request.headers.get("Authorization", "")
        if not authorization.startswith("Bearer "):
            return 401, Refused(None, "Missing bearer or basic authentication in header")
        key = authorization.removeprefix("Bearer ")
        if not secrets.compare_digest(key.encode(), self._key.encode()):
            message = f"Incorrect API key provided: {key[:4]}***. You can find your API key in your account."
            return 401, Refused("invalid_api_key", message)
        if "OpenAI-Beta" in request.headers:
            message = "The Realtime beta interface is retired; leave the OpenAI-Beta header out."
            return 400, Refused("beta_api_shape_disabled", message)
        model = request.query.get("model")
        if not model:
            return 400, Refused("missing_model", "You must provide a model parameter.", "model")
        if model not in self._models:
            message = f"The model `{model}` does not exist or you do not have access to it."
            return 404, Refused("model_not_found", message, "model")
        return None

    def _turned_away(self, status: int, refused: Refused) -> web.Response:
        self.refused.append(status)
        self._bell.ring()
        body = refused.body()
        del body["event_id"]
        return web.Response(
            status=status, body=orjson.dumps({"error": body}), content_type="application/json"
        )

    async def _accept_and_close(self, ws: web.WebSocketResponse, refused: Refused) -> web.WebSocketResponse:
        code = 3000 if refused.code in (None, "invalid_api_key") else 4000
        self.refused.append(code)
        self._bell.ring()
        event = {"type": "error", "event_id": f"event_{secrets.token_hex(8)}", "error": refused.body()}
        await ws.send_str(orjson.dumps(event).decode())
        reason = ".".join(name for name in (refused.kind, refused.code) if name)
        await ws.close(code=code, message=reason.encode())
        return ws

    async def _serve(self, ws: web.WebSocketResponse, request: web.Request, fault: Fault | None) -> None:
        line = Line(ws, request)
        session = self._new_session(request, line)
        session.armed.add(self._armed)
        self._armed = []
        if fault and fault.kind in ("silence", "close"):
            line.act(fault)
        self._open[ws] = line
        try:
            await line.run(session)
        except BaseExceptionGroup as failed:
            self._failures.append(failed.exceptions[0])
            raise
        finally:
            del self._open[ws]
            if not self._record:
                self.sessions.remove(session)
            self._bell.ring()

    def _new_session(self, request: web.Request, line: Line) -> Session:
        self._served += 1
        number = self._served
        shared = self.script.across_connections
        cursor = self._shared_cursor if shared else Cursor(self.script, number)
        cursor.connection = number
        around = Surroundings(self.script, cursor, self._voices, self._bell, self._tag, self._record)
        session = Session(number, request.query["model"], request.headers["Authorization"], line, around)
        if request.transport is not None:
            session.client_port = request.transport.get_extra_info("peername")[1]
        self.sessions.append(session)
        if len(self.sessions) > SESSIONS_KEPT:
            del self.sessions[0]
        self._bell.ring()
        return session


def _asked_for(fault: Fault | None) -> tuple[int, Refused] | None:
    if fault and fault.kind in ("refuse", "refuse_event"):
        return fault.status, Refused(fault.error_code, fault.message, None, fault.type)
    return None


def _script(given: Script | Path | str | None) -> Script:
    if isinstance(given, Path):
        return Script.read(given)
    if isinstance(given, str):
        return Script.parse(given)
    return given or Script()
