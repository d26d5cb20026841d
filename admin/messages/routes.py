"""The pages of messages and their recordings, and what is done with a message.

May import: flask, admin, appliance.jobs, appliance.store.
"""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from admin import live as live_parts
from admin import visit
from admin.box import the_box
from admin.door.guard import safe_path
from admin.forms import Form
from admin.messages import correcting
from admin.messages.recording import TYPES, Shown, gathered, recording_of
from admin.messages.sound import sound
from admin.tongue import later
from appliance.jobs import giving
from appliance.store import callbacks, message_corrections, recordings_away, times, voicemail
from appliance.store import messages as message_rows
from appliance.store.audit import Deed
from appliance.store.callbacks import NotOpen
from appliance.store.database import Connection
from appliance.store.errors import NoSuchRow
from appliance.store.messages import Part

PAGE = 50
SUBJECTS = ("messages", "callbacks")
ONE_LOOK_S = 600
ID_MOST = 2**63 - 1
MESSAGE = f"/<int(max={ID_MOST}):message_id>"
PARTS = {
    Part.OPEN: later("To deal with"),
    Part.DONE: later("Dealt with"),
    Part.ALL: later("All of them"),
    Part.HANG_UPS: later("Hung up without a word"),
}
KINDS = {"": later("Any kind"), "voicemail": later("Spoken"), "message": later("Written down in the call")}
NOTHING_NEW = later("Nothing was different from before, so nothing was changed.")
CORRECTED = later("The correction is saved. What was heard before stays below it.")
TAKEN_BACK = later("The correction is taken back: what was there before counts again.")
FETCHING = later("The recording is being fetched from where it is kept.")
AGAIN = later("It is being written down. Look again in a minute.")
QUICKER = later("Somebody else was quicker: see how it is now.")
messages = Blueprint("messages", __name__, url_prefix="/messages", template_folder="templates")


@messages.get("")
def index() -> ResponseReturnValue:
    """Messages, the newest first: those that are to be dealt with, or another part of them."""
    box, done = the_box(), _id("done")

    def look(db: Connection) -> tuple[str, dict[str, Any], list[Shown]]:
        gone = message_rows.one(db, done) if done else None
        just_done = gathered(db, [gone] if gone is not None and gone.handled_at else [], box.recordings)
        return live_parts.version(db, *SUBJECTS, also=_listed()), _list(db), just_done

    version, found, just_done = box.read(look)
    at = {name: request.args[name] for name in ("part", "kind", "before") if name in request.args}
    return render_template(
        "messages/index.html", **found, version=version, at=at, just_done=just_done, parts=PARTS, kinds=KINDS
    )


@messages.get("/live")
def live() -> ResponseReturnValue:
    """The same list, or that it is as it was."""
    return live_parts.part(
        *SUBJECTS, render=lambda db: render_template("messages/_list.html", **_list(db)), also=_listed()
    )


def _listed() -> str:
    """Which list it is, and of which hour: what is of today is of yesterday later on."""
    return f"{the_box().now()[:13]} {_part()} {_kind()} {_id('before')}"


def _list(db: Connection) -> dict[str, Any]:
    """What the list shows."""
    part, kind, before = _part(), _kind(), _id("before")
    found = message_rows.in_part(db, part, kind=kind, before_id=before or None, limit=PAGE + 1)
    return {
        "messages": gathered(db, found[:PAGE], the_box().recordings),
        "older": found[PAGE - 1].id if len(found) > PAGE else 0,
        "first": not before,
        "part": part,
        "kind": kind,
        "asked": {"part": part if part != Part.OPEN else None, "kind": kind or None},
    }


def _part() -> Part:
    found = request.args.get("part", Part.OPEN)
    return Part(found) if found in list(Part) else abort(404)


def _kind() -> str:
    found = request.args.get("kind", "")
    return found if found in KINDS else abort(404)


@messages.get(MESSAGE)
def one(message_id: int) -> ResponseReturnValue:
    """One message: what is heard, what was written down, what staff corrected, and what is to be done."""
    return _page(message_id)


@messages.get(f"{MESSAGE}/live")
def one_live(message_id: int) -> ResponseReturnValue:
    """The same message, or that it is as it was."""
    return live_parts.part(
        *SUBJECTS,
        render=lambda db: render_template("messages/_one.html", **_one(db, message_id, None)),
        also=_of(message_id),
    )


@messages.get(f"{MESSAGE}/recording")
def recording(message_id: int) -> ResponseReturnValue:
    """The recording of a message, whole or in ranges."""
    box = the_box()
    message = box.read(lambda db: message_rows.one(db, message_id))
    kept = recording_of(message, box.recordings) if message is not None else None
    if kept is None:
        abort(404)
    # Before anything is sent. A player asks for many parts: they are one look.
    visit.noted_once(Deed.RECORDING_HEARD, target=str(message_id), within_s=ONE_LOOK_S)
    return send_file(kept, mimetype=TYPES[kept.suffix], conditional=True, max_age=0)


@messages.post(f"{MESSAGE}/bring-back")
def bring_back(message_id: int) -> ResponseReturnValue:
    """Have the worker fetch a recording that is kept elsewhere: from here nobody outside is asked."""
    box = the_box()
    if not _shown(message_id).away:
        abort(404)
    visit.changed(
        Deed.RECORDING_FETCHED,
        lambda db: recordings_away.owe_back(db, message_id, now=times.read(box.now())),
        target=str(message_id),
    )
    giving.ring(box.settings)
    flash(FETCHING)
    return redirect(url_for(".one", message_id=message_id), code=303)


@messages.post(f"{MESSAGE}/correct")
def correct(message_id: int) -> ResponseReturnValue:
    """Write down what it really says, who left it, and whom to call."""
    form = correcting.read(request.form, visit.visit().office)
    if not form.fine:
        return _page(message_id, form), 422
    now, name = the_box().now(), visit.visit().account.name
    if not correcting.differs(form, _shown(message_id)):
        flash(NOTHING_NEW)
        return redirect(url_for(".one", message_id=message_id), code=303)
    visit.changed(
        Deed.MESSAGE_CORRECTED,
        lambda db: message_corrections.add(db, message_id, by=name, at=now, **form.values),
        target=str(message_id),
    )
    flash(CORRECTED)
    return redirect(url_for(".one", message_id=message_id), code=303)


@messages.post(f"{MESSAGE}/write")
def write_again(message_id: int) -> ResponseReturnValue:
    """Have it written down, whatever became of that before."""
    box = the_box()
    message, now = box.read(lambda db: message_rows.one(db, message_id)), times.read(box.now())
    if message is None or message.recording_path is None:
        abort(404)
    visit.changed(
        Deed.MESSAGE_WRITTEN_AGAIN,
        lambda db: voicemail.owe_text_anew(db, message_id, now=now, by_hand=True),
        target=str(message_id),
    )
    giving.ring(box.settings)
    flash(AGAIN)
    return redirect(url_for(".one", message_id=message_id), code=303)


@messages.post(f"{MESSAGE}/take-back")
def take_back(message_id: int) -> ResponseReturnValue:
    """The latest correction was wrong."""
    correction_id = request.form.get("correction", default=0, type=int)
    try:
        visit.changed(
            Deed.MESSAGE_AS_BEFORE,
            lambda db: message_corrections.take_back(db, message_id, correction_id),
            target=str(message_id),
        )
        flash(TAKEN_BACK)
    except NoSuchRow:
        flash(QUICKER)
    return redirect(url_for(".one", message_id=message_id), code=303)


@messages.post(f"{MESSAGE}/done")
def done(message_id: int) -> ResponseReturnValue:
    """It is dealt with; the list offers to undo that."""
    return _do(Deed.MESSAGE_DONE, message_id, callbacks.message_done, undo=True)


@messages.post(f"{MESSAGE}/open")
def open_again(message_id: int) -> ResponseReturnValue:
    """It is to be dealt with after all."""
    return _do(Deed.MESSAGE_OPENED, message_id, callbacks.message_open)


def _do(
    deed: Deed, message_id: int, change: Callable[..., None], *, undo: bool = False
) -> ResponseReturnValue:
    """Do it in the visitor's name, and go back to where that was asked for."""
    who, now = visit.visit().account.name, times.read(the_box().now())
    back = safe_path(request.form.get("next", "")) or url_for(".one", message_id=message_id)
    try:
        visit.changed(deed, lambda db: change(db, message_id, who, now=now), target=str(message_id))
    except NotOpen:
        flash(QUICKER)
        return redirect(url_for(".one", message_id=message_id), code=303)
    if undo and back.partition("?")[0] == url_for(".index"):
        back = f"{back}{'&' if '?' in back else '?'}done={message_id}"
    return redirect(back, code=303)


def _page(message_id: int, form: Form | None = None) -> str:
    also = _of(message_id)

    def look(db: Connection) -> tuple[str, dict[str, Any]]:
        return live_parts.version(db, *SUBJECTS, also=also), _one(db, message_id, form)

    version, found = the_box().read(look)
    return render_template("messages/one.html", version=version, **found)


def _of(message_id: int) -> str:
    """Which message it is, of which hour, and how far its recording has come that is fetched."""
    job = the_box().read(lambda db: recordings_away.bringing(db, message_id))
    return f"{the_box().now()[:13]} {message_id} {job.state if job else ''}"


def _one(db: Connection, message_id: int, form: Form | None) -> dict[str, Any]:
    """What the page of a message shows; with a form that was sent wrong, that one."""
    folder = the_box().recordings
    message = message_rows.one(db, message_id)
    each = gathered(db, [message], folder)[0] if message is not None else abort(404)
    return {
        "each": each,
        "sound": sound(each, folder),
        "corrections": message_corrections.of_message(db, message_id),
        "form": form or correcting.filled(each),
        "wrong": form is not None,
    }


def _shown(message_id: int) -> Shown:
    box = the_box()
    message = box.read(lambda db: message_rows.one(db, message_id))
    return box.read(lambda db: gathered(db, [message], box.recordings)[0]) if message else abort(404)


def _id(name: str) -> int:
    found = request.args.get(name, default=0, type=int)
    return found if 0 <= found <= ID_MOST else abort(404)
