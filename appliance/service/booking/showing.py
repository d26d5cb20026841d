"""How a calendar shows an appointment: the patient only where staff have said so.

May import: the standard library, appliance.core, appliance.store.
"""

from appliance.core.booking.visits import OWN, Provider, VisitType
from appliance.core.staff import Office
from appliance.store.bookings import Patient, Shown

CODE_LENGTH = 5


def shown(office: Office, key: str, visit: VisitType, provider: Provider | None, who: Patient) -> Shown:
    """What the calendar is to show of the appointment of this key."""
    code = key[:CODE_LENGTH].upper()
    title = f"{visit.name} ({code})"
    if not office.staff.calendar_names:
        return Shown(title, f"Booked by telephone. Code {code}.")
    name = who.name or "Not named"
    born = f", born {who.born}" if who.born else ""
    # Of the box's own calendar the titles are in a feed, which may have to be without names later.
    own = provider is not None and provider.calendar == OWN
    return Shown(title if own else f"{title} {name}", f"Booked by telephone. {name}, {who.phone}{born}.")
