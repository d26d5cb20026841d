"""What the tests of Microsoft calendars share: a clock whose waits are over at once, appointments, accounts.

May import: appliance, tests.peers.graph.
"""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from appliance.calendars.graph.account import Account
from appliance.calendars.graph.patience import Clock
from appliance.core.calendar import Appointment, Span
from tests.peers.graph import GraphPeer

DESK = "Desk@clinic.example"
NINE = datetime(2026, 12, 1, 9, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)
TITLE, NOTES = "Cleaning - Ana Ruiz", "Has a toothache; booked by telephone"


class QuickClock(Clock):
    """Waits by going forward."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    def now(self) -> float:
        return time.monotonic() + sum(self.waits)

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)


def span(start: datetime = NINE, length: timedelta = HALF_HOUR) -> Span:
    return Span(start, start + length)


def appointment(key: str = "b-77", start: datetime = NINE, zone: str = "America/New_York") -> Appointment:
    return Appointment(key, TITLE, NOTES, span(start), zone)


def account(peer: GraphPeer, folder: Path, **others: Any) -> Account:
    told: dict[str, Any] = {
        "tenant": peer.entra.tenant,
        "client_id": peer.app.client_id,
        "credential": peer.app.secret,
        "authority_url": peer.url,
        "graph_url": f"{peer.url}/v1.0",
        "ca_file": peer.trust(folder),
    }
    return Account(**{**told, **others})
