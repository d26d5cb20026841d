"""The pages of desk phones.

May import: flask, admin, appliance.core, appliance.store.
"""

import re

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin import forms, qr
from admin import live as live_parts
from admin import visit as visits
from admin.box import the_box
from admin.devices import shown
from admin.devices.shown import Device
from admin.door import hosts
from admin.forms import Field, Form
from admin.today import asking
from admin.tongue import later
from appliance.core.errors import SettingsError
from appliance.core.phones import EXTENSION, HELP, Phone
from appliance.store import codes
from appliance.store import phones as rows
from appliance.store.audit import Deed
from appliance.store.codes import CodeRow
from appliance.store.database import Connection

devices = Blueprint("devices", __name__, url_prefix="/devices", template_folder="templates")
ONE = "/one/<extension>"
SUBJECTS = ("box", "office")
CODES_SHOWN = 10
WHOSE = Field(
    "whose",
    later("Who gets at it"),
    kind="choice",
    choices=(("staff", later("Staff alone")), ("public", later("Anybody, as in a waiting room"))),
    meanings=(
        later("It dials the codes of staff, and numbers outside where the settings allow that."),
        later("It dials no codes of staff, and outside only for help."),
    ),
)
NEW = (
    Field(
        "extension",
        later("Extension"),
        hint=later("Two to five digits, such as 101: by it the phone is dialled."),
        most=5,
    ),
    Field("name", later("Name"), hint=later("Where it stands, such as Front desk."), most=40),
    WHOSE,
)
CONFIRM = (Field("sure", later("Its extension, to be sure"), most=5),)
NO_EXTENSION = later("An extension has two to five digits and does not begin with 0.")
FOR_HELP = later("This is dialled for help.")
THE_ASSISTANT = later("By this the assistant is reached. Choose another one.")
THERE_ALREADY = later("There is a phone with this extension already.")
NOT_A_NAME = later("A name has no quotation marks, brackets, backslashes or semicolons.")
ENOUGH = later("There can be 200 phones.")
NOT_ITS_EXTENSION = later("This is not its extension.")
DONE = {
    "closed": later("closed the clinic for the day"),
    "open": later("opened it again"),
    "greeting": later("recorded what callers hear"),
    "spoken": later("went back to the spoken words"),
}
_NAME = re.compile(r'[^\x00-\x1f"\\;\[\]<>]+')


@devices.get("")
def index() -> ResponseReturnValue:
    """The phones, and what was done by their codes."""

    def look(db: Connection) -> tuple[str, list[Device], list[CodeRow]]:
        found = _devices(db)
        return _version(db, found), found, codes.dialled(db)[:CODES_SHOWN]

    version, found, done = the_box().read(look)
    return render_template(
        "devices/index.html",
        devices=found,
        version=version,
        done=done,
        deeds=DONE,
        asterisk=the_box().settings.asterisk,
        said=shown,
    )


@devices.get("/live")
def live() -> ResponseReturnValue:
    """The phones, or that they are as they were."""

    def render(db: Connection) -> str:
        return render_template("devices/_devices.html", devices=_devices(db), said=shown)

    return live_parts.part(*SUBJECTS, render=render, also=_states(the_box().read(_devices)))


@devices.get("/new")
def new() -> ResponseReturnValue:
    """Ask for another one."""
    return _new_page(forms.empty(NEW, whose="staff", extension=_free(the_box().read(rows.phones))))


@devices.post("/new")
def add() -> ResponseReturnValue:
    """Add it, and show how the telephone is set up."""
    box, form = the_box(), forms.read(NEW, request.form)
    _check(form, box.read(rows.phones))
    if not form.fine:
        return _new_page(form), 422
    extension, name, staff = form["extension"], form["name"], form["whose"] == "staff"
    try:
        phone = visits.changed(
            Deed.PHONE_ADDED,
            lambda db: rows.add(db, extension, name, at=box.now(), staff=staff),
            target=f"{extension} {name}",
        )
    except SettingsError as exc:
        form.errors[""] = exc.mistakes[0]
        return _new_page(form), 422
    return _sheet_page(phone)


@devices.get(ONE)
def one(extension: str) -> ResponseReturnValue:
    """One phone, and what can be done about it."""
    return _page(_phone(extension))


@devices.post(f"{ONE}/sheet")
def sheet(extension: str) -> ResponseReturnValue:
    """Show how it is set up, with its password: that is noted."""
    phone = _phone(extension)
    visits.noted(Deed.PHONE_SHOWN, target=f"{phone.extension} {phone.name}")
    return _sheet_page(phone)


@devices.post(f"{ONE}/whose")
def change(extension: str) -> ResponseReturnValue:
    """Say who gets at it."""
    phone, form = _phone(extension), forms.read((WHOSE,), request.form)
    if not form.fine:
        return _page(phone, whose=form), 422
    visits.changed(
        Deed.PHONE_CHANGED,
        lambda db: rows.change(db, extension, staff=form["whose"] == "staff"),
        target=f"{phone.extension} {phone.name}",
    )
    flash(later("Saved. It is in force within seconds."))
    return redirect(url_for(".one", extension=extension), code=303)


@devices.post(f"{ONE}/remove")
def remove(extension: str) -> ResponseReturnValue:
    """Remove it, once its extension was typed."""
    phone, form = _phone(extension), forms.read(CONFIRM, request.form)
    if form.fine and form["sure"] != phone.extension:
        form.errors["sure"] = NOT_ITS_EXTENSION
    if not form.fine:
        return _page(phone, confirm=form), 422
    visits.changed(
        Deed.PHONE_REMOVED, lambda db: rows.remove(db, extension), target=f"{phone.extension} {phone.name}"
    )
    flash(later("The phone is removed. It cannot register any more."))
    return redirect(url_for(".index"), code=303)


def _devices(db: Connection) -> list[Device]:
    return shown.devices(rows.phones(db), asking.standing()[0])


def _states(found: list[Device]) -> str:
    return " ".join(f"{each.phone.extension}={each.state}" for each in found)


def _version(db: Connection, found: list[Device]) -> str:
    return live_parts.version(db, *SUBJECTS, also=_states(found))


def _phone(extension: str) -> Phone:
    known = the_box().read(rows.phones)
    return next((each for each in known if each.extension == extension), None) or abort(404)


def _free(known: list[Phone]) -> str:
    """An extension that nobody has: the one behind the last."""
    taken = {each.extension for each in known} | {the_box().settings.asterisk.assistant_dialled} | HELP
    return next(str(number) for number in range(101, 10_000) if str(number) not in taken)


def _check(form: Form, known: list[Phone]) -> None:
    """Hold what was typed against what can be, in plain words."""
    extension = form["extension"]
    if "extension" not in form.errors:
        wrong = {
            NO_EXTENSION: not re.fullmatch(EXTENSION, extension),
            FOR_HELP: extension in HELP,
            THE_ASSISTANT: extension == the_box().settings.asterisk.assistant_dialled,
            THERE_ALREADY: extension in {each.extension for each in known},
        }
        if told := next((told for told, so in wrong.items() if so), ""):
            form.errors["extension"] = told
    if "name" not in form.errors and not _NAME.fullmatch(form["name"]):
        form.errors["name"] = NOT_A_NAME
    if len(known) >= rows.MOST_PHONES:
        form.errors[""] = ENOUGH


def _new_page(form: Form) -> str:
    return render_template("devices/new.html", form=form)


def _page(phone: Phone, *, whose: Form | None = None, confirm: Form | None = None) -> str:
    (device,) = shown.devices([phone], asking.standing()[0])
    now_whose = "staff" if phone.staff else "public"
    return render_template(
        "devices/one.html",
        device=device,
        said=shown,
        whose=whose or forms.empty((WHOSE,), whose=now_whose),
        confirm=confirm or forms.empty(CONFIRM),
    )


def _sheet_page(phone: Phone) -> str:
    asterisk = the_box().settings.asterisk
    told = shown.sheet(phone, asterisk, hosts.own_address())
    return render_template(
        "devices/sheet.html", phone=phone, sheet=told, picture=qr.picture(told.text), asterisk=asterisk
    )
