"""The page of menu and greetings.

May import: flask, admin, appliance.core, appliance.store.
"""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin import visit as visits
from admin.box import the_box
from admin.menu import form as menu_form
from admin.menu import heard as said
from admin.menu.form import Typed
from admin.menu.heard import Heard, Sounds
from admin.tongue import later
from admin.visit import reader_tongue, visit
from appliance.core import other_languages
from appliance.core.errors import SettingsError
from appliance.store import office as rows
from appliance.store.audit import Deed
from appliance.store.database import Connection

menu = Blueprint("menu", __name__, url_prefix="/menu", template_folder="templates")


@dataclass(frozen=True, slots=True)
class _Told:
    """One sentence, its language, and whether it can be heard here."""

    heard: Heard
    language: str
    rendered: bool


@menu.get("")
def index() -> ResponseReturnValue:
    """What callers hear in each language, and the form of the clinic's own."""
    return _page(menu_form.filled(visit().office.staff))


@menu.post("")
def save() -> ResponseReturnValue:
    """Change it, all of it or nothing."""
    staff = visit().office.staff
    typed = menu_form.read(request.form, staff, reader_tongue())
    changed = {key: value for key, value in typed.values.items() if value != _now(key)}
    if typed.fine and changed:
        at, by = the_box().now(), visit().account.name

        def change(db: Connection) -> None:
            rows.decide(db, changed, at=at, by=by)

        try:
            visits.changed(Deed.MENU_CHANGED, change)
        except SettingsError as exc:
            typed.form.errors[""] = " ".join(exc.mistakes)
    if not typed.fine:
        return _page(typed), 422
    flash(later("Saved. Calls that begin from now on hear it; it can be heard here once it is spoken."))
    return redirect(url_for(".index"), code=303)


@menu.get("/sound/<code>/<name>")
def sound(code: str, name: str) -> ResponseReturnValue:
    """The sound of a sentence, by the voice that callers hear."""
    if code not in other_languages.spoken(visit().office):
        abort(404)
    found = next((each for each in said.heard(visit().office, code) if each.name == name), None)
    kept = found and Sounds.of(the_box().settings).rendered(found.text, said.language_of(found, code))
    if not kept:
        abort(404)
    return Response(said.wav(kept), content_type="audio/wav")


def _now(key: str) -> Any:
    return visit().office.staff.model_dump(mode="json", include={key})[key]


def _page(typed: Typed) -> str:
    office, sounds = visit().office, Sounds.of(the_box().settings)
    told = {
        code: [
            _Told(each, language, sounds.rendered(each.text, language) is not None)
            for each in said.heard(office, code)
            for language in (said.language_of(each, code),)
        ]
        for code in other_languages.spoken(office)
    }
    return render_template(
        "menu/index.html",
        typed=typed,
        told=told,
        home=other_languages.home_of(office),
        recorded=office.staff.greeting_recording,
        bins_command="attendant fallback answer" if the_box().settings.twilio.goodbye_url else "",
        leads=menu_form.LEADS,
        keys=menu_form.KEYS,
    )
