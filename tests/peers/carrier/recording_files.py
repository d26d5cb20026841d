"""Recordings as the carrier gives them out: whole or from a place on, and what goes wrong on the way.

May import: the standard library, aiohttp, this package.
"""

import asyncio
import re
from dataclasses import dataclass
from hashlib import md5

from aiohttp import hdrs, web

PIECE = 64 * 1024
LOOK_S, LOST_S = 0.02, 0.1
_RANGE = re.compile(r"bytes=(\d+)-")


@dataclass(slots=True)
class DownloadFault:
    """Something goes wrong with the sound of a recording, so many times."""

    status: int = 0
    """Answered with this status and no sound."""
    cut_after: int = 0
    """The connection is lost behind so many bytes of this answer."""
    stall_after: int = -1
    """Nothing more comes behind so many bytes, until the box is gone; -1: not so."""
    kind: str = ""
    """Another content type, with a page instead of the sound."""
    body: bytes | None = None
    """Other bytes in the place of the sound, with its content type."""
    size: int = 0
    """So large: zeros without end behind the sound, as far as the box takes them."""
    declared: bool = True
    """Whether the length is said at the beginning."""
    times: int = 1

    def takes(self) -> bool:
        """Whether this fault befalls a download; if so, it is used up by one."""
        self.times -= 1
        return self.times >= 0


@dataclass(slots=True)
class Download:
    """A download that the carrier was asked for: where it was to begin, and what was sent of it."""

    sid: str
    begin: int
    sent: int = 0


async def give(
    request: web.Request, sid: str, sound: bytes, fault: DownloadFault | None, asked: list[Download]
) -> web.StreamResponse:
    """Send the sound as the request wants it, or as the fault has it."""
    tag = f'"{md5(sound, usedforsecurity=False).hexdigest()}"'
    begin = _begin(request, tag, len(sound))
    download = Download(sid, begin)
    asked.append(download)
    if fault is not None and fault.status:
        return web.Response(status=fault.status)
    if fault is not None and fault.kind:
        return web.Response(text="<html>Please sign in</html>", content_type=fault.kind)
    body = sound if fault is None or fault.body is None else fault.body
    whole = max(len(body), fault.size if fault else 0)
    response = web.StreamResponse(status=206 if begin else 200)
    response.content_type = "audio/x-wav"
    response.headers[hdrs.ETAG] = tag
    if begin:
        response.headers[hdrs.CONTENT_RANGE] = f"bytes {begin}-{whole - 1}/{whole}"
    if fault is None or fault.declared:
        response.content_length = whole - begin
    await response.prepare(request)
    await _send(request, response, (body, begin, whole), fault, download)
    return response


async def _send(
    request: web.Request,
    response: web.StreamResponse,
    what: tuple[bytes, int, int],
    fault: DownloadFault | None,
    download: Download,
) -> None:
    body, at, whole = what
    cut = fault.cut_after if fault and fault.cut_after else whole
    stall = fault.stall_after if fault and fault.stall_after >= 0 else whole
    try:
        while at < whole and download.sent < min(cut, stall):
            piece = body[at : at + PIECE] or bytes(min(PIECE, whole - at))
            piece = piece[: min(cut, stall) - download.sent]
            await response.write(piece)
            at, download.sent = at + len(piece), download.sent + len(piece)
        if download.sent >= stall < whole:
            while request.transport is not None and not request.transport.is_closing():  # noqa: ASYNC110
                await asyncio.sleep(LOOK_S)
    except ConnectionError:
        return
    if download.sent >= cut < whole and request.transport is not None:
        # What was sent arrives and is read before the line is seen to be lost.
        await asyncio.sleep(LOST_S)
        request.transport.close()


def _begin(request: web.Request, tag: str, size: int) -> int:
    """Where it is to begin; the carrier goes by a range only for the very recording that is meant."""
    found = _RANGE.fullmatch(request.headers.get(hdrs.RANGE, ""))
    if found is None or request.headers.get(hdrs.IF_RANGE, tag) != tag or int(found[1]) >= size:
        return 0
    return int(found[1])
