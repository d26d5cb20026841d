"""The pages of one's own account. What matters most asks for the password again.

May import: flask, admin, appliance.store.
"""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin import forms, qr, tongue, visit
from admin.box import the_box
from admin.door import choosing, coming_in, guard, passwords, totp
from admin.door.coming_in import Came
from admin.door.routes import CODE, WAIT, WRONG_CODE
from admin.forms import Field, Form
from admin.tongue import later
from appliance.store import access, accounts, times
from appliance.store.audit import Deed
from appliance.store.database import Connection

account = Blueprint("account", __name__, url_prefix="/account", template_folder="templates")

OLD = Field("old", later("Your password until now"), kind="password", fill="current-password")
PASSWORD = Field("password", later("Your password"), kind="password", fill="current-password")
LANGUAGE = (
    Field(
        "language",
        later("Language of these pages"),
        kind="choice",
        needed=False,
        choices=(("", later("As the browser asks")), *tongue.NAMES.items()),
    ),
)
FIRST_CODE = (Field("code", CODE[0].label, kind="one-time-code", most=10, fill="one-time-code"), PASSWORD)
WRONG = later("This is not your password.")


@account.get("")
def index() -> ResponseReturnValue:
    """What there is to set."""
    here, box = visit.visit(), the_box()
    rest_s = box.settings.admin.idle_minutes * 60

    def look(db: Connection) -> tuple[list[access.Session], int]:
        held = access.sessions(db, here.account.id, at=box.now(), rest_s=rest_s)
        return held, accounts.codes_left(db, here.account.id)

    sessions, codes_left = box.read(look)
    form = forms.empty(LANGUAGE, language=here.account.language)
    return render_template("account/index.html", sessions=sessions, codes_left=codes_left, form=form)


@account.post("/language")
def choose_language() -> ResponseReturnValue:
    """Have the pages in a language."""
    form, me = forms.read(LANGUAGE, request.form), visit.visit().account
    if not form.fine:
        abort(400)
    visit.changed(
        Deed.LANGUAGE_CHOSEN,
        lambda db: accounts.set_language(db, me.id, form["language"]),
        language=form["language"],
    )
    return redirect(url_for(".index"), code=303)


@account.get("/password")
def password() -> ResponseReturnValue:
    """Ask for a new password."""
    return render_template("account/password.html", form=forms.empty((OLD, *choosing.NEW)))


@account.post("/password")
def set_password() -> ResponseReturnValue:
    """Change the password: everywhere else the account is signed out."""
    here, box = visit.visit(), the_box()
    form = forms.read((OLD, *choosing.NEW), request.form)
    near = (here.account.name, here.office.staff.business_name)
    if not (form.fine and _proven(form, "old") and choosing.good(form, near)):
        return render_template("account/password.html", form=form), 422
    kept = passwords.hashed(form["password"])

    def change(db: Connection) -> None:
        accounts.set_password(db, here.account.id, kept, at=box.now())
        access.end_of(db, here.account.id, at=box.now())

    visit.changed(Deed.PASSWORD_SET, change, target=here.account.name)
    _stay()
    flash(later("Your password is changed. Wherever else you were signed in, you are not any more."))
    return redirect(url_for(".index"), code=303)


@account.get("/two-step")
def two_step() -> ResponseReturnValue:
    """Show the code to photograph, or how to end it."""
    me, box = visit.visit().account, the_box()
    if me.two_step:
        return _off_page(forms.empty((PASSWORD,)))
    secret = box.read(lambda db: accounts.proofs(db, me.id).offered)
    if not secret:
        secret = totp.new_secret()
        box.write(lambda db: accounts.offer_secret(db, me.id, secret))
    return _on_page(secret, forms.empty(FIRST_CODE))


@account.post("/two-step")
def two_step_on() -> ResponseReturnValue:
    """Take the secret when a first code proves that the telephone has it."""
    me, box = visit.visit().account, the_box()
    secret = box.read(lambda db: accounts.proofs(db, me.id).offered)
    if me.two_step or not secret:
        return redirect(url_for(".two_step"), code=303)
    form = forms.read(FIRST_CODE, request.form)
    step = totp.step_of(secret, form["code"], at_s=times.read(box.now()).timestamp()) if form.fine else None
    if form.fine and step is None:
        form.errors["code"] = WRONG_CODE
    if not (form.fine and _proven(form, "password")) or step is None:
        return _on_page(secret, form), 422
    codes, took = totp.recovery_codes(), step

    def take(db: Connection) -> None:
        accounts.take_secret(db, me.id, took, codes)
        access.end_of(db, me.id, at=box.now(), but=visit.visit().token)

    visit.changed(Deed.TWO_STEP_ON, take, target=me.name)
    return render_template("account/codes.html", codes=codes)


@account.post("/two-step/off")
def two_step_off() -> ResponseReturnValue:
    """Ask for no code any more."""
    me, form = visit.visit().account, forms.read((PASSWORD,), request.form)
    if not (form.fine and _proven(form, "password")):
        return _off_page(form), 422
    visit.changed(Deed.TWO_STEP_OFF, lambda db: accounts.drop_secret(db, me.id), target=me.name)
    flash(later("From now on the password alone does."))
    return redirect(url_for(".index"), code=303)


@account.post("/two-step/codes")
def new_codes() -> ResponseReturnValue:
    """Make new recovery codes; those of before do no more."""
    me, form = visit.visit().account, forms.read((PASSWORD,), request.form)
    if not me.two_step:
        abort(404)
    if not (form.fine and _proven(form, "password")):
        return _off_page(form), 422
    codes = totp.recovery_codes()
    visit.changed(Deed.CODES_MADE, lambda db: accounts.set_codes(db, me.id, codes), target=me.name)
    return render_template("account/codes.html", codes=codes)


@account.post("/sign-out-everywhere")
def leave_everywhere() -> ResponseReturnValue:
    """End all other sessions of the account."""
    here, box = visit.visit(), the_box()
    visit.changed(
        Deed.SIGNED_OUT_EVERYWHERE,
        lambda db: access.end_of(db, here.account.id, at=box.now(), but=here.token),
        target=here.account.name,
    )
    flash(later("You are signed out everywhere but here."))
    return redirect(url_for(".index"), code=303)


def _proven(form: Form, name: str) -> bool:
    """Whether the password in a field is the visitor's; the form is told when not."""
    came = coming_in.password_is_right(form[name])
    if came is not Came.IN:
        form.errors[name] = WAIT if came is Came.MUST_WAIT else WRONG
    return came is Came.IN


def _stay() -> None:
    """All sessions of the account are over: begin this browser's anew, under another token."""
    here, box = visit.visit(), the_box()
    lasts_s = int((times.read(here.session.expires_at) - times.read(box.now())).total_seconds())
    guard.begin(
        box.write(
            lambda db: access.begin(
                db, here.account.id, here.session.stage, source=visit.source(), at=box.now(), lasts_s=lasts_s
            )
        )
    )


def _on_page(secret: str, form: Form) -> str:
    here = visit.visit()
    address = totp.address(secret, account=here.account.name, issuer=here.office.staff.business_name)
    return render_template(
        "account/two_step_on.html", picture=qr.picture(address), secret=secret, form=form, totp=totp
    )


def _off_page(form: Form) -> str:
    return render_template("account/two_step_off.html", form=form)
