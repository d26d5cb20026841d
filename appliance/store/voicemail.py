"""Spoken messages and what is owed for them: fetched, written down, deleted at the carrier, summed up.

Every function that writes is to run in a transaction of its caller: the row and the debt are there together,
or neither is. May import: the standard library, appliance.core, appliance.store.
"""

import re
from datetime import datetime, timedelta

from appliance.core.callbacks import Urgency, to_call
from appliance.core.dispositions import Outcome
from appliance.store import (
    callback_causes,
    calls,
    forgotten,
    job_leases,
    jobs,
    message_texts,
    messages,
    times,
)
from appliance.store.database import Connection
from appliance.store.job_leases import Moment
from appliance.store.jobs import State, Wanted
from appliance.store.message_texts import URGENT, MessageText, TextState
from appliance.store.messages import Message

FETCH, WRITE_DOWN, DELETE, SUM_UP = "fetch_recording", "write_down", "delete_recording", "sum_up"
"""The kinds of jobs."""
AT_CARRIER = re.compile(r"RE[0-9a-fA-F]{32}")
"""What the carrier calls a recording; others lie among ours from the beginning."""
NOBODY = "nobody speaks in it"
PRESSES = {"urgent": Urgency.URGENT, "emergency": Urgency.EMERGENCY}
READY_AFTER = timedelta(seconds=30)
FETCH_TRIES, WRITE_TRIES, DELETE_TRIES, SUM_UP_TRIES = 24, 48, 24, 6


def taken(
    db: Connection,
    *,
    call_sid: str,
    recording_sid: str,
    seconds: int,
    at: str,
    now: datetime,
    ready: bool = True,
) -> int | None:
    """Keep word of a recording that the carrier holds, and owe that it is fetched; told again, once.

    One that is not `ready` yet is asked for a little later, or as soon as the carrier says that it is: also
    when it was given up, for then the carrier has tried again, too. One that is deleted for good is not kept:
    None, and the carrier deletes it as well, where that was wished.
    """
    if forgotten.among(db, [recording_sid]):
        if jobs.of_key(db, f"{DELETE}:{recording_sid}") is not None:
            jobs.owe_anew(db, _to_delete(recording_sid), now=now)
        return None
    message_id = messages.add_voicemail(
        db, call_sid=call_sid, recording_sid=recording_sid, seconds=seconds, at=at
    )
    kept = messages.one(db, message_id)
    if kept is not None and kept.recording_path is None and not kept.recording_gone:
        key = f"{FETCH}:{recording_sid}"
        wanted = Wanted(FETCH, key, {"recording_sid": recording_sid}, tries=FETCH_TRIES)
        known = jobs.of_key(db, key)
        if not ready:
            job_leases.owe_once_after(db, wanted, READY_AFTER, moment=Moment.now(now))
        elif known is None:
            jobs.owe(db, wanted, now=now)
        elif known.state in (State.QUEUED, State.WAITING, State.DEAD):
            jobs.retry(db, known.id)
    return message_id


def taken_here(db: Connection, *, call_sid: str, name: str, seconds: int, at: str, now: datetime) -> int:
    """Keep a voicemail whose recording lies among ours under its name, and owe its text; once."""
    message_id = messages.add_voicemail(db, call_sid=call_sid, recording_sid=name, seconds=seconds, at=at)
    kept = messages.one(db, message_id)
    if kept is not None and kept.recording_path is None:
        messages.keep_recording(db, name, name)
    owe_text(db, message_id, now=now)
    return message_id


def fetched(db: Connection, message: Message, name: str, *, delete: bool, now: datetime) -> None:
    """Note that our copy is on disk; owe its text and, if wished, that the carrier deletes its own."""
    sid = message.recording_sid or ""
    messages.keep_recording(db, sid, name)
    owe_text(db, message.id, now=now)
    if delete:
        jobs.owe(db, _to_delete(sid), now=now)


def owe_deletion(db: Connection, recording_sid: str, after: timedelta, *, now: datetime) -> None:
    """Owe that the carrier keeps a recording no longer, so long after now; once."""
    job_leases.owe_once_after(db, _to_delete(recording_sid), after, moment=Moment.now(now))


def let_go(db: Connection, recording_sid: str, *, delete: bool, now: datetime) -> None:
    """A recording is deleted for good: it is not taken anew, and if wished the carrier deletes it, too.

    Whatever became of the job before, unless that is done. Of a recording of our own nothing is elsewhere.
    """
    if not AT_CARRIER.fullmatch(recording_sid):
        return
    forgotten.forget(db, recording_sid, now=now)
    known = jobs.of_key(db, f"{DELETE}:{recording_sid}")
    if delete and (known is None or known.state is not State.DONE):
        jobs.owe_anew(db, _to_delete(recording_sid), now=now)


def _to_delete(recording_sid: str) -> Wanted:
    payload = {"recording_sid": recording_sid}
    return Wanted(DELETE, f"{DELETE}:{recording_sid}", payload, tries=DELETE_TRIES)


def owe_text(db: Connection, message_id: int, *, now: datetime) -> None:
    """Owe that a spoken message is written down."""
    jobs.owe(db, _to_write(message_id), now=now)


def _to_write(message_id: int, *, again: bool = False) -> Wanted:
    payload = {"message_id": message_id} | ({"again": True} if again else {})
    return Wanted(WRITE_DOWN, f"{WRITE_DOWN}:{message_id}", payload, tries=WRITE_TRIES)


def owe_text_anew(db: Connection, message_id: int, *, now: datetime, by_hand: bool = False) -> bool:
    """Owe anew that a message is written down, with all tries; False where it is about to be.

    What somebody asks for `by_hand` is heard again also where it is text already, or nobody was heard.
    """
    known = jobs.of_key(db, f"{WRITE_DOWN}:{message_id}")
    if known is not None and known.state in (State.QUEUED, State.RUNNING):
        return False
    jobs.owe_anew(db, _to_write(message_id, again=by_hand), now=now)
    return True


def owe_unheard(db: Connection, *, now: datetime) -> int:
    """Owe again what nobody heard, now that something writes messages down; return how much that is.

    What somebody dropped by hand is not wanted.
    """
    owed = 0
    for message_id in message_texts.unheard(db):
        known = jobs.of_key(db, f"{WRITE_DOWN}:{message_id}")
        if known is None or known.state in (State.DONE, State.DEAD):
            owed += owe_text_anew(db, message_id, now=now)
    return owed


def written(db: Connection, message: Message, text: MessageText, name: str, *, now: datetime) -> None:
    """Keep what a message says, and the file that is kept of it; one in which nobody speaks is a hang-up.

    A message that the assistant asked for is none in any case: the caller was told that it is kept.
    """
    message_texts.put(db, text, times.written(now))
    empty = text.state is TextState.NO_SPEECH and message.kind == "voicemail"
    messages.keep_sound(db, message.id, name, text.stored_ms, hang_up=empty)
    if name != message.recording_path:
        # A patient's name may be in the same recording.
        db.execute("UPDATE booking SET recording = ? WHERE recording = ?", (name, message.recording_path))
    if empty and message.call_id is not None:
        _hung_up(db, message.call_id)
    if empty:
        callback_causes.void(db, messages.once_of(message.id), NOBODY, now=now)
    elif message.hang_up:
        _spoken_after_all(db, message)
    _learned(db, text, now)


def _learned(db: Connection, text: MessageText, now: datetime) -> None:
    """Tell the callback list how much a message presses, who it is of and whom to call."""
    if text.urgency in URGENT:
        messages.mark_urgent(db, text.message_id)
    once, urgency = messages.once_of(text.message_id), PRESSES.get(text.urgency)
    # An entry is known by who rang: a number that was said is its own only where nobody knows that.
    number = to_call(text.number) if text.number_said else ""
    callback_causes.learned(db, once, now=now, urgency=urgency, number=number, name=text.name)


def _hung_up(db: Connection, call_id: str) -> None:
    """File a call anew that was filed by what nobody speaks in; before it ends it is not filed."""
    call = calls.one(db, call_id)
    if call is not None and call.ended_at is not None and call.outcome is Outcome.VOICEMAIL:
        calls.went(db, call_id, Outcome.VOICEMAIL)


def _spoken_after_all(db: Connection, message: Message) -> None:
    """Have one on the callback list that was taken for a hang-up, and its call filed by it."""
    messages.list_again(db, message.id)
    call = None if message.call_id is None else calls.one(db, message.call_id)
    if call is not None and call.outcome in (Outcome.ABANDONED, Outcome.UNANSWERED):
        calls.went(db, call.id, Outcome.VOICEMAIL)


def summed_up(db: Connection, text: MessageText, *, now: datetime) -> None:
    """Keep what a model made of a text, unless that was written down anew meanwhile."""
    kept = message_texts.of_message(db, text.message_id)
    if kept is None or kept.text != text.text:
        return
    message_texts.put(db, text, times.written(now))
    _learned(db, text, now)


def owe_sum(db: Connection, message_id: int, *, now: datetime) -> None:
    """Owe that the text of a message is summed up by the cloud, as it is now."""
    wanted = Wanted(SUM_UP, f"{SUM_UP}:{message_id}", {"message_id": message_id}, tries=SUM_UP_TRIES)
    jobs.owe_anew(db, wanted, now=now)
