"""The page of today, and the part of it that is live.

May import: flask, admin, appliance.store.
"""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from admin import live as live_parts
from admin.box import the_box
from admin.today import shown
from admin.visit import visit
from appliance.store.database import Connection

SUBJECTS = ("calls", "talk", "messages", "callbacks", "office")
today = Blueprint("today", __name__, url_prefix="/today", template_folder="templates")


@today.get("")
def index() -> ResponseReturnValue:
    """What goes on right now, and what waits."""
    office, now = visit().office, the_box().now()

    def look(db: Connection) -> tuple[str, shown.Today]:
        return live_parts.version(db, *SUBJECTS, also=_minute(now)), shown.today(db, office, now)

    version, day = the_box().read(look)
    return render_template("today/index.html", today=day, version=version)


@today.get("/live")
def live() -> ResponseReturnValue:
    """The live part, or that it is as it was."""
    office, now = visit().office, the_box().now()

    def render(db: Connection) -> str:
        return render_template("today/_live.html", today=shown.today(db, office, now))

    return live_parts.part(*SUBJECTS, render=render, also=_minute(now))


def _minute(now: str) -> str:
    """How long a call has been going on, and what is overdue, changes by itself."""
    return now[:16]
