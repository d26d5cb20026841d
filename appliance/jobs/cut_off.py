"""A text to who was cut off: once for each call, to mobiles alone, and not at night.

The bridge, which has the carrier's account, sends what is owed, and looks once more whether it is so. May
import: the standard library, appliance.core, appliance.store, appliance.jobs.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from appliance.core import telephone
from appliance.core.escalation import told_at
from appliance.core.phones import outside
from appliance.core.settings import Settings
from appliance.core.staff import StaffSettings
from appliance.core.texts import TextKind
from appliance.jobs.errand import Change, Errand
from appliance.jobs.kinds import Kind, Payload
from appliance.languages.folders import code_of
from appliance.store import callback_calls, calls, languages, office, texting, texts, times
from appliance.store.calls import Call
from appliance.store.database import Connection
from appliance.store.texts import Owed

DEADLINE_S = 30.0
GOOD = timedelta(minutes=30)
"""After so long nobody has to be told any more that they were cut off."""
DAY = timedelta(days=1)


class BrokenOff(Payload):
    """Which call, by our id."""

    call: str


def texting_cut_off(
    settings: Settings, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Kind[BrokenOff]:
    """The kind that has a caller told."""

    def run(errand: Errand, wanted: BrokenOff) -> Change | None:
        now = clock()
        owed = errand.read(lambda db: _owed(db, settings, wanted.call, now))
        return None if owed is None else lambda db: texts.owe(db, owed, now=now)

    return Kind(callback_calls.CUT_OFF, BrokenOff, run, DEADLINE_S, urgent=True)


def _owed(db: Connection, settings: Settings, call_id: str, now: datetime) -> Owed | None:
    """The text; None where the caller is not to have one."""
    call, staff = calls.one(db, call_id), office.staff(db)
    if call is None or call.ended_at is None or not callback_calls.cut_off(db, call.call_sid):
        return None
    until = times.read(call.ended_at) + GOOD
    if until <= now or not _may_have(db, settings, staff, call, now):
        return None
    spoken = languages.of_call(db, call.call_sid)
    language = spoken[-1].language if spoken else code_of(staff.language)
    once = f"{callback_calls.CUT_OFF} {call_id}"
    return Owed(once, TextKind.CUT_OFF, call.from_number, language, now, until, call.call_sid)


def _may_have(db: Connection, settings: Settings, staff: StaffSettings, call: Call, now: datetime) -> bool:
    sender, number = settings.twilio.sms_from, call.from_number
    if not (sender and staff.text_cut_off):
        return False
    region = telephone.region((sender, staff.caller_id or "", *outside(staff.people)))
    takes = telephone.takes_texts(number, region, staff.text_countries)
    awake = told_at(now, staff.opening, staff.texts_from_hour, staff.texts_until_hour)
    full = texts.owed_since(db, now - DAY) >= staff.texts_a_day
    return takes and awake and not full and not texting.stopped(db, number)
