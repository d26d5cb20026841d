"""What every request passes: a known host, a near address, a session, a role; a change carries a form token.

May import: flask, admin, appliance.store.
"""

import logging
import secrets

from flask import Flask, Response, abort, current_app, g, redirect, request, session, url_for
from flask.sessions import SecureCookieSessionInterface
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature
from werkzeug.exceptions import Forbidden
from werkzeug.http import parse_cookie

from admin import permits, visit
from admin.box import box_of, the_box
from admin.door import hosts
from admin.visit import Visit
from appliance.core.settings import Settings
from appliance.store import access, accounts, office
from appliance.store.access import Stage
from appliance.store.audit import Deed
from appliance.store.database import Connection
from appliance.store.errors import StoreError

log = logging.getLogger(__name__)

READING = ("GET", "HEAD", "OPTIONS")
QUIET_S = 60
"""So long the same refusal is not noted again: nobody fills the log by asking."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self';"
        " connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class TooFar(Forbidden):
    """The request comes from outside the office."""


class Cookies(SecureCookieSessionInterface):
    """Signed cookies; over TLS they are Secure and bound to this very host."""

    def get_cookie_secure(self, app: Flask) -> bool:
        """Whether this answer's cookie is kept from plain HTTP."""
        return request.is_secure

    def get_cookie_name(self, app: Flask) -> str:
        """A name that browsers take from nobody but this host, where there is TLS."""
        name = super().get_cookie_name(app)
        return f"__Host-{name}" if request.is_secure else name


def install(app: Flask) -> None:
    """Have every request of an application pass the guard."""
    app.session_interface = Cookies()
    app.before_request(_answerable)
    app.before_request(_let_in)
    app.before_request(_check_form)
    app.after_request(_protect)


def attach(app: Flask, settings: Settings) -> None:
    """Give an application the names by which it is asked for."""
    app.extensions["names"] = hosts.known_names(settings)


def form_token() -> str:
    """The token that a form of this browser carries; made with its first form."""
    if "form" not in session:
        session["form"] = secrets.token_urlsafe(24)
    token: str = session["form"]
    return token


def may_hear(address: str) -> None:
    """Let this page, and no other, use the microphone, and speak with this address as well."""
    g.own_headers = {
        "Permissions-Policy": HEADERS["Permissions-Policy"].replace("microphone=()", "microphone=(self)"),
        "Content-Security-Policy": HEADERS["Content-Security-Policy"].replace(
            "connect-src 'self'", f"connect-src 'self' {address}"
        ),
    }


def begin(token: str) -> None:
    """Give this browser a session: whatever it had before is gone."""
    session.clear()
    session["token"] = token
    session["form"] = secrets.token_urlsafe(24)


def would_let_in(app: Flask, cookies: str, endpoint: str) -> bool:
    """Whether whoever has these cookies comes as far as an endpoint: by a request's head alone, and now."""
    token, box = _token(app, cookies), box_of(app)
    if not token:
        return False
    rest_s = box.settings.admin.idle_minutes * 60

    def look(db: Connection) -> bool:
        found = access.session(db, token, at=box.now(), rest_s=rest_s)
        if found is None or found.stage is not Stage.WHOLE:
            return False
        return permits.may(accounts.one(db, found.account_id).role, endpoint)

    try:
        return box.read(look)
    except StoreError as exc:
        log.warning("a session cannot be looked up", extra={"problem": str(exc)})
        return False


def safe_path(wanted: str) -> str:
    """A page of ours to go on to; empty for anything else."""
    ours = wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted
    return wanted if ours and wanted.isprintable() else ""


def _answerable() -> None:
    """Answer those in the office alone, by a name of this box."""
    host, names = request.headers.get("Host", ""), current_app.extensions["names"]
    if not hosts.is_known(host, names) and not hosts.is_known(host, hosts.known_names(the_box().settings)):
        abort(421)
    if not hosts.is_near(request.remote_addr or ""):
        raise TooFar


def _token(app: Flask, cookies: str) -> str:
    """The session that signed cookies name; empty when they name none."""
    signed = Cookies().get_signing_serializer(app)
    name = app.config["SESSION_COOKIE_NAME"]
    found = parse_cookie(cookies)
    kept = found.get(f"__Host-{name}") or found.get(name, "")
    if signed is None or not kept:
        return ""
    try:
        return str(signed.loads(kept).get("token", ""))
    except BadSignature:
        return ""


def _let_in() -> ResponseReturnValue | None:
    """Let requests with a session go on as far as their role goes; the others see how to get one."""
    here, endpoint = _visit(), request.endpoint or ""
    if endpoint in permits.OPEN or request.routing_exception is not None:
        if here is not None and here.session.stage is Stage.WHOLE:
            visit.begin(here)
        return None
    if here is None:
        return _shown_the_door()
    if here.session.stage is Stage.CODE and endpoint not in permits.AT_THE_CODE:
        return _shown_the_door("door.code")
    visit.begin(here)
    if not permits.may(here.account.role, endpoint):
        _note_refusal(endpoint)
        abort(403)
    request.max_content_length = permits.BODIES.get(endpoint)
    if endpoint not in permits.UNNOTED:
        _note_use(here)
    return None


def _visit() -> Visit | None:
    token, box = session.get("token", ""), the_box()
    if not token or request.endpoint == "static":
        return None
    rest_s = box.settings.admin.idle_minutes * 60

    def look(db: Connection) -> Visit | None:
        found = access.session(db, token, at=box.now(), rest_s=rest_s)
        if found is None:
            return None
        return Visit(token, found, accounts.one(db, found.account_id), office.load(db))

    return box.read(look)


def _shown_the_door(endpoint: str = "door.sign_in") -> ResponseReturnValue:
    """A person is led to sign in; what is no page, or asked by one, is told that nothing is shown."""
    if request.method != "GET" or "text/html" not in request.headers.get("Accept", ""):
        abort(401)
    wanted = request.full_path.rstrip("?")
    return redirect(url_for(endpoint, next=None if wanted == "/" else wanted), code=303)


def _note_refusal(endpoint: str) -> None:
    log.warning("a role may not do this", extra={"endpoint": endpoint, "source": visit.source()})
    visit.noted_once(Deed.NOT_ALLOWED, target=endpoint, within_s=QUIET_S)


def _note_use(here: Visit) -> None:
    box = the_box()
    if not access.due(here.session, at=box.now()):
        return
    try:
        box.write(lambda db: access.note_use(db, here.token, at=box.now()))
    except StoreError as exc:
        # The page can be shown all the same: only the session's rest is counted from earlier.
        log.warning("use of a session not noted", extra={"problem": str(exc)})


def _check_form() -> None:
    """A change comes from a form of ours: it carries this browser's token, and no other site sent it."""
    if request.method in READING or request.routing_exception is not None:
        return
    sent, kept = request.form.get("form_token", ""), session.get("form", "")
    if not kept or not secrets.compare_digest(sent.encode(), kept.encode()):
        abort(400)
    if not _from_here() or request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
        abort(400)


def _from_here() -> bool:
    """Whether one of our pages sent this, if the browser tells: over TLS, one that came so, too."""
    origin, host = request.headers.get("Origin"), request.headers.get("Host", "").lower()
    ours = {f"https://{host}"} if request.is_secure else {f"https://{host}", f"http://{host}"}
    return origin is None or origin.lower() in ours


def _protect(response: Response) -> Response:
    response.headers.update({**HEADERS, **g.get("own_headers", {})})
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    return response
