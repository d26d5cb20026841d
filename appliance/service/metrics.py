"""What Prometheus is shown: the counters of calls, of the store and of the loop. Nothing about callers.

May import: appliance.core, appliance.store, prometheus_client.
"""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.gc_collector import GCCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from appliance.core.counters import Counters
from appliance.store.writer import Writer

LATENESS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0)


class _Calls(Collector):
    """Shows our plain counters, read when asked."""

    def __init__(self, counters: Counters, writer: Writer) -> None:
        self._counters = counters
        self._writer = writer

    def collect(self) -> Iterator[Metric]:
        """The metrics as they are now."""
        yield from self._of_calls()
        yield from self._of_store()

    def _of_calls(self) -> Iterator[Metric]:
        counters = self._counters
        yield GaugeMetricFamily("attendant_calls_live", "Media legs held now", counters.live)
        for name, value, told in (
            ("offered", counters.offered, "Calls offered by a carrier"),
            ("repeated_offers", counters.repeated, "Offers asked again"),
            ("refused_busy", counters.refused_busy, "Calls without room for a conversation"),
            ("media_legs", counters.admitted, "Media legs admitted"),
            ("failed", counters.failed, "Calls that a fault of ours ended"),
        ):
            yield CounterMetricFamily(f"attendant_calls_{name}", told, value)
        outcomes = CounterMetricFamily("attendant_outcomes", "Finished calls by outcome", labels=["outcome"])
        for outcome, count in counters.outcomes.items():
            outcomes.add_metric([outcome], count)
        yield outcomes
        lost = CounterMetricFamily("attendant_brains_lost", "Cloud sessions lost in calls", labels=["reason"])
        for reason, count in counters.brains_lost.items():
            lost.add_metric([reason], count)
        yield lost
        yield CounterMetricFamily(
            "attendant_events_dropped", "Events that did not fit into a call's inbox", counters.events_dropped
        )
        yield CounterMetricFamily(
            "attendant_playout_dropped_seconds",
            "Audio that did not fit into a call's playout",
            counters.playout_dropped_ms / 1000,
        )

    def _of_store(self) -> Iterator[Metric]:
        writer = self._writer
        yield GaugeMetricFamily("attendant_store_waiting_rows", "Rows waiting to be written", writer.depth)
        yield GaugeMetricFamily(
            "attendant_store_waiting_seconds", "Age of the oldest waiting row", writer.waiting_s()
        )
        for name, value in vars_of(writer.counts).items():
            yield CounterMetricFamily(f"attendant_store_{name}", f"The store's count of {name}", value)


def vars_of(counts: object) -> dict[str, float]:
    """The numbers of a counts object by name."""
    names = getattr(type(counts), "__slots__", None) or vars(counts)
    found = {name: getattr(counts, name) for name in names}
    return {name: float(value) for name, value in found.items() if isinstance(value, int | float)}


class Metrics:
    """The registry of one process."""

    def __init__(self, counters: Counters, writer: Writer) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Calls(counters, writer))
        ProcessCollector(registry=self._registry)
        GCCollector(registry=self._registry)
        late = Histogram(
            "attendant_loop_late_seconds",
            "How late the event loop was for its 20 ms beat",
            buckets=LATENESS,
            registry=self._registry,
        )
        self.loop_late = late.observe

    def page(self) -> bytes:
        """The page that Prometheus reads."""
        return generate_latest(self._registry)
