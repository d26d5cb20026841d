"""The box rings itself, at the command line.

May import: click, appliance.cli, appliance.core, appliance.service.self_call, appliance.store.
"""

import asyncio
import sys
from datetime import UTC, datetime

import click

from appliance.cli import rows, show
from appliance.cli.config import with_settings
from appliance.core.errors import SettingsError
from appliance.core.self_call import Check, Finding, State
from appliance.core.settings import Settings

STATUS = {State.OK: 0, State.FAILED: 1, State.DEGRADED: 3}
ALREADY = 4


@click.command("self-call")
@with_settings
def self_call(settings: Settings) -> None:
    """Ring the box itself now, as a caller, and print what is found.

    Status 0: all is well. 1: callers are not served as they should be. 3: something stands in for what is
    configured. 4: it cannot be done now.
    """
    from appliance.service.self_call import asking

    if not settings.asterisk.enabled:
        raise SettingsError(
            ["[asterisk] enabled is false in the settings: the box rings itself by Asterisk."]
        )
    try:
        found = asyncio.run(asking.self_call(asking.base_of(settings), asking.key_of(settings)))
    except asking.NoSelfCall as exc:
        show.line(str(exc))
        sys.exit(ALREADY)
    except asking.BridgeAway as exc:
        told = f"{exc}; {asyncio.run(asking.without_bridge(settings))}"
        sys.exit(_said((_kept(settings, Finding(Check.GATE, State.FAILED, told)),), State.FAILED))
    sys.exit(_said(found.findings, found.state))


def _kept(settings: Settings, finding: Finding) -> Finding:
    """The bridge cannot write it down and raise the alarm, so we do."""
    from appliance.service.self_call import alarm
    from appliance.store import self_calls, times

    at = times.written(datetime.now(UTC))
    alarm.told(rows.write(settings, lambda db: self_calls.add(db, at, 0, [finding])))
    return finding


def _said(findings: tuple[Finding, ...], state: State) -> int:
    show.table(("Check", "State", ""), [(each.check, each.state, each.told) for each in findings])
    show.line()
    show.line(
        {State.OK: "All is well.", State.DEGRADED: "Callers are served, by less than is configured."}.get(
            state, "Callers are not served as they should be."
        )
    )
    return STATUS.get(state, 1)
