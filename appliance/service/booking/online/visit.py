"""One request to the page of a link: what is free, held and booked, by the same code as in a call.

Looking changes nothing, so that what fetches a link for a preview does no harm. May import: the standard
library, appliance.core, appliance.store, appliance.service.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

from appliance.core.booking.choosing import Opening
from appliance.core.booking.desk import NotBooked, SlotsWanted, Why
from appliance.core.booking.identity import Identity
from appliance.core.booking.saying import sentence, time_said
from appliance.core.booking.visits import VisitType
from appliance.core.booking.wanted import Wanted
from appliance.core.calendar import CalendarFailed
from appliance.core.errors import StoreRefused
from appliance.core.staff import Office
from appliance.service.booking.books import HELD, READ_S, Books, zone_of
from appliance.service.booking.desk import CallDesk
from appliance.service.booking.online import page
from appliance.service.booking.online.asked import Asked
from appliance.service.booking.online.page import Choice, Paper
from appliance.service.booking.online.typed import Typed
from appliance.service.booking.openings import Free, Search, openings
from appliance.store import booking_links, bookings
from appliance.store.booking_links import Link
from appliance.store.bookings import Booking, State
from appliance.store.errors import StoreError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Shown:
    """A page, or the address to go on to."""

    html: str = ""
    goes_to: str = ""


class Visit:
    """What a link does for its visitor, in one request."""

    def __init__(self, books: Books, office: Office, link: Link, paper: Paper) -> None:
        self._books = books
        self._office = office
        self._link = link
        self._paper = paper
        self._desk = CallDesk(books, office, link.call_sid, Typed(link.number))

    async def shown(self, asked: Asked) -> Shown:
        """What is to be shown for this. Raises StoreError or StoreRefused."""
        rows = await self._rows()
        done = self._done(rows)
        if done is not None:
            return done
        visit = self._visit(asked.visit)
        if visit is None and asked.does != "request":
            return Shown(page.visits(self._paper, self._office.bookable.offered))
        try:
            match asked.does:
                case "request":
                    return await self._request(asked)
                case "hold" if visit and asked.picked:
                    return await self._hold(visit, asked)
                case "book" if visit and asked.picked:
                    return await self._book(visit, asked, rows)
                case _ if visit and asked.picked and (held := self._held(visit, asked, rows)):
                    return Shown(self._confirm(visit, asked, held))
                case _ if visit:
                    return Shown(await self._times(visit, asked))
                case _:
                    return Shown(page.visits(self._paper, self._office.bookable.offered))
        except CalendarFailed:
            return Shown(page.request(self._paper, asked))

    async def _rows(self) -> list[Booking]:
        call_sid = self._link.call_sid
        return await self._books.reader.run(lambda db: bookings.of_call(db, call_sid), within_s=READ_S)

    def _done(self, rows: Sequence[Booking]) -> Shown | None:
        """What came of this link, as it stands now; None when it may still book."""
        for row in rows:
            name = {State.PROMISED: "requested", State.BOOKED: "booked", State.CANCELLED: "cancelled"}.get(
                row.state
            )
            if name is not None:
                said = sentence(self._link.language, name, offer=self._said(row))
                return Shown(page.outcome(self._paper, said, name))
        if self._link.used_at is not None:
            return Shown(page.outcome(self._paper, self._link.told, "requested"))
        return None

    def _said(self, row: Booking) -> str:
        zone = zone_of(self._office.staff)
        now = self._books.now().astimezone(zone)
        provider = self._office.bookable.provider_of(row.provider)
        several = len(self._office.bookable.provider) > 1
        whom = provider.name if provider and several else ""
        return time_said(row.span.start.astimezone(zone), now, self._link.language, whom)

    def _visit(self, slug: str) -> VisitType | None:
        """The visit that was picked, or the only one."""
        offered = self._office.bookable.offered
        only = offered[0] if len(offered) == 1 else None
        return next((each for each in offered if each.slug == slug), only)

    def _choice(self, visit: VisitType, asked: Asked) -> Choice:
        several = self._office.bookable.providers_of(visit)
        picked = asked.provider if any(each.slug == asked.provider for each in several) else ""
        return Choice(visit, several, picked, others=len(self._office.bookable.offered) > 1)

    async def _free(self, visit: VisitType, choice: Choice, start: datetime | None) -> Free:
        """What is free from then on. Raises CalendarFailed."""
        whom = [each for each in choice.several if choice.provider in ("", each.slug)]
        search = Search(visit, whom, Wanted(start), self._link.call_sid)
        return await openings(self._books, self._office.staff, search)

    async def _times(self, visit: VisitType, asked: Asked, news: str = "") -> str:
        zone, choice = zone_of(self._office.staff), self._choice(visit, asked)
        today = self._books.now().astimezone(zone).date()
        day = max(asked.since, today) if asked.since else None
        start = datetime.combine(day, time(), zone) if day else None
        free = await self._free(visit, choice, start)
        return page.times(self._paper, choice, free.times, asked, unknown=free.unknown, news=news)

    async def _hold(self, visit: VisitType, asked: Asked) -> Shown:
        """Hold what was picked, if it is one of the times that are free."""
        choice = self._choice(visit, asked)
        if not await self._is_free(visit, choice, asked):
            return Shown(await self._taken(visit, asked))
        try:
            await self._desk.hold(visit, self._opening(asked), self._link.language)
        except NotBooked:
            return Shown(await self._taken(visit, asked))
        picked = asked.picked.value if asked.picked else ""
        return Shown(goes_to=choice.query(at=picked))

    async def _is_free(self, visit: VisitType, choice: Choice, asked: Asked) -> bool:
        """Whether what was picked is one of the free times. Raises CalendarFailed."""
        opening = self._opening(asked)
        whom = Choice(visit, choice.several, opening.provider, choice.others)
        return opening in (await self._free(visit, whom, opening.start)).times

    async def _taken(self, visit: VisitType, asked: Asked) -> str:
        taken = self._paper.said("taken")
        return await self._times(visit, asked, self._paper.told("bad", taken, self._paper.word("gone")))

    def _opening(self, asked: Asked) -> Opening:
        if asked.picked is None:
            raise ValueError("nothing was picked")
        return Opening(asked.picked.start.astimezone(zone_of(self._office.staff)), asked.picked.provider)

    def _held(self, visit: VisitType, asked: Asked, rows: Sequence[Booking]) -> Booking | None:
        """What is asked for, as far as it was one of the free times and is held for this link."""
        opening = self._opening(asked)
        told = (visit.slug, opening.provider, opening.start)
        held = (row for row in rows if row.state is State.HELD)
        return next((row for row in held if (row.visit, row.provider, row.span.start) == told), None)

    def _confirm(self, visit: VisitType, asked: Asked, held: Booking | None) -> str:
        choice, until = self._choice(visit, asked), None
        if held is not None and held.changed_at is not None and self._books.now() < held.changed_at + HELD:
            until = (held.changed_at + HELD).astimezone(zone_of(self._office.staff))
        return page.confirm(self._paper, choice, self._opening(asked), asked, until)

    async def _book(self, visit: VisitType, asked: Asked, rows: Sequence[Booking]) -> Shown:
        held = self._held(visit, asked, rows)
        if held is None and not await self._is_free(visit, self._choice(visit, asked), asked):
            return Shown(await self._taken(visit, asked))
        if asked.problem:
            return Shown(self._confirm(visit, asked, held))
        language = self._link.language
        try:
            offer = await self._desk.hold(visit, self._opening(asked), language)
            done = await self._desk.book(offer.offer_id, Identity("", asked.name, asked.born), language)
        except NotBooked as exc:
            if exc.why == Why.TAKEN:
                return Shown(await self._taken(visit, asked))
            raise
        if done.sure:
            await self._told()
        else:
            await self._used(done.said)
        return Shown(goes_to="?")

    async def _told(self) -> None:
        """The visitor reads it: what is booked is booked, and nothing is raised."""
        try:
            for row in await self._rows():
                await self._books.told(row.key, None)
        except (StoreError, StoreRefused) as exc:
            log.warning("it is not noted that an appointment was read", extra={"problem": str(exc)[:300]})

    async def _request(self, asked: Asked) -> Shown:
        """Write a request down, once."""
        if asked.problem == "name_missing":
            return Shown(page.request(self._paper, asked))
        visit = self._visit(asked.visit)
        wanted = SlotsWanted(asked.wish, visit.name if visit else "", "", 0, self._link.language)
        done = await self._desk.request(wanted, Identity("", asked.name))
        await self._used(done.said)
        return Shown(goes_to="?")

    async def _used(self, said: str) -> None:
        now = self._books.now()
        await self._books.writer.promise(
            lambda db: booking_links.use(db, self._link.id, said, now=now), within_s=self._books.write_s
        )
