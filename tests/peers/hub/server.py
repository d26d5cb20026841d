"""The peer: a listening socket in a thread of its own, since a command has its own loop.

A file kept apart (LFS) is a redirect to the CDN with its sha256 in X-Linked-Etag; a small one is a redirect
to the hub's own cache, whose ETag is the name that git gives it. May import: aiohttp, orjson,
tests.peers.web_thread.
"""

import hashlib
import ssl
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.peers.hub.faults import Door, Fault
from tests.peers.web_thread import WebThread

COMMIT = "c0ffee" + "0" * 34
SIGNED = "Expires=9&Signature=a%7Eb__&response-content-disposition=inline%3B+filename*%3DUTF-8%27%27model.bin"
"""The query of a CDN's address; one that was coded anew is refused."""


@dataclass(frozen=True)
class Asked:
    """One request: which door it came to, for which path, with which headers."""

    door: Door
    path: str
    headers: dict[str, str]


@dataclass(frozen=True)
class Stored:
    """A file in a repository."""

    data: bytes
    lfs: bool
    hashed: bool

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @property
    def git(self) -> str:
        return hashlib.sha1(b"blob %d\0" % len(self.data) + self.data, usedforsecurity=False).hexdigest()


class HubPeer(WebThread):
    """`with HubPeer() as hub:` serves at `hub.url` what was put into it."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__("hub", tls)
        self._stored: dict[str, Stored] = {}
        self._faults: list[Fault] = []
        self._generation = 0
        self.asked: list[Asked] = []
        """Every request, in order."""

    def put(self, path: str, data: bytes, *, lfs: bool = True, hashed: bool = True) -> str:
        """Keep a file of the one repository; its sha256. Not `hashed`: the hub states no checksum of it."""
        self._stored[path] = Stored(data, lfs, hashed)
        self._generation += 1
        return self._stored[path].sha256

    def fails(self, *faults: Fault) -> None:
        """Let these go wrong, one after the other at each door."""
        self._faults += faults

    def at(self, door: Door) -> list[Asked]:
        """The requests at one door."""
        return [asked for asked in self.asked if asked.door == door]

    def doors(self, app: web.Application) -> None:
        """What is served."""
        app.router.add_get("/{owner}/{repo}/resolve/{revision}/{path:.+}", self._resolve)
        app.router.add_get("/api/resolve-cache/models/{owner}/{repo}/{revision}/{path:.+}", self._cache)
        app.router.add_get("/cdn/{path:.+}", self._cdn)
        app.router.add_get("/api/models/{owner}/{repo}/tree/{revision}{folder:(/.+)?}", self._tree)

    def _noted(self, door: Door, request: web.Request, path: str) -> Fault | None:
        """Note a request; what is to go wrong with it."""
        self.asked.append(Asked(door, path, dict(request.headers)))
        for fault in self._faults:
            if fault.door == door and path.endswith(fault.of):
                self._faults.remove(fault)
                return fault
        return None

    async def _resolve(self, request: web.Request) -> web.StreamResponse:
        path, revision = request.match_info["path"], request.match_info["revision"]
        if (answer := _instead(self._noted("resolve", request, path))) is not None:
            return answer
        stored = self._stored.get(path)
        commit = {"X-Repo-Commit": revision}
        if stored is None:
            return web.Response(status=404, headers={"X-Error-Code": "EntryNotFound"}, text="Entry not found")
        if not stored.lfs:
            at = f"/api/resolve-cache/models{request.path.replace('/resolve', '', 1)}"
            tag = {"ETag": f'"{stored.git}"', "X-Linked-Etag": f'"{stored.git}"'}
            return web.Response(status=307, headers={"Location": at, **commit, **tag})
        linked = {"X-Linked-Size": str(len(stored.data))}
        if stored.hashed:
            linked["X-Linked-Etag"] = f'"{stored.sha256}"'
        at = f"{self.url}/cdn/{path}?{SIGNED}"
        return web.Response(
            status=302,
            headers={"Location": at, **commit, **linked},
            text=f"Found. Redirecting to {at}",
        )

    async def _cache(self, request: web.Request) -> web.StreamResponse:
        return await self._bytes(request, "cdn", request.match_info["path"])

    async def _cdn(self, request: web.Request) -> web.StreamResponse:
        if request.raw_path.partition("?")[2] != SIGNED:
            return web.Response(status=403, text="SignatureDoesNotMatch")
        return await self._bytes(request, "cdn", request.match_info["path"])

    async def _bytes(self, request: web.Request, door: Door, path: str) -> web.StreamResponse:
        """A file, or the rest of it when it is still the one that was asked for."""
        fault = self._noted(door, request, path)
        if (answer := _instead(fault)) is not None:
            return answer
        stored = self._stored[path]
        data, tag = _bytes_of(stored, fault), f'"{stored.sha256[:32]}-{self._generation}"'
        begins, known = _asked_from(request), request.headers.get("If-Range", tag) == tag
        if begins is not None and known and begins >= len(data):
            return web.Response(status=416, headers={"Content-Range": f"bytes */{len(data)}"})
        part = begins is not None and known
        if fault is not None and fault.kind == "unasked":
            begins, part = 3, True
        at = (begins or 0) if part else 0
        response = web.StreamResponse(status=206 if part else 200)
        response.headers["ETag"] = tag
        response.headers["Accept-Ranges"] = "bytes"
        response.content_type = "application/octet-stream"
        response.content_length = len(data) - at
        if part:
            response.headers["Content-Range"] = f"bytes {at}-{len(data) - 1}/{len(data)}"
        if fault is not None and fault.kind in ("longer", "ended"):
            response.content_length = None
            response.enable_chunked_encoding()
        await response.prepare(request)
        return await self._written(request, response, data[at:], fault)

    async def _written(
        self, request: web.Request, response: web.StreamResponse, data: bytes, fault: Fault | None
    ) -> web.StreamResponse:
        if fault is None or fault.kind not in ("drop", "stall"):
            await response.write(data)
            await response.write_eof()
            return response
        await response.write(data[: fault.after])
        if fault.kind == "stall":
            await self._over.wait()
        if request.transport is not None:
            request.transport.close()
        return response

    async def _tree(self, request: web.Request) -> web.StreamResponse:
        folder = request.match_info["folder"].strip("/")
        if (answer := _instead(self._noted("tree", request, folder))) is not None:
            return answer
        inside = [path for path in self._stored if path.rpartition("/")[0] == folder]
        above = {path.rpartition("/")[0] for path in self._stored} - {folder, ""}
        folders = [{"type": "directory", "oid": "0" * 40, "size": 0, "path": path} for path in above]
        return web.json_response([*folders, *(_entry(path, self._stored[path]) for path in inside)])


def _instead(fault: Fault | None) -> web.Response | None:
    """The answer that stands in the place of the right one."""
    match fault:
        case Fault(kind="status"):
            return web.Response(status=fault.status, headers=fault.headers)
        case Fault(kind="html"):
            return web.Response(text="<html>Sign in to the guest network</html>", content_type="text/html")
        case Fault(kind="garbage"):
            return web.Response(body=b"{" + b" " * fault.after + b"}", content_type="application/json")
        case Fault(kind="redirect"):
            return web.Response(status=302, headers=fault.headers)
        case _:
            return None


def _bytes_of(stored: Stored, fault: Fault | None) -> bytes:
    match fault:
        case Fault(kind="wrong"):
            return bytes(255 - each for each in stored.data)
        case Fault(kind="longer"):
            return stored.data + b"x"
        case Fault(kind="shorter"):
            return stored.data[:-1]
        case Fault(kind="ended"):
            return stored.data[: fault.after]
        case _:
            return stored.data


def _asked_from(request: web.Request) -> int | None:
    span = request.headers.get("Range", "")
    return int(span.removeprefix("bytes=").removesuffix("-")) if span else None


def _entry(path: str, stored: Stored) -> dict[str, Any]:
    entry = {"type": "file", "oid": stored.git, "size": len(stored.data), "path": path}
    if not stored.hashed:
        return entry | {"oid": ""}
    if stored.lfs:
        pointer = {"oid": stored.sha256, "size": len(stored.data), "pointerSize": 134}
        return entry | {"oid": "1" * 40, "lfs": pointer, "xetHash": "2" * 64}
    return entry
