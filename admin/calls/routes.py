"""The pages of calls.

May import: flask, admin, appliance.store.
"""

from dataclasses import dataclass

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from admin import live as live_parts
from admin.box import the_box
from admin.calls import acting, left, search, shape, shown, tools
from admin.messages.recording import Shown, gathered
from admin.messages.sound import sound
from admin.visit import reader_tongue, visit
from admin.words import Words
from appliance.store import call_search, intents, left_building, requests, transcripts
from appliance.store import calls as call_log
from appliance.store.call_search import Found, Wanted
from appliance.store.calls import WholeCall
from appliance.store.database import Connection
from appliance.store.left_building import Left
from appliance.store.requests import Request

PAGE = 50
SUBJECTS = ("calls", "talk")
calls = Blueprint("calls", __name__, url_prefix="/calls", template_folder="templates")
acting.install(calls)


@calls.get("")
def index() -> ResponseReturnValue:
    """Calls by days, the newest first; those that are looked for, or all."""
    box, here, words = the_box(), visit(), Words(reader_tongue())
    before = request.args.get("before", "")
    form, wanted = search.read(request.args, here.office, words)
    found = box.read(lambda db: _page(db, wanted, before)) if form.fine else []
    asked = {name: value for name, value in form.values.items() if value}
    page = render_template(
        "calls/index.html",
        form=form,
        asked=asked,
        narrowed=any(name in asked for name in search.MORE),
        days=shown.days(found[:PAGE], here.office, box.now(), words),
        older=found[PAGE - 1].call.id if len(found) > PAGE else "",
        first=not before,
    )
    return page, 200 if form.fine else 422


@calls.get("/<call_id>")
def one(call_id: str) -> ResponseReturnValue:
    """One call with everything that is kept of it."""
    box = the_box()
    seen = box.read(lambda db: _one(db, call_id))
    whole = seen.whole
    return render_template(
        "calls/one.html",
        whole=whole,
        call=whole.call,
        turns=whole.turns,
        version=seen.version,
        asked=seen.asked,
        act=acting,
        **acting.fields(whole.call, visit().office, reader_tongue()),
        shape=shape.shape(whole.events),
        speed=shown.speed(whole.timings),
        used=shown.used(whole.usage),
        wishes=seen.wishes,
        tools=tools.runs(whole.events),
        left=left.told(seen.left, reader_tongue()),
        languages=shown.languages(whole.languages),
        events=shown.event_lines(whole.events),
        messages=[(each, sound(each, box.recordings)) for each in seen.messages],
    )


@calls.get("/<call_id>/live")
def live(call_id: str) -> ResponseReturnValue:
    """What is said in a call that is going on, or that it is as it was."""

    def render(db: Connection) -> str:
        call = call_log.one(db, call_id)
        if call is None:
            abort(404)
        return render_template(
            "calls/_talk.html",
            call=call,
            turns=transcripts.of_call(db, call_id),
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
