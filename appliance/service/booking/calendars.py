"""All calendars of the clinic, by the names that providers have for them.

May import: the standard library, appliance.core, appliance.calendars, appliance.service.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from appliance.calendars.google.calendar import google_calendar
from appliance.calendars.graph.account import account
from appliance.calendars.graph.calendar import GraphCalendar
from appliance.calendars.local.calendar import OwnCalendar
from appliance.core.booking.visits import OWN, Provider
from appliance.core.calendar import Appointment, Calendar, CalendarFailed, Kept, Span, Trouble, merged
from appliance.core.errors import AttendantError
from appliance.core.settings import Settings
from appliance.service.booking.line import Crowded, Line, Told
from appliance.service.parts import Part, written

log = logging.getLogger(__name__)

T = TypeVar("T")
CHECK_S = 10.0
TURNS = 4
"""So many calendars are asked at once for one caller: all of them would be a crowd that is refused."""


class Calendars:
    """The clinic's calendars. Every verb raises CalendarFailed."""

    def __init__(self, lines: Mapping[str, Line]) -> None:
        self._lines = dict(lines)

    @property
    def services(self) -> dict[str, Calendar]:
        """The services themselves, by name."""
        return {name: line.calendar for name, line in self._lines.items()}

    async def busy(
        self, provider: Provider, within: Span, within_s: float, turns: asyncio.Semaphore | None = None
    ) -> Sequence[Span]:
        """When a provider is busy by all its calendars, which are asked at once, or as `turns` lets them."""
        turns = turns or asyncio.Semaphore(TURNS)
        until = asyncio.get_running_loop().time() + within_s

        async def asked(name: str) -> Sequence[Span]:
            async with turns:
                left_s = until - asyncio.get_running_loop().time()
                if left_s <= 0:
                    raise Crowded("There was no time left to ask this calendar.", Trouble.BUSY)
                return await self._ask(provider, name, lambda to, at: to.busy(at, within), left_s)

        names = (provider.calendar, *provider.busy_too)
        found = await asyncio.gather(*map(asked, names))
        return merged([span for spans in found for span in spans])

    async def find(self, provider: Provider, appointment: Appointment, within_s: float) -> Kept | None:
        """The appointment as it stands, if it does."""
        return await self._ask(provider, "", lambda to, at: to.find(at, appointment), within_s)

    async def keep(self, provider: Provider, appointment: Appointment, within_s: float) -> Kept:
        """Put it in; it has been seen there when this returns."""
        return await self._ask(provider, "", lambda to, at: to.keep(at, appointment), within_s)

    async def remove(self, provider: Provider, event_id: str, within_s: float) -> None:
        """Take it out."""
        await self._ask(provider, "", lambda to, at: to.remove(at, event_id), within_s)

    async def failure(self, provider: Provider, name: str) -> CalendarFailed | None:
        """What is wrong with one of a provider's calendars; None for nothing."""
        try:
            await self._ask(provider, name, lambda to, at: to.check(at), CHECK_S)
        except CalendarFailed as exc:
            return exc
        return None

    async def _ask(
        self, provider: Provider, name: str, verb: Callable[[Calendar, str], T], within_s: float
    ) -> T:
        service, _, calendar = (name or provider.calendar).partition(":")
        line = self._lines.get(service)
        if line is None:
            raise CalendarFailed(f"The calendars of {service} are not set up.", Trouble.REFUSED)
        named = calendar or provider.slug
        return await line.ask(lambda to: verb(to, named), within_s, named.casefold())

    def part(self) -> Part:
        """How they are, for health, by what became of the last request to each."""
        wrong = {name: line.problem for name, line in self._lines.items() if line.problem}
        told = [_told(each) for line in self._lines.values() for each in line.each()]
        more = {**wrong, "services": [*self._lines], "each": told}
        return Part("failing", False, more) if wrong else Part("ok", True, more)

    def close(self) -> None:
        """Begin nothing more."""
        for line in self._lines.values():
            line.close()


def _told(each: Told) -> dict[str, object]:
    times = {"answered": each.answered_at, "failed": each.failed_at}
    wrong = {"trouble": str(each.trouble), "problem": each.problem} if each.trouble else {}
    rests = {"rests_s": round(each.rests_s)} if each.rests_s else {}
    seen = {name: written(at) for name, at in times.items() if at is not None}
    return {"calendar": each.calendar, **seen, **wrong, **rests}


async def looked(settings: Settings, providers: Sequence[Provider]) -> dict[str, CalendarFailed | None]:
    """For each calendar of these providers, by its name, what is wrong with it; None for nothing."""
    calendars, found = await opened(settings), dict[str, CalendarFailed | None]()
    try:
        for provider in providers:
            names = (provider.calendar, *provider.busy_too)
            for name, known in zip(names, provider.calendars, strict=True):
                if known not in found:
                    found[known] = await calendars.failure(provider, name)
    finally:
        calendars.close()
    return found


async def opened(settings: Settings) -> Calendars:
    """The calendars that are set up; one whose key cannot be used is told in the log and left out."""
    makers: dict[str, Callable[[Settings], Calendar | None]] = {
        OWN: lambda settings: OwnCalendar(settings.database),
        "google": google_calendar,
        "microsoft": _microsoft,
    }
    lines: dict[str, Line] = {}
    for name, make in makers.items():
        try:
            calendar = await asyncio.to_thread(make, settings)
        except AttendantError as exc:
            log.error("calendars cannot be used", extra={"calendar": name, "problem": str(exc)})
            continue
        if calendar is not None:
            lines[name] = Line(name, calendar)
    return Calendars(lines)


def _microsoft(settings: Settings) -> Calendar | None:
    return GraphCalendar(account(settings)) if settings.microsoft.tenant else None
