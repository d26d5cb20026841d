"""The pages of the callback list, and what is done with an entry.

May import: flask, admin, appliance.core, appliance.store.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin import forms, visit
from admin import live as live_parts
from admin.box import the_box
from admin.callbacks import shown
from admin.door.guard import safe_path
from admin.forms import Field, Form
from admin.messages.recording import Shown, gathered
from admin.tongue import later
from admin.visit import reader_tongue
from admin.words import Words
from appliance.store import callback_rows, times
from appliance.store import callbacks as entries
from appliance.store.audit import Deed
from appliance.store.callback_rows import Done, Entry
from appliance.store.callbacks import NotOpen, Taken
from appliance.store.database import Connection

PAGE = 25
ID_MOST = 2**63 - 1
SUBJECTS = ("callbacks", "messages", "office")
VIEWS = {"": later("All of them"), "mine": later("Yours"), "nobody": later("Nobody's yet")}
callbacks = Blueprint("callbacks", __name__, url_prefix="/callbacks", template_folder="templates")
ENTRY = f"/<int(max={ID_MOST}):entry_id>"

WORDS = Field(
    "words",
    later("What is to be remembered"),
    hint=later("Such as what was said, or when they can be reached."),
    most=entries.NOTE_MOST,
    needed=False,
)
AGAIN = Field(
    "again",
    later("Due again"),
    kind="choice",
    needed=False,
    choices=(
        ("", later("As it is")),
        ("30", later("In half an hour")),
        ("60", later("In an hour")),
        ("120", later("In two hours")),
        ("240", later("In four hours")),
        ("1440", later("Tomorrow at this time")),
    ),
)
DID = (WORDS, AGAIN)
QUICKER = later("Somebody else was quicker: see how it is now.")
CHOOSE_WHEN = later("Choose when it is due again.")


@callbacks.get("")
def index() -> ResponseReturnValue:
    """Who is to be called back, what presses most first."""
    view, after = _view(), _id("after")
    version, listed = the_box().read(lambda db: (_version(db), _listed(db, view, after)))
    done = _id("done")
    return render_template(
        "callbacks/index.html",
        listed=listed,
        version=version,
        views=VIEWS,
        first=not after,
        undone=the_box().read(lambda db: callback_rows.get(db, done)) if done else None,
        **_shown(),
    )


@callbacks.get("/live")
def live() -> ResponseReturnValue:
    """The list, or that it is as it was."""
    view, after = _view(), _id("after")

    def render(db: Connection) -> str:
        return render_template("callbacks/_list.html", listed=_listed(db, view, after), **_shown())

    return live_parts.part(*SUBJECTS, render=render, also=_also())


@callbacks.get("/done")
def past() -> ResponseReturnValue:
    """What was done, the latest first."""
    before_id = _id("before")

    def look(db: Connection) -> list[Entry]:
        before = callback_rows.get(db, before_id) if before_id else None
        return callback_rows.done_page(db, before=before, limit=PAGE + 1)

    found = the_box().read(look)
    shown_ = the_box().read(lambda db: shown.cards(db, found[:PAGE], reader_tongue()))
    older = found[PAGE - 1].id if len(found) > PAGE else 0
    return render_template(
        "callbacks/past.html", cards=shown_, views=VIEWS, view="done", older=older, first=not before_id,
        **_shown(),
    )  # fmt: skip


@callbacks.get(ENTRY)
def one(entry_id: int) -> ResponseReturnValue:
    """One caller: why, what was left, what was done, and what was promised before."""
    return _page(entry_id, forms.empty(DID))


@callbacks.post(f"{ENTRY}/take")
def take(entry_id: int) -> ResponseReturnValue:
    """Have it as one's own; over from somebody else when that is said."""
    over = request.form.get("over") == "1"
    return _do(
        Deed.CALLBACK_TAKEN,
        entry_id,
        lambda db, who, now: entries.take(db, entry_id, who, now=now, over=over),
    )


@callbacks.post(f"{ENTRY}/give-back")
def give_back(entry_id: int) -> ResponseReturnValue:
    """It is nobody's again."""
    return _do(
        Deed.CALLBACK_GIVEN_BACK, entry_id, lambda db, who, now: entries.give_back(db, entry_id, who, now=now)
    )


@callbacks.post(f"{ENTRY}/note")
def note(entry_id: int) -> ResponseReturnValue:
    """Write something down."""
    form = forms.read((WORDS,), request.form)
    if form.fine and not form["words"]:
        form.errors["words"] = forms.NEEDED
    if not form.fine:
        return _wrong(entry_id, form)
    return _do(
        Deed.CALLBACK_NOTED,
        entry_id,
        lambda db, who, now: entries.note(db, entry_id, who, form["words"], now=now),
    )


@callbacks.post(f"{ENTRY}/attempt")
def attempt(entry_id: int) -> ResponseReturnValue:
    """They were called in vain."""
    form = forms.read(DID, request.form)
    if not form.fine:
        return _wrong(entry_id, form)
    return _do(
        Deed.CALLBACK_TRIED,
        entry_id,
        lambda db, who, now: entries.attempt(
            db, entry_id, who, form["words"], now=now, again=_later_than(now, form)
        ),
    )


@callbacks.post(f"{ENTRY}/not-tried")
def not_tried(entry_id: int) -> ResponseReturnValue:
    """They were not called in vain: that was pressed by mistake."""
    return _do(
        Deed.CALLBACK_NOT_TRIED,
        entry_id,
        lambda db, who, now: entries.attempt_back(db, entry_id, who, now=now),
    )


@callbacks.post(f"{ENTRY}/put-off")
def put_off(entry_id: int) -> ResponseReturnValue:
    """It is due later."""
    form = forms.read(DID, request.form)
    if form.fine and not form["again"]:
        form.errors["again"] = CHOOSE_WHEN
    if not form.fine:
        return _wrong(entry_id, form)

    def change(db: Connection, who: str, now: datetime) -> Entry:
        if form["words"]:
            entries.note(db, entry_id, who, form["words"], now=now)
        return entries.snooze(db, entry_id, who, _later_than(now, form) or now, now=now)

    return _do(Deed.CALLBACK_PUT_OFF, entry_id, change)


@callbacks.post(f"{ENTRY}/done")
def done(entry_id: int) -> ResponseReturnValue:
    """All of it is dealt with; the list offers to undo it."""
    form = forms.read((WORDS,), request.form)
    if not form.fine:
        return _wrong(entry_id, form)
    view = request.form.get("view", "")
    return _do(
        Deed.CALLBACK_DONE,
        entry_id,
        lambda db, who, now: entries.done(db, entry_id, who, form["words"], now=now),
        then=url_for(".index", view=view if view in VIEWS and view else None, done=entry_id),
    )


@callbacks.post(f"{ENTRY}/undo")
def undo(entry_id: int) -> ResponseReturnValue:
    """It was not done after all."""
    return _do(Deed.CALLBACK_UNDONE, entry_id, lambda db, who, now: entries.undo(db, entry_id, who, now=now))


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of the list, in a view of it."""

    view: str
    cards: list[shown.Card]
    counts: callback_rows.Counts
    after: int
    """The last entry of this page, where there are more behind it."""


def _listed(db: Connection, view: str, after_id: int) -> Listed:
    owner = {"mine": visit.visit().account.name, "nobody": ""}.get(view)
    after = callback_rows.get(db, after_id) if after_id else None
    found = callback_rows.open_page(db, after=after, owner=owner, limit=PAGE + 1)
    return Listed(
        view,
        shown.cards(db, found[:PAGE], reader_tongue()),
        callback_rows.counts(db, times.read(the_box().now())),
        found[PAGE - 1].id if len(found) > PAGE else 0,
    )


def _shown() -> Mapping[str, Any]:
    """What the templates of entries know."""
    office, now, words = visit.visit().office, the_box().now(), Words(reader_tongue())
    return {
        "when": lambda entry: shown.when(entry, office, now, words),
        "late": lambda entry: entry.overdue(times.read(now)),
        "urgencies": shown.URGENCIES,
        "is_open": shown.is_open,
        "at": times.written,
    }


def _page(entry_id: int, form: Form) -> str:
    box, words = the_box(), Words(reader_tongue())
    office, now = visit.visit().office, box.now()

    def look(db: Connection) -> tuple[Entry, list[Done], list[Shown], list[Entry]]:
        entry = callback_rows.get(db, entry_id)
        left = gathered(db, shown.messages_of(db, entry), box.recordings)
        before = [each for each in callback_rows.of_number(db, entry.number) if each.id != entry.id]
        return entry, callback_rows.history(db, entry_id), left, before

    entry, history, left, before = box.read(look)
    return render_template(
        "callbacks/one.html",
        entry=entry,
        causes=shown.causes(entry, words.tongue),
        calls=list(dict.fromkeys(each.call_id for each in entry.causes if each.call_id)),
        history=shown.history(history, office, now, words),
        tried=shown.is_open(entry) and entries.tried_last(history, visit.visit().account.name),
        messages=left,
        before=before,
        form=form,
        **_shown(),
    )


def _wrong(entry_id: int, form: Form) -> ResponseReturnValue:
    """The page of an entry, with what was typed and what is wrong with it."""
    return _page(entry_id, Form(DID, {"again": "", **form.values}, form.errors)), 422


def _do(
    deed: Deed,
    entry_id: int,
    change: Callable[[Connection, str, datetime], Entry],
    *,
    then: str = "",
) -> ResponseReturnValue:
    """Do something with an entry in the visitor's name, and go back to where that was asked for."""
    who, now = visit.visit().account.name, times.read(the_box().now())
    back = safe_path(request.form.get("next", "")) or url_for(".one", entry_id=entry_id)
    try:
        visit.changed(deed, lambda db: change(db, who, now), target=str(entry_id))
    except (NotOpen, Taken):
        flash(QUICKER)
        return redirect(url_for(".one", entry_id=entry_id), code=303)
    return redirect(then or back, code=303)


def _later_than(now: datetime, form: Form) -> datetime | None:
    return now + timedelta(minutes=int(form["again"])) if form["again"] else None


def _view() -> str:
    view = request.args.get("view", "")
    return view if view in VIEWS else abort(404)


def _id(name: str) -> int:
    found = request.args.get(name, default=0, type=int)
    return found if 0 <= found <= ID_MOST else abort(404)


def _version(db: Connection) -> str:
    return live_parts.version(db, *SUBJECTS, also=_also())


def _also() -> str:
    """What is overdue changes by itself, once a minute; and pages differ."""
    return f"{the_box().now()[:16]} {_view()} {_id('after')}"
