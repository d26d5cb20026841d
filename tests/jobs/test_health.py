"""What the worker says of itself, and what a doctor makes of it, or of a worker that is not there."""

import json
import re
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
from aiohttp import web

from appliance.core.examined import Examined
from appliance.core.examined import Health as How
from appliance.core.settings import Settings, checked
from appliance.jobs.bell import Bell
from appliance.jobs.crew import Crew, Patience
from appliance.jobs.kinds import registry
from appliance.service.doctor import worker as doctor
from appliance.service.jobs.backups import Told as Copies
from appliance.service.jobs.health import Health
from appliance.service.listening import listen_on
from appliance.store import database, job_leases, jobs
from appliance.store.database import Connection
from tests.jobs.owing import WAIT_S, Told, ended, kind, owe

NOW = datetime.now(UTC)
METRICS = Path(__file__).parents[2] / "docs" / "metrics.md"


def settings_of(path: Path, **more: object) -> Settings:
    return checked({"box": {"data_dir": str(path.parent)}, **more}, "the test")


@dataclass
class Ward:
    """A worker's parts, and how they say they are."""

    crew: Crew
    bell: Bell
    settings: Settings

    async def get(self, what: str) -> tuple[int, str]:
        url = f"http://127.0.0.1:{self.settings.listen.worker_port}{what}"
        async with aiohttp.ClientSession() as http, http.get(url) as answer:
            return answer.status, await answer.text()

    async def parts(self) -> dict[str, dict[str, object]]:
        parts: dict[str, dict[str, object]] = json.loads((await self.get("/healthz"))[1])["parts"]
        return parts

    async def examined(self) -> dict[str, Examined]:
        return {each.part: each for each in await doctor.examined(self.settings)}


@asynccontextmanager
async def ward(path: Path, crew: Crew, **more: object) -> AsyncIterator[Ward]:
    bell = Bell(settings_of(path, **more))
    bell.make()
    crew.start()
    async with AsyncExitStack() as stack:
        app = web.Application()
        copies = Copies(settings_of(path, **more))
        health = Health(
            path, crew, bell, lambda: crew.fit, others={"backup": copies.part}, collectors=[copies]
        )
        app.add_routes(health.routes())
        port = await listen_on(stack, app, "127.0.0.1", 0)
        yield Ward(crew, bell, settings_of(path, listen={"worker_port": port}, **more))
    crew.stop(WAIT_S)
    bell.close()


@contextmanager
def away(path: Path) -> Iterator[None]:
    """The file is not there meanwhile."""
    elsewhere = path.with_suffix(".away")
    path.rename(elsewhere)
    yield
    elsewhere.rename(path)


async def test_a_worker_that_is_well_says_so_and_counts(path: Path, db: Connection) -> None:
    of = kind(lambda _errand, _told: None)
    owe(db, of, "a")
    owe(db, of, "tomorrow", not_before=NOW + timedelta(days=1))
    async with ward(path, Crew(path, registry([of]), "w", threads=2)) as here:
        ended(path, 1)
        status, told = await here.get("/healthz")
        assert (status, json.loads(told)["state"]) == (200, "ok")
        assert (await here.parts())["crew"] == {"state": "ok", "running": 0}
        assert await here.get("/alive") == (200, "ok")
        _, page = await here.get("/metrics")
        assert 'attendant_jobs{kind="text",state="done"} 1.0' in page
        assert 'attendant_jobs{kind="text",state="queued"} 1.0' in page
        assert "attendant_jobs_due 0.0" in page
        found = await here.examined()
        assert [each.health for each in found.values()] == [How.WELL]
        assert found["worker"].told.endswith("; no job is due")


async def test_every_metric_of_a_worker_is_in_its_page_and_back(path: Path, db: Connection) -> None:
    of = kind(lambda _errand, _told: None)
    owe(db, of, "a")
    async with ward(path, Crew(path, registry([of]), "w", threads=1)) as here:
        ended(path, 1)
        _, text = await here.get("/metrics")
    told = METRICS.read_text("utf-8").partition("\n## The worker\n")[2]
    assert set(re.findall(r"^# TYPE (attendant_\w+) ", text, re.MULTILINE)) == set(
        re.findall(r"^\| `(attendant_\w+)`", told, re.MULTILINE)
    )


async def test_what_was_given_up_and_a_bell_that_is_lost_are_told_with_what_to_do(
    path: Path, db: Connection
) -> None:
    def hopeless(_errand: object, _: Told) -> None:
        raise AssertionError

    of = kind(hopeless)
    jobs.owe(db, jobs.Wanted("text", "a", tries=1), now=NOW)
    redis = {"redis_url": f"unix://{path.parent}/nobody.sock"}
    async with ward(path, Crew(path, registry([of]), "w", threads=1), jobs=redis) as here:
        ended(path, 1, by=(jobs.State.DEAD,))
        assert not here.bell.ring()
        parts = await here.parts()
        assert (parts["jobs"]["state"], parts["jobs"]["given_up"]) == ("some given up", 1)
        assert parts["bell"]["state"] == "cannot be used"
        found = await here.examined()
        assert found["worker: jobs"].health is found["worker: bell"].health is How.NOTE
        assert found["worker: jobs"].told.endswith("`attendant jobs list --state dead`.")


async def test_a_worker_that_can_begin_nothing_is_not_well(path: Path, db: Connection) -> None:
    gate = threading.Event()

    def hangs(_errand: object, _: Told) -> None:
        gate.wait(WAIT_S)

    of = kind(hangs, deadline_s=0)
    owe(db, of, "a")
    crew = Crew(path, registry([of]), "w", threads=1, patience=Patience(overdue_s=0))
    async with ward(path, crew) as here:
        while crew.fit:
            crew.sweep(db)
        status, told = await here.get("/healthz")
        assert (status, json.loads(told)["state"]) == (503, "hangs")
        assert (await here.examined())["worker: crew"].health is How.MISSING
        gate.set()


async def test_a_database_that_is_gone_is_told(path: Path, db: Connection) -> None:
    async with ward(path, Crew(path, registry([]), "w", threads=1)) as here:
        with away(path):
            assert (await here.parts())["jobs"]["state"] == "cannot be read"


async def test_what_is_not_begun_for_minutes_is_late(path: Path, db: Connection) -> None:
    jobs.owe(db, jobs.Wanted("of a later version", "a"), now=NOW - timedelta(minutes=10))
    async with ward(path, Crew(path, registry([]), "w", threads=1)) as here:
        assert (await here.parts())["jobs"]["state"] == "late"


async def test_without_a_worker_it_matters_whether_something_is_due(
    path: Path, db: Connection, unused_tcp_port: int
) -> None:
    settings = settings_of(path, listen={"worker_port": unused_tcp_port})
    (idle,) = await doctor.examined(settings)
    assert (idle.health, "nothing is due now" in idle.told) == (How.NOTE, True)
    jobs.owe(db, jobs.Wanted("text", "a"), now=NOW)
    (waits,) = await doctor.examined(settings)
    assert (waits.health, "1 job is due: start attendant-worker" in waits.told) == (How.MISSING, True)
    with database.immediate(db):
        job_leases.claim(db, ["text"], worker="dead", moment=job_leases.Moment.now(), lease_s=60)
    (died,) = await doctor.examined(settings)
    assert died.health is How.MISSING
    (unread,) = await doctor.examined(settings_of(path.parent / "nothing" / "x", listen=settings.listen))
    assert "what is owed cannot be read" in unread.told


async def test_what_answers_and_is_no_worker_is_none(path: Path) -> None:
    async with AsyncExitStack() as stack:
        port = await listen_on(stack, web.Application(), "127.0.0.1", 0)
        (found,) = await doctor.examined(settings_of(path, listen={"worker_port": port}))
    assert "does not answer" in found.told
