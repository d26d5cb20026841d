"""Which visit and which provider the caller means; what is not clear is asked. Pure.

May import: the standard library, appliance.core.
"""

from collections.abc import Sequence

from appliance.core.booking.desk import NotBooked, SlotsWanted, Why
from appliance.core.booking.saying import question
from appliance.core.booking.visits import Bookable, Provider, VisitType


def visit_wanted(bookable: Bookable, wanted: SlotsWanted) -> VisitType:
    """The visit by its name, or by its length, or the only one. Raises NotBooked."""
    offered = bookable.offered
    named = bookable.visits_called(wanted.visit) if wanted.visit else ()
    if len(named) == 1:
        return named[0]
    rest = named or offered
    fitting = tuple(each for each in rest if each.minutes == wanted.minutes) if wanted.minutes else ()
    if len(fitting) == 1:
        return fitting[0]
    if len(rest) == 1 and not (wanted.visit and not named):
        return rest[0]
    if not offered:
        raise NotBooked("Nothing can be booked here.", Why.STAFF, question(wanted.language, Why.STAFF))
    names = ", ".join(each.name for each in rest)
    asked = question(wanted.language, Why.WHICH_VISIT, visits=names)
    raise NotBooked(f"Ask what it is for: {asked}", Why.WHICH_VISIT, asked)


def provider_wanted(bookable: Bookable, visit: VisitType, wanted: SlotsWanted) -> Sequence[Provider]:
    """The one by name, or all whom the visit can be with. Raises NotBooked."""
    among = bookable.providers_of(visit)
    if not wanted.provider:
        return among
    named = bookable.providers_called(wanted.provider, among)
    if len(named) == 1:
        return named
    names = ", ".join(each.name for each in named or among)
    asked = question(wanted.language, Why.WHICH_PROVIDER, providers=names)
    raise NotBooked(f"Ask with whom: {asked}", Why.WHICH_PROVIDER, asked)
