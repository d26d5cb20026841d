"""The hub over HTTP: listings, and files as streams of bytes; redirects are followed by hand.

Every wait has a deadline: for the connection, and for silence in the middle of a file. Certificates are
verified, and no name or key of ours is sent. May import: aiohttp, yarl,
appliance.core, models.weights.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Self
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp import ClientTimeout
from yarl import URL

from models.weights import answers
from models.weights.answers import FetchFailed, Offer
from models.weights.table import Weights

REDIRECTS_MOST = 5
LISTING_MOST = 8 * 1024 * 1024
BLOCK = 256 * 1024
_MOVED = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, and for what."""

    connect_s: float = 10.0
    """For a connection."""

    stall_s: float = 20.0
    """For the next byte."""

    pauses_s: tuple[float, ...] = (1.0, 3.0, 9.0)
    """Before each further try that follows one without any progress."""

    asked_most_s: float = 310.0
    """The longest wait that the hub may ask for; it counts requests in windows of five minutes."""

    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    """What waits."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A file, or the rest of it, as it comes."""

    begins_at: int
    tag: str
    linked_sha256: str
    commit: str
    body: AsyncIterator[bytes]


class Hub:
    """`async with Hub(url, patience) as hub:`; raises FetchFailed for whatever keeps a file from coming."""

    def __init__(self, url: str, patience: Patience) -> None:
        self._url = answers.hub_address(url)
        self._patience = patience
        self.host = urlsplit(self._url).hostname or ""

    async def __aenter__(self) -> Self:
        waits = self._patience
        self._session = aiohttp.ClientSession(
            timeout=ClientTimeout(
                total=None, connect=waits.connect_s, sock_connect=waits.connect_s, sock_read=waits.stall_s
            ),
            # A coded answer could not be continued in its middle.
            headers={"Accept-Encoding": "identity", "User-Agent": "attendant"},
            trust_env=True,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def listing(self, weights: Weights, folder: str) -> dict[str, Offer]:
        """What the hub says of the files of a folder, by path."""
        what = f"the listing of {weights.source} at {weights.revision[:8]}"
        address = answers.listing_url(self._url, weights, folder)
        with self._told():
            async with self._asked(address, what, {}) as (answer, _passed):
                if "json" not in answer.headers.get("Content-Type", ""):
                    raise answers.portal(self.host)
                return answers.offers(await _bounded(answer))

    @asynccontextmanager
    async def file(
        self, weights: Weights, path: str, size: int, *, have: int = 0, tag: str = ""
    ) -> AsyncIterator[Answer]:
        """A file from its beginning; with `have` bytes of what had this tag, the rest if it still has."""
        what = f"{path} of {weights.source} at {weights.revision[:8]}"
        headers = {"Range": f"bytes={have}-", **({"If-Range": tag} if tag else {})} if have else {}
        address = answers.file_url(self._url, weights, path)
        with self._told():
            async with self._asked(address, what, headers) as (answer, passed):
                if "html" in answer.headers.get("Content-Type", ""):
                    raise answers.portal(self.host)
                begins = answers.begins_at(answer.headers, size) if answer.status == 206 else 0
                if begins not in (0, have):
                    raise FetchFailed(f"{self.host} sends another part of {what} than was asked for.")
                if answer.status == 200 and answer.content_length not in (None, size):
                    raise FetchFailed(
                        f"{what} has {answer.content_length} bytes at {self.host} and must have {size}."
                    )
                yield Answer(
                    begins or 0,
                    answers.etag(answer.headers),
                    answers.linked_sha256(passed),
                    answers.commit(passed),
                    answer.content.iter_chunked(BLOCK),
                )

    @asynccontextmanager
    async def _asked(
        self, url: str, what: str, headers: dict[str, str]
    ) -> AsyncIterator[tuple[aiohttp.ClientResponse, dict[str, str]]]:
        """The answer at the end of the redirects, and what the hub itself said before them."""
        passed: dict[str, str] = {}
        for _ in range(REDIRECTS_MOST + 1):
            # As it was given: what a CDN signed must not be coded anew.
            given = URL(url, encoded=True)
            async with self._session.get(given, headers=headers, allow_redirects=False) as answer:
                passed = {**_titled(answer), **passed}
                if answer.status not in _MOVED:
                    if answer.status not in (200, 206):
                        host = urlsplit(url).hostname or self.host
                        raise answers.refused(answer.status, host, what, answer.headers, datetime.now(UTC))
                    yield answer, passed
                    return
                url = answers.next_step(url, urljoin(url, answer.headers.get("Location", "")))
        raise FetchFailed(f"{self.host} leads from one address to the next for {what}.")

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say in a sentence what the network did."""
        try:
            yield
        except aiohttp.ClientConnectorCertificateError as exc:
            raise FetchFailed(
                f"The certificate of {exc.host} is not trusted: a sign-in page of this network, or a proxy "
                "that opens TLS, may stand between."
            ) from exc
        except aiohttp.ClientConnectorError as exc:
            raise FetchFailed(
                f"{exc.host} cannot be reached: {exc.os_error.strerror or exc.os_error}.", retry=True
            ) from exc
        except (aiohttp.ConnectionTimeoutError, aiohttp.ServerTimeoutError) as exc:
            raise FetchFailed(f"{self.host} is silent.", retry=True) from exc
        except (aiohttp.ClientError, ConnectionError) as exc:
            raise FetchFailed(f"The connection to {self.host} broke.", retry=True) from exc


def _titled(answer: aiohttp.ClientResponse) -> dict[str, str]:
    """The hub's own headers, however it writes them."""
    return {
        name: answer.headers[name] for name in ("X-Linked-Etag", "X-Repo-Commit") if name in answer.headers
    }


async def _bounded(answer: aiohttp.ClientResponse) -> bytes:
    body = b""
    async for block in answer.content.iter_chunked(BLOCK):
        body += block
        if len(body) > LISTING_MOST:
            raise FetchFailed("The hub's listing is too long to be one.")
    return body
