"""The page of today, and the part of it that is live.

May import: flask, admin, appliance.store.
"""

import hashlib

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from admin import live as live_parts
from admin.box import the_box
from admin.calls import acting
from admin.today import asking, callbacks, shown
from admin.today.lights import Light, lights
from admin.visit import visit
from appliance.store.audit import Deed
from appliance.store.callback_rows import Entry
from appliance.store.database import Connection

SUBJECTS = ("calls", "talk", "messages", "callbacks", "office")
ID_MOST = 2**63 - 1
today = Blueprint("today", __name__, url_prefix="/today", template_folder="templates")


@today.get("")
def index() -> ResponseReturnValue:
    """What goes on right now, and what waits."""
    here, now, seen = visit(), the_box().now(), lights(*asking.standing())
    done_id = request.args.get("done", default=0, type=int)

    def look(db: Connection) -> tuple[str, shown.Today, Entry | None]:
        version = live_parts.version(db, *SUBJECTS, also=_also(now, seen))
        done = callbacks.just_done(db, done_id, here.account.name) if 0 < done_id <= ID_MOST else None
        return version, shown.today(db, here.office, now), done

    version, day, done = the_box().read(look)
    return render_template("today/index.html", today=day, lights=seen, version=version, done=done, act=acting)


@today.get("/live")
def live() -> ResponseReturnValue:
    """The live part, or that it is as it was."""
    office, now, seen = visit().office, the_box().now(), lights(*asking.standing())

    def render(db: Connection) -> str:
        return render_template(
            "today/_live.html", today=shown.today(db, office, now), lights=seen, act=acting
        )

    return live_parts.part(*SUBJECTS, render=render, also=_also(now, seen))


@today.post(f"/callbacks/<int(max={ID_MOST}):entry_id>/take")
def take(entry_id: int) -> ResponseReturnValue:
    """Take an entry of the callback list."""
    return callbacks.changed(Deed.CALLBACK_TAKEN, entry_id, callbacks.take)


@today.post(f"/callbacks/<int(max={ID_MOST}):entry_id>/give-back")
def give_back(entry_id: int) -> ResponseReturnValue:
    """Leave an entry to others again."""
    return callbacks.changed(Deed.CALLBACK_GIVEN_BACK, entry_id, callbacks.give_back)


@today.post(f"/callbacks/<int(max={ID_MOST}):entry_id>/done")
def done(entry_id: int) -> ResponseReturnValue:
    """Be done with an entry."""
    return callbacks.changed(Deed.CALLBACK_DONE, entry_id, callbacks.done, done=entry_id)


@today.post(f"/callbacks/<int(max={ID_MOST}):entry_id>/undo")
def undo(entry_id: int) -> ResponseReturnValue:
    """Take back that an entry is done."""
    return callbacks.changed(Deed.CALLBACK_UNDONE, entry_id, callbacks.undo)


def _also(now: str, seen: list[Light]) -> str:
    """What changes by itself: how long a call has been going on, what is overdue, how the box is."""
    return now[:16] + hashlib.sha256(repr(seen).encode()).hexdigest()
