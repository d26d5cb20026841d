"""The pages of links on the public listener. Who has no link finds nothing, and calls go before pages.

May import: aiohttp, appliance.core, appliance.store, appliance.service.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

from aiohttp import web

from appliance.core.errors import AttendantError
from appliance.core.staff import Office
from appliance.service.booking.books import READ_S, Books, zone_of
from appliance.service.booking.online import page
from appliance.service.booking.online.asked import asked
from appliance.service.booking.online.look import HEADERS
from appliance.service.booking.online.pace import Pace
from appliance.service.booking.online.page import Paper
from appliance.service.booking.online.register import Register
from appliance.service.booking.online.visit import Shown, Visit
from appliance.store import booking_links
from appliance.store.booking_links import Link

log = logging.getLogger(__name__)

PATH = "/book/{token:[A-Za-z0-9_-]{43}}"
FORM_MOST = 4096
FIELDS_MOST = 10
FORM_TYPE = "application/x-www-form-urlencoded"
FORM_S, WITHIN_S = 3.0, 20.0
AT_ONCE = 4
"""So many pages are made at the same time: they share the calendars with the calls."""


@dataclass(slots=True)
class Pages:
    """Serves the pages. `phone` is the number at which the clinic is called, as it is written."""

    books: Books
    office: Callable[[], Awaitable[Office]]
    phone: Callable[[Office], str]
    pace: Pace = field(default_factory=Pace)
    register: Register = field(init=False)
    _making: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    _links: WeakValueDictionary[int, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    def __post_init__(self) -> None:
        self.register = Register(self.books.reader, READ_S)

    def routes(self) -> list[web.RouteDef]:
        """What is served."""
        return [web.get(PATH, self._serve), web.post(PATH, self._serve)]

    async def _serve(self, request: web.Request) -> web.Response:
        office = await self.office()
        paper = self._paper(office, office.staff.language.partition("-")[0])
        try:
            async with asyncio.timeout(WITHIN_S):
                return await self._answered(request, office, paper)
        except (AttendantError, TimeoutError) as exc:
            log.warning("page of a link not served", extra={"problem": str(exc)[:300] or "too slow"})
            return _answer(page.news(paper, "trouble"), 503, {"Retry-After": "60"})

    async def _answered(self, request: web.Request, office: Office, paper: Paper) -> web.Response:
        link = await self._link(request.match_info["token"])
        if link is None:
            return _answer(page.news(paper, "unknown"), 404)
        paper = self._paper(office, link.language)
        if link.expires_at <= self.books.now() or not office.bookable.offered:
            return _answer(page.news(paper, "expired", "expired_more"), 410)
        if not self.pace.link(link.id):
            return _busy(paper)
        fields = await _form(request) if request.method == "POST" else _looked_at(request)
        lock = self._links.setdefault(link.id, asyncio.Lock())
        async with lock:
            # Pressed twice, it is done once: the second one finds what the first has done. And one link has
            # one page made at a time, so that it leaves room for the others.
            if self._making.locked():
                return _busy(paper)
            async with self._making:
                shown = await self._shown(office, link, paper, fields)
        if shown.goes_to:
            return web.Response(status=303, headers={**HEADERS, "Location": request.path + shown.goes_to})
        return _answer(shown.html)

    async def _link(self, token: str) -> Link | None:
        if not await self.register.knows(token):
            return None
        return await self.books.reader.run(lambda db: booking_links.opened_by(db, token), within_s=READ_S)

    async def _shown(self, office: Office, link: Link, paper: Paper, fields: Mapping[str, str]) -> Shown:
        return await Visit(self.books, office, link, paper).shown(asked(fields, paper.today))

    def _paper(self, office: Office, language: str) -> Paper:
        staff = office.staff
        today = self.books.now().astimezone(zone_of(staff)).date()
        return Paper(language, staff.business_name, self.phone(office), staff.emergency_number, today)


def _looked_at(request: web.Request) -> dict[str, str]:
    """The fields of an address: by looking at it nothing is done."""
    return {name: value for name, value in request.query.items() if name != "do"}


async def _form(request: web.Request) -> dict[str, str]:
    """The fields of a form. Raises a 4xx for what no page of ours sends."""
    if (request.content_length or 0) > FORM_MOST:
        raise web.HTTPRequestEntityTooLarge(FORM_MOST, request.content_length or 0, headers=HEADERS)
    if request.content_type != FORM_TYPE or "Content-Encoding" in request.headers:
        raise web.HTTPUnsupportedMediaType(headers=HEADERS)
    try:
        async with asyncio.timeout(FORM_S):
            form = await request.post()
    except TimeoutError as exc:
        raise web.HTTPRequestTimeout(headers=HEADERS) from exc
    except (ValueError, LookupError) as exc:
        raise web.HTTPBadRequest(headers=HEADERS) from exc
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    if len(form) > FIELDS_MOST or len(fields) != len(form):
        raise web.HTTPBadRequest(headers=HEADERS)
    return fields


def _busy(paper: Paper) -> web.Response:
    return _answer(page.news(paper, "busy"), 429, {"Retry-After": "60"})


def _answer(html: str, status: int = 200, more: Mapping[str, str] | None = None) -> web.Response:
    headers = {**HEADERS, **(more or {})}
    return web.Response(text=html, status=status, content_type="text/html", charset="utf-8", headers=headers)
