"""The worker's parts together, in this process: it begins, works by bell and timetable, and stops."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from appliance.core.errors import SettingsError
from appliance.core.settings import Settings, checked
from appliance.jobs import schedules
from appliance.jobs.bell import Bell
from appliance.jobs.kinds import Kind, registry
from appliance.jobs.timetable import Daily, Schedule
from appliance.service.jobs import worker as process
from appliance.service.jobs.lock import LOCK, only_one
from appliance.service.jobs.worker import Worker
from appliance.store import job_schedules
from appliance.store.database import Connection
from appliance.store.job_leases import Moment
from appliance.store.jobs import State
from tests.jobs.owing import WAIT_S, ended, having, kind, owe


def settings_of(path: Path) -> Settings:
    tree = {"box": {"data_dir": str(path.parent)}, "listen": {"worker_port": 0}, "jobs": {"stop_s": 5}}
    return checked(tree, "the test")


class Clock:
    """The clocks of this machine, the one on the wall being off."""

    off = timedelta(0)

    def now(self) -> Moment:
        moment = Moment.now()
        return Moment(moment.at + self.off, moment.boot, moment.up_ms)


@asynccontextmanager
async def working(
    settings: Settings, *kinds: Kind[Any], schedules: tuple[Schedule, ...] = (), clock: Clock | None = None
) -> AsyncIterator[Worker]:
    """A worker that has begun; it is stopped as systemd does."""
    worker = Worker(settings, registry(kinds), schedules, (clock or Clock()).now)
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(worker.run(), name="worker")
        await asyncio.wait_for(worker.began.wait(), WAIT_S)
        try:
            yield worker
        finally:
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.wait_for(task, WAIT_S)


async def all_ended(path: Path, count: int, *states: State) -> None:
    await asyncio.to_thread(ended, path, count, by=states or (State.DONE,))


async def test_it_works_by_its_bell_and_stops_when_asked_to(path: Path, db: Connection) -> None:
    of = kind(lambda _errand, _told: None)
    owe(db, of, "before")
    settings = settings_of(path)
    async with working(settings, of) as worker:
        await all_ended(path, 1)
        assert worker.fit
        with pytest.raises(SettingsError, match="A worker runs already"):
            only_one(path.with_name(LOCK))
        owe(db, of, "after")
        bell = Bell(settings)
        assert await asyncio.to_thread(bell.ring)
        bell.close()
        await all_ended(path, 2)
    os.close(only_one(path.with_name(LOCK)))


async def test_without_a_bell_the_sweep_finds_it(path: Path, db: Connection) -> None:
    of = kind(lambda _errand, _told: None)
    async with working(settings_of(path), of):
        owe(db, of, "a")
        await all_ended(path, 1)


async def test_a_timetable_is_kept_by_the_office_in_the_worker(path: Path, db: Connection) -> None:
    of = kind(lambda _errand, _told: None, "night")
    clock, nightly = Clock(), Schedule("nightly", "night", Daily(time(3, 40)))
    async with working(settings_of(path), of, schedules=(nightly,), clock=clock) as worker:
        assert await asyncio.to_thread(worker.looked.wait, WAIT_S)
        assert having(path) == []
        known = job_schedules.last(db)["nightly"]
        assert known <= datetime.now(UTC) < known + timedelta(days=1, hours=2)
    clock.off = timedelta(days=1)
    async with working(settings_of(path), of, schedules=(nightly,), clock=clock):
        await all_ended(path, 1)


def test_a_folder_that_cannot_be_locked_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be opened: No such file"):
        only_one(tmp_path / "nothing" / LOCK)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_lock_that_root_makes_is_the_box_users(tmp_path: Path) -> None:
    os.chown(tmp_path, 65534, 65534)
    os.close(only_one(tmp_path / LOCK))
    found = (tmp_path / LOCK).stat()
    assert (found.st_uid, found.st_gid, found.st_mode & 0o777) == (65534, 65534, 0o600)


def test_every_timetable_is_of_a_kind_that_there_is(path: Path) -> None:
    found = process.kinds(settings_of(path))
    assert {each.kind for each in schedules.ALL} <= found.keys()
    assert len({each.name for each in schedules.ALL}) == len(schedules.ALL)
