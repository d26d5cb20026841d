"""What every request passes: a known host, a near address, a session, a form token where it changes things.

May import: flask, admin, appliance.store.
"""

import logging
import secrets

from flask import Flask, Response, abort, g, request, session
from flask.sessions import SecureCookieSessionInterface

from admin.box import the_box
from admin.door import hosts
from appliance.store import access
from appliance.store.errors import StoreError

log = logging.getLogger(__name__)

OPEN = ("static", "door.enter", "door.closed")
"""Endpoints that need no session."""

READING = ("GET", "HEAD", "OPTIONS")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class Cookies(SecureCookieSessionInterface):
    """Signed cookies that are Secure exactly where the page came over TLS."""

    def get_cookie_secure(self, app: Flask) -> bool:
        """Whether this answer's cookie is kept from plain HTTP."""
        return request.is_secure


def install(app: Flask, admin_host: str) -> None:
    """Have every request of an application pass the guard."""
    names = hosts.known_names(admin_host)

    def answerable() -> None:
        if not hosts.is_known(request.headers.get("Host", ""), names):
            abort(421)
        if not hosts.is_near(request.remote_addr or ""):
            abort(403)

    app.session_interface = Cookies()
    app.before_request(answerable)
    app.before_request(_let_in)
    app.before_request(_check_form)
    app.after_request(_protect)
    app.jinja_env.globals["form_token"] = form_token


def form_token() -> str:
    """The token that a form of this session carries."""
    token: str = session.get("form", "")
    return token


def begin(token: str) -> None:
    """Give this browser a session: whatever it had before is gone."""
    session.clear()
    session["token"] = token
    session["form"] = secrets.token_urlsafe(24)


def _let_in() -> Response | None:
    """Let requests with a session go on; the others see how to get one."""
    if request.routing_exception is not None or request.endpoint in OPEN:
        return None
    token, box, now = session.get("token", ""), the_box(), the_box().now()
    found = box.read(lambda db: access.session(db, token, at=now)) if token else None
    if found is None:
        abort(401)
    g.session = found
    if access.due(found, at=now):
        try:
            box.write(lambda db: access.note_use(db, token, at=now))
        except StoreError as exc:
            # The page can be shown all the same: only the session's rest is counted from earlier.
            log.warning("use of a session not noted", extra={"problem": str(exc)})
    return None


def _check_form() -> None:
    if request.method in READING or request.routing_exception is not None:
        return
    sent, kept = request.form.get("form_token", ""), form_token()
    if not kept or not secrets.compare_digest(sent.encode(), kept.encode()):
        abort(400)


def _protect(response: Response) -> Response:
    response.headers.update(HEADERS)
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    return response
