"""`find_appointment`, `cancel_appointment`, `move_appointment`: only for those whose they are.

May import: pydantic, appliance.core, appliance.tools.
"""

from pydantic import Field

from appliance.core.booking.desk import NotBooked
from appliance.core.booking.identity import Identity
from appliance.core.booking.rules import Deed
from appliance.tools.book import BORN, done
from appliance.tools.slots import desk_of, not_done
from appliance.tools.tool import WORDS_WITHIN_S, Arguments, Desk, Result, Spoken, Tool

ID = "The id of the appointment, from find_appointment."


class WhoseAppointment(Arguments):
    """Whose appointments are looked for."""

    name: str = Field("", max_length=80, description="The patient's full name, as the caller said it.")
    born: str = Field("", pattern=BORN, description="The patient's day of birth as 1980-03-09, if said.")
    phone: str = Field(
        "", max_length=30, description="Empty for the number that they call from; else the one they said."
    )
    language: Spoken = ""


class WhichAppointment(Arguments):
    """An appointment that was found."""

    appointment_id: str = Field(max_length=20, description=ID)
    language: Spoken = ""


class MovedTo(WhichAppointment):
    """An appointment that was found, and the offer that the caller takes instead."""

    offer_id: str = Field(max_length=20, description="The id of the offer, from find_slots.")


async def _find(desk: Desk, arguments: WhoseAppointment) -> Result:
    who = Identity(arguments.phone, arguments.name, arguments.born)
    try:
        found = await desk_of(desk).appointments(who, arguments.language)
    except NotBooked as exc:
        return not_done(exc)
    told = [
        {
            "appointment_id": each.appointment_id,
            "said": each.said,
            "confirmed": each.sure,
            "start": each.start,
            "visit": each.visit,
            "provider": each.provider,
        }
        for each in found
    ]
    return Result({"ok": True, "appointments": told})


async def _cancel(desk: Desk, arguments: WhichAppointment) -> Result:
    try:
        return done(await desk_of(desk).cancel(arguments.appointment_id, arguments.language, ours=desk.ours))
    except NotBooked as exc:
        return not_done(exc)


async def _move(desk: Desk, arguments: MovedTo) -> Result:
    try:
        made = await desk_of(desk).move(
            arguments.appointment_id, arguments.offer_id, arguments.language, ours=desk.ours
        )
    except NotBooked as exc:
        return not_done(exc)
    return done(made)


FIND_APPOINTMENT = Tool(
    "find_appointment",
    "Find the caller's own appointments. Needs two of: number booked with, full name, day of birth.",
    WhoseAppointment,
    _find,
    within_s=WORDS_WITHIN_S,
    rules=(Deed.TOLD,),
)
CANCEL_APPOINTMENT = Tool(
    "cancel_appointment",
    "Cancel an appointment that find_appointment found, after you have read it out and the caller has said"
    " yes.",
    WhichAppointment,
    _cancel,
    within_s=WORDS_WITHIN_S,
    rules=(Deed.TOLD, Deed.CANCELLED),
)
MOVE_APPOINTMENT = Tool(
    "move_appointment",
    "Move an appointment that find_appointment found to a time that find_slots offered, after you have read"
    " out both and the caller has said yes.",
    MovedTo,
    _move,
    within_s=WORDS_WITHIN_S,
    rules=(Deed.TOLD, Deed.MOVED),
)
