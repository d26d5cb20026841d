"""The pages of the on-call rota.

May import: flask, admin, appliance.core, appliance.store.
"""

import hashlib
from collections.abc import Callable

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin import visit as visits
from admin.box import the_box
from admin.departments.form import region_of
from admin.hours.grid import NAMES
from admin.on_call import form as shift_form
from admin.on_call.form import ShiftForm
from admin.tongue import later
from admin.visit import visit
from appliance.core import escalation, telephone
from appliance.core.escalation import Shift
from appliance.core.hours import DAYS
from appliance.store import office as rows
from appliance.store import times
from appliance.store.audit import Deed
from appliance.store.database import Connection

on_call = Blueprint("on_call", __name__, url_prefix="/on-call", template_folder="templates")
SHIFTS_MOST = 50
ONE = f"/<int(max={SHIFTS_MOST}):place>"
SWITCH_ON = """attendant staff set escalation '[{"after_minutes": 0, "by": "rota", "which": "urgent"}]'"""
ENOUGH = later("There are as many shifts as there can be. Remove one first.")
Rota = tuple[Shift, ...]


class Meanwhile(Exception):
    """The rota is not the one that the page was made of."""


@on_call.get("")
def index() -> ResponseReturnValue:
    """The shifts in the order in which they are asked, and who is on call now."""
    staff = visit().office.staff
    now = times.read(the_box().now())
    return render_template(
        "on_call/index.html",
        shifts=staff.on_call_rota,
        on_call=escalation.on_call(staff.on_call_rota, now, staff.opening),
        rung=any(step.by == "rota" for step in staff.escalation),
        open=staff.open_at(now),
        command=SWITCH_ON,
        day_names=NAMES,
        all_days=DAYS,
        dialled=telephone.shown,
    )


@on_call.get("/new")
def new() -> ResponseReturnValue:
    """Ask for another shift."""
    return _page(shift_form.empty(), None)


@on_call.post("/new")
def add() -> ResponseReturnValue:
    """Add it behind the others."""
    form = shift_form.read(request.form, region_of(visit().office))
    if len(visit().office.staff.on_call_rota) >= SHIFTS_MOST:
        form.errors["people"] = ENOUGH
    shift = form.shift
    if shift is None or form.errors:
        return _page(form, None), 422
    return _change(lambda rota: (*rota, shift))


@on_call.get(ONE)
def one(place: int) -> ResponseReturnValue:
    """One shift, to be changed."""
    return _page(shift_form.filled(_shift(place)), place)


@on_call.post(ONE)
def change(place: int) -> ResponseReturnValue:
    """Change it."""
    _shift(place)
    form = shift_form.read(request.form, region_of(visit().office))
    shift = form.shift
    if shift is None:
        return _page(form, place), 422
    return _change(lambda rota: (*rota[:place], shift, *rota[place + 1 :]))


@on_call.post(f"{ONE}/first")
def first(place: int) -> ResponseReturnValue:
    """Have it asked before the others."""
    _shift(place)
    return _change(lambda rota: (rota[place], *rota[:place], *rota[place + 1 :]))


@on_call.post(f"{ONE}/remove")
def remove(place: int) -> ResponseReturnValue:
    """Remove it, once the name of who is rung first was typed."""
    shift = _shift(place)
    if " ".join(request.form.get("sure", "").split()).casefold() != shift.people[0].name.casefold():
        return _page(shift_form.filled(shift), place, wrong_name=True), 422
    return _change(lambda rota: (*rota[:place], *rota[place + 1 :]))


def _change(change: Callable[[Rota], Rota]) -> ResponseReturnValue:
    """Change the rota, if it still is the one that the page was made of."""
    at, by, was = the_box().now(), visit().account.name, request.form.get("was", "")

    def changed(db: Connection) -> None:
        rota = rows.staff(db).on_call_rota
        if was != _digest(rota):
            raise Meanwhile
        value = [shift.model_dump(mode="json") for shift in change(rota)]
        rows.set_value(db, "on_call_rota", value, at=at, by=by)

    try:
        visits.changed(Deed.ROTA_CHANGED, changed)
    except Meanwhile:
        flash(later("Somebody changed the rota meanwhile: look at it again. Nothing was saved."))
    else:
        flash(later("The rota is saved."))
    return redirect(url_for(".index"), code=303)


def _shift(place: int) -> Shift:
    rota = visit().office.staff.on_call_rota
    return rota[place] if place < len(rota) else abort(404)


def _digest(rota: Rota) -> str:
    return hashlib.sha256(repr(rota).encode()).hexdigest()[:16]


def _page(form: ShiftForm, place: int | None, *, wrong_name: bool = False) -> str:
    rota = visit().office.staff.on_call_rota
    return render_template(
        "on_call/one.html",
        form=form,
        place=place,
        shift=None if place is None else rota[place],
        was=_digest(rota),
        day_names=NAMES,
        wrong_name=wrong_name,
    )
