"""The pages of departments.

May import: flask, admin, appliance.core, appliance.store.
"""

from datetime import datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin import forms
from admin import visit as visits
from admin.box import the_box
from admin.departments import form as department_form
from admin.departments.form import Typed, region_of
from admin.forms import Field, Form
from admin.hours import shown as hours_shown
from admin.tongue import later
from admin.visit import reader_tongue, visit
from admin.words import Words
from appliance.core import telephone
from appliance.core.errors import SettingsError
from appliance.core.menu import DepartmentLine, plain
from appliance.core.staff import EMERGENCY_LINE, Office
from appliance.store import office as rows
from appliance.store import times
from appliance.store.audit import Deed

departments = Blueprint("departments", __name__, url_prefix="/departments", template_folder="templates")
ONE = "/one/<slug>"
CONFIRM = (Field("sure", later("Its name, to be sure"), most=60),)
ENOUGH = later("There can be nine departments: one for each key of the telephone.")


@departments.get("")
def index() -> ResponseReturnValue:
    """The departments in the order in which callers are offered them."""
    office, words = visit().office, Words(reader_tongue())
    standing = office.at(_now())
    return render_template(
        "departments/index.html",
        lines=office.departments,
        full=len(office.departments) >= rows.MOST_DEPARTMENTS,
        shut={
            slug: hours_shown.moment(opens, office.staff.opening.local(_now()).date(), words) if opens else ""
            for slug, opens in standing.shut
        },
        dialled=telephone.shown,
    )


@departments.get("/new")
def new() -> ResponseReturnValue:
    """Ask for another one."""
    return render_template("departments/new.html", typed=department_form.empty(visit().office))


@departments.post("/new")
def add() -> ResponseReturnValue:
    """Add it behind the others."""
    office = visit().office
    typed = department_form.read(request.form, region_of(office))
    _check(typed, office)
    if len(office.departments) >= rows.MOST_DEPARTMENTS:
        typed.form.errors[""] = ENOUGH
    if typed.fine:
        try:
            visits.changed(
                Deed.DEPARTMENT_ADDED,
                lambda db: rows.add_department(db, typed.name, typed.numbers, typed.aliases, typed.hours),
                target=typed.name,
            )
        except SettingsError as exc:
            typed.form.errors[""] = exc.mistakes[0]
    if not typed.fine:
        return render_template("departments/new.html", typed=typed), 422
    flash(later("The department is added. Calls that begin from now on can reach it."))
    return redirect(url_for(".index"), code=303)


@departments.get(ONE)
def one(slug: str) -> ResponseReturnValue:
    """One of them, to be changed."""
    line = _line(slug)
    return _page(line, department_form.filled(line, visit().office))


@departments.post(ONE)
def change(slug: str) -> ResponseReturnValue:
    """Change it; its key stays."""
    line, office = _line(slug), visit().office
    typed = department_form.read(request.form, region_of(office))
    _check(typed, office, slug)
    if typed.fine:
        try:
            visits.changed(
                Deed.DEPARTMENT_CHANGED,
                lambda db: rows.change_department(
                    db, slug, typed.name, typed.numbers, typed.aliases, typed.hours
                ),
                target=typed.name,
            )
        except SettingsError as exc:
            typed.form.errors[""] = exc.mistakes[0]
    if not typed.fine:
        return _page(line, typed), 422
    flash(later("The department is saved. Calls that begin from now on go by it."))
    return redirect(url_for(".index"), code=303)


@departments.post(f"{ONE}/move")
def move(slug: str) -> ResponseReturnValue:
    """Have it one key earlier or later."""
    line = _line(slug)
    key = [each.slug for each in visit().office.departments].index(slug) + 1
    to = key + (1 if request.form.get("to") == "later" else -1)
    visits.changed(Deed.DEPARTMENT_MOVED, lambda db: rows.move_department(db, slug, to), target=line.name)
    flash(later("The order is changed. Calls that begin from now on go by it."))
    return redirect(url_for(".index"), code=303)


@departments.post(f"{ONE}/remove")
def remove(slug: str) -> ResponseReturnValue:
    """Remove it, once its name was typed."""
    line, form = _line(slug), forms.read(CONFIRM, request.form)
    if form.fine and plain(form["sure"]) != plain(line.name):
        form.errors["sure"] = forms.NOT_ITS_NAME
    if not form.fine:
        return _page(line, department_form.filled(line, visit().office), confirm=form), 422
    visits.changed(Deed.DEPARTMENT_REMOVED, lambda db: rows.remove_department(db, slug), target=line.name)
    flash(later("The department is removed. Calls that begin from now on are not led there."))
    return redirect(url_for(".index"), code=303)


def _line(slug: str) -> DepartmentLine:
    line = visit().office.department(slug)
    return line if line is not None and slug != EMERGENCY_LINE else abort(404)


def _check(typed: Typed, office: Office, slug: str = "") -> None:
    """Whether another one is called so."""
    others = {plain(line.name) for line in office.departments if line.slug != slug}
    if "name" not in typed.form.errors and plain(typed.name) in others:
        typed.form.errors["name"] = department_form.THERE_ALREADY


def _page(line: DepartmentLine, typed: Typed, *, confirm: Form | None = None) -> str:
    return render_template(
        "departments/one.html", line=line, typed=typed, confirm=confirm or forms.empty(CONFIRM)
    )


def _now() -> datetime:
    return times.read(the_box().now())
