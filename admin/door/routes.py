"""Coming in by a link, and leaving.

May import: flask, admin, appliance.store.
"""

import logging

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from admin.box import the_box
from admin.door import guard
from appliance.store import access
from appliance.store.access import Refusal

log = logging.getLogger(__name__)
door = Blueprint("door", __name__, template_folder="templates")


@door.get("/open/<token>")
def enter(token: str) -> ResponseReturnValue:
    """Use a link up and begin a session."""
    if request.method == "HEAD" or "prefetch" in request.headers.get("Sec-Purpose", ""):
        abort(404)  # whoever only looks ahead must not use the link up
    box, source = the_box(), request.remote_addr or ""
    opened = box.write(lambda db: access.open_link(db, token, source=source, at=box.now()))
    if isinstance(opened, Refusal):
        log.warning("a link opened nothing", extra={"source": source, "refusal": opened})
        abort(429 if opened is Refusal.TOO_MANY else 403)
    guard.begin(opened)
    log.info("session began", extra={"source": source})
    return redirect(url_for("calls.index"), code=303)


@door.post("/door/leave")
def leave() -> ResponseReturnValue:
    """End the session."""
    box, token = the_box(), session["token"]
    box.write(lambda db: access.end(db, token, at=box.now()))
    session.clear()
    return redirect(url_for(".closed"), code=303)


@door.get("/door/closed")
def closed() -> ResponseReturnValue:
    """Say that the session is over."""
    return render_template("door/closed.html")
