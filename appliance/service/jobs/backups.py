"""Backups as the worker tells of them, in `/healthz` and `/metrics`: by the rows, and asking nobody.

The names are listed in docs/metrics.md. May import: the standard library, prometheus_client, appliance.core,
appliance.backup, appliance.service.parts, appliance.store.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from appliance.backup import standing
from appliance.backup.standing import FINE
from appliance.core.settings import Settings
from appliance.service.parts import Part
from appliance.store import backups
from appliance.store.backups import Result
from appliance.store.errors import StoreError


class Told(Collector):
    """What is known of them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def part(self) -> Part:
        """How they stand."""
        try:
            found = backups.of_file(self._settings.database)
        except StoreError:
            return Part("cannot be read", False, {"told": "the database cannot be used: `attendant doctor`"})
        judged = standing.judged(self._settings.backup, found, datetime.now(UTC))
        return Part(judged.state, judged.state in FINE, {"told": judged.told})

    def collect(self) -> Iterator[Metric]:
        """The metrics as they are now; what never was has no value."""
        values = self._values()
        for name, told in _TOLD.items():
            family = GaugeMetricFamily(f"attendant_backup_{name}", told)
            if (value := values.get(name)) is not None:
                family.add_metric([], value)
            yield family

    def _values(self) -> Mapping[str, float | None]:
        if not self._settings.backup.repository:
            return {}
        try:
            found, now = backups.of_file(self._settings.database), datetime.now(UTC)
        except StoreError:
            return {}
        last = found.good.result if found.good else Result()
        return {
            "ok": float(standing.judged(self._settings.backup, found, now).state in FINE),
            "age_seconds": standing.age_s(found.good, now),
            "verified_age_seconds": standing.age_s(found.verified, now),
            "bytes": last.bytes,
            "added_bytes": last.added,
            "failed_in_row": found.backup.failed_in_row if found.backup else 0,
        }


_TOLD = {
    "ok": "Whether backups are as they should be",
    "age_seconds": "How long ago the last backup was made",
    "verified_age_seconds": "How long ago a backup was restored for a test",
    "bytes": "How much the last backup holds",
    "added_bytes": "How much of it the repository did not have yet",
    "failed_in_row": "Backups that failed since the last one",
}
