"""Changing what a draft says: hours and who answers, and what callers hear first in each language.

A form is good as long as what stands of its items in the box, and in the draft, is what it was when the form
was made: else somebody would take back unseen what another has just decided, or put into the draft. May
import: flask, admin, appliance.core, appliance.store.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin import forms, visit
from admin.box import the_box
from admin.forms import Field, Form
from admin.hours import grid
from admin.menu import form as menu_form
from admin.menu import other_form
from admin.rehearse.draft_shown import DOORS, NAMES
from admin.rehearse.drafting import ONE, back
from admin.tongue import later
from admin.visit import reader_tongue
from appliance.core import other_languages
from appliance.core.errors import SettingsError
from appliance.core.staff import Office
from appliance.store import drafted, drafts
from appliance.store.audit import Deed
from appliance.store.database import Connection
from appliance.store.drafts import Draft

DOOR = Field("front_door", NAMES["front_door"], kind="choice", choices=tuple(DOORS.items()))
MEANWHILE = later(
    "Something here was decided otherwise meanwhile, or changed in the draft. Keep yours again, and take out"
    " on the draft's page what should stay as it is now."
)
KEPT = later("The draft is kept. Callers are told nothing of it.")
HOURS = ("front_door", "hours")
MENU = (*(each.name for each in menu_form.FIELDS), "menu")


@dataclass(frozen=True, slots=True)
class Opened:
    """A draft that is changed: the office as it would be, and what there is of some items by now."""

    draft: Draft
    office: Office
    there: Mapping[str, Any]
    """What stands of them in the box."""
    seen: str
    """That and what the draft says of them, in some letters, which a form sends back."""


def install(pages: Blueprint) -> None:
    """Serve these pages."""
    pages.get(f"{ONE}/hours")(draft_hours)
    pages.post(f"{ONE}/hours")(keep_draft_hours)
    pages.get(f"{ONE}/menu")(draft_menu)
    pages.post(f"{ONE}/menu")(keep_draft_menu)
    pages.get(f"{ONE}/menu/<code>")(draft_language)
    pages.post(f"{ONE}/menu/<code>")(keep_draft_language)


def opened(draft_id: int, keys: Iterable[str]) -> Opened:
    """A draft that is changed in these items. Raises NoSuchRow, or leads back where it cannot be seen."""

    def look(db: Connection) -> tuple[Draft, dict[str, Any]]:
        return drafts.one(db, draft_id), drafted.standing(db, wanted)

    wanted = [*keys]
    found, there = the_box().read(look)
    try:
        office = drafted.drafted(visit.visit().office, found.values)
    except SettingsError as exc:
        flash(exc.mistakes[0])
        abort(redirect(url_for(".draft", draft_id=draft_id), code=303))
    said = {key: found.values[key] for key in wanted if key in found.values}
    return Opened(found, office, there, drafted.digest([there, said]))


def put(known: Opened, form: Form, values: Mapping[str, Any]) -> bool:
    """Have these items in the draft; False, and in the form why, when they cannot be."""
    at, by = the_box().now(), visit.visit().account.name
    return kept(known, form, lambda db: drafts.put(db, known.draft.id, values, at=at, by=by))


def kept(known: Opened, form: Form, change: Callable[[Connection], object]) -> bool:
    """Change a draft in the visitor's name; False, and in the form why, when that cannot be."""
    if request.args.get("seen") != known.seen:
        form.errors[""] = MEANWHILE
        return False
    try:
        visit.changed(Deed.DRAFT_CHANGED, change, target=known.draft.name)
    except SettingsError as exc:
        form.errors[""] = " ".join(exc.mistakes)
        return False
    flash(KEPT)
    return True


# Hours, and who answers ----------------------------------------------------------------------------------


def draft_hours(draft_id: int) -> ResponseReturnValue:
    """The hours of the week and who answers, as the draft has them."""
    known = opened(draft_id, HOURS)
    staff = known.office.staff
    return _hours_page(known, forms.empty((DOOR,), front_door=staff.front_door), grid.of(staff.hours))


def keep_draft_hours(draft_id: int) -> ResponseReturnValue:
    """Keep them in the draft."""
    known, form, week = opened(draft_id, HOURS), forms.read((DOOR,), request.form), grid.read(request.form)
    if form.fine and week.week is not None:
        values = {"front_door": form["front_door"], "hours": week.week.model_dump(mode="json")}
        if put(known, form, values):
            return back(draft_id)
    return _hours_page(known, form, week), 422


def _hours_page(known: Opened, form: Form, week: grid.Grid) -> str:
    return render_template("rehearse/draft_hours.html", known=known, form=form, week=week)


# What callers hear first ---------------------------------------------------------------------------------


def draft_menu(draft_id: int) -> ResponseReturnValue:
    """What callers hear first in the clinic's own language, as the draft has it."""
    known = opened(draft_id, MENU)
    return _menu_page(known, menu_form.filled(known.office.staff))


def keep_draft_menu(draft_id: int) -> ResponseReturnValue:
    """Keep it in the draft, all of it or nothing."""
    known = opened(draft_id, MENU)
    typed = menu_form.read(request.form, known.office.staff, reader_tongue())
    if typed.fine and put(known, typed.form, typed.values):
        return back(draft_id)
    return _menu_page(known, typed), 422


def draft_language(draft_id: int, code: str) -> ResponseReturnValue:
    """What callers of another language hear, as the draft has it."""
    known = opened(draft_id, (*MENU, other_form.SETTING))
    typed = other_form.filled(known.office, _another(known, code), reader_tongue())
    return _language_page(known, typed)


def keep_draft_language(draft_id: int, code: str) -> ResponseReturnValue:
    """Keep it in the draft, all of it or nothing."""
    known = opened(draft_id, (*MENU, other_form.SETTING))
    typed = other_form.read(request.form, known.office, _another(known, code), reader_tongue())
    if typed.fine and put(known, typed.form, {other_form.SETTING: typed.value(known.office.staff)}):
        return back(draft_id)
    return _language_page(known, typed), 422


def _another(known: Opened, code: str) -> str:
    return code if code in other_languages.spoken(known.office)[1:] else abort(404)


def _menu_page(known: Opened, typed: menu_form.Typed) -> str:
    return render_template(
        "rehearse/draft_menu.html",
        known=known,
        typed=typed,
        others=other_languages.spoken(known.office)[1:],
        leads=menu_form.LEADS,
        keys=menu_form.KEYS,
    )


def _language_page(known: Opened, typed: other_form.Typed) -> str:
    return render_template("rehearse/draft_language.html", known=known, typed=typed, leads=menu_form.LEADS)
