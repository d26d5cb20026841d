"""Fetches one recording into a file: bounded in size and time, gone on with where it was cut off.

What there is of it lies beside it as `.part`, under the carrier's word for this very recording (ETag); a part
of another one is thrown away. May import: the standard library, aiohttp, appliance.core.
"""

import asyncio
import os
import re
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from appliance.core.errors import AttendantError, CarrierFailed
from appliance.core.files import settle

CONNECT_S, STALL_S = 5.0, 15.0
PIECE = 64 * 1024
REFUSES_US = frozenset({401, 403})
NOT_SATISFIABLE = 416
SOUNDS = ("audio/", "application/octet-stream", "binary/octet-stream")
WAV = re.compile(rb"RIFF....WAVE", re.DOTALL)
HEAD = 12
ROOM = 64 * 1024 * 1024
"""So much of the disk is left to the books: what would take of it is not fetched now."""
_RANGE = re.compile(r"bytes (\d+)-\d+/(?:\d+|\*)")


class NoRoom(AttendantError):
    """The disk is full, or cannot be written: the recording is with the carrier still."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is too much for one recording and one try."""

    most_bytes: int = 64 * 1024 * 1024
    within_s: float = 120.0


USUAL = Bounds()


async def download(http: aiohttp.ClientSession, url: str, path: Path, bounds: Bounds = USUAL) -> int:
    """Fetch a WAV file, on disk when this returns its size in bytes. Raises CarrierFailed, NoRoom."""
    part, tag = path.with_suffix(".part"), path.with_suffix(".etag")
    try:
        begun = await asyncio.to_thread(_begun, part, tag)
        try:
            async with asyncio.timeout(bounds.within_s):
                await _received(http, url, (part, tag), begun, bounds)
        except aiohttp.ClientError:
            raise
        except TimeoutError as exc:
            raise CarrierFailed(
                f"recording: not whole within {bounds.within_s:g} s", retry=True, down=False
            ) from exc
        return await asyncio.to_thread(_settled, part, tag, path)
    except aiohttp.ClientConnectorError as exc:
        raise CarrierFailed(f"recording: not reached: {type(exc).__name__}", retry=True) from exc
    except (aiohttp.ClientError, ConnectionError) as exc:
        raise CarrierFailed(f"recording: cut off: {type(exc).__name__}", retry=True, down=False) from exc
    except OSError as exc:
        await asyncio.to_thread(_forget, part, tag)
        raise NoRoom(f"The recording cannot be written: {exc.strerror or type(exc).__name__}.") from exc


async def _received(
    http: aiohttp.ClientSession, url: str, files: tuple[Path, Path], begun: tuple[int, str], bounds: Bounds
) -> None:
    """Write what comes behind what there is. Raises CarrierFailed, ClientError, OSError."""
    part, tag = files
    size, etag = begun
    headers = {"Range": f"bytes={size}-", "If-Range": etag} if size and etag else {}
    patience = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S, sock_read=STALL_S)
    # Compressed, its length would say nothing of what is written.
    headers["Accept-Encoding"] = "identity"
    async with http.get(url, headers=headers, timeout=patience) as response:
        if response.status == NOT_SATISFIABLE:
            await asyncio.to_thread(_forget, part, tag)
        _check(response)
        goes_on = response.status == 206 and _from(response) == size
        held = size if goes_on else 0
        expected = held + (response.content_length or 0)
        if expected > bounds.most_bytes:
            await asyncio.to_thread(_forget, part, tag)
            raise _too_large(bounds)
        await asyncio.to_thread(_room_for, part, expected - held)
        await asyncio.to_thread(_note, tag, response.headers.get("ETag", ""))
        with await asyncio.to_thread(part.open, "ab" if goes_on else "wb") as file:
            async for piece in response.content.iter_chunked(PIECE):
                held += len(piece)
                if held > bounds.most_bytes:
                    await asyncio.to_thread(_forget, part, tag)
                    raise _too_large(bounds)
                await asyncio.to_thread(file.write, piece)


def _check(response: aiohttp.ClientResponse) -> None:
    """See that what comes is a sound. Raises CarrierFailed."""
    status, kind = response.status, response.content_type
    if status not in (200, 206):
        again = status in (404, 416, 429) or status in REFUSES_US or status >= 500
        down = status in REFUSES_US or status == 429 or status >= 500
        raise CarrierFailed(f"recording: status {status}", retry=again, down=down)
    if not kind.startswith(SOUNDS):
        # Such as the page of a captive portal, in the carrier's place.
        raise CarrierFailed(f"recording: {kind[:60]} instead of a sound", retry=True, down=True)


def _from(response: aiohttp.ClientResponse) -> int:
    """Where the part that is sent begins; -1 when that is not said."""
    found = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
    return int(found[1]) if found else -1


def _too_large(bounds: Bounds) -> CarrierFailed:
    return CarrierFailed(
        f"recording: larger than {bounds.most_bytes // (1024 * 1024)} MB", retry=False, down=False
    )


def _begun(part: Path, tag: Path) -> tuple[int, str]:
    """How much there is from before, and of what. A part that nothing tells of is none."""
    try:
        return part.stat().st_size, tag.read_text("ascii")
    except (FileNotFoundError, UnicodeDecodeError):
        return 0, ""


def _note(tag: Path, etag: str) -> None:
    if etag and not etag.startswith("W/") and etag.isascii() and etag.isprintable():
        tag.write_text(etag, "ascii")
    else:
        tag.unlink(missing_ok=True)


def _room_for(part: Path, size: int) -> None:
    """See that the disk has room for so much. Raises NoRoom, OSError."""
    disk = os.statvfs(part.parent)
    if disk.f_bavail * disk.f_frsize < size + ROOM:
        raise NoRoom("The disk is too full for the recording: it stays with the carrier until there is room.")


def _settled(part: Path, tag: Path, path: Path) -> int:
    """Give it its name, whole and on disk. Raises CarrierFailed, OSError."""
    with part.open("rb") as file:
        head = file.read(HEAD)
        os.fsync(file.fileno())
        size = os.fstat(file.fileno()).st_size
    if not WAV.fullmatch(head):
        _forget(part, tag)
        raise CarrierFailed("recording: what came is no WAV file", retry=True, down=False)
    settle(part, path)
    tag.unlink(missing_ok=True)
    return size


def _forget(part: Path, tag: Path) -> None:
    """What is left of a try would fill a disk that is full, or mislead the next one."""
    part.unlink(missing_ok=True)
    tag.unlink(missing_ok=True)
