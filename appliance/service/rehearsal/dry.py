"""What a rehearsal has in place of the outside: calendars that are read alone, a carrier of no text.

May import: the standard library, appliance.core, appliance.service.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from appliance.core.booking.visits import OWN
from appliance.core.calendar import Appointment, Calendar, CalendarFailed, Kept, Span, Trouble, merged
from appliance.core.texts import SentText
from appliance.service.booking.calendars import Calendars
from appliance.service.booking.line import Line


class DryCalendar:
    """A calendar as it is, with what this rehearsal puts in and takes out kept in memory alone.

    Safe in several threads where the other one is.
    """

    def __init__(self, real: Calendar) -> None:
        self._busy, self._find, self._check = real.busy, real.find, real.check
        self._kept: dict[str, tuple[str, Appointment, Kept]] = {}
        self._gone: set[str] = set()

    def busy(self, calendar: str, within: Span) -> Sequence[Span]:
        """When this calendar is busy, with what was put in here."""
        own = [kept.span for where, _, kept in [*self._kept.values()] if where == calendar]
        return merged([*self._busy(calendar, within), *(span for span in own if span.overlaps(within))])

    def find(self, calendar: str, appointment: Appointment) -> Kept | None:
        """The appointment as it stands, if it does."""
        if appointment.key in self._kept:
            return self._kept[appointment.key][2]
        found = self._find(calendar, appointment)
        return None if found is None or found.event_id in self._gone else found

    def keep(self, calendar: str, appointment: Appointment) -> Kept:
        """Put it in here; another one of its key is refused, as everywhere."""
        _, known, kept = self._kept.get(
            appointment.key,
            (calendar, appointment, Kept(f"rehearsal-{appointment.key}"[:200], "", appointment.span)),
        )
        if known != appointment:
            raise CalendarFailed("Another appointment has this key.", Trouble.OTHER)
        self._kept[appointment.key] = calendar, appointment, kept
        return kept

    def move(self, calendar: str, event_id: str, span: Span, zone: str) -> Kept:
        """Give it another time, as far as this rehearsal goes."""
        for key, (where, appointment, kept) in [*self._kept.items()]:
            if kept.event_id == event_id:
                self._kept[key] = where, appointment, Kept(event_id, "", span)
        return Kept(event_id, "", span)

    def remove(self, calendar: str, event_id: str) -> None:
        """Take it out, as far as this rehearsal goes."""
        self._gone.add(event_id)
        self._kept = {key: each for key, each in self._kept.items() if each[2].event_id != event_id}

    def check(self, calendar: str) -> None:
        """See that it can be read."""
        self._check(calendar)


def calendars(real: Mapping[str, Calendar], own: Calendar) -> Calendars:
    """The clinic's calendars for a rehearsal: `own` is the box's, in the store of the rehearsal."""
    lines = {name: Line(name, own if name == OWN else DryCalendar(each)) for name, each in real.items()}
    return Calendars(lines)


class DryTexts:
    """Takes texts as the carrier does, and sends none: `taken` are those that would have been sent."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str, datetime]] = []

    async def text(self, to: str, body: str, report_to: str = "") -> str:
        """Keep what would have been sent; the id of nothing."""
        self.taken.append((to, body, datetime.now(UTC)))
        return f"rehearsal-{len(self.taken)}"

    async def texted(self, to: str, since: datetime) -> list[SentText]:
        """What would have been sent to a number since then."""
        return [
            SentText(f"rehearsal-{place}", body, "sent")
            for place, (number, body, at) in enumerate(self.taken, 1)
            if number == to and at >= since
        ]
