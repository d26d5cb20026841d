"""The pages of calls.

May import: flask, admin, appliance.store.
"""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from admin import live as live_parts
from admin.box import the_box
from admin.calls import acting, left, portions, search, shape, shown, tools
from admin.forms import Form
from admin.messages.recording import Shown, gathered
from admin.messages.sound import sound
from admin.visit import reader_tongue, visit
from admin.words import Words
from appliance.store import call_search, intents, left_building, requests, transcripts
from appliance.store import calls as call_log
from appliance.store.call_search import Found, Wanted
from appliance.store.calls import Call, WholeCall
from appliance.store.database import Connection
from appliance.store.left_building import Left
from appliance.store.requests import Request
from appliance.store.transcripts import TurnRow

PAGE = 50
SUBJECTS = ("calls", "talk")
ADDRESS = ("text", "number", "since", "until", "outcome", "language", "before")
"""What names a list of calls in an address."""
calls = Blueprint("calls", __name__, url_prefix="/calls", template_folder="templates")
acting.install(calls)
portions.install(calls)


@calls.get("")
def index() -> ResponseReturnValue:
    """Calls by days, the newest first; those that are looked for, or all."""
    form, wanted = _asked()
    if not form.fine:
        return render_template("calls/index.html", form=form, narrowed=True, asked=_given(form)), 422

    def look(db: Connection) -> tuple[str, dict[str, Any]]:
        return live_parts.version(db, "calls", also=_listed()), _list(db, form, wanted)

    version, found = the_box().read(look)
    narrowed = any(name in found["asked"] for name in search.MORE)
    at = {name: request.args[name] for name in ADDRESS if name in request.args}
    return render_template("calls/index.html", narrowed=narrowed, version=version, at=at, **found)


@calls.get("/live")
def list_live() -> ResponseReturnValue:
    """The same list of calls, or that it is as it was."""
    form, wanted = _asked()
    if not form.fine:
        abort(404)
    return live_parts.part(
        "calls",
        render=lambda db: render_template("calls/_list.html", **_list(db, form, wanted)),
        also=_listed(),
    )


@calls.get("/<call_id>")
def one(call_id: str) -> ResponseReturnValue:
    """One call with everything that is kept of it."""
    box = the_box()
    seen = box.read(lambda db: _one(db, call_id))
    whole, drawn, runs = seen.whole, shape.shape(seen.whole.events), tools.runs(seen.whole.events)
    return render_template(
        "calls/one.html",
        whole=whole,
        call=whole.call,
        turns=_heard(whole.call, whole.turns),
        said=len(whole.turns),
        version=seen.version,
        asked=seen.asked,
        act=acting,
        **acting.fields(whole.call, visit().office, reader_tongue()),
        shape=drawn,
        spoken=shape.stretches(whole.turns, drawn, whole.call.started_at) if whole.call.ended_at else {},
        speed=shown.speed(whole.timings),
        used=shown.used(whole.usage),
        wishes=seen.wishes,
        tools=portions.first_runs(runs),
        runs=len(runs),
        citations=portions.first_citations(whole.citations),
        left=left.told(seen.left, reader_tongue()),
        languages=shown.languages(whole.languages),
        events=portions.first_events(whole.events),
        messages=[(each, sound(each, box.recordings)) for each in seen.messages],
    )


@calls.get("/<call_id>/live")
def live(call_id: str) -> ResponseReturnValue:
    """What is said in a call that is going on, or that it is as it was."""

    def render(db: Connection) -> str:
        call = call_log.one(db, call_id)
        if call is None:
            abort(404)
        turns = transcripts.of_call(db, call_id)
        return render_template(
            "calls/_talk.html",
            call=call,
            turns=portions.last_turns(turns),
            said=len(turns),
            spoken={},
            asked=requests.of_call(db, call_id),
            act=acting,
        )

    return live_parts.part(*SUBJECTS, render=render, also=call_id)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A call as its page shows it, all of one moment."""

    whole: WholeCall
    messages: list[Shown]
    wishes: list[str]
    left: list[Left]
    asked: list[Request]
    version: str


def _heard(call: Call, turns: list[TurnRow]) -> list[TurnRow]:
    """What of it the page shows: of a call that is going on the end, else the beginning."""
    return portions.last_turns(turns) if call.ended_at is None else portions.first_turns(turns)


def _asked() -> tuple[Form, Wanted]:
    """What is looked for."""
    return search.read(request.args, visit().office, Words(reader_tongue()))


def _given(form: Form) -> dict[str, str]:
    return {name: value for name, value in form.values.items() if value}


def _listed() -> str:
    """Which list it is, and of which minute: how long a call has been going on changes by itself."""
    return f"{the_box().now()[:16]} {request.query_string.decode('ascii', 'replace')}"


def _list(db: Connection, form: Form, wanted: Wanted) -> dict[str, Any]:
    """What the list shows."""
    before = request.args.get("before", "")
    found = _page(db, wanted, before)
    days = shown.days(found[:PAGE], visit().office, the_box().now(), Words(reader_tongue()))
    return {
        "form": form,
        "asked": _given(form),
        "days": days,
        "older": found[PAGE - 1].call.id if len(found) > PAGE else "",
        "first": not before,
    }


def _page(db: Connection, wanted: Wanted, before_id: str) -> list[Found]:
    before = call_log.one(db, before_id) if before_id else None
    if before_id and before is None:
        abort(404)
    if wanted == Wanted():
        return [Found(call) for call in call_log.page(db, before=before, limit=PAGE + 1)]
    return call_search.find(db, wanted, before=before, limit=PAGE + 1)


def _one(db: Connection, call_id: str) -> _Seen:
    whole = call_log.whole(db, call_id)
    if whole is None:
        abort(404)
    return _Seen(
        whole,
        gathered(db, whole.messages, the_box().recordings),
        intents.wanted(db, call_id),
        left_building.of_call(db, call_id),
        requests.of_call(db, call_id),
        live_parts.version(db, *SUBJECTS, also=call_id),
    )
