"""The page of the audit log. Nothing here changes it, and nothing can.

May import: flask, admin, appliance.store.
"""

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from admin.audit import words
from admin.box import the_box
from admin.visit import reader_tongue
from appliance.store import accounts
from appliance.store import audit as rows
from appliance.store.accounts import Account
from appliance.store.audit import Row
from appliance.store.database import Connection

PAGE = 100
ID_MOST = 2**63 - 1
audit = Blueprint("audit", __name__, url_prefix="/audit", template_folder="templates")


@audit.get("")
def index() -> ResponseReturnValue:
    """Who did what, the newest first."""
    before, account_id = (request.args.get(name, default=0, type=int) for name in ("before", "who"))
    kind = request.args.get("kind", "")
    if not (0 <= before <= ID_MOST and 0 <= account_id <= ID_MOST) or (kind and kind not in words.KINDS):
        abort(404)
    deeds = sorted(words.KINDS[kind][1]) if kind else []

    def look(db: Connection) -> tuple[list[Row], list[Account]]:
        found = rows.page(
            db, before_id=before or None, account_id=account_id or None, deeds=deeds, limit=PAGE + 1
        )
        return found, accounts.every(db)

    found, people = the_box().read(look)
    return render_template(
        "audit/index.html",
        rows=found[:PAGE],
        people=people,
        kinds={name: label for name, (label, _) in words.KINDS.items()},
        chosen={"kind": kind or None, "who": account_id or None},
        older=found[PAGE - 1].id if len(found) > PAGE else 0,
        first=not before,
        said=words,
        tongue=reader_tongue(),
    )
