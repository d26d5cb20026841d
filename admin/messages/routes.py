"""The pages of messages, and their recordings.

May import: flask, admin, appliance.store.
"""

from collections.abc import Mapping

from flask import Blueprint, abort, render_template, request, send_file
from flask.typing import ResponseReturnValue

from admin import visit
from admin.box import the_box
from admin.messages.recording import TYPES, recording_of, with_recordings
from appliance.store import message_texts
from appliance.store import messages as message_rows
from appliance.store.audit import Deed
from appliance.store.database import Connection
from appliance.store.message_texts import MessageText
from appliance.store.messages import Message

PAGE = 50
ONE_LOOK_S = 600
ID_MOST = 2**63 - 1
messages = Blueprint("messages", __name__, url_prefix="/messages", template_folder="templates")


@messages.get("")
def index() -> ResponseReturnValue:
    """Messages, the newest first."""
    box, before = the_box(), request.args.get("before", default=0, type=int)
    if not 0 <= before <= ID_MOST:
        abort(404)
    hang_ups = request.args.get("hang_ups") == "1"
    found, texts = box.read(lambda db: _page(db, before, hang_ups=hang_ups))
    return render_template(
        "messages/index.html",
        messages=with_recordings(found[:PAGE], box.recordings, texts),
        hang_ups=hang_ups,
        older=found[PAGE - 1].id if len(found) > PAGE else 0,
        first=not before,
    )


@messages.get(f"/<int(max={ID_MOST}):message_id>/recording")
def recording(message_id: int) -> ResponseReturnValue:
    """The recording of a message, whole or in ranges."""
    box = the_box()
    message = box.read(lambda db: message_rows.one(db, message_id))
    path = recording_of(message, box.recordings) if message is not None else None
    if path is None:
        abort(404)
    # Before anything is sent. A player asks for many parts: they are one look.
    visit.noted_once(Deed.RECORDING_HEARD, target=str(message_id), within_s=ONE_LOOK_S)
    return send_file(path, mimetype=TYPES[path.suffix], conditional=True, max_age=0)


def _page(
    db: Connection, before_id: int, *, hang_ups: bool
) -> tuple[list[Message], Mapping[int, MessageText]]:
    found = message_rows.page(db, before_id=before_id or None, limit=PAGE + 1, hang_ups=hang_ups)
    return found, message_texts.of_messages(db, [each.id for each in found])
