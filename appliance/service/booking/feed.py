"""The calendars of the box on the public listener, each under a link that nobody can guess.

May import: aiohttp, appliance.core, appliance.calendars, appliance.service, appliance.store.
"""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from aiohttp import web

from appliance.calendars.local.feed import feed
from appliance.core.calendar import Span
from appliance.core.errors import AttendantError
from appliance.core.staff import Office
from appliance.service.booking.books import Reads
from appliance.store import office as office_rows
from appliance.store import own_events
from appliance.store.database import Connection
from appliance.store.own_events import OwnEvent

log = logging.getLogger(__name__)

PATH = "/calendar/{token:[A-Za-z0-9_-]{43}}.ics"
BEFORE, AHEAD = timedelta(days=30), timedelta(days=400)
HEADERS = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex"}


@dataclass(frozen=True, slots=True)
class _Opened:
    """What a link opens: whose calendar, with what in it, and the office."""

    slug: str
    events: list[OwnEvent]
    office: Office


class Feeds:
    """Serves the calendars that have a link."""

    def __init__(self, reader: Reads) -> None:
        self._reader = reader

    def routes(self) -> list[web.RouteDef]:
        """What is served."""
        return [web.get(PATH, self._serve)]

    async def _serve(self, request: web.Request) -> web.Response:
        token, now = request.match_info["token"], datetime.now(UTC)

        def read(db: Connection) -> _Opened | None:
            slug = own_events.opened_by(db, token)
            if slug is None:
                return None
            return _Opened(
                slug,
                own_events.between(db, slug, Span(now - BEFORE, now + AHEAD)),
                office_rows.load(db),
            )

        try:
            opened = await self._reader.run(read)
        except AttendantError as exc:
            log.warning("calendar not served", extra={"problem": str(exc)})
            raise web.HTTPServiceUnavailable(headers=HEADERS) from exc
        if opened is None:
            raise web.HTTPNotFound(headers=HEADERS)
        provider = opened.office.bookable.provider_of(opened.slug)
        staff = opened.office.staff
        name = f"{provider.name if provider else opened.slug}, {staff.business_name}"
        body = feed(name, opened.events, notes=staff.calendar_names)
        return web.Response(body=body, content_type="text/calendar", charset="utf-8", headers=HEADERS)
