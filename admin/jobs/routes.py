"""The pages of jobs.

May import: flask, admin, appliance.jobs, appliance.store.
"""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, url_for
from flask import request as asked
from flask.typing import ResponseReturnValue

from admin import forms, visit
from admin import live as live_parts
from admin.box import the_box
from admin.forms import Field, Form
from admin.jobs import shown
from admin.jobs.shown import Regular
from admin.tongue import later
from appliance.jobs import giving, schedules
from appliance.store import job_counts, times
from appliance.store import jobs as rows
from appliance.store.audit import Deed
from appliance.store.database import Connection
from appliance.store.job_counts import Counts
from appliance.store.jobs import Job, NotInThisState, State

SUBJECTS = ("jobs", "office")
SHOWN = 50
RETRIED_MOST = 10_000
ID_MOST = 2**63 - 1
NUMBER = Field("number", later("Its number, to be sure"), most=20)
NOT_THE_NUMBER = later("This is not its number.")
MOVED_ON = later("The job has moved on meanwhile: look at it again.")
jobs = Blueprint("jobs", __name__, url_prefix="/jobs", template_folder="templates")


@dataclass(frozen=True, slots=True)
class _Board:
    counts: Counts
    failed: list[Job]
    """Given up, or tried again later."""
    running: list[Job]
    regulars: list[Regular]


@jobs.get("")
def index() -> ResponseReturnValue:
    """What is owed, what failed, and what is due when."""

    def look(db: Connection) -> tuple[str, _Board]:
        return live_parts.version(db, *SUBJECTS, also=_minute()), _board(db)

    version, board = the_box().read(look)
    return render_template("jobs/index.html", board=board, version=version, said=shown)


@jobs.get("/live")
def live() -> ResponseReturnValue:
    """The same, or that it is as it was."""

    def render(db: Connection) -> str:
        return render_template("jobs/_board.html", board=_board(db), said=shown)

    return live_parts.part(*SUBJECTS, render=render, also=_minute())


@jobs.get(f"/<int(max={ID_MOST}):job_id>")
def one(job_id: int) -> ResponseReturnValue:
    """One job, and what can be done about it."""
    return _page(job_id)


@jobs.post(f"/<int(max={ID_MOST}):job_id>/retry")
def retry(job_id: int) -> ResponseReturnValue:
    """Have a job begun again at once, with all its tries before it."""
    box = the_box()
    kind = box.read(lambda db: rows.get(db, job_id)).kind
    try:
        visit.changed(Deed.JOB_RETRIED, lambda db: rows.retry(db, job_id), target=str(job_id), kind=kind)
    except NotInThisState:
        return _page(job_id, problem=MOVED_ON), 422
    giving.ring(box.settings)
    flash(later("It is begun again at once."))
    return redirect(url_for(".index"), code=303)


@jobs.post("/retry")
def retry_all() -> ResponseReturnValue:
    """Have all jobs begun again that were given up."""
    box = the_box()
    dead = [job.id for job in box.read(lambda db: rows.page(db, [State.DEAD], limit=RETRIED_MOST))]

    def change(db: Connection) -> None:
        still = {job.id for job in rows.page(db, [State.DEAD], limit=RETRIED_MOST)}
        for job_id in still.intersection(dead):
            rows.retry(db, job_id)

    if dead:
        visit.changed(Deed.JOBS_RETRIED, change, count=str(len(dead)))
        giving.ring(box.settings)
        flash(later("They are begun again at once."))
    return redirect(url_for(".index"), code=303)


@jobs.post(f"/<int(max={ID_MOST}):job_id>/drop")
def drop(job_id: int) -> ResponseReturnValue:
    """Give a job up for good, once its number was typed."""
    box, form = the_box(), forms.read((NUMBER,), asked.form)
    kind = box.read(lambda db: rows.get(db, job_id)).kind
    if form.fine and form["number"] != str(job_id):
        form.errors["number"] = NOT_THE_NUMBER
    if not form.fine:
        return _page(job_id, confirm=form), 422
    now = times.read(box.now())
    try:
        visit.changed(
            Deed.JOB_DROPPED, lambda db: rows.drop(db, job_id, now=now), target=str(job_id), kind=kind
        )
    except NotInThisState:
        return _page(job_id, problem=MOVED_ON), 422
    flash(later("It is given up for good."))
    return redirect(url_for(".index"), code=303)


def _minute() -> str:
    """Ages grow by themselves."""
    return the_box().now()[:16]


def _board(db: Connection) -> _Board:
    now, timetables = times.read(the_box().now()), schedules.of(the_box().settings)
    ended = {
        each.kind: job
        for each in timetables
        for job in rows.page(db, (State.DONE, State.DEAD), kind=each.kind, limit=1)
    }
    zone = ZoneInfo(visit.visit().office.staff.time_zone)
    return _Board(
        job_counts.counts(db, now),
        rows.page(db, (State.DEAD, State.WAITING), limit=SHOWN),
        rows.page(db, (State.RUNNING,), limit=SHOWN),
        shown.regulars(timetables, ended, zone, now),
    )


def _page(job_id: int, *, confirm: Form | None = None, problem: str = "") -> str:
    job = the_box().read(lambda db: rows.get(db, job_id))
    return render_template(
        "jobs/one.html", job=job, said=shown, confirm=confirm or forms.empty((NUMBER,)), problem=problem
    )
