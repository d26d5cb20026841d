"""Kinds for tests, jobs of them that are owed, and what became of those.

May import: the standard library, appliance.jobs, appliance.store.
"""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from appliance.jobs.errand import Change, Errand
from appliance.jobs.kinds import Kind, Payload
from appliance.store import database, jobs
from appliance.store.database import Connection
from appliance.store.job_leases import Waits
from appliance.store.jobs import Job, State

QUICK = Waits(first_s=0.01, longest_s=0.02)
WAIT_S = 20.0


class Told(Payload):
    """What the kinds of tests are given."""

    number: int = 0


Run = Callable[[Errand, Told], Change | None]


def kind(
    run: Run, name: str = "text", *, deadline_s: float = 30, at_once: int = 8, urgent: bool = False
) -> Kind[Told]:
    """A kind that does this, and waits for next to no time between tries."""
    return Kind(name, Told, run, deadline_s, at_once=at_once, urgent=urgent, tries=3, waits=QUICK)


def owe(
    db: Connection, of: Kind[Told], key: str, number: int = 0, *, not_before: datetime | None = None
) -> int:
    """Owe a job of a kind."""
    with database.immediate(db):
        return jobs.owe(db, of.wanted(key, Told(number=number), not_before=not_before), now=datetime.now(UTC))


def ended(path: Path, count: int, *, by: tuple[State, ...] = (State.DONE,)) -> list[Job]:
    """The jobs of these states, once there are so many; an assertion fails when there never are."""
    tick = threading.Event()
    for _ in range(round(WAIT_S / 0.02)):
        found = having(path, *by)
        if len(found) >= count:
            return found
        # Another thread or process writes it; nothing can tell us but the file.
        tick.wait(0.02)
    raise AssertionError(f"{len(having(path, *by))} of {count} ended: {having(path)}")


def having(path: Path, *states: State) -> list[Job]:
    """The jobs in these states, the newest first."""
    db = database.connect_readonly(path)
    try:
        return jobs.page(db, states or tuple(State), limit=100_000)
    finally:
        db.close()
