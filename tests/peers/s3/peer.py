"""The storage: buckets in memory, every request signed, and faults as they are asked for.

May import: the standard library, aiohttp, tests.peers.web_thread, tests.peers.s3.
"""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal
from xml.sax.saxutils import escape

from aiohttp import web

from tests.peers.s3.signing import Asked, Refused, payload
from tests.peers.web_thread import WebThread

KEY, SECRET = "AKIDOFTHETEST", "secret/of+the/test"
BUCKET = "recordings"
MADE = "2026-11-27T09:00:00.000Z"


@dataclass
class Fault:
    """What befalls the next requests of a method, so many times.

    `refuse` answers with `code`; `drop` breaks off before an answer, `cut` in the middle of one; `spoil`
    keeps another byte than was sent; `keep` says that something is deleted, and keeps it.
    """

    kind: Literal["refuse", "drop", "cut", "spoil", "keep"]
    method: str
    times: int = 1
    status: int = 503
    code: str = "SlowDown"


@dataclass
class _Kept:
    body: bytes
    etag: str = field(init=False)

    def __post_init__(self) -> None:
        self.etag = hashlib.md5(self.body, usedforsecurity=False).hexdigest()


class S3Peer(WebThread):
    """Enter it to have it listen at `url`; buckets are named in the path."""

    def __init__(self, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        super().__init__("s3", None)
        self._now = now
        self.keys = {KEY: SECRET}
        self.buckets: dict[str, dict[str, _Kept]] = {BUCKET: {}}
        self.faults: list[Fault] = []
        self.requests: list[tuple[str, str]] = []
        """Method and path of each that was let in."""

    def doors(self, app: web.Application) -> None:
        """All is one door: bucket and key stand in the path."""
        app.router.add_route("*", "/{bucket}{slash:/?}", self._bucket)
        app.router.add_route("*", "/{bucket}/{key:.+}", self._object)

    async def _bucket(self, request: web.Request) -> web.StreamResponse:
        return await self._done(request, self._of_bucket)

    async def _object(self, request: web.Request) -> web.StreamResponse:
        return await self._done(request, self._of_object)

    async def _done(
        self,
        request: web.Request,
        answer: Callable[[web.Request, bytes, Fault | None], web.StreamResponse],
    ) -> web.StreamResponse:
        try:
            asked = Asked(request.method, request.raw_path, request.headers, await request.content.read())
            body = payload(asked, self.keys, self._now())
            self.requests.append((request.method, request.path))
            fault = self._fault(request.method)
            if fault is not None and fault.kind == "refuse":
                raise Refused(fault.status, fault.code, "Please reduce your request rate.")
            if fault is not None and fault.kind == "drop" and request.transport is not None:
                request.transport.abort()
            return await self._sent(request, answer(request, body, fault), fault)
        except Refused as exc:
            told = (
                ""
                if request.method == "HEAD"
                else f"<Error><Code>{exc.code}</Code><Message>{exc.message}</Message></Error>"
            )
            return web.Response(status=exc.status, text=told, content_type="application/xml")

    def _fault(self, method: str) -> Fault | None:
        found = next((each for each in self.faults if each.method == method and each.times > 0), None)
        if found is not None:
            found.times -= 1
        return found

    async def _sent(
        self, request: web.Request, answer: web.StreamResponse, fault: Fault | None
    ) -> web.StreamResponse:
        if fault is None or fault.kind != "cut" or not isinstance(answer, web.Response):
            return answer
        whole = bytes(answer.body or b"")  # type: ignore[arg-type]
        response = web.StreamResponse(headers={"Content-Length": str(len(whole))})
        await response.prepare(request)
        await response.write(whole[: len(whole) // 2])
        if request.transport is not None:
            request.transport.abort()
        return response

    def _in(self, request: web.Request) -> dict[str, _Kept]:
        found = self.buckets.get(request.match_info["bucket"])
        if found is None:
            raise Refused(404, "NoSuchBucket", "The specified bucket does not exist")
        return found

    def _of_bucket(self, request: web.Request, _body: bytes, _fault: Fault | None) -> web.Response:
        if request.method == "PUT":
            self.buckets.setdefault(request.match_info["bucket"], {})
            return web.Response()
        kept = self._in(request)
        if request.method == "HEAD":
            return web.Response()
        if "location" in request.query:
            return _xml("<LocationConstraint/>")
        return self._listed(request, kept)

    def _listed(self, request: web.Request, kept: dict[str, _Kept]) -> web.Response:
        prefix, cut = request.query.get("prefix", ""), request.query.get("delimiter", "")
        keys, folders = [], set()
        for key in sorted(kept):
            if not key.startswith(prefix):
                continue
            rest = key[len(prefix) :]
            if cut and cut in rest:
                folders.add(prefix + rest[: rest.index(cut) + 1])
            else:
                keys.append(key)
        shown = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>{MADE}</LastModified>"
            f"<ETag>&quot;{kept[key].etag}&quot;</ETag><Size>{len(kept[key].body)}</Size></Contents>"
            for key in keys
        )
        shown += "".join(
            f"<CommonPrefixes><Prefix>{escape(each)}</Prefix></CommonPrefixes>" for each in sorted(folders)
        )
        head = f"<Name>{request.match_info['bucket']}</Name><Prefix>{escape(prefix)}</Prefix>"
        return _xml(
            f"<ListBucketResult>{head}<KeyCount>{len(keys)}</KeyCount><MaxKeys>1000</MaxKeys>"
            f"<IsTruncated>false</IsTruncated>{shown}</ListBucketResult>"
        )

    def _of_object(self, request: web.Request, body: bytes, fault: Fault | None) -> web.StreamResponse:
        bucket, key = self._in(request), request.match_info["key"]
        if request.method == "PUT":
            return _put(request, bucket, key, body, fault)
        if request.method == "DELETE":
            if fault is None or fault.kind != "keep":
                bucket.pop(key, None)
            return web.Response(status=204)
        if key not in bucket:
            raise Refused(404, "NoSuchKey", "The specified key does not exist.")
        kept = bucket[key]
        headers = {
            "ETag": f'"{kept.etag}"',
            "Last-Modified": "Fri, 27 Nov 2026 09:00:00 GMT",
            "Accept-Ranges": "bytes",
        }
        wanted = request.http_range
        if wanted.start is None and wanted.stop is None:
            return web.Response(body=kept.body, headers=headers)
        first, stop, _ = wanted.indices(len(kept.body))
        headers["Content-Range"] = f"bytes {first}-{stop - 1}/{len(kept.body)}"
        return web.Response(status=206, body=kept.body[first:stop], headers=headers)


def _put(
    request: web.Request, bucket: dict[str, _Kept], key: str, body: bytes, fault: Fault | None
) -> web.Response:
    digest = base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
    if request.headers.get("Content-MD5", digest) != digest:
        raise Refused(400, "BadDigest", "The Content-MD5 you specified did not match what we received.")
    if fault is not None and fault.kind == "spoil":
        body = bytes([body[0] ^ 0xFF]) + body[1:]
    bucket[key] = _Kept(body)
    return web.Response(headers={"ETag": f'"{bucket[key].etag}"'})


def _xml(text: str) -> web.Response:
    return web.Response(
        text=f'<?xml version="1.0" encoding="UTF-8"?>\n{text}', content_type="application/xml"
    )
