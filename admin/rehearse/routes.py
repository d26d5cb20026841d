"""The pages on which somebody rehearses: by microphone or keys with script, turn by turn without.

May import: flask, admin, appliance.core, appliance.jobs, appliance.store.
"""

from flask import Blueprint, abort, flash, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from admin import forms, visit
from admin.box import the_box
from admin.door import guard, hosts
from admin.forms import Field, Form
from admin.rehearse import changing, changing_rows, drafting, kept, shown
from admin.tongue import later
from admin.visit import reader_tongue
from appliance.core import telephone
from appliance.core.errors import WireError
from appliance.core.phones import outside
from appliance.core.rehearsal import KEYS, LINE_MOST, Mode, Step, step
from appliance.jobs import drafted, giving, typed_rehearsal
from appliance.jobs.typed_rehearsal import NoRehearsal, State
from appliance.store import drafts, rehearsal_tokens, rehearsals, times
from appliance.store.audit import Deed
from appliance.store.database import Connection
from appliance.store.rehearsal_tokens import Ticket

SOCKET = "/rehearse"
TALK = "rehearsal"
"""Where a browser's session keeps the name of the rehearsal that is typed in it."""
NONE = "nothing-is-rehearsed"
LINE = Field("line", later("What a caller says"), most=LINE_MOST)
CALLER = Field(
    "caller",
    later("The number that the call comes from"),
    hint=later("Left empty, it is withheld. Nothing is sent to it."),
    most=30,
    needed=False,
)
NO_NUMBER = later("Write a telephone number such as +1 212 555 0142, or nothing.")
NOT_SO = later("That could not be typed to the assistant.")

rehearse = Blueprint("rehearse", __name__, url_prefix="/rehearsals", template_folder="templates")
for part in (kept, drafting, changing, changing_rows):
    part.install(rehearse)


@rehearse.get("")
def index() -> ResponseReturnValue:
    """Where a rehearsal begins, and what is kept of others."""
    return _page(forms.empty(_beginning(), against=request.args.get("against", ""), caller=""))


@rehearse.post("/token")
def token() -> ResponseReturnValue:
    """A token for the script of the page, and the address at which it is good."""
    mode = request.form.get("mode", "")
    form = _begun()
    if mode not in list(Mode):
        abort(400)
    if not form.fine:
        return jsonify({"wrong": [reader_tongue()(each) for each in form.errors.values()]}), 422
    made = _token(form, Mode(mode), request.headers.get("Origin", ""))
    return jsonify({"token": made, "address": f"{_socket()}?mode={mode}"})


@rehearse.post("/begin")
def begin() -> ResponseReturnValue:
    """Begin one that is typed turn by turn."""
    form = _begun()
    if not form.fine:
        return _page(form), 422
    try:
        state = typed_rehearsal.begin(_port(), _token(form, Mode.TYPED, ""))
    except NoRehearsal as exc:
        form.errors[""] = _problem(exc)
        return _page(form), 422
    session[TALK] = state.name
    return redirect(url_for(".talk"), code=303)


@rehearse.get("/talk")
def talk() -> ResponseReturnValue:
    """The rehearsal that is typed in this browser, as far as it has come."""
    try:
        state = typed_rehearsal.look(_port(), session.get(TALK, NONE))
    except NoRehearsal:
        return redirect(url_for(".index"), code=303)
    return _talk_page(state, forms.empty((LINE,)))


@rehearse.post("/say")
def say() -> ResponseReturnValue:
    """Say something, press a key, or hang up: the assistant has answered when the page is there."""
    done = _step()
    try:
        if done is None:
            form = forms.read((LINE,), request.form)
            form.errors.setdefault("line", NOT_SO)
            return _talk_page(typed_rehearsal.look(_port(), session.get(TALK, NONE)), form), 422
        typed_rehearsal.do(_port(), session.get(TALK, NONE), done)
    except NoRehearsal as exc:
        flash(_problem(exc))
        return redirect(url_for(".index"), code=303)
    return redirect(url_for(".talk"), code=303)


def _step() -> Step | None:
    """What is to be done; None when that is nothing."""
    pressed = request.form.get("key", "")
    if pressed == "hang up":
        return step({"hang_up": True})
    if pressed in KEYS:
        return step({"key": pressed})
    try:
        return step({"line": request.form.get("line", "")})
    except WireError:
        return None


def _beginning() -> tuple[Field, ...]:
    """The fields of a rehearsal that begins."""
    known = the_box().read(drafts.every)
    choices = (("", later("What is decided now")), *((str(each.id), each.name) for each in known))
    against = Field("against", later("Rehearse with"), kind="choice", needed=False, choices=choices)
    return (against, CALLER) if known else (CALLER,)


def _begun() -> Form:
    """What was chosen to begin with; a number as the telephone has it."""
    form = forms.read(_beginning(), request.form)
    typed, staff = form.values.get("caller", ""), visit.visit().office.staff
    region = telephone.region((staff.caller_id or "", *outside(staff.people)))
    number = telephone.e164(typed, region) if typed else ""
    if typed and not number:
        form.errors["caller"] = NO_NUMBER
    elif number:
        form.values["caller"] = number
    return form


def _token(form: Form, mode: Mode, origin: str) -> str:
    """A token in the visitor's name, noted in the log."""
    box, here = the_box(), visit.visit()
    chosen = form.values.get("against", "")
    draft = box.read(lambda db: drafts.one(db, int(chosen))) if chosen else None
    values = {} if draft is None else draft.values
    ticket = Ticket(here.account.id, mode, origin, form.values.get("caller", ""), values)

    def add(db: Connection) -> str:
        if drafted.missing(db, box.settings.knowledge_dir, values):
            drafted.owe(db, now=times.read(box.now()))
        return rehearsal_tokens.add(db, ticket, at=box.now())

    made = visit.changed(Deed.REHEARSED, add, target=draft.name if draft else "")
    if draft is not None:
        giving.ring(box.settings)
    return made


def _socket() -> str:
    """Where the browser reaches the bridge: through what serves the pages, or straight on the box itself."""
    host = request.host
    if request.is_secure or not hosts.is_known(host, frozenset(hosts.LOOPBACK)):
        return f"{'wss' if request.is_secure else 'ws'}://{host}{SOCKET}"
    return f"ws://127.0.0.1:{_port()}{SOCKET}"


def _port() -> int:
    return the_box().settings.listen.local_port


def _problem(failed: NoRehearsal) -> str:
    if failed.why is not None:
        return shown.REFUSALS[failed.why]
    return shown.AWAY if str(failed) == typed_rehearsal.AWAY else str(failed)


def _page(form: Form) -> str:
    address = _socket()
    guard.may_hear(address.partition(SOCKET)[0])
    office, tongue = visit.visit().office, reader_tongue()
    box = the_box()
    known, tried, ran = box.read(lambda db: (rehearsals.every(db), drafts.every(db), rehearsals.runs(db)))
    return render_template(
        "rehearse/index.html",
        form=form,
        sentences=shown.sentences(office, tongue),
        kept=known,
        drafts=tried,
        runs=ran,
        parts=shown.PARTS,
        keep=kept.empty(),
    )


def _talk_page(state: State, form: Form) -> str:
    entries = shown.entries(state.told, visit.visit().office, reader_tongue())
    return render_template(
        "rehearse/talk.html",
        entries=entries,
        form=form,
        over=state.over,
        keep=kept.empty(),
        rehearsed=kept.rehearsed(state),
        parts=shown.PARTS,
    )
