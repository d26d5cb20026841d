"""Which calls have to be looked after: decided in the transaction that files a call, and each time again.

May import: the standard library, appliance.core, appliance.store.
"""

from datetime import datetime, timedelta
from typing import Any

from appliance.core.callbacks import Cause, Urgency, to_call
from appliance.core.dispositions import Outcome
from appliance.core.staff import StaffSettings
from appliance.store import callback_causes, job_leases, office, times
from appliance.store.callback_causes import Reason
from appliance.store.database import Connection
from appliance.store.job_leases import Moment
from appliance.store.jobs import Wanted

CUT_OFF = "text_cut_off"
"""The kind of the job that has a caller texted whose call broke off."""
CUT_OFF_AFTER = timedelta(minutes=2)
"""By then the carrier has led the caller to people, or the caller has rung again."""
BROKEN = "the leg failed"
PERSON, MESSAGE = "the caller has reached a person", "the caller has left a message"
HELPED = "the call came to its end"


def filed(db: Connection, call_id: str, now: datetime) -> None:
    """A call was filed, or filed anew: put it onto the list, or take it off, by how it went."""
    row = db.execute("SELECT * FROM call_log WHERE id = ?", (call_id,)).fetchone()
    if row is None or row["outcome"] is None or _inside(row["from_number"]):
        return
    once, outcome = f"call {call_id}", Outcome(row["outcome"])
    danger = _danger(db, call_id)
    helped = outcome is Outcome.TRANSFERRED or _dealt_with(db, call_id)
    staff = None if helped else office.staff(db)
    cause = None if staff is None else _cause(row, outcome, staff, danger=danger)
    if cause is None or staff is None:
        why = {Outcome.TRANSFERRED: PERSON, Outcome.VOICEMAIL: MESSAGE}.get(outcome, HELPED)
        callback_causes.void(db, once, why, now=now)
    else:
        urgency = Urgency.EMERGENCY if danger else Urgency.NORMAL
        at = times.read(row["ended_at"])
        caller, sid = row["from_number"], row["call_sid"]
        reason = Reason(once, cause, at, caller, urgency, call_sid=sid, call_id=call_id)
        callback_causes.note(db, reason, staff)
        if cause is Cause.CUT_OFF and staff.text_cut_off and to_call(caller):
            wanted = Wanted(CUT_OFF, f"{CUT_OFF}:{call_id}", {"call": call_id})
            job_leases.owe_once_after(db, wanted, CUT_OFF_AFTER, moment=Moment.now(now))
    if outcome is Outcome.TRANSFERRED:
        _questions_answered(db, call_id, now)
    elif danger:
        _press_messages(db, row["call_sid"], now)


def unanswered(db: Connection, question_id: int, call_id: str, now: datetime) -> None:
    """What a caller asked is not known: to be called in the transaction that keeps the question.

    Who was put through to a person has asked there.
    """
    row = db.execute(
        "SELECT from_number, call_sid, outcome FROM call_log WHERE id = ?", (call_id,)
    ).fetchone()
    if row is not None and row["outcome"] != Outcome.TRANSFERRED and not _inside(row["from_number"]):
        caller, sid = row["from_number"], row["call_sid"]
        once = f"question {question_id}"
        callback_causes.note(db, Reason(once, Cause.QUESTION, now, caller, call_sid=sid, call_id=call_id))


def cut_off(db: Connection, call_sid: str) -> bool:
    """Whether this call broke off, and its caller has neither rung again nor reached somebody since."""
    row = db.execute(
        """
        SELECT 1 FROM callback_cause AS cause JOIN call_log AS call ON call.id = cause.call_id
        JOIN callback ON callback.id = cause.callback_id
        WHERE call.call_sid = ? AND cause.once = 'call ' || call.id AND cause.kind = 'cut_off'
          AND cause.void_at IS NULL AND callback.state = 'open' AND NOT EXISTS (
            SELECT 1 FROM call_log AS later
            WHERE later.from_number = call.from_number AND later.started_at > call.started_at)
        """,
        (call_sid,),
    )
    return row.fetchone() is not None


def _cause(row: Any, outcome: Outcome, staff: StaffSettings, *, danger: bool) -> Cause | None:
    if outcome is Outcome.VOICEMAIL:
        return None
    if outcome is Outcome.UNANSWERED:
        return Cause.TRANSFER
    if outcome in (Outcome.INTERRUPTED, Outcome.FAILED) or row["reason"].startswith(BROKEN):
        return Cause.CUT_OFF
    if danger:
        return Cause.EMERGENCY
    known = bool(to_call(row["from_number"]))
    if outcome is Outcome.BUSY and known:
        return Cause.HANG_UP
    patient = 0 < staff.hang_ups_after_s <= row["duration_s"]
    return Cause.HANG_UP if outcome is Outcome.ABANDONED and patient and known else None


def _inside(number: str) -> bool:
    """Whether it is a desk phone that called: staff know of it themselves."""
    return bool(number) and not number.startswith("+")


def _danger(db: Connection, call_id: str) -> bool:
    row = db.execute(
        "SELECT 1 FROM intent_log WHERE call_id = ? AND intent = 'emergency' LIMIT 1", (call_id,)
    )
    return row.fetchone() is not None


def _dealt_with(db: Connection, call_id: str) -> bool:
    """Whether somebody saw to the recording of a call before it was known that nobody speaks in it."""
    row = db.execute(
        "SELECT 1 FROM message WHERE call_id = ? AND hang_up AND handled_at IS NOT NULL LIMIT 1", (call_id,)
    )
    return row.fetchone() is not None


def _questions_answered(db: Connection, call_id: str, now: datetime) -> None:
    rows = db.execute(
        "SELECT once FROM callback_cause WHERE call_id = ? AND kind = ?", (call_id, Cause.QUESTION)
    )
    for (once,) in rows.fetchall():
        callback_causes.void(db, once, PERSON, now=now)


def _press_messages(db: Connection, call_sid: str, now: datetime) -> None:
    """What was left in a call in which danger was spoken of presses as well."""
    rows = db.execute(
        "SELECT once FROM callback_cause WHERE call_sid = ? AND message_id IS NOT NULL", (call_sid,)
    )
    for (once,) in rows.fetchall():
        callback_causes.learned(db, once, now=now, urgency=Urgency.EMERGENCY)
