"""What is shown when a page cannot be: a plain sentence, and for our own faults an id that the log has too.

May import: flask, appliance.store.
"""

import logging
import secrets
from typing import Any, cast

from flask import Flask, Response, g, render_template, request
from werkzeug.exceptions import HTTPException, ServiceUnavailable

from appliance.store.errors import StoreError

log = logging.getLogger(__name__)

SENTENCES = {
    400: ("That did not arrive as it should", "Go back, reload the page and try again."),
    401: (
        "Open the door first",
        "These pages open with a link that works once. To get one, run this command on the box:",
    ),
    403: (
        "This link does not open anything",
        "A link works once and for 30 minutes. To get a new one, run this command on the box:",
    ),
    404: ("There is no such page", "It may have been removed, or the address is not quite right."),
    413: ("That is too large", "Nothing on these pages needs so much to be sent."),
    421: ("This is not an address of the box", "Open the pages under the address that the box printed."),
    429: (
        "Too many wrong links",
        "Wait a quarter of an hour, then open a new link. To get one, run this command on the box:",
    ),
    503: ("The call log cannot be read just now", "Calls are answered all the same. Try again in a minute."),
}
OTHERWISE = ("Something went wrong", "It was noted in the log under the number below.")
WITH_COMMAND = (401, 403, 429)


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
    app.register_error_handler(StoreError, _unreadable)


def _page(error: HTTPException) -> Response:
    code = error.code or 500
    title, what_to_do = SENTENCES.get(code, OTHERWISE)
    response = cast(Response, error.get_response())
    response.data = render_template(
        "error.html",
        code=code,
        title=title,
        what_to_do=what_to_do,
        command=code in WITH_COMMAND,
        error_id=_error_id(),
    )
    response.content_type = "text/html; charset=utf-8"
    return response


def _unreadable(error: StoreError) -> Response:
    log.error("the database does not answer", extra={"error_id": _error_id(), "problem": str(error)})
    return _page(ServiceUnavailable())


def _error_id() -> str:
    if "error_id" not in g:
        g.error_id = secrets.token_hex(4)
    return cast(str, g.error_id)
