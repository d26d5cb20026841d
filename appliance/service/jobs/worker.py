"""The worker process: a crew that does jobs, the bell that wakes it, a sweep each second, and its health.

May import: everything below appliance.cli.
"""

import asyncio
import faulthandler
import logging
import os
import secrets
import signal
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson
import uvloop
from aiohttp import web

from appliance.core import in_service
from appliance.core.files import umask_in
from appliance.core.pulse import Pulse
from appliance.core.settings import Settings
from appliance.jobs import (
    alerts,
    archive,
    backup,
    cut_off,
    drafted,
    escalation,
    recordings,
    rehearsing,
    retention,
    schedules,
    summing,
    texts,
    tidy,
    timetable,
    writing_down,
)
from appliance.jobs import knowledge as knowledge_jobs
from appliance.jobs.bell import Bell
from appliance.jobs.crew import Crew
from appliance.jobs.kinds import Registry, registry
from appliance.jobs.timetable import Schedule
from appliance.service import knowledge, logs
from appliance.service.jobs import (
    asking_calendars,
    backups,
    beginning,
    calendars,
    examining,
    outside,
    rendering,
    self_calls,
)
from appliance.service.jobs.health import Health
from appliance.service.jobs.lock import LOCK, only_one
from appliance.service.jobs.watching import Watch
from appliance.service.listening import listen_on
from appliance.service.watchdog import Watchdog
from appliance.store import database, office
from appliance.store.database import Connection
from appliance.store.errors import StoreError
from appliance.store.job_leases import Moment
from appliance.store.migrations import migrate

log = logging.getLogger(__name__)

SWEEP_S = 1.0
LOOK_S = 10.0
"""How often the timetables are looked at."""
SILENT_S = 60.0
"""A sweep that has not come round for so long hangs."""


def kinds(settings: Settings, file: Path | None = None) -> Registry:
    """All kinds of jobs of this version; `file` is the settings file, which backups keep."""
    carrier, place = outside.CarrierRecordings(settings), knowledge.place(settings)
    return registry(
        [
            tidy.tidying(settings.jobs.kept_days),
            tidy.checking(settings.database),
            texts.confirming(settings),
            texts.reminding_of(settings),
            *knowledge_jobs.kinds_of(place),
            drafted.indexing(place),
            rendering.rendering_of(settings),
            examining.examining(settings),
            asking_calendars.asking_calendars(settings),
            recordings.fetching(settings, carrier),
            recordings.deleting(carrier),
            writing_down.writing_down(settings, outside.speech_of(settings)),
            writing_down.writing_again(settings, outside.speech_of(settings)),
            summing.summing(outside.cloud_of(settings)),
            retention.retaining(settings),
            cut_off.texting_cut_off(settings),
            escalation.notifying(settings),
            alerts.alerting(settings, outside.texting(settings)),
            rehearsing.rehearsing(settings),
            calendars.syncing(settings),
            self_calls.self_calling(settings),
            backup.backing_up(settings, file),
            backup.verifying(settings),
            archive.moving_recordings(settings),
            archive.bringing_back(settings),
        ]
    )


class Worker:
    """All parts of it. What it does and by which timetable, and the clock, are given by tests alone."""

    def __init__(
        self,
        settings: Settings,
        registry: Registry | None = None,
        timetables: Sequence[Schedule] | None = None,
        clock: Callable[[], Moment] = Moment.now,
        file: Path | None = None,
    ) -> None:
        self._settings = settings
        ahead = settings.speech.rendered_ahead
        self._schedules = schedules.of(settings) if timetables is None else timetables
        self._prompts = rendering.Noticing(settings) if registry is None and ahead else None
        self._watch = Watch(settings) if registry is None else None
        self._clock = clock
        self._bell = Bell(settings)
        self._crew = Crew(
            settings.database,
            kinds(settings, file) if registry is None else registry,
            secrets.token_hex(6),
            threads=settings.jobs.threads,
            clock=clock,
        )
        self._stop = threading.Event()
        self._swept_s = time.monotonic()
        self._looked_s = -LOOK_S
        self._beside: list[threading.Thread] = []
        self.began = asyncio.Event()
        """Set when it works."""
        self.looked = threading.Event()
        """Set when the timetables were looked at for the first time."""

    async def run(self) -> None:
        """Work until asked to stop. Raises AttendantError when it cannot begin."""
        settings = self._settings
        async with AsyncExitStack() as stack:
            await asyncio.to_thread(migrate, settings.database)
            stack.callback(os.close, only_one(settings.box.data_dir / LOCK))
            stop = _asked_to_stop()
            pulse = Pulse()
            pulse.start()
            stack.callback(pulse.stop)
            copies = backups.Told(settings)
            health = Health(
                settings.database,
                self._crew,
                self._bell,
                lambda: self.fit,
                others={"backup": copies.part},
                collectors=[copies],
            )
            app = web.Application()
            app.add_routes(health.routes())
            port = await listen_on(stack, app, "127.0.0.1", settings.listen.worker_port)
            await asyncio.to_thread(self._bell.make)
            await asyncio.to_thread(knowledge.owe_missing, settings)
            await asyncio.to_thread(beginning.owe_missing, settings)
            left = await asyncio.to_thread(self._crew.start)
            if left:
                log.warning("jobs were interrupted by an earlier end", extra={"count": left})
            self._begin_beside()
            watchdog = Watchdog(os.environ, pulse, lambda: self.fit)
            stack.callback(watchdog.end)
            watchdog.begin()
            log.info("working", extra={"port": port, "threads": settings.jobs.threads})
            self.began.set()
            print(orjson.dumps({"worker": port}).decode(), flush=True)
            await stop.wait()
            log.info("stopping")
            await asyncio.to_thread(self._end)

    @property
    def fit(self) -> bool:
        """Whether it can do its work at all."""
        swept = time.monotonic() - self._swept_s < SILENT_S
        return swept and self._crew.fit and all(thread.is_alive() for thread in self._beside)

    def _begin_beside(self) -> None:
        works = {"bell": self._listen, "sweep": self._sweep}
        if self._watch is not None:
            works["watch"] = partial(self._watch.run, self._stop)
        for name, work in works.items():
            thread = threading.Thread(target=work, name=name, daemon=True)
            self._beside.append(thread)
            thread.start()

    def _end(self) -> None:
        # The sweep goes on meanwhile: what is being done keeps its lease.
        given_back = self._crew.stop(self._settings.jobs.stop_s)
        if given_back:
            log.warning("jobs are given back, to be begun again", extra={"count": given_back})
        self._stop.set()
        for thread in self._beside:
            thread.join(SWEEP_S)
        self._bell.close()

    def _listen(self) -> None:
        while self._bell.heard(self._stop):
            self._crew.wake()

    def _sweep(self) -> None:
        """Look each second, on a connection that is opened again when something was wrong with it."""
        while not self._stop.is_set():
            try:
                db = database.connect(self._settings.database)
            except StoreError as exc:
                self._crew.trouble = self._crew.trouble or str(exc)
                self._swept_s = time.monotonic()
                self._stop.wait(SWEEP_S)
                continue
            try:
                self._sweep_on(db)
            except StoreError as exc:
                log.warning("the sweep of jobs failed", extra={"problem": str(exc)})
                self._swept_s = time.monotonic()
                self._stop.wait(SWEEP_S)
            finally:
                db.close()

    def _sweep_on(self, db: Connection) -> None:
        """Sweep until told to stop. Raises StoreError."""
        while not self._stop.is_set():
            now_s = time.monotonic()
            if now_s - self._looked_s >= LOOK_S:
                self._look(db)
                self._looked_s = now_s
            self._crew.sweep(db)
            self._swept_s = now_s
            self._stop.wait(SWEEP_S)

    def _look(self, db: Connection) -> None:
        in_service.ended_by(self._settings.box.data_dir)
        with database.translated():
            as_it_is = office.load(db)
        now = self._clock().at
        timetable.look(db, self._schedules, ZoneInfo(as_it_is.staff.time_zone), now)
        escalation.owe(db, as_it_is.staff, now)
        if self._prompts is not None:
            self._prompts.look(db, as_it_is, now)
        self.looked.set()


def _asked_to_stop() -> asyncio.Event:
    """Set when a signal asks us to stop."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def run(settings: Settings, file: Path | None = None) -> None:
    """Run the worker until it is told to stop. Raises AttendantError when it cannot begin."""
    settings.box.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.umask(umask_in(settings.box.data_dir))
    logs.begin_process(settings, "worker")
    # A watchdog ends us by SIGABRT: the log then says where we hung.
    faulthandler.enable()
    uvloop.run(Worker(settings, file=file).run())
