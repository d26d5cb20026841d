"""Live parts: a page asks once a second whether its part is another one, and mostly hears that it is not.

A part names the subjects that it shows (`appliance.store.versions`). Its version is an ETag: `attendant.js`
sends it back, and while nothing of these subjects has changed the answer is 304, after a read of a few rows.
May import: the standard library, flask, admin, appliance.store.
"""

import hashlib
from collections.abc import Callable

from flask import Response, make_response, request

from admin.box import the_box
from admin.visit import reader_tongue, visit
from appliance.store import versions
from appliance.store.database import Connection


def version(db: Connection, *subjects: str, also: str = "") -> str:
    """The version of a part for this reader; `also` is what else it depends on, such as the minute."""
    here = visit()
    told = (versions.of(db, *subjects), also, here.account.role, reader_tongue().code, here.session.began_at)
    return hashlib.sha256("|".join(told).encode()).hexdigest()[:24]


def part(*subjects: str, render: Callable[[Connection], str], also: str = "") -> Response:
    """A part of a page, from the same state of the database as its version; or 304: it is as it was."""

    def look(db: Connection) -> tuple[str, str | None]:
        found = version(db, *subjects, also=also)
        return found, None if request.if_none_match.contains(found) else render(db)

    found, page = the_box().read(look)
    response = make_response(page or "", 304 if page is None else 200)
    response.set_etag(found)
    return response
