"""Drafts: written down, looked at beside what is decided, played, decided or forgotten.

May import: flask, admin, appliance.core, appliance.jobs, appliance.store.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin import forms, visit
from admin import live as live_parts
from admin.box import the_box
from admin.forms import Form
from admin.rehearse import draft_shown, results
from admin.tongue import later
from admin.visit import reader_tongue
from appliance.core.errors import SettingsError
from appliance.jobs import drafted, giving
from appliance.jobs.drafted import DraftClashes
from appliance.store import drafts, rehearsals, times
from appliance.store.audit import Deed
from appliance.store.database import Connection
from appliance.store.drafts import Draft, Item
from appliance.store.rehearsals import Run

SUBJECTS = ("rehearsals", "office", "knowledge")
ONE = f"/drafts/<int(max={2**63 - 1}):draft_id>"
NAME = forms.Field("name", later("Name of the draft"), most=drafts.NAME_MOST)
CONFIRM = forms.Field("sure", later("Its name, to be sure"), most=drafts.NAME_MOST)
NOT_DECIDED = later("This cannot be decided so. Look at the draft again.")
CLASHES = later("Something was changed meanwhile. Say first which of both it should be.")


class Played(StrEnum):
    """How far the kept rehearsals are with a draft as it is, and with what is decided beside it."""

    NOTHING = "nothing"
    """None is kept."""
    NOT_YET = "not yet"
    PLAYING = "playing"
    SAME = "same"
    DIFFERS = "differs"


@dataclass(frozen=True, slots=True)
class Standing:
    """A draft, what it says beside what stands there, and how the kept rehearsals came out with it."""

    draft: Draft
    items: list[Item]
    played: Played
    run: Run | None
    differing: tuple[str, ...]
    """The names of those that come out differently, or could not be played."""

    @property
    def clashes(self) -> bool:
        """Whether something was changed meanwhile, so that nothing is decided yet."""
        return any(each.clashes for each in self.items)

    @property
    def in_spite(self) -> bool:
        """Whether to decide it now is to decide it in spite of what rehearsals show, or before they do."""
        return self.played not in (Played.NOTHING, Played.SAME)


def install(pages: Blueprint) -> None:
    """Serve these pages."""
    pages.get("/drafts/new")(new_draft)
    pages.post("/drafts")(keep_draft)
    pages.get(ONE)(draft)
    pages.get(f"{ONE}/live")(draft_live)
    pages.post(f"{ONE}/drop")(drop)
    pages.post(f"{ONE}/insist")(insist)
    pages.post(f"{ONE}/decide")(decide)
    pages.post(f"{ONE}/forget")(forget_draft)


def new_draft() -> ResponseReturnValue:
    """Ask how it is called: what it is to change comes next."""
    return render_template("rehearse/draft.html", form=forms.empty((NAME,)))


def keep_draft() -> ResponseReturnValue:
    """Begin a draft: it changes nothing for callers."""
    form, at, by = forms.read((NAME,), request.form), the_box().now(), visit.visit().account.name
    if form.fine:
        try:
            draft_id = visit.changed(
                Deed.DRAFT_KEPT,
                lambda db: drafts.keep(db, form["name"], {}, at=at, by=by),
                target=form["name"],
            )
            return back(draft_id)
        except SettingsError as exc:
            form.errors["name"] = exc.mistakes[0]
    return render_template("rehearse/draft.html", form=form), 422


def draft(draft_id: int) -> ResponseReturnValue:
    """A draft beside what is decided, and what can be done with it."""
    return _page(draft_id)


def draft_live(draft_id: int) -> ResponseReturnValue:
    """How the kept rehearsals come out with it, or that this is as it was."""

    def render(db: Connection) -> str:
        return render_template("rehearse/_draft_played.html", **_known(db, draft_id))

    return live_parts.part(*SUBJECTS, render=render)


def drop(draft_id: int) -> ResponseReturnValue:
    """Leave one thing as it is: it is in the draft no more."""
    return _changed(draft_id, drafts.drop, later("It stays as it is now."))


def insist(draft_id: int) -> ResponseReturnValue:
    """Have one thing as the draft says, whatever somebody made of it meanwhile."""
    return _changed(draft_id, drafts.insist, later("The draft's version is taken. It is not decided yet."))


def decide(draft_id: int) -> ResponseReturnValue:
    """Decide what the draft says, for callers from now on, and forget it.

    In spite of rehearsals that come out differently, or were not played with it, by its name alone.
    """
    box, by = the_box(), visit.visit().account.name
    form = forms.read((CONFIRM,), request.form)

    def change(db: Connection) -> Standing:
        found = standing(db, draft_id)
        if found.in_spite and not (known.in_spite and sure(form, found.draft)):
            raise _NotSure
        drafted.decide(db, found.draft, now=times.read(box.now()), by=by)
        return found

    known = box.read(lambda db: standing(db, draft_id))
    deed = Deed.DRAFT_DECIDED_ANYWAY if known.in_spite else Deed.DRAFT_DECIDED
    detail = {"played": known.played.value, "differing": "; ".join(known.differing)} if known.in_spite else {}
    try:
        visit.changed(deed, change, target=known.draft.name, **detail)
    except _NotSure:
        form.errors[CONFIRM.name] = forms.NOT_ITS_NAME
        return _page(draft_id, form), 422
    except (DraftClashes, SettingsError) as exc:
        flash(CLASHES if isinstance(exc, DraftClashes) else NOT_DECIDED)
        return back(draft_id)
    giving.ring(box.settings)
    flash(later("It is decided. Calls that begin from now on go by it."))
    return redirect(url_for(".index"), code=303)


def forget_draft(draft_id: int) -> ResponseReturnValue:
    """Forget a draft: nothing changes for callers."""
    box = the_box()
    name = box.read(lambda db: drafts.one(db, draft_id)).name

    def change(db: Connection) -> None:
        drafts.forget(db, draft_id)
        # What was in its documents is not kept either.
        drafted.owe(db, now=times.read(box.now()))

    visit.changed(Deed.DRAFT_FORGOTTEN, change, target=name)
    giving.ring(box.settings)
    flash(later("The draft is forgotten."))
    return redirect(url_for(".index"), code=303)


def back(draft_id: int) -> ResponseReturnValue:
    """To the draft."""
    return redirect(url_for(".draft", draft_id=draft_id), code=303)


class _NotSure(Exception):
    """Its name was not typed."""


def sure(form: Form, wanted: Draft) -> bool:
    """Whether the name of a draft was typed."""
    return form.fine and forms.is_name(form[CONFIRM.name], wanted.name)


def standing(db: Connection, draft_id: int) -> Standing:
    """How a draft stands now. Raises NoSuchRow."""
    found = drafts.one(db, draft_id)
    run = rehearsals.marked(db, drafts.mark(db, found))
    played, differing = _played(db, run)
    return Standing(found, drafts.items(db, found), played, run, differing)


def _played(db: Connection, run: Run | None) -> tuple[Played, tuple[str, ...]]:
    """How far the kept rehearsals are with a run, and the names of those that differ in it."""
    kept = rehearsals.every(db)
    if not kept:
        return Played.NOTHING, ()
    if run is None or any(each.kept_at > run.asked_at for each in kept):
        return Played.NOT_YET, ()
    came = {each.rehearsal.id: each for each in rehearsals.results(db, run.id)}
    differing = tuple(
        each.name for each in kept if each.id in came and (came[each.id].problem or came[each.id].differs)
    )
    if not run.ended_at:
        return Played.PLAYING, differing
    played = Played.DIFFERS if differing else Played.SAME if len(came) >= len(kept) else Played.NOT_YET
    return played, differing


def _known(db: Connection, draft_id: int) -> dict[str, Any]:
    found, tongue = standing(db, draft_id), reader_tongue()
    told = {} if found.run is None else results.of(db, found.run.id)
    return {
        **told,
        "standing": found,
        "draft": found.draft,
        "items": [draft_shown.shown(each, tongue) for each in found.items],
        "confirm": forms.empty((CONFIRM,)),
    }


def _page(draft_id: int, confirm: Form | None = None) -> str:
    def look(db: Connection) -> tuple[str, dict[str, Any]]:
        return live_parts.version(db, *SUBJECTS), _known(db, draft_id)

    version, known = the_box().read(look)
    known["confirm"] = confirm or known["confirm"]
    return render_template("rehearse/draft_one.html", version=version, **known)


def _changed(draft_id: int, change: Callable[..., None], told: str) -> ResponseReturnValue:
    box, key, by = the_box(), request.form.get("item", ""), visit.visit().account.name
    name = box.read(lambda db: drafts.one(db, draft_id)).name
    visit.changed(Deed.DRAFT_CHANGED, lambda db: change(db, draft_id, key, at=box.now(), by=by), target=name)
    flash(told)
    return back(draft_id)
