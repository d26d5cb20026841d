"""The peer: a listening TLS socket beside the product's client, which blocks.

May import: aiohttp, orjson, trustme, the standard library, this package, tests.peers.web_thread.
"""

import asyncio
import copy
import ssl
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import trustme
from aiohttp import web

from tests.peers.google.diary import Diary
from tests.peers.google.faults import Door, Fault
from tests.peers.google.refusals import Refusal
from tests.peers.google.tokens import NoToken, Tokens
from tests.peers.web_thread import WebThread

PAGE = b"<html>Sign in to the guest network</html>"
EVENT = "/calendar/v3/calendars/{calendar}/events/{event}"
EVENTS = "/calendar/v3/calendars/{calendar}/events"
WORD = "https://www.googleapis.com/auth/calendar"
EVENTS_SCOPES = frozenset({WORD, f"{WORD}.events"})
SCOPES: dict[str, frozenset[str]] = {"freebusy": frozenset({WORD, f"{WORD}.freebusy", f"{WORD}.readonly"})}

Done = Callable[[Diary], Any]


@dataclass(frozen=True)
class Asked:
    """One request: which door it came to, what stood in it, from which connection, with which token."""

    door: Door
    body: dict[str, Any]
    query: dict[str, str]
    port: int
    token: str


class GooglePeer(WebThread):
    """`with GooglePeer(folder) as google:` serves at `google.url` what is in `google.diary`."""

    def __init__(self, folder: Path) -> None:
        authority = trustme.CA()
        self.ca_file = folder / "ca.pem"
        authority.cert_pem.write_to_path(self.ca_file)
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert("localhost").configure_cert(tls)
        super().__init__("google", tls)
        self._tokens = Tokens()
        self._faults: list[Fault] = []
        self.diary = Diary()
        self.asked: list[Asked] = []
        """Every request, in order."""
        self.ahead_s = 0.0
        """How far the peer's clock is ahead of ours."""

    @property
    def key(self) -> dict[str, str]:
        """The service account's key."""
        return self._tokens.key(f"{self.url}/token")

    def fails(self, *faults: Fault) -> None:
        """Let these go wrong, one after the other at each door."""
        self._faults += [fault for fault in faults for _ in range(fault.times)]

    def well(self) -> None:
        """Let nothing go wrong any more."""
        self._faults.clear()

    def renewed(self) -> None:
        """Forget everything but the account."""
        self.well()
        self.asked.clear()
        self.diary = Diary()
        self.ahead_s = 0.0

    def at(self, door: Door) -> list[Asked]:
        """The requests at one door."""
        return [asked for asked in self.asked if asked.door == door]

    def doors(self, app: web.Application) -> None:
        """What is served."""
        add = app.router.add_route
        add("POST", "/token", self._token)
        add("POST", "/calendar/v3/freeBusy", self._through("freebusy", _freebusy))
        add("POST", EVENTS, self._through("insert", _insert))
        add("GET", EVENTS, self._through("list", _list))
        add("GET", EVENT, self._through("get", _get))
        add("PATCH", EVENT, self._through("patch", _patch))
        add("PUT", EVENT, self._through("update", _update))
        add("DELETE", EVENT, self._through("delete", _delete))

    def _noted(self, door: Door, request: web.Request, body: dict[str, Any]) -> Fault | None:
        """Note a request; what is to go wrong with it."""
        port = request.transport.get_extra_info("peername")[1] if request.transport else 0
        self.asked.append(
            Asked(door, body, dict(request.query), port, request.headers.get("Authorization", ""))
        )
        for fault in self._faults:
            if fault.door == door:
                self._faults.remove(fault)
                return fault
        return None

    async def _token(self, request: web.Request) -> web.StreamResponse:
        form = {name: str(value) for name, value in (await request.post()).items()}
        fault = self._noted("token", request, dict(form))
        if fault is not None and fault.kind == "refuse":
            shown = {"error": fault.reason, "error_description": "no"}
            return _json(fault.status, shown, _waits(fault))
        try:
            status, shown = 200, self._tokens.given(form, time.time() + self.ahead_s)
        except NoToken as exc:
            status, shown = exc.status, exc.shown
        return await self._sent(request, status, shown, fault)

    def _through(
        self, door: Door, what: Callable[[web.Request, dict[str, Any]], Done]
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """What answers at one door."""

        async def answer(request: web.Request) -> web.StreamResponse:
            body = orjson.loads(await request.read() or b"{}")
            fault = self._noted(door, request, body)
            if fault is not None and fault.kind == "expire":
                self._tokens.end()
            try:
                self._allowed(door, request)
                status, shown = 200, self._done(what(request, body), fault)
            except Refusal as exc:
                status, shown = exc.status, exc.shown()
            return await self._sent(request, status, shown, fault)

        return answer

    def _allowed(self, door: Door, request: web.Request) -> None:
        now = time.time() + self.ahead_s
        may = self._tokens.may(request.headers.get("Authorization", ""), SCOPES.get(door, EVENTS_SCOPES), now)
        if may is None:
            raise Refusal(401, "authError")
        if not may:
            raise Refusal(403, "insufficientPermissions")

    def _done(self, do: Done, fault: Fault | None) -> Any:
        """The answer, with the thing done or not as the fault wants it."""
        match fault:
            case Fault(kind="refuse"):
                raise Refusal(fault.status, fault.reason)
            case Fault(kind="did_refuse"):
                do(self.diary)
                raise Refusal(fault.status, fault.reason)
            case Fault(kind="hang" | "drop" | "html" | "text" | "lie"):
                return do(copy.deepcopy(self.diary))
            case Fault(kind="changed"):
                self.diary.touch()
                return do(self.diary)
            case Fault(kind="inside"):
                told = do(self.diary)
                errors = [{"domain": "global", "reason": fault.reason}]
                return told | {
                    "calendars": {name: {"errors": errors, "busy": []} for name in told["calendars"]}
                }
            case _:
                return do(self.diary)

    async def _sent(
        self, request: web.Request, status: int, shown: Any, fault: Fault | None
    ) -> web.StreamResponse:
        match fault:
            case Fault(kind="html"):
                return web.Response(body=PAGE, content_type="text/html")
            case Fault(kind="text"):
                return web.Response(body=fault.body, content_type="application/json")
            case Fault(kind="hang" | "did_hang"):
                await self._over.wait()
            case Fault(kind="drop"):
                _cut(request)
            case Fault(kind="cut" | "trickle"):
                return await self._badly(request, orjson.dumps(shown), fault)
        return _json(status, _fields(request, shown), _waits(fault))

    async def _badly(self, request: web.Request, body: bytes, fault: Fault) -> web.StreamResponse:
        """The answer, which never comes to its end."""
        response = web.StreamResponse()
        response.content_type = "application/json"
        response.content_length = len(body) + 1000
        await response.prepare(request)
        if fault.kind == "cut":
            await response.write(body[: len(body) // 2])
            _cut(request)
            return response
        for _ in range(1000):
            await response.write(b" ")
            try:
                await asyncio.wait_for(self._over.wait(), 0.05)
            except TimeoutError:
                continue
            break
        return response


def _cut(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


def _waits(fault: Fault | None) -> dict[str, str]:
    return {"Retry-After": fault.retry_after} if fault is not None and fault.retry_after else {}


def _json(status: int, shown: Any, headers: dict[str, str]) -> web.Response:
    if shown is None:
        return web.Response(status=204)
    response = web.Response(status=status, body=orjson.dumps(shown), headers=headers)
    response.content_type = "application/json"
    response.enable_compression()
    return response


def _fields(request: web.Request, shown: Any) -> Any:
    """A part of the answer, when only one was asked for."""
    asked = request.query.get("fields")
    if not asked or not isinstance(shown, dict) or "error" in shown:
        return shown
    names = {each.partition("/")[0] for each in asked.split(",")}
    return {name: value for name, value in shown.items() if name in names}


def _freebusy(_: web.Request, body: dict[str, Any]) -> Done:
    return lambda diary: diary.freebusy(body)


def _insert(request: web.Request, body: dict[str, Any]) -> Done:
    return lambda diary: diary.insert(request.match_info["calendar"], body)


def _list(request: web.Request, _: dict[str, Any]) -> Done:
    most = int(request.query.get("maxResults", "250"))
    return lambda diary: diary.list(request.match_info["calendar"], most)


def _get(request: web.Request, _: dict[str, Any]) -> Done:
    return lambda diary: diary.get(request.match_info["calendar"], request.match_info["event"])


def _patch(request: web.Request, body: dict[str, Any]) -> Done:
    return lambda diary: diary.patch(*_event(request), body, request.headers.get("If-Match"))


def _update(request: web.Request, body: dict[str, Any]) -> Done:
    return lambda diary: diary.update(*_event(request), body, request.headers.get("If-Match"))


def _delete(request: web.Request, _: dict[str, Any]) -> Done:
    return lambda diary: diary.delete(*_event(request), request.headers.get("If-Match"))


def _event(request: web.Request) -> tuple[str, str]:
    return request.match_info["calendar"], request.match_info["event"]
