"""The pages of settings: what staff decide, and what stands in the settings file or was changed beside it.

May import: flask, admin, appliance.core, appliance.store.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin.box import the_box
from admin.forms import Form
from admin.settings import deciding, mistakes, shown
from admin.settings.groups import Group, groups, key_of
from admin.settings.groups import group as named_group
from admin.settings.shown import Secret, Standing
from admin.tongue import later
from admin.visit import reader_tongue, visit
from appliance.core import boot_changes
from appliance.core.boot_changes import Origin, WrongValues
from appliance.core.errors import SettingsError
from appliance.store import office as rows

settings = Blueprint("settings", __name__, url_prefix="/settings", template_folder="templates")
ONE = "/<slug>"
TEXT_MOST = 100
MOVED_ON = later(
    "Somebody has changed a setting of this page meanwhile. What you typed is still here: look at it again,"
    " then save."
)
NO_SECRET = later("A secret is plain text in one line, without accents or spaces that cannot be seen.")
NO_LINES = later(
    "This is plain text without accents, as it was given out: all of it, from the first line to the last."
)
SAVED = later("Saved. Calls that begin from now on go by it.")
SAVED_FOR_LATER = later("Saved. It counts when the box's programs are started anew.")
BACK = later("As it was without the change. Calls that begin from now on go by it.")
BACK_LATER = later("As it was without the change. It counts when the box's programs are started anew.")
SECRET_KEPT = later("The secret is kept. It counts when the box's programs are started anew.")


@dataclass(slots=True)
class _Page:
    """A group as it stands."""

    group: Group
    standings: list[Standing]
    secrets: list[Secret] = field(default_factory=list)


@settings.get("")
def index() -> ResponseReturnValue:
    """The groups, or the settings that are looked for."""
    return _index()


def _index() -> str:
    tongue, text = reader_tongue(), request.args.get("text", "")[:TEXT_MOST].strip()
    decided, problem = {row.key for row in the_box().read(rows.rows)}, ""
    changed = {
        each.slug: sum(key in decided for key in {key_of(known) for known in each.settings})
        for each in groups()
        if not each.of_file
    }
    try:
        boot = boot_changes.read(the_box().file)
        for each in groups():
            if each.of_file:
                told = [boot.origin(known.name) for known in each.settings]
                changed[each.slug] = sum(origin is not Origin.DEFAULT for origin in told)
    except SettingsError as exc:
        problem = str(exc)
    return render_template(
        "settings/index.html",
        sections=groups(),
        changed=changed,
        problem=problem,
        text=text,
        found=shown.found(text, tongue) if text else [],
        elsewhere=shown.elsewhere(tongue),
        told=shown.told,
        plain=shown.plain,
        tongue=tongue,
    )


@settings.get(ONE)
def group(slug: str) -> ResponseReturnValue:
    """The settings of one group."""
    page = _page(_group(slug))
    return _rendered(page, shown.form_of(page.standings, reader_tongue()))


@settings.post(ONE)
def save(slug: str) -> ResponseReturnValue:
    """Change what was typed anew, all of it or nothing."""
    page, tongue = _page(_group(slug)), reader_tongue()
    form = shown.form_of(page.standings, tongue)
    wanted = shown.read(form, request.form, page.standings, tongue)
    if request.form.get("seen") != shown.digest(page.standings):
        form.errors[""] = MOVED_ON
    if form.fine and wanted:
        change = deciding.change_file if page.group.of_file else deciding.change_staff
        _tried(form, page, lambda: change(wanted))
    if not form.fine:
        return _rendered(page, form), 422
    if wanted:
        flash(SAVED_FOR_LATER if page.group.of_file else SAVED)
    return redirect(url_for(".group", slug=slug), code=303)


@settings.post(f"{ONE}/back")
def put_back(slug: str) -> ResponseReturnValue:
    """Have one setting as it is without the change."""
    page = _page(_group(slug))
    name = request.form.get("setting", "")
    if name not in {each.known.name for each in page.standings if each.origin is Origin.CHANGED}:
        abort(404)
    form = shown.form_of(page.standings, reader_tongue())
    change = deciding.put_back_file if page.group.of_file else deciding.put_back_staff
    _tried(form, page, lambda: change(name))
    if not form.fine:
        return _rendered(page, form), 422
    flash(BACK_LATER if page.group.of_file else BACK)
    return redirect(url_for(".group", slug=slug), code=303)


@settings.post(f"{ONE}/secret")
def set_secret(slug: str) -> ResponseReturnValue:
    """Put a secret into its file. It is never shown again."""
    page = _page(_group(slug))
    name = request.form.get("setting", "")
    secret = next((each for each in page.secrets if each.known.name == name and each.settable), None)
    if secret is None or secret.known.secret is None:
        abort(404)
    form = shown.form_of(page.standings, reader_tongue())
    try:
        deciding.set_secret(secret.known, request.form.get("secret", ""))
    except boot_changes.NoSecret:
        form.errors[name] = NO_LINES if secret.known.secret.lines else NO_SECRET
    except SettingsError as exc:
        form.errors[name] = str(exc)
    if not form.fine:
        return _rendered(page, form), 422
    flash(SECRET_KEPT)
    return redirect(url_for(".group", slug=slug), code=303)


@settings.errorhandler(SettingsError)
def _unreadable(_: SettingsError) -> ResponseReturnValue:
    """The settings file cannot be read: the groups say why."""
    return _index(), 503


def _tried(form: Form, page: _Page, change: Callable[[], None]) -> None:
    """Make a change; what is wrong with it stands in the form then."""
    try:
        change()
    except WrongValues as exc:
        mistakes.place(exc.found, page.group.settings, form, reader_tongue())
    except SettingsError as exc:
        form.errors[""] = " ".join(exc.mistakes)


def _group(slug: str) -> Group:
    return named_group(slug) or abort(404)


def _page(of: Group) -> _Page:
    if not of.of_file:
        stored = {row.key: row for row in the_box().read(rows.rows)}
        return _Page(of, shown.of_staff(of, stored, visit().office.staff))
    boot = boot_changes.read(the_box().file)
    return _Page(of, shown.of_file(of, boot), shown.secrets_of(of, boot))


def _rendered(page: _Page, form: Form) -> str:
    return render_template(
        "settings/group.html",
        group=page.group,
        standings={each.known.name: each for each in page.standings},
        secrets=page.secrets,
        form=form,
        seen=shown.digest(page.standings),
        file=the_box().file,
        told=shown.told,
        plain=shown.plain,
        tongue=reader_tongue(),
    )
