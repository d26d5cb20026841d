"""What is logged of the box's calls to itself; staff are told by the row (`appliance.jobs.alerts`).

May import: the standard library, appliance.core, appliance.store.
"""

import logging

from appliance.core.self_call import State
from appliance.store.self_calls import SelfCall

log = logging.getLogger(__name__)

ALARM = "self_call_failed"
"""The code of the line in the log that is the alarm."""


def told(found: SelfCall) -> None:
    """Tell what a call found, whoever placed it: the bridge, or the timer while there is none."""
    about = {"state": str(found.state), "problems": problems(found), "in_row": found.failed_in_row}
    if found.alarm:
        log.error("the box rang itself, and that failed again", extra={"code": ALARM, **about})
    elif about["problems"]:
        log.warning("the box rang itself, and not all was well", extra=about)


def problems(found: SelfCall) -> list[str]:
    """What is wrong, a sentence each."""
    bad = (State.DEGRADED, State.FAILED)
    return [f"{each.check}: {each.told}" for each in found.findings if each.state in bad]
