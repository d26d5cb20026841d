"""Looks each minute whether anything is wrong with the box, and has staff told (appliance.jobs.alerts).

By what the bridge says of itself, by rows, by the disk, by what the front serves: nobody outside is asked.
May import: the standard library, orjson, appliance.core, appliance.backup, appliance.jobs, appliance.service,
appliance.store.
"""

import asyncio
import http.client
import logging
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from appliance.backup import standing
from appliance.core.examined import ADDRESS, Examined, Health
from appliance.core.self_call import overdue_after_s
from appliance.core.settings import Settings
from appliance.core.troubles import Found, Trouble
from appliance.jobs import alerts
from appliance.service import disk
from appliance.service.beside import going_on
from appliance.service.doctor import certificate
from appliance.service.self_call import alarm
from appliance.store import backups, database, health_looks, self_calls, times
from appliance.store.database import Connection
from appliance.store.errors import StoreError

log = logging.getLogger(__name__)

LOOK_S = 60.0
ASK_S = 3.0
READ_MOST = 256 * 1024
UNKNOWN = frozenset({"", "not known", "not asked yet", "not looked yet", "late"})
"""States by which neither is known: whether something is wrong, and whether all is well."""
PARTS: Mapping[Trouble, tuple[str, frozenset[str]]] = {
    Trouble.STORE: ("store", frozenset({"trouble", "dead"})),
    Trouble.PBX: ("pbx", frozenset({"not connected"})),
    Trouble.TRUNK: ("trunk", frozenset({"not registered", "refused", "unreachable"})),
    Trouble.PHONES: ("phones", frozenset({"front desk unreachable"})),
    Trouble.CLOUD: ("cloud", frozenset({"down"})),
}
"""Parts of the bridge, and the states in which staff are told."""
BROKE_OFF = "a look broke off"
"""Whoever tells of troubles must not go with one, and the worker with it, each minute anew."""
FAILED_TRIES = 2
"""A backup that failed once is tried again in the same night."""
BACKUP_ILL = frozenset(
    {standing.State.NEVER, standing.State.OLD, standing.State.PARTLY, standing.State.UNVERIFIED}
)


class Watch:
    """All that is looked at."""

    def __init__(
        self,
        settings: Settings,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        front_port: int = certificate.PORT,
        least_mb: int = disk.LEAST_MB,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._front_port = front_port
        self._least_mb = least_mb

    def run(self, stop: threading.Event) -> None:
        """Look each minute, until told to stop; first a minute after the start, as the bridge starts, too."""
        while not stop.wait(LOOK_S):
            with going_on(BROKE_OFF, part="all"):
                try:
                    self.look()
                except StoreError as exc:
                    log.warning("whether all is well could not be noted", extra={"problem": str(exc)})

    def look(self) -> None:
        """Look once, and have told what is to be told. Raises StoreError."""
        now, found = self._clock(), Found()
        with going_on(BROKE_OFF, part="bridge"):
            self._bridge(found)
        with going_on(BROKE_OFF, part="disk"):
            self._disk(found)
        with going_on(BROKE_OFF, part="certificate"):
            self._certificate(found, now)
        db = database.connect(self._settings.database)
        try:
            with database.translated():
                self._rows(db, found, now)
            alerts.look(db, self._settings.alerts, found, now)
        finally:
            db.close()

    def _bridge(self, found: Found) -> None:
        port = self._settings.listen.local_port
        if not port:
            for trouble in (Trouble.BRIDGE, *PARTS):
                found.put(trouble, None)  # What nobody looks at any more is no trouble any more.
            return
        parts = _asked(port)
        if parts is None:
            found.put(Trouble.BRIDGE, f"nothing answers at port {port}: `systemctl status attendant-bridge`")
            return
        found.put(Trouble.BRIDGE, None)
        for trouble, (name, ill) in PARTS.items():
            part = parts.get(name, {"state": "off"})
            state = str(part.get("state", ""))
            if state in ill:
                told = part.get("told") or part.get("problem") or part.get("reason") or state
                found.put(trouble, str(told))
            elif state not in UNKNOWN:
                found.put(trouble, None)

    def _disk(self, found: Found) -> None:
        free = disk.free_mb((self._settings.box.data_dir, self._settings.asterisk_dir))
        if free is not None:
            found.put(Trouble.DISK, disk.told(free) if free < self._least_mb else None)

    def _certificate(self, found: Found, now: datetime) -> None:
        if not self._settings.front.name:
            found.put(Trouble.CERTIFICATE, None)
            return
        for each in asyncio.run(_all(self._settings, now, self._front_port)):
            if each.part == certificate.PART:
                found.put(Trouble.CERTIFICATE, None if each.health is Health.WELL else each.told)

    def _rows(self, db: Connection, found: Found, now: datetime) -> None:
        found.put(Trouble.BACKUP, _backup(self._settings, backups.standing(db), now))
        found.put(Trouble.SELF_CALL, _self_call(self._settings, self_calls.last(db), now))
        if not self._settings.twilio.account_sid:
            found.put(Trouble.ADDRESS, None)
            return
        look = health_looks.last(db)
        for each in look.findings if look else ():
            if each.part == ADDRESS:
                found.put(Trouble.ADDRESS, each.told if each.health is Health.MISSING else None)


def _backup(settings: Settings, known: backups.Standing, now: datetime) -> str | None:
    judged = standing.judged(settings.backup, known, now)
    failing = judged.state is standing.State.FAILING and (
        known.backup is None or not known.backup.result.problem or known.backup.failed_in_row >= FAILED_TRIES
    )
    if judged.state is standing.State.NEVER and known.backup is None:
        return None  # It is set up, and its first night is to come.
    return judged.told if failing or judged.state in BACKUP_ILL else None


def _self_call(settings: Settings, last: self_calls.SelfCall | None, now: datetime) -> str | None:
    minutes = settings.asterisk.self_call_minutes
    if last is None or not settings.asterisk.enabled or not minutes:
        return None
    if last.alarm:
        return "; ".join(alarm.problems(last)) or str(last.state)
    if (now - times.read(last.began_at)).total_seconds() > overdue_after_s(minutes):
        return f"the last one was at {last.began_at}, and it is to be every {minutes} minutes"
    return None


async def _all(settings: Settings, now: datetime, port: int) -> list[Examined]:
    return [each async for each in certificate.examined(settings, now, port)]


def _asked(port: int) -> dict[str, dict[str, Any]] | None:
    """What the bridge says of its parts; None when it does not answer as itself."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ASK_S)
    try:
        connection.request("GET", "/healthz")
        said = orjson.loads(connection.getresponse().read(READ_MOST))
        return {str(name): dict(part) for name, part in said["parts"].items()}
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError, AttributeError):
        return None
    finally:
        connection.close()
