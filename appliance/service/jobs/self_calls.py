"""The kind of job that has the bridge ring itself when that is due, and writes down where no bridge answers.

The bridge keeps what it finds; one that is dead cannot. May import: the standard library, appliance.core,
appliance.jobs, appliance.service.self_call, appliance.store.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime

from appliance.core.self_call import Check, Finding, State, is_due
from appliance.core.settings import Settings
from appliance.jobs.errand import Change, Errand
from appliance.jobs.kinds import JobFailed, Kind, Nothing
from appliance.jobs.self_calls import NAME
from appliance.service.self_call import alarm, asking
from appliance.service.self_call.asking import LONGEST_S, BridgeAway, NoSelfCall, NotNow
from appliance.store import self_calls, times
from appliance.store.database import Connection
from appliance.store.self_calls import SelfCall

log = logging.getLogger(__name__)

DEADLINE_S = LONGEST_S + 30.0
TRIES = 2


def self_calling(
    settings: Settings, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Kind[Nothing]:
    """The kind that does it."""
    minutes, base = settings.asterisk.self_call_minutes, asking.base_of(settings)

    def run(errand: Errand, _: Nothing) -> Change | None:
        began = clock()
        try:
            if _due(errand.read(self_calls.last), began, minutes):
                errand.awaited(asking.self_call(base, asking.key_of(settings)))
            else:
                errand.awaited(asking.alive(base))
        except NotNow as exc:
            log.info("the box does not ring itself", extra={"problem": str(exc)})
        except NoSelfCall as exc:
            raise JobFailed(str(exc), again=False) from exc
        except BridgeAway as exc:
            told = f"{exc}; {errand.awaited(asking.without_bridge(settings))}"
            return lambda db: _kept(db, began, Finding(Check.GATE, State.FAILED, told))
        return None

    return Kind(NAME, Nothing, run, DEADLINE_S, tries=TRIES)


def _due(last: SelfCall | None, now: datetime, minutes: int) -> bool:
    if last is None:
        return minutes > 0
    return is_due(last.state, (now - times.read(last.began_at)).total_seconds(), minutes)


def _kept(db: Connection, began: datetime, finding: Finding) -> None:
    """The bridge cannot write it down and raise the alarm, so we do."""
    alarm.told(self_calls.add(db, times.written(began), 0, [finding]))
