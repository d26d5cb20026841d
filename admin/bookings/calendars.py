"""How each calendar is, in plain words: by what calls met, and by what the worker found when it asked.

May import: the standard library, flask, admin, appliance.core, appliance.jobs, appliance.store.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from admin import live as live_parts
from admin import visit as visits
from admin.box import the_box
from admin.today import asking
from admin.today.asking import Told
from admin.tongue import later
from appliance.core.booking.visits import OWN, Bookable
from appliance.core.calendar import Trouble
from appliance.jobs import asking_calendars, giving
from appliance.store import calendar_looks, jobs, times
from appliance.store import visits as rows
from appliance.store.audit import Deed
from appliance.store.calendar_looks import CalendarLook
from appliance.store.database import Connection

SUBJECTS = ("box", "jobs")
SERVICES = {"google": "Google", "microsoft": "Microsoft 365"}
TROUBLES: Mapping[Trouble, tuple[str, str]] = {
    Trouble.AWAY: (
        "care",
        later("It does not answer. Appointments are written down as requests until it is there again."),
    ),
    Trouble.BUSY: ("care", later("It wants to be asked less often. The box waits, and asks again.")),
    Trouble.REFUSED: (
        "bad",
        later("It does not let the box in: IT has to see to its key, or to how it is shared."),
    ),
    Trouble.GONE: ("care", later("Something that the box had put there is gone.")),
    Trouble.OTHER: ("care", later("It answered what the box does not understand; IT may know what it is.")),
}
WELL = ("good", later("It answers."))
NOT_ASKED = ("plain", later("Nobody has asked it yet."))
IN_THE_BOX = ("good", later("Kept in the box itself."))


@dataclass(frozen=True, slots=True)
class Calendar:
    """One calendar: whose it is, how it is, when it answered last, and for how long it is left alone."""

    name: str
    service: str
    whose: tuple[str, ...]
    tone: str
    sentence: str
    told: str = ""
    answered_at: str = ""
    rests_s: int = 0


def install(bookings: Blueprint) -> None:
    """Give the pages of bookings what tells of calendars."""
    bookings.get("/calendars/live", endpoint="calendars_live")(live)
    bookings.post("/calendars/ask", endpoint="ask_calendars")(ask)


def live() -> ResponseReturnValue:
    """How the calendars are, or that it is as it was."""
    bridge, _ = asking.standing()
    return live_parts.part(
        *SUBJECTS,
        render=lambda db: render_template("bookings/_calendars.html", **_seen(db, bridge)),
        also=_also(bridge),
    )


def ask() -> ResponseReturnValue:
    """Have all of them asked now; what each answered is there some seconds later."""
    box = the_box()
    visits.changed(Deed.CALENDARS_ASKED, lambda db: asking_calendars.ask(db, times.read(box.now())))
    giving.ring(box.settings)
    flash(later("They are being asked. What each answers stands here in some seconds."))
    return redirect(f"{url_for('.offered')}#calendars", code=303)


def shown_here() -> dict[str, Any]:
    """What a page needs that shows them."""
    bridge, _ = asking.standing()

    def look(db: Connection) -> dict[str, Any]:
        return {"version": live_parts.version(db, *SUBJECTS, also=_also(bridge)), **_seen(db, bridge)}

    return the_box().read(look)


def standing(bookable: Bookable, bridge: Told, looks: Mapping[str, CalendarLook]) -> list[Calendar]:
    """Each calendar once, in the order of the providers; what was met last counts."""
    whose: dict[str, list[str]] = {}
    for provider in bookable.provider:
        for name in provider.calendars:
            whose.setdefault(name, []).append(provider.name)
    met = _met(bridge)
    return [_calendar(name, tuple(whom), met.get(name, {}), looks.get(name)) for name, whom in whose.items()]


def _calendar(
    name: str, whose: tuple[str, ...], met: Mapping[str, Any], look: CalendarLook | None
) -> Calendar:
    service, _, named = name.partition(":")
    if service == OWN:
        return Calendar("", OWN, whose, *IN_THE_BOX)
    look = look or CalendarLook("")
    answered_at = max(_time(met.get("answered")), look.answered_at)
    trouble, told = _trouble(met.get("trouble")), str(met.get("problem", ""))
    if look.at > max(_time(met.get("answered")), _time(met.get("failed"))):
        trouble, told = look.trouble, look.problem
    tone, sentence = TROUBLES[trouble] if trouble else WELL if answered_at else NOT_ASKED
    rests_s = met.get("rests_s", 0)
    return Calendar(
        named,
        SERVICES.get(service, service),
        whose,
        tone,
        sentence,
        told,
        answered_at,
        rests_s if isinstance(rests_s, int) else 0,
    )


def _met(bridge: Told) -> dict[str, Mapping[str, Any]]:
    """What the bridge says of each calendar that was asked in a call."""
    each = bridge.parts.get("calendars", {}).get("each", [])
    told = [one for one in each if isinstance(one, dict)] if isinstance(each, list) else []
    return {str(one.get("calendar")): one for one in told}


def _trouble(told: object) -> Trouble | None:
    return Trouble(told) if isinstance(told, str) and told in list(Trouble) else None


def _time(told: object) -> str:
    """A time that the bridge tells, as the store writes times; empty for none."""
    try:
        return times.normal(told) if isinstance(told, str) else ""
    except ValueError:
        return ""


def _seen(db: Connection, bridge: Told) -> dict[str, Any]:
    return {
        "calendars": standing(rows.load(db), bridge, calendar_looks.all_of_them(db)),
        "under_way": jobs.under_way(db, asking_calendars.NAME),
        "silent": bridge.asked and not bridge.there,
    }


def _also(bridge: Told) -> str:
    """What the bridge tells; and what is of today is of yesterday later on."""
    return f"{the_box().now()[:13]} {bridge.there} {bridge.parts.get('calendars')!r}"
