"""Playing all rehearsals that are kept, one after the other, with what is decided, or a draft beside that.

May import: the standard library, appliance.core, appliance.store, appliance.jobs.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Protocol, TypeVar

from appliance.core.rehearsal import Mode, Outline, Refusal
from appliance.core.settings import Settings
from appliance.jobs import drafted, typed_rehearsal
from appliance.jobs.errand import Errand
from appliance.jobs.kinds import JobFailed, Kind, Payload
from appliance.jobs.typed_rehearsal import NoRehearsal
from appliance.store import drafts, jobs, rehearsal_tokens, rehearsals, times
from appliance.store.database import Connection
from appliance.store.drafts import Draft
from appliance.store.rehearsal_tokens import Ticket
from appliance.store.rehearsals import Rehearsal, Run

T = TypeVar("T")

NAME = "rehearse"
DEADLINE_S = 1200.0
PASSING = {Refusal.FULL: 120.0, Refusal.ANOTHER: 120.0, Refusal.DOCUMENTS: 3.0}
"""Refusals that are none so many seconds later."""


class Store(Protocol):
    """The database, for a moment at a time. Every verb raises StoreError."""

    def read(self, query: Callable[[Connection], T]) -> T:
        """The value of a read."""

    def write(self, change: Callable[[Connection], T]) -> T:
        """The value of a change, on disk when this returns."""


class Played(Payload):
    """The run whose rehearsals are played."""

    run: int


def rehearsing(settings: Settings) -> Kind[Played]:
    """The kind of job that plays a run."""

    def run(errand: Errand, payload: Played) -> None:
        try:
            play(errand, settings.listen.local_port, payload.run, errand.check)
        except NoRehearsal as exc:
            after_s = 0.0 if exc.why is None else PASSING.get(exc.why, 0.0)
            if exc.why is Refusal.DOCUMENTS:
                errand.write(lambda db: drafted.owe(db, now=datetime.now(UTC)))
            raise JobFailed(str(exc), again=True, after_s=after_s) from exc

    return Kind(NAME, Played, run, DEADLINE_S, urgent=True)


def owe(db: Connection, settings: Settings, draft: Draft | None, *, now: datetime, by: str) -> int:
    """Have all played, with a draft or with what is decided; the id of the run."""
    run_id = begin(db, draft, at=times.written(now), by=by)
    if draft is not None and drafted.missing(db, settings.knowledge_dir, draft.values):
        drafted.owe(db, now=now)
    jobs.owe(db, rehearsing(settings).wanted(f"{NAME} {run_id}", Played(run=run_id)), now=now)
    return run_id


def begin(db: Connection, draft: Draft | None, *, at: str, by: str) -> int:
    """Begin a run with a draft as it is, or with what is decided; its id."""
    if draft is None:
        return rehearsals.begin(db, "", {}, at=at, by=by)
    return rehearsals.begin(db, draft.name, draft.values, at=at, by=by, mark=drafts.mark(db, draft))


def play(store: Store, port: int, run_id: int, before: Callable[[], None] = lambda: None) -> None:
    """Play what of a run was not played yet; `before` is called before each. Raises NoRehearsal, StoreError.

    What cannot be played for a reason of its own is noted as that; when the bridge has no room, or is not
    there, it is raised.
    """
    run = store.read(lambda db: rehearsals.run(db, run_id))
    done = {each.rehearsal.id for each in store.read(lambda db: rehearsals.results(db, run_id))}
    for rehearsal in store.read(rehearsals.every):
        if rehearsal.id not in done:
            before()
            _play(store, port, run, rehearsal)
    store.write(lambda db: rehearsals.end(db, run_id, at=times.utc_now()))


def _play(store: Store, port: int, run: Run, rehearsal: Rehearsal) -> None:
    """Play one, and note how it came out. Raises NoRehearsal where none can be played now."""

    def outline(draft: Mapping[str, object]) -> Outline:
        ticket = Ticket(None, Mode.TYPED, caller=rehearsal.caller, draft=draft)
        token = store.write(lambda db: rehearsal_tokens.add(db, ticket, at=times.utc_now()))
        return typed_rehearsal.play(port, token, rehearsal.steps)

    before: Outline | None = None
    seen: Outline | None = None
    problem = ""
    try:
        before = outline({}) if run.draft else None
        seen = outline(run.draft)
    except NoRehearsal as exc:
        if exc.why is not None or str(exc) == typed_rehearsal.AWAY:
            raise
        problem = str(exc)
    store.write(lambda db: rehearsals.add(db, run.id, rehearsal.id, seen, problem, before))
