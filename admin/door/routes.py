"""Signing in and out, and links by which somebody chooses a password.

May import: flask, admin, appliance.store.
"""

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from admin import forms, visit
from admin.box import the_box
from admin.door import choosing, coming_in, guard
from admin.door.coming_in import Came
from admin.forms import Field, Form
from admin.tongue import later
from appliance.store import access, accounts
from appliance.store.access import Stage
from appliance.store.audit import Deed

door = Blueprint("door", __name__, template_folder="templates")

SIGN_IN = (
    Field("name", later("Name"), most=accounts.NAME_MOST, fill="username"),
    Field("password", later("Password"), kind="password", fill="current-password"),
)
CODE = (
    Field(
        "code",
        later("Code"),
        hint=later("Six digits from your telephone, or one of your recovery codes."),
        kind="one-time-code",
        most=40,
        fill="one-time-code",
    ),
)
WRONG = later("The name or the password is wrong.")
WRONG_CODE = later("This code is not right, or it was used already. Wait for the next one.")
WAIT = later("Too many attempts failed. Wait a quarter of an hour, then try again.")


@door.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    """Ask who it is; before there is an owner, say how to become that."""
    if visit.visitor() is not None:
        return redirect(url_for("home"), code=303)
    if not the_box().read(accounts.has_owner):
        return redirect(url_for(".first"), code=303)
    return _sign_in_page(forms.empty(SIGN_IN))


@door.post("/sign-in")
def enter() -> ResponseReturnValue:
    """Try a name and a password."""
    form = forms.read(SIGN_IN, request.form)
    if not form.fine:
        return _sign_in_page(form), 422
    match coming_in.by_password(form["name"], form["password"]):
        case Came.IN:
            return _onwards()
        case Came.TO_THE_CODE:
            return redirect(url_for(".code", next=_next() or None), code=303)
        case Came.MUST_WAIT:
            form.errors[""] = WAIT
            return _sign_in_page(form), 429
        case Came.NOT_IN:
            form.errors[""] = WRONG
            return _sign_in_page(form), 422


@door.get("/sign-in/code")
def code() -> ResponseReturnValue:
    """Ask for the second step."""
    if visit.visit().session.stage is Stage.WHOLE:
        return redirect(url_for("home"), code=303)
    return _code_page(forms.empty(CODE))


@door.post("/sign-in/code")
def check_code() -> ResponseReturnValue:
    """Try a code."""
    form = forms.read(CODE, request.form)
    if not form.fine:
        return _code_page(form), 422
    came = coming_in.by_code(form["code"])
    if came is Came.IN:
        return _onwards()
    form.errors["code"] = WAIT if came is Came.MUST_WAIT else WRONG_CODE
    return _code_page(form), 429 if came is Came.MUST_WAIT else 422


@door.get("/first")
def first() -> ResponseReturnValue:
    """Before there is an owner: how to become that."""
    if the_box().read(accounts.has_owner):
        return redirect(url_for(".sign_in"), code=303)
    return render_template("door/first.html")


@door.get("/open/<token>")
def link(token: str) -> ResponseReturnValue:
    """Show the form of a link; looking does not use it up."""
    opened = choosing.opened(token)
    return render_template("door/link.html", opened=opened, form=forms.empty(choosing.fields(opened)))


@door.post("/open/<token>")
def accept(token: str) -> ResponseReturnValue:
    """Choose a password by a link, and come in."""
    opened = choosing.opened(token)
    form = forms.read(choosing.fields(opened), request.form)
    account = choosing.chosen(token, opened, form) if form.fine else None
    if account is None:
        return render_template("door/link.html", opened=opened, form=form), 422
    came = coming_in.with_new_password(account)
    return redirect(url_for("home" if came is Came.IN else ".code"), code=303)


@door.post("/sign-out")
def leave() -> ResponseReturnValue:
    """End the session."""
    here, box = visit.visit(), the_box()
    visit.changed(Deed.SIGNED_OUT, lambda db: access.end(db, here.token, at=box.now()))
    session.clear()
    return redirect(url_for(".closed"), code=303)


@door.get("/signed-out")
def closed() -> ResponseReturnValue:
    """Say that the session is over."""
    return render_template("door/closed.html")


def _sign_in_page(form: Form) -> str:
    return render_template("door/sign_in.html", form=form, next=_next())


def _code_page(form: Form) -> str:
    return render_template("door/code.html", form=form, next=_next())


def _next() -> str:
    return guard.safe_path(request.values.get("next", ""))


def _onwards() -> ResponseReturnValue:
    return redirect(_next() or url_for("home"), code=303)
