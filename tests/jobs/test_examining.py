"""The doctor looks at the box as a job, and what it found is kept for the pages."""

from datetime import UTC, datetime
from pathlib import Path

from appliance.core.examined import Health
from appliance.core.settings import checked
from appliance.jobs import examining, work
from appliance.jobs.errand import Errand
from appliance.jobs.kinds import registry
from appliance.jobs.turns import Turns
from appliance.service.jobs.examining import examining as kind_of
from appliance.store import database, health_looks, job_leases, jobs
from appliance.store.database import Connection
from appliance.store.job_leases import Moment
from appliance.store.jobs import State


def test_it_looks_when_it_is_asked_and_once(path: Path, db: Connection) -> None:
    settings = checked({"box": {"data_dir": str(path.parent)}, "listen": {"local_port": 1}}, "the test")
    for _ in range(2):
        with database.immediate(db):
            examining.ask(db, datetime.now(UTC))
    assert jobs.under_way(db, examining.NAME)
    assert len(jobs.page(db, kind=examining.NAME)) == 1
    with database.immediate(db):
        found = job_leases.claim(db, [examining.NAME], worker="w", moment=Moment.now(), lease_s=60)
    assert found is not None
    kind = kind_of(settings)
    errand = Errand(*found, db, Turns(), kind.deadline_s)
    work.do(registry([kind]), errand, Moment.now, lambda _: True)
    assert jobs.get(db, errand.job.id).state is State.DONE
    assert not jobs.under_way(db, examining.NAME)
    look = health_looks.last(db)
    assert look is not None
    told = {each.part: each for each in look.findings}
    assert told["database"].health is Health.WELL
    assert told["bridge"].health is Health.MISSING
    assert "start attendant-bridge" in told["bridge"].told
