"""The pages of calls.

May import: flask, admin, appliance.store.
"""

from collections.abc import Mapping

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from admin.box import the_box
from admin.calls import shown
from admin.messages.recording import with_recordings
from admin.visit import reader_tongue, visit
from admin.words import Words
from appliance.store import calls as call_log
from appliance.store import message_texts
from appliance.store.calls import Call, WholeCall
from appliance.store.database import Connection
from appliance.store.message_texts import MessageText

PAGE = 50
calls = Blueprint("calls", __name__, url_prefix="/calls", template_folder="templates")


@calls.get("")
def index() -> ResponseReturnValue:
    """Calls by days, the newest first."""
    box, before = the_box(), request.args.get("before", "")
    found, office = box.read(lambda db: _page(db, before)), visit().office
    return render_template(
        "calls/index.html",
        days=shown.days(found[:PAGE], office, box.now(), Words(reader_tongue())),
        older=found[PAGE - 1].id if len(found) > PAGE else "",
        first=not before,
    )


@calls.get("/<call_id>")
def one(call_id: str) -> ResponseReturnValue:
    """One call with everything that is kept of it."""
    box = the_box()
    whole, texts = box.read(lambda db: _one(db, call_id))
    return render_template(
        "calls/one.html",
        whole=whole,
        call=whole.call,
        speed=shown.speed(whole.timings),
        used=shown.used(whole.usage),
        events=shown.event_lines(whole.events),
        messages=with_recordings(whole.messages, box.recordings, texts),
    )


def _page(db: Connection, before_id: str) -> list[Call]:
    before = call_log.one(db, before_id) if before_id else None
    if before_id and before is None:
        abort(404)
    return call_log.page(db, before=before, limit=PAGE + 1)


def _one(db: Connection, call_id: str) -> tuple[WholeCall, Mapping[int, MessageText]]:
    whole = call_log.whole(db, call_id)
    if whole is None:
        abort(404)
    texts = message_texts.of_messages(db, [each.id for each in whole.messages])
    return whole, texts
