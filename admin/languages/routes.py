"""The page of languages, and switching one on or off.

May import: flask, admin, appliance.core, appliance.languages, appliance.store.
"""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from admin.box import the_box
from admin.languages import shown
from admin.tongue import later
from admin.visit import changed, reader_tongue, visit
from admin.words import Words
from appliance.core import other_languages
from appliance.core.errors import SettingsError
from appliance.languages.folders import codes
from appliance.store import office as rows
from appliance.store.audit import Deed
from appliance.store.database import Connection

ON = later("Callers can have it now. Calls that begin from now on offer it.")
OFF = later("Callers cannot have it any more. Calls that go on are not changed.")
TOO_MANY = later("Callers can have six languages at most. Switch another one off first.")
languages = Blueprint("languages", __name__, url_prefix="/languages", template_folder="templates")


@languages.get("")
def index() -> ResponseReturnValue:
    """Every language that there is."""
    found = shown.spoken(visit().office, the_box().settings, Words(reader_tongue()))
    return render_template("languages/index.html", languages=found)


@languages.post("/<code>/on")
def on(code: str) -> ResponseReturnValue:
    """Callers can have it."""
    if code not in codes() or shown.problems(code):
        abort(404)
    return _switch(code, on=True)


@languages.post("/<code>/off")
def off(code: str) -> ResponseReturnValue:
    """They cannot any more; the clinic's own always can be had."""
    if code == other_languages.home_of(visit().office):
        abort(404)
    return _switch(code, on=False)


def _switch(code: str, *, on: bool) -> ResponseReturnValue:
    now, by = the_box().now(), visit().account.name

    def change(db: Connection) -> None:
        rows.decide(db, other_languages.switched(rows.staff(db), code, on=on), at=now, by=by)

    try:
        changed(Deed.LANGUAGE_ON if on else Deed.LANGUAGE_OFF, change, target=code)
    except SettingsError:
        flash(TOO_MANY, "care")
    else:
        flash(ON if on else OFF)
    return redirect(url_for(".index"), code=303)
