"""Fetches pages of websites: from public addresses alone, as robots.txt allows, and only what has changed.

May import: the standard library, aiohttp, aiodns, yarl, appliance.core, kb.
"""

import asyncio
import ipaddress
import socket
import ssl
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.robotparser import RobotFileParser

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import AsyncResolver
from yarl import URL

from appliance.core.errors import AttendantError
from kb.documents import kinds
from kb.documents.kinds import LARGEST, Format

DEADLINE_S = 40.0
CONNECT_S = 10.0
ROBOTS_MOST = 500_000
HOPS_MOST = 5
PORTS = (80, 443)
AGENT = "AttendantKnowledge"
REDIRECTS = (301, 302, 303, 307, 308)
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class PageFailed(AttendantError):
    """The page cannot be had. `again`: whether another try can help; `after_s`: when at the earliest."""

    def __init__(self, problem: str, *, again: bool, after_s: float = 0.0) -> None:
        super().__init__(problem)
        self.again = again
        self.after_s = after_s


class AddressRefused(OSError):
    """The host is not on the public internet."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it was sent. `format` is what its server calls it."""

    data: bytes
    format: Format | None
    etag: str
    last_modified: str


def checked(url: str, private_hosts: Sequence[str] = ()) -> URL:
    """The address of a page, if it is one that may be asked for. Raises PageFailed."""
    try:
        found = URL(url.strip())
    except ValueError as exc:
        raise PageFailed(f"{url[:200]!r} is no address of a page.", again=False) from exc
    if found.scheme not in ("http", "https") or not found.host:
        raise PageFailed("A page's address begins with https:// or http://.", again=False)
    if found.user or found.password:
        raise PageFailed("A page's address may hold no user name or password.", again=False)
    if found.host in private_hosts:
        return found
    if found.port not in PORTS:
        raise PageFailed(
            f"Pages are read from the usual ports alone (80 and 443), not from {found.port}.", again=False
        )
    if _literal(found.host) and not public(found.host):
        raise _private(found.host)
    return found


def _literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _private(host: str) -> PageFailed:
    return PageFailed(
        f"{host} is not on the public internet, and nothing is fetched from there; the IT person can allow a"
        " host of the clinic's own ([knowledge] private_hosts).",
        again=False,
    )


def public(address: str) -> bool:
    """Whether an address is one of the public internet, also where another one is written within it."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if found in NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None and not _global(inner):
            return False
        if found.ipv4_mapped:
            return True
    return _global(found)


def _global(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return address.is_global and not address.is_multicast


class _Guarded(AbstractResolver):
    """Resolves names to public addresses; what is connected to is what was looked at."""

    def __init__(self, private_hosts: Sequence[str]) -> None:
        self._resolver = AsyncResolver(timeout=CONNECT_S / 4, tries=2)
        self._private_hosts = private_hosts

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        if host in self._private_hosts:
            return found
        allowed = [each for each in found if public(each["host"])]
        if not allowed:
            raise AddressRefused(host)
        return allowed

    async def close(self) -> None:
        await self._resolver.close()


class Web:
    """`async with Web(...) as web:`; each page has its deadline."""

    def __init__(
        self, private_hosts: Sequence[str] = (), ca_file: Path | None = None, deadline_s: float = DEADLINE_S
    ) -> None:
        self._private_hosts = private_hosts
        self._deadline_s = deadline_s
        trust = ssl.create_default_context(cafile=ca_file)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                resolver=_Guarded(private_hosts), ssl=trust, limit=2, force_close=True
            ),
            timeout=aiohttp.ClientTimeout(total=deadline_s, sock_connect=CONNECT_S),
            headers={
                "User-Agent": f"{AGENT} (reads this site's own clinic pages)",
                "Accept-Encoding": "gzip",
            },
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._session.close()

    async def fetch(self, url: str, *, etag: str = "", last_modified: str = "") -> Page | None:
        """The page; None when it is still what it was by these marks. Raises PageFailed."""
        marks = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        asked = {name: value for name, value in marks.items() if value}
        try:
            async with asyncio.timeout(self._deadline_s):
                place = checked(url, self._private_hosts)
                await self._admitted(place)
                return await self._page(place, asked)
        except TimeoutError as exc:
            raise PageFailed(f"The page did not come within {self._deadline_s:.0f} s.", again=True) from exc

    async def _admitted(self, url: URL) -> None:
        """Ask the site's robots.txt. Raises PageFailed when it does not want the page to be read."""
        robots = RobotFileParser()
        async with _Following(self, url.with_path("/robots.txt").with_query(None), {}) as answer:
            if answer.status >= 500:
                raise PageFailed(f"The website is in trouble (status {answer.status}).", again=True)
            if answer.status != 200:
                return
            body = await _body(answer, ROBOTS_MOST)
        robots.parse(body.decode("utf-8", "replace").splitlines())
        if not robots.can_fetch(AGENT, str(url)):
            raise PageFailed(
                f"The website's robots.txt does not allow this page to be read: have it allow {AGENT}.",
                again=False,
            )

    async def _page(self, url: URL, marks: dict[str, str]) -> Page | None:
        async with _Following(self, url, marks) as answer:
            if answer.status == 304 and marks:
                return None
            if answer.status != 200:
                raise _failed(answer)
            kind = kinds.TYPES.get(answer.content_type)
            if kind is None and "Content-Type" in answer.headers:
                told = (
                    f"The address leads to {answer.content_type[:80]}, which is not read: pages are, and PDF."
                )
                raise PageFailed(told, again=False)
            data = await _body(answer, LARGEST)
        return Page(
            data, kind, answer.headers.get("ETag", "")[:500], answer.headers.get("Last-Modified", "")[:100]
        )

    async def ask(self, url: URL, marks: dict[str, str]) -> aiohttp.ClientResponse:
        """One request, without following where it leads. Raises PageFailed."""
        try:
            return await self._session.get(url, headers=marks, allow_redirects=False)
        except aiohttp.ClientConnectorError as exc:
            if isinstance(exc.os_error, AddressRefused) or isinstance(exc.__cause__, AddressRefused):
                raise _private(url.host or "") from exc
            raise PageFailed(
                f"{url.host} cannot be reached: {exc.os_error.strerror or 'no connection'}.", again=True
            ) from exc
        except (aiohttp.ClientError, ValueError) as exc:
            raise PageFailed(
                f"{url.host} sent no answer that can be read ({type(exc).__name__}).", again=True
            ) from exc

    def looked_at(self, url: str) -> URL:
        """As `checked`, with the hosts that are allowed."""
        return checked(url, self._private_hosts)


class _Following:
    """The answer at the end of a chain of redirects, each of which is looked at like the first address."""

    def __init__(self, web: Web, url: URL, marks: dict[str, str]) -> None:
        self._web = web
        self._url = url
        self._marks = marks
        self._answer: aiohttp.ClientResponse | None = None

    async def __aenter__(self) -> aiohttp.ClientResponse:
        url = self._url
        for _ in range(HOPS_MOST + 1):
            self._answer = await self._web.ask(url, self._marks)
            leads = self._answer.headers.get("Location")
            if self._answer.status not in REDIRECTS or not leads:
                return self._answer
            self._answer.close()
            try:
                url = self._web.looked_at(str(url.join(URL(leads))))
            except ValueError as exc:
                raise PageFailed("The page leads to an address that is none.", again=False) from exc
        raise PageFailed(
            f"The page leads from one address to the next, more than {HOPS_MOST} times.", again=False
        )

    async def __aexit__(self, *error: object) -> None:
        if self._answer is not None:
            self._answer.close()


async def _body(answer: aiohttp.ClientResponse, most: int) -> bytes:
    """What was sent, unpacked, and never more than this. Raises PageFailed."""
    packed = answer.headers.get("Content-Encoding", "identity").lower()
    if packed not in ("identity", "gzip", "deflate"):
        raise PageFailed("The website packs its pages in a way that nobody asked for.", again=False)
    inflate = None if packed == "identity" else zlib.decompressobj(47)
    data = bytearray()
    try:
        async for piece in answer.content.iter_chunked(1 << 16):
            data += piece if inflate is None else inflate.decompress(piece, most + 1 - len(data))
            if len(data) > most:
                raise PageFailed(kinds.too_large(len(data)), again=False)
    except zlib.error as exc:
        raise PageFailed("The page is packed, and cannot be unpacked.", again=True) from exc
    except aiohttp.ClientError as exc:
        raise PageFailed("The page broke off in the midst of it.", again=True) from exc
    return bytes(data)


def _failed(answer: aiohttp.ClientResponse) -> PageFailed:
    status = answer.status
    if status in (404, 410):
        return PageFailed(f"There is no such page any more (status {status}).", again=False)
    if status in (408, 425, 429) or status >= 500:
        wait = answer.headers.get("Retry-After", "")
        after_s = float(wait) if wait.isdecimal() and len(wait) < 5 else 0.0
        return PageFailed(f"The website is in trouble (status {status}).", again=True, after_s=after_s)
    return PageFailed(f"The website does not give the page out (status {status}).", again=False)
