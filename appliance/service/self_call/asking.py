"""Has the bridge ring itself now, from another process: for `attendant self-call`, and for the worker.

May import: the standard library, aiohttp, appliance.core, ari_bridge.
"""

from dataclasses import dataclass

import aiohttp

from appliance.core.errors import AttendantError, CarrierFailed, SettingsError
from appliance.core.self_call import Check, Finding, State
from appliance.core.settings import Settings
from ari_bridge.ari import Ari, AriAccess
from ari_bridge.passwords import USER, Door, basic, password
from ari_bridge.rendering import SELF_CALL_S

PATH = "/self-call"
LONGEST_S = 2 * SELF_CALL_S + 40.0
ALIVE_S = 2.0
UNAUTHORIZED, CONFLICT = 401, 409


class NoSelfCall(AttendantError):
    """The box does not ring itself now; that says nothing of how it is."""


class NotNow(NoSelfCall):
    """Many calls are up, or it is being done: in some minutes it can be."""


class BridgeAway(AttendantError):
    """The bridge does not run, or hangs."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a call found; it stands in the store already."""

    state: State
    took_ms: int
    in_row: int
    findings: tuple[Finding, ...]


def base_of(settings: Settings) -> str:
    """Where the bridge listens for the box itself."""
    return f"http://127.0.0.1:{settings.listen.local_port}"


def key_of(settings: Settings) -> str:
    """What lets us in; a bridge that has never run has made none yet. Raises SettingsError."""
    file = settings.asterisk.media_secret_file
    if not (settings.secrets_dir / file).exists():
        return ""
    return password(settings.secret(file), Door.SELF_CALL)


async def without_bridge(settings: Settings) -> str:
    """What callers get while there is no bridge."""
    asterisk = settings.asterisk
    try:
        secret = settings.secret(asterisk.ari_secret_file)
        async with Ari(AriAccess(f"http://127.0.0.1:{asterisk.http_port}", USER, secret)) as ari:
            await ari.version()
    except (CarrierFailed, SettingsError) as exc:
        return f"nor does Asterisk answer, and no call can be taken ({exc})"
    return "callers ring people and leave messages"


async def self_call(base: str, key: str) -> Found:
    """Have the bridge at this address ring itself; `key` lets us in. Raises NoSelfCall or BridgeAway."""
    timeout = aiohttp.ClientTimeout(total=LONGEST_S + ALIVE_S)
    async with aiohttp.ClientSession(timeout=timeout) as http:
        await _alive(http, base)
        try:
            async with http.post(f"{base}{PATH}", headers={"Authorization": basic(key)}) as answer:
                if answer.status == UNAUTHORIZED:
                    raise NoSelfCall("The bridge has another media password: restart attendant-bridge.")
                if answer.status == CONFLICT:
                    raise NotNow(str((await answer.json())["problem"]))
                if answer.status != 200:
                    raise NoSelfCall(
                        "The bridge has no Asterisk: set [asterisk] enabled, and start it again."
                    )
                return _found(await answer.json())
        except (aiohttp.ClientError, TimeoutError) as exc:
            raise BridgeAway("the bridge stopped answering while it rang itself") from exc
        except (KeyError, TypeError, ValueError) as exc:
            raise BridgeAway(f"what answers at {base} is not the bridge, or another version of it") from exc


async def alive(base: str) -> None:
    """See that the bridge at this address lives. Raises BridgeAway."""
    async with aiohttp.ClientSession() as http:
        await _alive(http, base)


async def _alive(http: aiohttp.ClientSession, base: str) -> None:
    """The question that the PBX asks before it gives us a caller. Raises BridgeAway."""
    try:
        async with http.get(f"{base}/alive", timeout=aiohttp.ClientTimeout(total=ALIVE_S)) as answer:
            if await answer.text() == "ok":
                return
    except TimeoutError as exc:
        raise BridgeAway(f"the bridge hangs: it does not answer within {ALIVE_S:g} s") from exc
    except aiohttp.ClientError as exc:
        raise BridgeAway(f"the bridge does not run: nobody listens at {base}") from exc
    raise BridgeAway(f"what answers at {base} is not the bridge")


def _found(told: dict[str, object]) -> Found:
    findings = told["findings"]
    if not isinstance(findings, list):
        raise TypeError("no list of findings")
    return Found(
        State(str(told["state"])),
        int(str(told["took_ms"])),
        int(str(told["in_row"])),
        tuple(Finding(Check(each["check"]), State(each["state"]), str(each["told"])) for each in findings),
    )
