"""The pages of what can be booked, and with whom: providers and visit types, added, changed, moved, removed.

May import: the standard library, flask, admin, appliance.core, appliance.store.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin import forms
from admin import visit as visits
from admin.bookings import calendars, form
from admin.bookings.form import TypedProvider, TypedVisit
from admin.box import the_box
from admin.forms import Field, Form
from admin.tongue import later
from admin.visit import visit
from appliance.core.booking.visits import Bookable, Provider, VisitType
from appliance.core.errors import SettingsError
from appliance.core.menu import plain
from appliance.store import times
from appliance.store import visits as rows
from appliance.store.audit import Deed
from appliance.store.database import Connection
from appliance.store.drafted import digest

Offered = TypeVar("Offered", bound=Provider | VisitType)
MOST = 50
MOVED_ON = later(
    "Somebody has changed this meanwhile. What you typed is still here: look at it again, then save."
)
CONFIRM = (Field("sure", later("Its name, to be sure"), most=60),)
ENOUGH = later("There are as many as there can be.")
SAVED = later("Saved. Calls that begin from now on go by it.")
REMOVED = later("Removed. Calls that begin from now on are not offered it.")


def install(bookings: Blueprint) -> None:
    """Give the pages of bookings those of what can be booked."""
    bookings.get("/offered")(offered)
    bookings.get("/providers/new")(new_provider)
    bookings.post("/providers/new")(add_provider)
    bookings.get("/providers/one/<slug>")(provider)
    bookings.post("/providers/one/<slug>")(change_provider)
    bookings.post("/providers/one/<slug>/move")(move_provider)
    bookings.post("/providers/one/<slug>/remove")(remove_provider)
    bookings.get("/visits/new")(new_visit)
    bookings.post("/visits/new")(add_visit)
    bookings.get("/visits/one/<slug>")(visit_type)
    bookings.post("/visits/one/<slug>")(change_visit)
    bookings.post("/visits/one/<slug>/move")(move_visit)
    bookings.post("/visits/one/<slug>/remove")(remove_visit)


def offered() -> ResponseReturnValue:
    """All of it, in the order in which callers are offered it, and how its calendars are."""
    found = _bookable()
    return render_template(
        "bookings/offered.html",
        providers=found.provider,
        visits=found.visit,
        names={each.slug: each.name for each in found.provider},
        most=MOST,
        who=dict(form.WHO),
        **calendars.shown_here(),
    )


def new_provider() -> ResponseReturnValue:
    """Ask for another provider."""
    return _provider_page(None, form.empty_provider(visit().office))


def add_provider() -> ResponseReturnValue:
    """Add it behind the others."""
    known = _bookable().provider
    typed = form.read_provider(request.form, known)
    return _provider_saved(Deed.PROVIDER_ADDED, None, _new_slug(typed.form, known), typed)


def provider(slug: str) -> ResponseReturnValue:
    """One of them, to be changed."""
    found = _of(slug, _bookable().provider)
    return _provider_page(found, form.filled_provider(found, visit().office))


def change_provider(slug: str) -> ResponseReturnValue:
    """Change it."""
    known = _bookable().provider
    found = _of(slug, known)
    others = [each for each in known if each is not found]
    return _provider_saved(Deed.PROVIDER_CHANGED, found, slug, form.read_provider(request.form, others))


def move_provider(slug: str) -> ResponseReturnValue:
    """Have it offered earlier or later."""
    return _move(slug, _bookable().provider, rows.move_provider)


def remove_provider(slug: str) -> ResponseReturnValue:
    """Remove it, once its name was typed."""
    found = _of(slug, _bookable().provider)
    confirm = _confirmed(
        Deed.PROVIDER_REMOVED, found.name, lambda db: rows.remove_provider(db, slug, now=_now())
    )
    if confirm.fine:
        return _back(REMOVED)
    return _provider_page(found, form.filled_provider(found, visit().office), confirm), 422


def new_visit() -> ResponseReturnValue:
    """Ask for another visit type."""
    return _visit_page(None, form.empty_visit())


def add_visit() -> ResponseReturnValue:
    """Add it behind the others."""
    known = _bookable().visit
    typed = form.read_visit(request.form, request.form.getlist("providers"), known)
    return _visit_saved(Deed.VISIT_ADDED, None, _new_slug(typed.form, known), typed)


def visit_type(slug: str) -> ResponseReturnValue:
    """One of them, to be changed."""
    found = _of(slug, _bookable().visit)
    return _visit_page(found, form.filled_visit(found))


def change_visit(slug: str) -> ResponseReturnValue:
    """Change it."""
    known = _bookable().visit
    found = _of(slug, known)
    others = [each for each in known if each is not found]
    typed = form.read_visit(request.form, request.form.getlist("providers"), others)
    return _visit_saved(Deed.VISIT_CHANGED, found, slug, typed)


def move_visit(slug: str) -> ResponseReturnValue:
    """Have it offered earlier or later."""
    return _move(slug, _bookable().visit, rows.move_visit)


def remove_visit(slug: str) -> ResponseReturnValue:
    """Remove it, once its name was typed."""
    found = _of(slug, _bookable().visit)
    confirm = _confirmed(Deed.VISIT_REMOVED, found.name, lambda db: rows.remove_visit(db, slug, now=_now()))
    return _back(REMOVED) if confirm.fine else (_visit_page(found, form.filled_visit(found), confirm), 422)


def _new_slug(typed: Form, known: Sequence[Provider | VisitType]) -> str:
    """What one is known by that is added to these; that there are enough is wrong with its form."""
    if len(known) >= MOST:
        typed.errors[""] = ENOUGH
    return form.slug_of(typed["name"], (each.slug for each in known))


def _provider_saved(
    deed: Deed, before: Provider | None, slug: str, typed: TypedProvider
) -> ResponseReturnValue:
    def save(db: Connection) -> None:
        _see_unchanged(rows.load(db).provider_of(slug))
        rows.save_provider(db, typed.row(slug), now=_now())

    if typed.fine:
        _saved(deed, typed.form, save)
    return _back(SAVED) if typed.fine else (_provider_page(before, typed), 422)


def _visit_saved(deed: Deed, before: VisitType | None, slug: str, typed: TypedVisit) -> ResponseReturnValue:
    def save(db: Connection) -> None:
        _see_unchanged(rows.load(db).visit_of(slug))
        rows.save_visit(db, typed.row(slug), now=_now())

    if typed.fine:
        _saved(deed, typed.form, save)
    return _back(SAVED) if typed.fine else (_visit_page(before, typed), 422)


def _seen(found: Provider | VisitType | None) -> str:
    """Another one when anything of it is another; nothing for what is not there."""
    return "" if found is None else digest(found.model_dump(mode="json"))


def _see_unchanged(found: Provider | VisitType | None) -> None:
    """Whether it still is as the form was made of it. Raises SettingsError."""
    if request.form.get("seen", "") != _seen(found):
        raise SettingsError([MOVED_ON])


def _saved(deed: Deed, typed: Form, change: Callable[[Connection], None]) -> None:
    """Save it in the visitor's name; what does not fit the rest is wrong with the form."""
    try:
        visits.changed(deed, change, target=typed["name"])
    except SettingsError as exc:
        typed.errors[""] = exc.mistakes[0]


def _confirmed(deed: Deed, name: str, change: Callable[[Connection], None]) -> Form:
    """Do it if its name was typed; the form, with what is wrong."""
    confirm = forms.read(CONFIRM, request.form)
    if confirm.fine and plain(confirm["sure"]) != plain(name):
        confirm.errors["sure"] = forms.NOT_ITS_NAME
    if confirm.fine:
        try:
            visits.changed(deed, change, target=name)
        except SettingsError as exc:
            confirm.errors[""] = exc.mistakes[0]
    return confirm


def _move(
    slug: str, among: Sequence[Provider | VisitType], change: Callable[..., None]
) -> ResponseReturnValue:
    moved = _of(slug, among)
    to = among.index(moved) + (1 if request.form.get("to") == "later" else -1)
    visits.changed(Deed.OFFER_MOVED, lambda db: change(db, slug, to, now=_now()), target=moved.name)
    return _back(later("The order is changed. Calls that begin from now on go by it."))


def _back(said: str) -> ResponseReturnValue:
    flash(said)
    return redirect(url_for(".offered"), code=303)


def _provider_page(found: Provider | None, typed: TypedProvider, confirm: Form | None = None) -> str:
    return render_template(
        "bookings/provider.html",
        provider=found,
        seen=_seen(found),
        typed=typed,
        confirm=confirm or forms.empty(CONFIRM),
    )


def _visit_page(found: VisitType | None, typed: TypedVisit, confirm: Form | None = None) -> str:
    return render_template(
        "bookings/visit.html",
        visit=found,
        seen=_seen(found),
        typed=typed,
        providers=_bookable().provider,
        confirm=confirm or forms.empty(CONFIRM),
    )


def _bookable() -> Bookable:
    return the_box().read(rows.load)


def _of(slug: str, known: Sequence[Offered]) -> Offered:
    """The one of this slug."""
    return next((each for each in known if each.slug == slug), None) or abort(404)


def _now() -> datetime:
    return times.read(the_box().now())
