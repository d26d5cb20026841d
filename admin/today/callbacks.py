"""The head of the callback list, and what is done with an entry in one tap.

May import: flask, admin, appliance.core, appliance.store.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from admin import visit
from admin.box import the_box
from admin.tongue import later
from appliance.core.callbacks import Cause
from appliance.store import callback_rows, callbacks, times
from appliance.store.audit import Deed
from appliance.store.callback_rows import Entry, State
from appliance.store.callbacks import NotOpen, Taken
from appliance.store.database import Connection
from appliance.store.errors import NoSuchRow

CAUSES: Mapping[Cause, str] = {
    Cause.EMERGENCY: later("Spoke of danger"),
    Cause.VOICEMAIL: later("Left a voicemail"),
    Cause.MESSAGE: later("Left a message"),
    Cause.CALL_BACK: later("Asked for a call"),
    Cause.TRANSFER: later("Nobody picked up"),
    Cause.CUT_OFF: later("Was cut off"),
    Cause.HANG_UP: later("Hung up early"),
    Cause.BOOKING: later("An appointment to look after"),
    Cause.TEXT: later("A text"),
    Cause.QUESTION: later("Asked what the documents do not say"),
}
SOMEBODY_HAS_IT = later("Somebody else has taken this one meanwhile.")
NOT_OPEN = later("This one is done already: somebody was quicker.")
Change = Callable[[Connection, int, str, datetime], Entry]


def why(entry: Entry) -> list[str]:
    """Why somebody is to be called back, each reason that counts once."""
    return list(dict.fromkeys(CAUSES[each.cause] for each in entry.causes if not each.void_why))


def call_of(entry: Entry) -> str:
    """The latest call that it is about, as far as it is kept."""
    return next((each.call_id for each in reversed(entry.causes) if each.call_id), "")


def changed(deed: Deed, entry_id: int, change: Change, done: int | None = None) -> ResponseReturnValue:
    """Change an entry in the visitor's name, and show the day as it is then."""
    who, now = visit.visit().account.name, times.read(the_box().now())
    try:
        visit.changed(deed, lambda db: change(db, entry_id, who, now), target=str(entry_id))
    except Taken:
        flash(SOMEBODY_HAS_IT, "care")
    except NotOpen:
        flash(NOT_OPEN, "care")
    else:
        return redirect(url_for("today.index", done=done), code=303)
    return redirect(url_for("today.index"), code=303)


def take(db: Connection, entry_id: int, who: str, now: datetime) -> Entry:
    """It is theirs."""
    return callbacks.take(db, entry_id, who, now=now)


def give_back(db: Connection, entry_id: int, who: str, now: datetime) -> Entry:
    """It is nobody's again; somebody else's stays theirs."""
    entry = callback_rows.get(db, entry_id)
    if entry.owner not in ("", who):
        raise Taken(f"Callback {entry_id} is {entry.owner}'s.")
    return callbacks.give_back(db, entry_id, who, now=now)


def done(db: Connection, entry_id: int, who: str, now: datetime) -> Entry:
    """All of it is dealt with."""
    return callbacks.done(db, entry_id, who, now=now)


def undo(db: Connection, entry_id: int, who: str, now: datetime) -> Entry:
    """It was not done after all."""
    return callbacks.undo(db, entry_id, who, now=now)


def just_done(db: Connection, entry_id: int, who: str) -> Entry | None:
    """An entry that somebody has just been done with, and may take back."""
    try:
        entry = callback_rows.get(db, entry_id)
    except NoSuchRow:
        return None
    return entry if entry.state is State.DONE and entry.ended_by == who else None
