"""What is shown when a page cannot be: a plain sentence, and for our own faults an id that the log has too.

May import: flask, admin, appliance.store.
"""

import logging
import secrets
from typing import Any, cast

from flask import Flask, Response, g, render_template, request
from werkzeug.exceptions import HTTPException, NotFound, ServiceUnavailable

from admin.door.guard import TooFar
from admin.tongue import later
from appliance.store.errors import NoSuchRow, StoreError

log = logging.getLogger(__name__)

SENTENCES = {
    400: (
        later("That did not arrive as it should"),
        later("Nothing was changed. Go back, reload the page and try again."),
    ),
    401: (later("Sign in first"), later("You are not signed in, or not any more.")),
    403: (
        later("This is not for your role"),
        later("Your account may not do this. If you need it, ask the owner of the box."),
    ),
    404: (
        later("There is no such page"),
        later("It may have been removed, or the address is not quite right."),
    ),
    405: (later("This cannot be opened so"), later("Go back and use the buttons of the page.")),
    409: (
        later("Not with your own account"),
        later("Somebody else who is an owner has to do that; what is yours to change is under My account."),
    ),
    410: (
        later("This link does not open anything"),
        later("A link works once, and not for long. Ask the owner for a new one, or run this on the box:"),
    ),
    413: (later("That is too large"), later("Nothing on these pages needs so much to be sent.")),
    421: (
        later("This is not an address of the box"),
        later("Open the pages under the address that the box printed."),
    ),
    429: (
        later("Too many attempts"),
        later("Too many failed from here. Wait a quarter of an hour, then try again."),
    ),
    503: (
        later("The call log cannot be read just now"),
        later("Calls are answered all the same. Try again in a minute."),
    ),
}
OTHERWISE = (later("Something went wrong"), later("It was noted in the log under the number below."))
TOO_FAR = (
    later("These pages are not open from here"),
    later("They are for the office's own network. Open them from a computer there."),
)


class LoggedFlask(Flask):
    """Logs a fault with the id that its page shows."""

    def log_exception(self, exc_info: Any) -> None:
        """One line with the traceback."""
        log.error(
            "a page failed",
            exc_info=exc_info,
            extra={"error_id": _error_id(), "endpoint": request.endpoint or ""},
        )


def install(app: Flask) -> None:
    """Have an application show its errors so."""
    app.register_error_handler(HTTPException, _page)
    app.register_error_handler(NoSuchRow, _not_there)
    app.register_error_handler(StoreError, _unreadable)


def _page(error: HTTPException) -> Response:
    code = error.code or 500
    title, what_to_do = TOO_FAR if isinstance(error, TooFar) else SENTENCES.get(code, OTHERWISE)
    response = cast(Response, error.get_response())
    response.data = render_template(
        "error.html",
        code=code,
        title=title,
        what_to_do=what_to_do,
        error_id=_error_id(),
    )
    response.content_type = "text/html; charset=utf-8"
    return response


def _not_there(_error: NoSuchRow) -> Response:
    return _page(NotFound())


def _unreadable(error: StoreError) -> Response:
    log.error("the database does not answer", extra={"error_id": _error_id(), "problem": str(error)})
    return _page(ServiceUnavailable())


def _error_id() -> str:
    if "error_id" not in g:
        g.error_id = secrets.token_hex(4)
    return cast(str, g.error_id)
