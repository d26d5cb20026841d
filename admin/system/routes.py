"""The page of the box: what is missing, its calls to itself, backups, versions, what runs, a support bundle.

May import: flask, admin, appliance.backup, appliance.core, appliance.jobs, appliance.store.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from admin import live as live_parts
from admin import visit as visits
from admin.box import the_box
from admin.system import logs, shown
from admin.system.shown import Found
from admin.today import asking
from admin.tongue import later
from admin.visit import visit
from appliance import VERSION
from appliance.backup import standing
from appliance.backup.standing import Judged
from appliance.core import boot_changes, installed
from appliance.core.boot_changes import Boot
from appliance.core.errors import SettingsError
from appliance.jobs import backup, examining, giving
from appliance.store import backups, health_looks, jobs, self_calls, support, times
from appliance.store.audit import Deed
from appliance.store.backups import Run, Snapshot
from appliance.store.database import Connection
from appliance.store.health_looks import Look
from appliance.store.self_calls import SelfCall

SUBJECTS = ("box", "jobs", "office")
SELF_CALLS = 8
BACKUPS = 6
SNAPSHOTS = 40
system = Blueprint("system", __name__, url_prefix="/system", template_folder="templates")
logs.install(system)


@dataclass(frozen=True, slots=True)
class _Backups:
    judged: Judged
    under_way: bool
    verifying: bool
    runs: list[Run]
    held: list[Snapshot]


@dataclass(frozen=True, slots=True)
class _Health:
    look: Look | None
    found: Found
    under_way: bool
    self_calls: list[SelfCall]
    backups: _Backups


@system.get("")
def index() -> ResponseReturnValue:
    """How the box is."""
    box = the_box()

    def look(db: Connection) -> tuple[str, _Health]:
        return live_parts.version(db, *SUBJECTS), _health(db)

    version, health = box.read(look)
    boot, problem = _boot()
    bridge, worker = asking.standing()
    return render_template(
        "system/index.html",
        version=version,
        health=health,
        problem=problem,
        programs=shown.programs(bridge, worker, box.began_at, shown.changed_at(boot) if boot else ""),
        machine=shown.machine(box.settings, box.now()),
        asterisk=box.settings.asterisk.enabled,
        own_version=VERSION,
        update=installed.installed(box.versions),
        restart=f"systemctl restart {' '.join(shown.UNITS.values())}",
        said=shown,
    )


@system.get("/live")
def live() -> ResponseReturnValue:
    """What the doctor found and the last calls of the box to itself, or that they are as they were."""

    def render(db: Connection) -> str:
        return render_template(
            "system/_health.html",
            health=_health(db),
            asterisk=the_box().settings.asterisk.enabled,
            said=shown,
        )

    return live_parts.part(*SUBJECTS, render=render)


@system.post("/examine")
def examine() -> ResponseReturnValue:
    """Have the doctor look at everything; what was found is there some seconds later."""
    return _asked(
        Deed.BOX_EXAMINED,
        examining.ask,
        later("It is being looked at. What is found stands here in some seconds."),
    )


@system.post("/backup")
def back_up() -> ResponseReturnValue:
    """Have the box backed up now; what became of it is there when it is done."""
    return _asked(
        Deed.BACKUP_ASKED,
        backup.ask,
        later("The box is being backed up. What becomes of it stands here when it is done."),
    )


@system.post("/verify")
def verify() -> ResponseReturnValue:
    """Have the last backup restored into a scratch place now; what became of it is there when it is done."""
    return _asked(
        Deed.VERIFICATION_ASKED,
        backup.ask_verification,
        later(
            "The last backup is being restored for a test. What becomes of it stands here when it is done."
        ),
    )


def _asked(deed: Deed, ask: Callable[[Connection, datetime], None], said: str) -> ResponseReturnValue:
    """Have the worker do it at once."""
    box = the_box()
    visits.changed(deed, lambda db: ask(db, times.read(box.now())))
    giving.ring(box.settings)
    flash(said)
    return redirect(url_for(".index"), code=303)


@system.post("/bundle")
def bundle() -> ResponseReturnValue:
    """Give what may be sent to whoever helps."""
    box, (boot, _) = the_box(), _boot()
    bridge, worker = asking.standing()
    told = support.Box(
        shown.machine(box.settings, box.now()).about(),
        boot,
        visit().office.staff,
        {"bridge": bridge.parts, "worker": worker.parts},
    )
    sealed = box.read(lambda db: support.bundle(db, told, box.now()))
    visits.noted(Deed.BUNDLE_TAKEN)
    name = f"attendant-support-{box.now()[:10]}.zip"
    return Response(
        sealed,
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _health(db: Connection) -> _Health:
    look = health_looks.last(db)
    return _Health(
        look,
        shown.found(look.findings if look else ()),
        jobs.under_way(db, examining.NAME),
        self_calls.recent(db, SELF_CALLS),
        _backups(db),
    )


def _backups(db: Connection) -> _Backups:
    box = the_box()
    judged = standing.judged(box.settings.backup, backups.standing(db), times.read(box.now()))
    return _Backups(
        judged,
        jobs.under_way(db, backup.NAME),
        jobs.under_way(db, backup.VERIFY),
        backups.recent(db, BACKUPS),
        backups.snapshots(db, SNAPSHOTS),
    )


def _boot() -> tuple[Boot | None, str]:
    """The settings as the next start finds them, or what is wrong with them."""
    try:
        return boot_changes.read(the_box().file), ""
    except SettingsError as exc:
        return None, str(exc)
