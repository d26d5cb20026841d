"""Appointments as a part of the bridge: calendars, a desk for each call, and the pages of links.

May import: aiohttp, appliance.core, appliance.jobs, appliance.store, appliance.service.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from functools import partial

from aiohttp import web

from appliance.core.booking.desk import BookingDesk
from appliance.core.calendar import Calendar
from appliance.core.settings import Settings
from appliance.core.staff import Office
from appliance.jobs.bell import Bell, Ringer
from appliance.service.beside import Work
from appliance.service.booking import calendars
from appliance.service.booking.books import Books, Note
from appliance.service.booking.desk import CallDesk
from appliance.service.booking.evidence import Evidence
from appliance.service.booking.feed import Feeds
from appliance.service.booking.online.public import Pages
from appliance.service.booking.settling import forget_offers
from appliance.service.known_call import WISH, KnownCall, region_of
from appliance.service.office_book import OfficeBook
from appliance.service.parts import Part
from appliance.store.backlog import Job
from appliance.store.reader import Reader
from appliance.store.writer import Writer


def evidence_of(known: KnownCall) -> Evidence:
    """What the caller has said and keyed in."""
    return Evidence(known.offer.caller, lambda: known.turns, known.said, region_of(known))


class Bookings:
    """The appointments of all calls."""

    def __init__(self, books: Books) -> None:
        self._books = books

    @classmethod
    async def opened(
        cls, stack: AsyncExitStack, settings: Settings, writer: Writer, reader: Reader
    ) -> "Bookings":
        """With the calendars that are set up."""
        found = await calendars.opened(settings)
        stack.callback(found.close)
        twilio = settings.twilio
        texts = bool(twilio.account_sid and twilio.sms_from)
        books = Books(found, writer, reader, texts=texts)
        if texts:
            ringer = Ringer(Bell(settings))
            stack.push_async_callback(asyncio.to_thread, ringer.close)
            books.ring = ringer.ring
        return cls(books)

    @property
    def calendars(self) -> Mapping[str, Calendar]:
        """The services by name, for who brings them into another place."""
        return self._books.calendars.services

    def desk(self, known: KnownCall, later: Callable[[Job], None]) -> BookingDesk | None:
        """The desk of a call; None where nothing can be booked, and for a call of the box to itself.

        `later` writes as soon as the disk lets it: what the caller has left open.
        """
        if known.aside is not None or not known.office.bookable.offered:
            return None

        def leave_open(wish: Note | None) -> None:
            known.leave_open(WISH, None if wish is None else partial(later, self._books.telling(wish)))

        told = evidence_of(known)
        return CallDesk(self._books, known.office, known.offer.call_sid, told, leave_open)

    def forgetting(self) -> Work:
        """What is to run beside the calls; what they left open about appointments is done by jobs."""
        return lambda: forget_offers(self._books)

    def routes(self) -> list[web.RouteDef]:
        """What the public listener serves of them: the box's own calendars, by their links."""
        return Feeds(self._books.reader).routes()

    def pages(self, book: OfficeBook, phone: Callable[[Office], str]) -> list[web.RouteDef]:
        """The pages of links that were texted; `phone` is the number at which the clinic is called."""
        return Pages(self._books, book.now, phone).routes()

    def part(self) -> Part:
        """How the calendars are, for health."""
        return self._books.calendars.part()
