"""Somebody who opens the page of a link on a real listener, and what the page shows.

May import: the standard library, aiohttp, appliance, tests.service.booking.
"""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from appliance.core.staff import Office
from appliance.core.texts import TextKind
from appliance.service.booking.online.public import Pages
from appliance.service.listening import listen_on
from appliance.store import booking_links, texts
from appliance.store.database import Connection
from appliance.store.texts import Owed
from tests.service.booking.clinic import Clinic, clinic

MOBILE = "+14155550102"
PHONE = "(415) 555-0100"


class Reading(HTMLParser):
    """What a page has: its words, its links, its buttons and its fields by name."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.links: list[str] = []
        self.picks: list[str] = []
        self.fields: dict[str, str] = {}
        self.tags: set[str] = set()
        self.roles: set[str] = set()
        self._hidden = False
        self.language = ""
        self.feed(html)
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        self.tags.add(tag)
        self.roles |= {told["role"]} if "role" in told else set()
        self._hidden = tag == "style"
        if tag == "html":
            self.language = told.get("lang", "")
        if tag == "a":
            self.links.append(told["href"])
        if tag == "button" and told.get("name") == "at":
            self.picks.append(told["value"])
        if tag in ("input", "textarea"):
            self.fields[told["name"]] = told.get("value", "")

    def handle_data(self, data: str) -> None:
        self.text += "" if self._hidden else f" {data}"


@dataclass(slots=True)
class Page:
    """An answer."""

    status: int
    headers: dict[str, str]
    html: str
    read: Reading = field(init=False)

    def __post_init__(self) -> None:
        self.read = Reading(self.html)


@dataclass(slots=True)
class Visitor:
    """A browser at the address of a link."""

    http: aiohttp.ClientSession
    base: str
    token: str

    @property
    def address(self) -> str:
        return f"{self.base}/book/{self.token}"

    async def look(self, query: str = "") -> Page:
        return await self._asked("GET", query)

    async def post(self, **fields: str) -> Page:
        """Send a form, and go where that leads."""
        page = await self._asked("POST", "", fields)
        if page.status != 303:
            return page
        assert page.headers["Location"].startswith(f"/book/{self.token}?")
        return await self.look(f"?{page.headers['Location'].partition('?')[2]}")

    async def _asked(self, method: str, query: str, fields: dict[str, str] | None = None) -> Page:
        data = (
            None if fields is None else {name.replace("with_", "with"): each for name, each in fields.items()}
        )
        async with self.http.request(
            method, self.address + query, data=data, allow_redirects=False
        ) as answer:
            return Page(answer.status, dict(answer.headers), await answer.text())

    async def holds(self, place: int = 0, visit: str = "check-up") -> tuple[str, Page]:
        """Pick a free time; what was picked, and what comes then."""
        picked = (await self.look(f"?visit={visit}")).read.picks[place]
        return picked, await self.post(do="hold", visit=visit, at=picked)

    async def books(self, place: int = 0, name: str = "Ana Ruiz", **more: str) -> Page:
        """Pick a free time and book it."""
        picked, _ = await self.holds(place)
        return await self.post(do="book", visit="check-up", at=picked, name=name, **more)


@dataclass(slots=True)
class Scene:
    """A clinic with its pages."""

    clinic: Clinic
    pages: Pages
    base: str
    http: aiohttp.ClientSession
    made: int = 0

    async def visitor(self, language: str = "en", hours: float = 48) -> Visitor:
        """Somebody with a new link."""
        self.made += 1
        now, once = self.clinic.books.now(), f"link {self.made}"

        def make(db: Connection) -> str:
            owed = Owed(once, TextKind.LINK, MOBILE, language, now, now + timedelta(hours=1))
            text = texts.owe(db, owed, now=now)
            expires = now + timedelta(hours=hours)
            return booking_links.make(db, text.id, number=MOBILE, language=language, expires=expires)

        return self.stranger(await self.clinic.books.writer.promise(make))

    def stranger(self, token: str) -> Visitor:
        """Somebody with this token."""
        return Visitor(self.http, self.base, token)


@asynccontextmanager
async def scene(folder: Path, bookable: dict[str, Any] | None = None, **more: Any) -> AsyncIterator[Scene]:
    """A clinic with its pages on a real listener."""
    async with clinic(folder, bookable, **more) as office, AsyncExitStack() as stack:

        async def now() -> Office:
            return office.office

        pages = Pages(office.books, now, lambda _: PHONE)
        app = web.Application()
        app.add_routes(pages.routes())
        port = await listen_on(stack, app, "127.0.0.1", 0)
        http = await stack.enter_async_context(aiohttp.ClientSession())
        yield Scene(office, pages, f"http://127.0.0.1:{port}", http)


def unbroken(text: str) -> str:
    """The words with common spaces."""
    return re.sub(r"\s+", " ", text)
