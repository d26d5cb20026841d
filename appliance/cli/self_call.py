"""The box rings itself, at the command line.

May import: click, appliance.cli, appliance.core, appliance.service.self_call, appliance.store, ari_bridge.
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
@click.option(
    "--if-dead",
    is_flag=True,
    help="Only look whether the bridge lives: it rings itself by timetable. For the timer.",
)
@with_settings
def self_call(settings: Settings, *, if_dead: bool) -> None:
    """Ring the box itself now, as a caller, and print what is found.

    Status 0: all is well. 1: callers are not served as they should be. 3: something stands in for what is
    configured. 4: it cannot be done now.
    """
    from appliance.service.self_call.asking import BridgeAway, NoSelfCall, alive
    from appliance.service.self_call.asking import self_call as asked

    if not settings.asterisk.enabled:
        raise SettingsError(
            ["[asterisk] enabled is false in the settings: the box rings itself by Asterisk."]
        )
    base = f"http://127.0.0.1:{settings.listen.local_port}"
    try:
        if if_dead:
            asyncio.run(alive(base))
            return
        found = asyncio.run(asked(base, _key(settings)))
    except NoSelfCall as exc:
        show.line(str(exc))
        sys.exit(ALREADY)
    except BridgeAway as exc:
        told = f"{exc}; {asyncio.run(_without_bridge(settings))}"
        sys.exit(_said((_kept(settings, Finding(Check.GATE, State.FAILED, told)),), State.FAILED))
    sys.exit(_said(found.findings, found.state))


def _key(settings: Settings) -> str:
    """What lets us in; a bridge that has never run has made none yet. Raises SettingsError."""
    from ari_bridge.passwords import Door, password

    file = settings.asterisk.media_secret_file
    if not (settings.secrets_dir / file).exists():
        return ""
    return password(settings.secret(file), Door.SELF_CALL)


async def _without_bridge(settings: Settings) -> str:
    """What callers get while there is no bridge."""
    from appliance.core.errors import CarrierFailed
    from ari_bridge.ari import Ari, AriAccess
    from ari_bridge.passwords import USER

    asterisk = settings.asterisk
    try:
        access = AriAccess(
            f"http://127.0.0.1:{asterisk.http_port}", USER, settings.secret(asterisk.ari_secret_file)
        )
        async with Ari(access) as ari:
            await ari.version()
    except (CarrierFailed, SettingsError) as exc:
        return f"nor does Asterisk answer, and no call can be taken ({exc})"
    return "callers ring people and leave messages"


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
