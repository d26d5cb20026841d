"""The frame: what every template knows, from who is here to the words of their language.

May import: flask, admin, appliance.store.
"""

from typing import Any

from flask import Flask

from admin import nav, tongue, troubles
from admin.box import the_box
from admin.door import guard
from admin.people.roles import NAMES
from admin.permits import may
from admin.visit import reader_tongue, visitor
from admin.words import Words
from appliance.store.access import Stage


def install(app: Flask) -> None:
    """Have an application's templates know it."""
    app.jinja_env.globals["form_token"] = guard.form_token
    app.jinja_env.globals["tongues"] = tongue.NAMES
    app.context_processor(_known)


def _known() -> dict[str, Any]:
    here, language = visitor(), reader_tongue()
    known: dict[str, Any] = {"_": language, "words": Words(language), "lang": language.code, "me": None}
    if here is not None and here.session.stage is Stage.WHOLE:
        role = here.account.role
        known |= {
            "me": here.account,
            "office": here.office,
            "now": the_box().now(),
            "groups": nav.groups(role),
            "own_way": nav.ACCOUNT,
            "role_names": NAMES,
            "troubles": troubles,
            "may": lambda endpoint: may(role, endpoint),
        }
    return known
