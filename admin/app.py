"""Puts the pages together.

May import: flask, admin, appliance.core, appliance.store.
"""

from collections.abc import Callable
from pathlib import Path

from flask import Flask, redirect, url_for
from flask.typing import ResponseReturnValue
from jinja2 import StrictUndefined

from admin import errors, frame, nav
from admin.account.routes import account
from admin.analytics.routes import analytics
from admin.audit.routes import audit
from admin.bookings.routes import bookings
from admin.box import Box, attach
from admin.callbacks.routes import callbacks
from admin.calls.routes import calls
from admin.citations.routes import citations
from admin.departments.routes import departments
from admin.devices.routes import devices
from admin.door import guard
from admin.door.key import session_key
from admin.door.routes import door
from admin.hours.routes import hours
from admin.jobs.routes import jobs
from admin.knowledge.asking import Questions
from admin.knowledge.routes import knowledge
from admin.languages.routes import languages
from admin.menu.routes import menu
from admin.messages.routes import messages
from admin.on_call.routes import on_call
from admin.people.routes import people
from admin.rehearse.routes import rehearse
from admin.settings.routes import settings as settings_pages
from admin.system.routes import system
from admin.today import asking
from admin.today.routes import today
from admin.visit import visit
from appliance.core import installed
from appliance.core.ports import Embedder
from appliance.core.settings import Settings
from appliance.store import times

BODY_MOST = 64 * 1024
SETTINGS_FILE = Path("/etc/attendant/attendant.toml")
SUBJECTS = (
    door, today, callbacks, calls, messages, bookings, analytics, hours, departments, on_call, menu,
    knowledge, citations, rehearse, languages, jobs, devices, settings_pages, system, people, audit, account,
)  # fmt: skip


def create_app(
    settings: Settings,
    *,
    now: Callable[[], str] = times.utc_now,
    embedder: Callable[[], Embedder | None] = lambda: None,
    file: Path = SETTINGS_FILE,
    versions: Path = installed.ROOT,
) -> Flask:
    """The pages of a box. `embedder` is loaded when the documents are first asked; without one words decide.

    `file` is the settings file, of which the page of settings tells; `versions` where those of the box lie.

    Raises SettingsError when the key of its sessions cannot be had.
    """
    app = pages()
    belongs(app, Box(settings, now, file, now(), versions), embedder)
    return app


def pages() -> Flask:
    """The pages of no box yet."""
    app = errors.LoggedFlask("admin")
    app.config.update(
        SESSION_COOKIE_NAME="attendant_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=BODY_MOST,
        # Of a file it holds a piece of 64 KiB and what was left of the one before.
        MAX_FORM_MEMORY_SIZE=2 * BODY_MOST,
        MAX_FORM_PARTS=50,
    )
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    guard.install(app)
    frame.install(app)
    errors.install(app)
    for subject in SUBJECTS:
        app.register_blueprint(subject)
    app.add_url_rule("/", "home", _home)
    return app


def belongs(app: Flask, box: Box, embedder: Callable[[], Embedder | None] = lambda: None) -> None:
    """Have pages be those of a box, and of no other. Raises SettingsError."""
    app.config["SECRET_KEY"] = session_key(box.settings.box.data_dir / "secrets")
    attach(app, box)
    guard.attach(app, box.settings)
    app.extensions["questions"] = Questions(box.settings.knowledge_index, embedder)
    asking.attach(app, box.settings.listen)


def _home() -> ResponseReturnValue:
    return redirect(url_for(nav.home(visit().account.role)), code=303)
