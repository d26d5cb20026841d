"""What Prometheus is shown: the counters of calls, of the store and of the loop. Nothing about callers.

The names are listed in docs/metrics.md. May import: the standard library, appliance.core, appliance.store,
prometheus_client.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.gc_collector import GCCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from appliance.core.counters import Counters
from appliance.store.writer import Writer

LATENESS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0)

Counted = tuple[str, str, float]
"""A counter's name, what it counts, and how much."""


class _Calls(Collector):
    """Shows our plain counters, read when asked."""

    def __init__(self, counters: Counters, writer: Writer) -> None:
        self._counters = counters
        self._writer = writer
        self.frozen = 0
        self.others: list[tuple[str, str, Callable[[], float]]] = []
        self.gauges: list[tuple[str, str, str, Callable[[], Mapping[str, float]]]] = []
        self.failures: Mapping[str, int] = {}

    def collect(self) -> Iterator[Metric]:
        """The metrics as they are now."""
        yield GaugeMetricFamily("attendant_tasks", "Tasks on the event loop", len(asyncio.all_tasks()))
        told = "Objects of the start that the garbage collector passes over"
        yield GaugeMetricFamily("attendant_objects_frozen", told, self.frozen)
        yield GaugeMetricFamily("attendant_calls_live", "Media legs held now", self._counters.live)
        yield from self._of_store()
        for name, told, value in (*self._of_calls(), *self._dropped(), *self._written()):
            yield CounterMetricFamily(f"attendant_{name}", told, value)
        for name, told, read in self.others:
            yield CounterMetricFamily(f"attendant_{name}", told, read())
        yield from self._labelled()

    def _of_calls(self) -> Iterator[Counted]:
        counters = self._counters
        yield "calls_offered", "Calls offered by a carrier", counters.offered
        yield "calls_repeated_offers", "Offers asked again", counters.repeated
        yield "calls_refused_busy", "Calls without room for a conversation", counters.refused_busy
        yield "calls_media_legs", "Media legs admitted", counters.admitted
        yield "calls_failed", "Calls that a fault of ours ended", counters.failed

    def _dropped(self) -> Iterator[Counted]:
        """What did not fit into a bounded queue, of audio and of calls."""
        counters = self._counters
        yield "events_dropped", "Events that did not fit into a call's inbox", counters.events_dropped
        playout_s, uplink_s = counters.playout_dropped_ms / 1000, counters.uplink_dropped_ms / 1000
        yield "playout_dropped_seconds", "Audio that did not fit into a call's playout", playout_s
        yield "uplink_dropped_seconds", "Audio of callers that was too old when a session stood", uplink_s
        told = "Requests to the cloud that did not fit into what waits for a session"
        yield "cloud_requests_dropped", told, counters.wishes_dropped
        yield "cloud_garbage", "Messages of the cloud that could not be read", counters.cloud_garbage

    def _written(self) -> Iterator[Counted]:
        """The store's own account; what it drops of partial transcripts is replaced by later ones."""
        counts = self._writer.counts
        yield "store_rows_queued", "Rows handed to the writer", counts.queued
        yield "store_rows_written", "Rows on disk", counts.written
        yield "store_rows_failed", "Rows that the schema or a mistake of ours undid", counts.failed
        yield "store_rows_dropped", "Rows lost because the writer's queue was full", counts.dropped
        told = "Partial transcripts that gave way in a full queue"
        yield "store_partial_rows_dropped", told, counts.dropped_partial
        told = "Rows that could not be confirmed in time"
        yield "store_rows_refused", told, counts.refused
        yield "store_commits", "Transactions committed", counts.commits

    def _of_store(self) -> Iterator[Metric]:
        writer = self._writer
        longest_s = writer.counts.longest_commit_ms / 1000
        for name, told, value in (
            ("waiting_rows", "Rows waiting to be written", writer.depth),
            ("waiting_seconds", "Age of the oldest waiting row", writer.waiting_s()),
            ("longest_commit_seconds", "The longest transaction since the process began", longest_s),
        ):
            yield GaugeMetricFamily(f"attendant_store_{name}", told, value)

    def _labelled(self) -> Iterator[Metric]:
        for name, told, label, counts in (
            ("outcomes", "Finished calls by outcome", "outcome", self._counters.outcomes),
            ("brains_lost", "Cloud sessions lost in calls", "reason", self._counters.brains_lost),
            ("task_failures", "Failures of work beside the calls", "task", self.failures),
        ):
            family = CounterMetricFamily(f"attendant_{name}", told, labels=[label])
            for value, count in counts.items():
                family.add_metric([value], count)
            yield family
        for name, told, label, read in self.gauges:
            gauge = GaugeMetricFamily(f"attendant_{name}", told, labels=[label] if label else None)
            for value, amount in read().items():
                gauge.add_metric([value] if label else [], amount)
            yield gauge


class Metrics:
    """The registry of one process."""

    def __init__(self, counters: Counters, writer: Writer) -> None:
        self._registry = CollectorRegistry()
        self._calls = _Calls(counters, writer)
        self._registry.register(self._calls)
        ProcessCollector(registry=self._registry)
        GCCollector(registry=self._registry)
        late = Histogram(
            "attendant_loop_late_seconds",
            "How late the event loop was for its 20 ms beat",
            buckets=LATENESS,
            registry=self._registry,
        )
        self.loop_late = late.observe

    def count(self, name: str, told: str, read: Callable[[], float]) -> None:
        """Show a counter that a part keeps itself; its name begins behind `attendant_`."""
        self._calls.others.append((name, told, read))

    def show(self, name: str, told: str, label: str, read: Callable[[], Mapping[str, float]]) -> None:
        """Show a gauge for each value of a label, read when asked; without a label there is one value."""
        self._calls.gauges.append((name, told, label, read))

    def failures(self, of_tasks: Mapping[str, int]) -> None:
        """Show how often work beside the calls has failed, by its name."""
        self._calls.failures = of_tasks

    def frozen(self, objects: int) -> None:
        """How many objects of the start the garbage collector passes over."""
        self._calls.frozen = objects

    def page(self) -> bytes:
        """The page that Prometheus reads."""
        return generate_latest(self._registry)
