"""Faults of the program, told to a Sentry where the settings name one: beside the work, and never in its way.

What cannot be sent is dropped; the log has it. May import: the standard library, appliance.core,
appliance.notify.
"""

import http.client
import logging
import queue
import secrets
import ssl
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit

from appliance import VERSION
from appliance.core.reporting_settings import Reporting
from appliance.notify import envelope
from appliance.notify.envelope import Origin, Project

WAITING_MOST = 50
AN_HOUR_MOST = 30
HOUR_S = 3600.0
SEND_S = 10.0
PATIENCE_S = 60.0
"""After a refusal that does not say for how long."""
PATIENCE_MOST_S = 24 * HOUR_S
SHUT_IN = frozenset({"admin", "speech"})
"""Programs whose units let nothing out of the machine."""


class Reports(logging.Handler):
    """Takes errors, and whatever has a traceback; the same one once an hour, and not many within one."""

    def __init__(
        self, reporting: Reporting, process: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(logging.WARNING)
        self._project = Project.of(reporting.dsn)
        self._origin = Origin(VERSION, process, reporting.environment)
        self._clock = clock
        self._told: dict[str, float] = {}
        self.waiting: queue.Queue[bytes] = queue.Queue(WAITING_MOST)
        self._quiet_until_s = float("-inf")

    def emit(self, record: logging.LogRecord) -> None:
        """Have it told, if it is news."""
        if record.levelno < logging.ERROR and not record.exc_info:
            return
        fault = record.exc_info[1] if record.exc_info else None
        key, now_s = f"{envelope.words(record)} {envelope.place(fault)}", self._clock()
        self._told = {known: at_s for known, at_s in self._told.items() if now_s - at_s < HOUR_S}
        if key in self._told or len(self._told) >= AN_HOUR_MOST or now_s < self._quiet_until_s:
            return
        self._told[key] = now_s
        event = envelope.event(record, self._origin, secrets.token_hex(16))
        try:
            self.waiting.put_nowait(envelope.envelope(event, datetime.now(UTC)))
        except queue.Full:
            return

    def run(self) -> None:
        """Send what comes, for as long as the process lives."""
        while True:
            self.send(self.waiting.get())

    def send(self, sealed: bytes) -> bool:
        """Send one; whether it was taken."""
        told = urlsplit(self._project.url)
        connection = _connection(told.scheme, told.netloc)
        try:
            headers = envelope.headers(self._project, self._origin)
            connection.request("POST", told.path, sealed, headers)
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        if answer.status == 429:
            said = answer.getheader("Retry-After", "")
            wait_s = min(float(said), PATIENCE_MOST_S) if said.isdecimal() else PATIENCE_S
            self._quiet_until_s = self._clock() + wait_s
        return 200 <= answer.status < 300


def _connection(scheme: str, place: str) -> http.client.HTTPConnection:
    if scheme == "https":
        return http.client.HTTPSConnection(place, timeout=SEND_S, context=ssl.create_default_context())
    return http.client.HTTPConnection(place, timeout=SEND_S)


def begin(reporting: Reporting, process: str) -> Reports | None:
    """Tell of this process's faults from now on; None where nobody is to be told, or cannot be."""
    if not reporting.dsn or (process in SHUT_IN and not reporting.is_here):
        return None
    reports = Reports(reporting, process)
    logging.getLogger().addHandler(reports)
    threading.Thread(target=reports.run, name="reports", daemon=True).start()
    return reports
