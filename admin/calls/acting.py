"""Acting on a live call: what is asked for, of which the bridge finds a row, and what became of it.

May import: the standard library, flask, admin, appliance.core, appliance.store.
"""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin import forms, visit
from admin.box import the_box
from admin.door.guard import safe_path
from admin.forms import Field
from admin.tongue import Tongue, later
from appliance.core import doorbell
from appliance.core.staff import Office
from appliance.store import calls as call_log
from appliance.store import requests
from appliance.store.audit import Deed
from appliance.store.calls import Call
from appliance.store.errors import NoSuchRow
from appliance.store.requests import AlreadyAsked, CallOver, Request, State, What, Why

FRONT_DESK = later("The front desk")
LAST = 4
"""So many digits of a number tell that this call is meant."""

BY_NUMBER = Field("sure", later("The last four digits of the caller's number, to be sure"), most=12)
BY_WORD = Field("sure", later("The number is withheld: write END, to be sure"), most=12)
NOT_THESE = later("These are not the last four digits of the caller's number.")
NOT_THE_WORD = later("Write END, in capitals.")
WORD = "END"
GONE = later("There is no such department any more.")
ASKED = later("Asked for. What becomes of it stands here in a moment.")
IS_OVER = later("The call is over already: nothing was done.")
ONE_AT_A_TIME = later(
    "Somebody has asked for something in this call just now: wait for what becomes of that."
)

DONE: Mapping[What, str] = {
    What.HANG_UP: later("The caller was told goodbye, and the call is ended."),
    What.TRANSFER: later("The caller was told, and is being put through: {where}."),
    What.TAKE_OVER: later("The caller was told, and is being put through to you: {where}."),
}
WANTED: Mapping[What, str] = {
    What.HANG_UP: later("{who} has the call ended"),
    What.TRANSFER: later("{who} has the caller put through: {where}"),
    What.TAKE_OVER: later("{who} takes the call over: {where}"),
}
NOT_DONE: Mapping[str, str] = {
    Why.OVER: later("Not done: the caller had hung up."),
    Why.ELSEWHERE: later(
        "Not done: the caller was not with the assistant any more, or chose to go elsewhere."
    ),
    Why.NO_DEPARTMENT: later("Not done: there is no such department any more."),
    Why.LATE: later("Not done: the box did not answer in time. Look at how it is, under Today."),
}
WAITS = later("Asked for; the box answers within a second.")
UNDER_WAY = later("The caller is being told.")


def install(calls: Blueprint) -> None:
    """Give the pages of calls what acts on one."""
    calls.post("/<call_id>/take-over")(take_over)
    calls.post("/<call_id>/put-through")(put_through)
    calls.post("/<call_id>/hang-up")(hang_up)


def take_over(call_id: str) -> ResponseReturnValue:
    """Have the caller put through to whoever asks."""
    here = visit.visit()
    # A department that is gone by now is no place to put anybody: the front desk is.
    line = here.office.department(here.account.department)
    return _ask(call_id, What.TAKE_OVER, Deed.CALL_TAKEN_OVER, line.slug if line else "")


def put_through(call_id: str) -> ResponseReturnValue:
    """Have the caller put through to a department, or to the front desk."""
    form = forms.read((where(visit.visit().office),), request.form)
    if not form.fine:
        flash(GONE)
        return _back(call_id)
    return _ask(call_id, What.TRANSFER, Deed.CALL_PUT_THROUGH, form["department"])


def hang_up(call_id: str) -> ResponseReturnValue:
    """Have the call ended, once it was said which."""
    call = the_box().read(lambda db: call_log.one(db, call_id))
    if call is None:
        raise NoSuchRow(f"There is no call {call_id}.")
    form = forms.read((sure(call),), request.form)
    if form.fine and not _means(form["sure"], call):
        form.errors["sure"] = NOT_THESE if call.from_number else NOT_THE_WORD
    if not form.fine:
        return render_template("calls/hang_up.html", call=call, form=form), 422
    return _ask(call_id, What.HANG_UP, Deed.CALL_HUNG_UP)


def fields(call: Call, office: Office, tongue: Tongue) -> dict[str, Any]:
    """What the page of a live call has to act by: its forms, and where the visitor takes a call over."""
    line = office.department(visit.visit().account.department)
    return {
        "through": forms.empty((where(office),), department=""),
        "ending": forms.empty((sure(call),)),
        "own": line.name if line else tongue(FRONT_DESK),
    }


def where(office: Office) -> Field:
    """Where a caller can be put through: only where staff entered numbers."""
    lines = ((line.slug, line.name) for line in office.departments)
    return Field(
        "department",
        later("Put the caller through to"),
        kind="choice",
        needed=False,
        choices=(("", FRONT_DESK), *lines),
    )


def sure(call: Call) -> Field:
    """By what somebody says which call is to end."""
    return BY_NUMBER if call.from_number else BY_WORD


def told(asked: Request, office: Office, now: str, tongue: Tongue) -> tuple[str, str, str]:
    """What somebody asked for, what became of it, and how that is coloured."""
    line = office.department(asked.department)
    places = {"who": asked.who, "where": line.name if line else asked.department or tongue(FRONT_DESK)}
    wanted = tongue(WANTED[asked.what], **places)
    if asked.late(now):
        return wanted, tongue(NOT_DONE[Why.LATE]), "bad"
    match asked.state:
        case State.ASKED:
            return wanted, tongue(WAITS), "care"
        case State.UNDER_WAY:
            return wanted, tongue(UNDER_WAY), "care"
        case State.DONE:
            return wanted, tongue(DONE[asked.what], **places), "good"
        case State.NOT_DONE:
            return wanted, tongue(NOT_DONE.get(asked.why, asked.why)), "bad"


def _ask(call_id: str, what: What, deed: Deed, department: str = "") -> ResponseReturnValue:
    box, who = the_box(), visit.visit().account.name
    try:
        visit.changed(
            deed,
            lambda db: requests.ask(db, call_id, what, department=department, who=who, at=box.now()),
            target=call_id,
            **({"department": department} if department else {}),
        )
    except CallOver:
        flash(IS_OVER)
    except AlreadyAsked:
        flash(ONE_AT_A_TIME)
    else:
        doorbell.ring(box.settings.box.data_dir)
        flash(ASKED)
    return _back(call_id)


def _back(call_id: str) -> ResponseReturnValue:
    return redirect(
        safe_path(request.form.get("next", "")) or url_for("calls.one", call_id=call_id), code=303
    )


def _means(typed: str, call: Call) -> bool:
    if not call.from_number:
        return typed == WORD
    digits = "".join(letter for letter in typed if letter.isdecimal())
    # Of an extension that is shorter: all of it.
    return digits == call.from_number.lstrip("+")[-LAST:]
