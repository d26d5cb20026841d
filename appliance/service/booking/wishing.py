"""A wish for an appointment, as staff read it: what was made of it, and what the caller was heard to say.

May import: the standard library, appliance.core, appliance.service, appliance.store.
"""

import hashlib

from appliance.core.booking.calling_from import NumberFrom
from appliance.core.booking.desk import SlotsWanted
from appliance.core.menu import plain
from appliance.service.booking.books import Note
from appliance.store.bookings import Patient
from appliance.store.messages import Told

REQUESTED = "Appointment wanted"
SUMMED_UP = "Summed up by the assistant: "
UNCONFIRMED = " (caller ID, not confirmed)"


def wish(call_sid: str, wanted: SlotsWanted, who: Patient, words: str | None, remark: str) -> Note:
    """The note of it; the same wish in the same call is the same note.

    `words` are the caller's own, None where all of it is in their own words. `remark` is about the name.
    """
    parts = [
        f"wanted: {wanted.visit or 'an appointment'}",
        f"with {wanted.provider}" if wanted.provider else "",
        f"when: {wanted.when}" if wanted.when else "",
    ]
    told = ", ".join(filter(None, parts))
    summary = f"{SUMMED_UP}{told}" if words is not None else f"{told[:1].upper()}{told[1:]}"
    mark = UNCONFIRMED if who.phone_from is NumberFrom.CALLER_ID else ""
    body = f"{summary}. Patient: {who.name}. Call back: {who.phone}{mark}"
    content = [wanted.visit, wanted.provider, wanted.when, who.name, who.phone, str(wanted.minutes)]
    once = hashlib.sha256("\n".join([call_sid, REQUESTED, *map(plain, content)]).encode()).hexdigest()
    caller = Told(who.name, who.phone, name_heard=not remark, number_from=who.phone_from, words=words or "")
    return Note(call_sid, REQUESTED, f"{body}. {remark}" if remark else body, told=caller, once=once)
