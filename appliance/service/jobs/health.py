"""How the worker is, and jobs in numbers: `/healthz` and `/metrics` on the loopback.

The names are listed in docs/metrics.md. May import: the standard library, aiohttp, prometheus_client,
appliance.jobs, appliance.service, appliance.store.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from appliance import VERSION
from appliance.jobs.bell import Bell
from appliance.jobs.crew import Crew
from appliance.service.parts import Part, Reading, written
from appliance.store import job_counts
from appliance.store.errors import StoreError
from appliance.store.job_counts import Counts
from appliance.store.jobs import State

LATE_S = 300.0
"""What has been due for longer than this is late."""


class Health:
    """What is known of the worker."""

    def __init__(
        self,
        path: Path,
        crew: Crew,
        bell: Bell,
        fit: Callable[[], bool],
        *,
        others: Mapping[str, Reading] | None = None,
        collectors: Sequence[Collector] = (),
    ) -> None:
        self._others = others or {}
        self._collectors = collectors
        self._path = path
        self._crew = crew
        self._fit = fit
        self._bell = bell
        self._since = written(datetime.now(UTC))

    def routes(self) -> Iterable[web.RouteDef]:
        """What the loopback listener serves."""
        return [
            web.get("/alive", self._alive),
            web.get("/healthz", self._healthz),
            web.get("/metrics", self._metrics),
        ]

    async def _alive(self, _request: web.Request) -> web.Response:
        return web.Response(text="ok")

    async def _healthz(self, _request: web.Request) -> web.Response:
        parts = await asyncio.to_thread(self.parts)
        fit = self._fit()
        state = "hangs" if not fit else "ok" if all(part.well for part in parts.values()) else "degraded"
        told = {
            name: {"state": part.state, **({} if part.well else {"well": False}), **part.more}
            for name, part in parts.items()
        }
        head = {"state": state, "version": VERSION, "since": self._since}
        return web.json_response({**head, "parts": told}, status=200 if fit else 503)

    async def _metrics(self, _request: web.Request) -> web.Response:
        page = await asyncio.to_thread(self.page)
        return web.Response(body=page, headers={"Content-Type": "text/plain; version=0.0.4"})

    def parts(self) -> dict[str, Part]:
        """How every part is now."""
        own = {"crew": self._of_crew(), "bell": self._of_bell(), "jobs": self._of_jobs()}
        return {**own, **{name: read() for name, read in self._others.items()}}

    def page(self) -> bytes:
        """The page that Prometheus reads."""
        registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        for each in (_Shown(self._crew, self._bell, self._counts()), *self._collectors):
            registry.register(each)
        return generate_latest(registry)

    def _of_crew(self) -> Part:
        more: dict[str, object] = {"running": self._crew.running}
        if not self._fit():
            return Part(
                "hangs", False, {**more, "told": "nothing is begun any more: restart attendant-worker"}
            )
        if self._crew.hung:
            told = "a job could not be stopped; restarting attendant-worker ends it"
            return Part("some hang", False, {**more, "hung": self._crew.hung, "told": told})
        return Part("ok", True, more)

    def _of_bell(self) -> Part:
        if not self._bell.trouble:
            return Part("ok")
        told = "new jobs are noticed a second later: is Redis there, and [jobs] right?"
        return Part("cannot be used", False, {"problem": self._bell.trouble, "told": told})

    def _of_jobs(self) -> Part:
        counts = self._counts()
        if counts is None or self._crew.trouble:
            return Part("cannot be read", False, {"told": "the database cannot be used: `attendant doctor`"})
        more: dict[str, object] = {
            "due": counts.due,
            "oldest_due_s": round(counts.oldest_due_s),
            "given_up": counts.of(State.DEAD),
        }
        if counts.of(State.DEAD):
            told = f"{counts.of(State.DEAD)} jobs were given up: `attendant jobs list --state dead`"
            return Part("some given up", False, {**more, "told": told})
        if counts.oldest_due_s > LATE_S:
            told = "what is due is not begun for minutes: there is too much of it, or it takes long"
            return Part("late", False, {**more, "told": told})
        return Part("ok", True, more)

    def _counts(self) -> Counts | None:
        """Jobs in numbers; None when the database does not say."""
        try:
            return job_counts.of_file(self._path, datetime.now(UTC))
        except StoreError:
            return None


class _Shown(Collector):
    """What is known of jobs, for one page."""

    def __init__(self, crew: Crew, bell: Bell, counts: Counts | None) -> None:
        self._crew = crew
        self._bell = bell
        self._counts = counts

    def collect(self) -> Iterator[Metric]:
        """The metrics as they are now."""
        told = "Tries of jobs that ended, by what became of them"
        tries = CounterMetricFamily("attendant_job_tries", told, labels=["kind", "became"])
        for (kind, became), number in sorted(self._crew.became.items()):
            tries.add_metric([kind, became], number)
        yield tries
        yield GaugeMetricFamily("attendant_jobs_running", "Jobs that are being done", self._crew.running)
        yield GaugeMetricFamily("attendant_jobs_hung", "Tries that cannot be stopped", self._crew.hung)
        heard = 0.0 if self._bell.trouble else 1.0
        yield GaugeMetricFamily("attendant_job_bell_ok", "Whether the bell of jobs can be used", heard)
        if self._counts is not None:
            yield from self._of_counts(self._counts)

    def _of_counts(self, counts: Counts) -> Iterator[Metric]:
        jobs = GaugeMetricFamily("attendant_jobs", "Jobs by kind and state", labels=["kind", "state"])
        for kind, by_state in counts.by_kind.items():
            for state, number in by_state.items():
                jobs.add_metric([kind, state], number)
        yield jobs
        yield GaugeMetricFamily("attendant_jobs_due", "Jobs that are to be begun now", counts.due)
        told = "How long the oldest of them has been due"
        yield GaugeMetricFamily("attendant_jobs_oldest_due_seconds", told, counts.oldest_due_s)
