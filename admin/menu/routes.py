"""The page of menu and greetings.

May import: flask, admin, appliance.core, appliance.store.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin import live as live_parts
from admin import visit as visits
from admin.box import the_box
from admin.menu import form as menu_form
from admin.menu import heard as said
from admin.menu import other_form
from admin.menu.form import Typed
from admin.menu.heard import Heard, Sounds
from admin.tongue import later
from admin.visit import reader_tongue, visit
from appliance.core import other_languages
from appliance.core.errors import SettingsError
from appliance.store import office as rows
from appliance.store.audit import Deed
from appliance.store.database import Connection

SUBJECT = "office"
SAVED = later("Saved. Calls that begin from now on hear it; it can be heard here once it is spoken.")

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
    flash(SAVED)
    return redirect(url_for(".index"), code=303)


@menu.get("/in/<code>")
def other(code: str) -> ResponseReturnValue:
    """What callers of another language hear in the clinic's own words, to be changed."""
    return _other_page(other_form.filled(visit().office, _another(code), reader_tongue()))


@menu.post("/in/<code>")
def save_other(code: str) -> ResponseReturnValue:
    """Change it, all of it or nothing; what is left empty is the language's own."""
    office = visit().office
    typed = other_form.read(request.form, office, _another(code), reader_tongue())
    if not typed.fine:
        return _other_page(typed), 422
    if typed.words != other_languages.written_in(office.staff, code).written():
        at, by = the_box().now(), visit().account.name
        visits.changed(
            Deed.WORDS_CHANGED,
            lambda db: rows.set_value(db, other_form.SETTING, typed.value(rows.staff(db)), at=at, by=by),
            target=code,
        )
    flash(SAVED)
    return redirect(url_for(".index", _anchor=f"heard-{code}"), code=303)


@menu.get("/live")
def live() -> ResponseReturnValue:
    """What callers hear, as soon as more of it is spoken ahead; or that it is as it was."""
    told, home = _told(), other_languages.home_of(visit().office)
    return live_parts.part(
        SUBJECT,
        render=lambda _: render_template("menu/_heard.html", told=told, home=home),
        also=_unspoken(told),
    )


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


def _another(code: str) -> str:
    """A language of callers that is not the clinic's own."""
    office = visit().office
    return code if code in other_languages.spoken(office)[1:] else abort(404)


def _other_page(typed: other_form.Typed) -> str:
    return render_template("menu/other.html", typed=typed, leads=menu_form.LEADS)


def _now(key: str) -> Any:
    return visit().office.staff.model_dump(mode="json", include={key})[key]


def _page(typed: Typed) -> str:
    office, told = visit().office, _told()
    return render_template(
        "menu/index.html",
        typed=typed,
        told=told,
        unspoken=_unspoken(told),
        version=the_box().read(lambda db: live_parts.version(db, SUBJECT, also=_unspoken(told))),
        home=other_languages.home_of(office),
        recorded=office.staff.greeting_recording,
        bins_command="attendant fallback answer" if the_box().settings.twilio.goodbye_url else "",
        leads=menu_form.LEADS,
        keys=menu_form.KEYS,
    )


def _told() -> Mapping[str, list[_Told]]:
    """What is said in each language of callers."""
    office, sounds = visit().office, Sounds.of(the_box().settings)
    return {
        code: [
            _Told(each, language, sounds.rendered(each.text, language) is not None)
            for each in said.heard(office, code)
            for language in (said.language_of(each, code),)
        ]
        for code in other_languages.spoken(office)
    }


def _unspoken(told: Mapping[str, list[_Told]]) -> str:
    """Which sentences are not spoken ahead yet, in some letters; empty when all are."""
    return " ".join(
        f"{code}/{each.heard.name}"
        for code, sentences in told.items()
        for each in sentences
        if not each.rendered
    )
