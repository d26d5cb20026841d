"""Keeping rehearsals, and playing all of them, with what is decided or with a draft.

May import: flask, admin, appliance.core, appliance.jobs, appliance.store.
"""

from typing import Any

import orjson
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from admin import forms, visit
from admin import live as live_parts
from admin.box import the_box
from admin.forms import Form
from admin.rehearse import results, shown
from admin.tongue import later
from admin.visit import reader_tongue
from appliance.core.errors import SettingsError, WireError
from appliance.core.rehearsal import STEPS_MOST, Outline, Part, Step, step, written
from appliance.jobs import giving, rehearsing
from appliance.jobs.typed_rehearsal import State
from appliance.store import drafts, rehearsals, times
from appliance.store.audit import Deed
from appliance.store.database import Connection
from appliance.store.drafts import Draft
from appliance.store.rehearsals import Rehearsal

SUBJECTS = ("rehearsals", "office")
ID = f"int(max={2**63 - 1})"
NAME = forms.Field("name", later("What is it about?"), most=rehearsals.NAME_MOST)
CONFIRM = forms.Field("name", later("Its name, to be sure"), most=rehearsals.NAME_MOST)
NOT_WHOLE = later("What was rehearsed did not arrive as it should. Rehearse it again.")
NOTHING_SAID = later("Nothing was said or pressed in it, so that there is nothing to play again.")
NOT_TAKEN = later("This cannot be kept: there are too many already, or the name is too long.")


class _Rehearsed(BaseModel):
    """What was rehearsed, as the page sends it back."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    caller: str = Field("", max_length=20, pattern=r"^(\+[1-9][0-9]{6,14})?$")
    steps: list[dict[str, Any]] = Field(max_length=STEPS_MOST)
    parts: dict[str, list[str]] = Field(max_length=10)
    wording: list[tuple[str, str]] = Field(max_length=200)

    def taken(self) -> tuple[tuple[Step, ...], Outline]:
        """Its steps, and what was decided. Raises WireError."""
        found = tuple(done for each in self.steps if (done := step(each)) is not None)
        return found, Outline.read({"parts": self.parts, "wording": self.wording})


def rehearsed(state: State) -> str:
    """What was rehearsed, for the form that keeps it; empty while it goes on."""
    if state.outline is None:
        return ""
    steps = [written(each) for each in state.steps]
    tree = {"caller": state.caller, "steps": steps, **state.outline.tree}
    return orjson.dumps(tree).decode()


def empty() -> Form:
    """The form that keeps one."""
    return forms.empty((NAME,))


def install(pages: Blueprint) -> None:
    """Serve these pages."""
    pages.post("/keep")(keep)
    pages.get(f"/kept/<{ID}:rehearsal_id>")(one)
    pages.post(f"/kept/<{ID}:rehearsal_id>/forget")(forget)
    pages.post("/run")(run)
    pages.get(f"/runs/<{ID}:run_id>")(result)
    pages.get(f"/runs/<{ID}:run_id>/live")(live)
    pages.post(f"/runs/<{ID}:run_id>/right/<{ID}:rehearsal_id>")(right)


# Rehearsals that are kept --------------------------------------------------------------------------------


def keep() -> ResponseReturnValue:
    """Keep what was rehearsed just now, to be compared later."""
    form = forms.read((NAME,), request.form)
    sent = request.form.get("rehearsed", "")
    compared = frozenset(Part(each) for each in request.form.getlist("compared") if each in list(Part))
    try:
        tree = _Rehearsed.model_validate_json(sent)
        steps, outline = tree.taken()
    except (ValidationError, WireError, KeyError, ValueError):
        flash(NOT_WHOLE)
        return redirect(url_for(".index"), code=303)
    if not steps:
        form.errors.setdefault("name", NOTHING_SAID)
    if form.fine:
        kept = Rehearsal(0, form["name"], tree.caller, steps, outline, compared or frozenset(Part))
        at, by = the_box().now(), visit.visit().account.name
        try:
            visit.changed(
                Deed.REHEARSAL_KEPT,
                lambda db: rehearsals.keep(db, kept, at=at, by=by),
                target=form["name"],
            )
        except SettingsError:
            form.errors["name"] = NOT_TAKEN
    if not form.fine:
        return render_template("rehearse/keep.html", keep=form, rehearsed=sent, parts=shown.PARTS), 422
    flash(later("It is kept, and will be played with the others."))
    return redirect(url_for(".index"), code=303)


def one(rehearsal_id: int) -> ResponseReturnValue:
    """One that is kept: what is said in it, and what is compared."""
    return _one_page(rehearsal_id)


def forget(rehearsal_id: int) -> ResponseReturnValue:
    """Forget one, once its name was typed."""
    found = the_box().read(lambda db: rehearsals.one(db, rehearsal_id))
    form = forms.read((CONFIRM,), request.form)
    if form.fine and not forms.is_name(form["name"], found.name):
        form.errors["name"] = forms.NOT_ITS_NAME
    if not form.fine:
        return _one_page(rehearsal_id, form), 422
    visit.changed(Deed.REHEARSAL_FORGOTTEN, lambda db: rehearsals.forget(db, rehearsal_id), target=found.name)
    flash(later("It is forgotten."))
    return redirect(url_for(".index"), code=303)


def _one_page(rehearsal_id: int, confirm: Form | None = None) -> str:
    found = the_box().read(lambda db: rehearsals.one(db, rehearsal_id))
    known = shown.sentences(visit.visit().office, reader_tongue())
    return render_template(
        "rehearse/one.html",
        one=found,
        lines={
            part: [
                shown.line(part, each, known, visit.visit().office)
                for each in found.expected.parts.get(part, ())
            ]
            for part in Part
        },
        parts=shown.PARTS,
        speaker=lambda who: shown.speaker(who, reader_tongue()),
        confirm=confirm or forms.empty((CONFIRM,)),
    )


# Playing all of them -------------------------------------------------------------------------------------


def run() -> ResponseReturnValue:
    """Have all played by the worker, against what is decided or a draft."""
    box, by = the_box(), visit.visit().account.name
    chosen = request.form.get("against", "")

    def owe(db: Connection) -> int:
        return rehearsing.owe(db, box.settings, tried(db), now=times.read(box.now()), by=by)

    def tried(db: Connection) -> Draft | None:
        return drafts.one(db, int(chosen)) if chosen.isdecimal() and len(chosen) < 19 else None

    run_id = visit.changed(Deed.REHEARSALS_PLAYED, owe)
    giving.ring(box.settings)
    if request.form.get("back") == "draft":
        return redirect(url_for(".draft", draft_id=chosen, _anchor="played"), code=303)
    return redirect(url_for(".result", run_id=run_id), code=303)


def result(run_id: int) -> ResponseReturnValue:
    """How all came out, as far as they were played."""

    def look(db: Connection) -> tuple[str, dict[str, Any]]:
        return live_parts.version(db, *SUBJECTS), results.of(db, run_id)

    version, known = the_box().read(look)
    return render_template("rehearse/run.html", version=version, **known)


def live(run_id: int) -> ResponseReturnValue:
    """The same, or that it is as it was."""

    def render(db: Connection) -> str:
        return render_template("rehearse/_results.html", **results.of(db, run_id))

    return live_parts.part(*SUBJECTS, render=render)


def right(run_id: int, rehearsal_id: int) -> ResponseReturnValue:
    """What came out in this run is what should come out from now on."""

    def change(db: Connection) -> str:
        found = [each for each in rehearsals.results(db, run_id) if each.rehearsal.id == rehearsal_id]
        if found and found[0].seen is not None:
            rehearsals.expect(db, rehearsal_id, found[0].seen)
        return rehearsals.one(db, rehearsal_id).name

    name = the_box().read(lambda db: rehearsals.one(db, rehearsal_id)).name
    visit.changed(Deed.REHEARSAL_EXPECTED, change, target=name)
    flash(later("From now on it should come out so."))
    return redirect(url_for(".result", run_id=run_id), code=303)
