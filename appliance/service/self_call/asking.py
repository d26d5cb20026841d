"""Has the bridge ring itself now, from another process: for `attendant self-call`.

May import: the standard library, aiohttp, appliance.core, appliance.service, ari_bridge.
"""

from dataclasses import dataclass

import aiohttp

from appliance.core.errors import AttendantError
from appliance.core.self_call import Check, Finding, State
from appliance.service.self_call.caller import LONGEST_S, PATH
from ari_bridge.passwords import basic

ALIVE_S = 2.0
UNAUTHORIZED, CONFLICT = 401, 409


class NoSelfCall(AttendantError):
    """The box does not ring itself now; that says nothing of how it is."""


class BridgeAway(AttendantError):
    """The bridge does not run, or hangs."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a call found; it stands in the store already."""

    state: State
    took_ms: int
    in_row: int
    findings: tuple[Finding, ...]


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
                    raise NoSelfCall(str((await answer.json())["problem"]))
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
