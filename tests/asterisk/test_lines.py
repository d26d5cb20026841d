"""Which phones and which trunk can be reached, as health, metrics and doctor tell of a real Asterisk."""

import asyncio
import os
import signal
import time
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from appliance.core.examined import Health
from appliance.service.doctor import bridge
from tests.asterisk.house import CALLER, DESK, LOOK_AGAIN_S, NURSE, House, house, measured
from tests.asterisk.staff import hears
from tests.asterisk.test_house import DEAD_AIR_S, TRANSFER, greeted, spoken
from tests.asterisk.test_outside import FRIEND, PASSWORD, outside
from tests.peers.phone import Manner, Phone, Registrar
from tests.peers.phone.relay import Relay

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(os.geteuid() != 0, reason="an Asterisk tree takes root: debootstrap, mounts, chroot"),
]
TOLD_S = 45.0


async def part(clinic: House, name: str, state: str) -> dict[str, Any]:
    """A part of health, once it is so."""
    found: dict[str, Any] = {}
    async with asyncio.timeout(TOLD_S), aiohttp.ClientSession() as http:
        while found.get("state") != state:
            async with http.get(f"{clinic.box.local_base}/healthz") as answer:
                found = (await answer.json())["parts"][name]
            await asyncio.sleep(LOOK_AGAIN_S)
    return found


async def shown(clinic: House, row: str) -> None:
    """Wait until the metrics hold this row."""
    async with asyncio.timeout(TOLD_S), aiohttp.ClientSession() as http:
        page = ""
        while f"\n{row}\n" not in page:
            async with http.get(f"{clinic.box.local_base}/metrics") as answer:
                page = await answer.text()
            await asyncio.sleep(LOOK_AGAIN_S)


async def lacking(clinic: House) -> dict[str, str]:
    """What the doctor says is missing."""
    found = [each async for each in bridge.examined(clinic.box.local_base)]
    return {each.part: each.told for each in found if each.health is Health.MISSING}


async def test_phones_and_trunk_are_told_as_they_are_also_after_a_restart(tmp_path: Path) -> None:
    async with outside(tmp_path) as there:
        clinic = there.clinic
        ill = await part(clinic, "phones", "front desk unreachable")
        assert ill["well"] is False
        assert "nobody rings when a caller wants a person: 101 cannot be reached" in ill["told"]
        assert "101" in (await lacking(clinic))["phones"]
        await shown(clinic, 'attendant_pbx_phone_reachable{phone="101"} 0.0')
        await clinic.phone(DESK)
        well = await part(clinic, "phones", "ok")
        assert DESK not in well["unreachable"]
        assert NURSE in well["unreachable"]
        await part(clinic, "trunk", "ok")
        assert await lacking(clinic) == {}
        # Nobody tells a new bridge anything: it asks.
        clinic.box.signal(signal.SIGKILL)
        await clinic.box.ended()
        await clinic.box.start()
        await shown(clinic, 'attendant_pbx_phone_reachable{phone="101"} 1.0')
        await shown(clinic, 'attendant_pbx_phone_reachable{phone="102"} 0.0')
        await shown(clinic, "attendant_pbx_trunk_up 1.0")


async def test_a_trunk_whose_provider_refuses_us_is_told(tmp_path: Path) -> None:
    registrar = Registrar({"clinic": "another"}, unknown_first=False)
    async with Phone("provider", registrar=registrar) as provider:
        trunk = {"host": f"127.0.0.1:{provider.where[1]}", "user": "clinic"}
        passwords = {"trunk_secret": PASSWORD}
        async with house(tmp_path, settings={"asterisk.trunk": trunk}, passwords=passwords) as clinic:
            ill = await part(clinic, "trunk", "refused")
            assert "refuses our registration, so that no call comes in" in ill["told"]
            assert "trunk" in await lacking(clinic)
            await shown(clinic, "attendant_pbx_trunk_up 0.0")


async def test_a_trunk_that_has_gone_silent_is_told_and_the_next_of_a_department_rings_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with Phone("provider") as provider, Relay() as way:
        trunk = {"host": f"127.0.0.1:{way.left.where[1]}", "from_networks": ["192.0.2.0/24"]}
        settings = {"asterisk.trunk": trunk}
        departments = {"Billing": [FRIEND, NURSE]}
        way.right.phone = provider.where
        async with house(
            tmp_path,
            TRANSFER,
            settings=settings,
            departments=departments,
            staff={"outside_prefixes": ["+1415"]},
        ) as clinic:
            way.left.phone = ("127.0.0.1", clinic.ports.sip)
            await part(clinic, "trunk", "ok")
            nurse, caller = await clinic.phone(NURSE), await clinic.phone(CALLER)
            for what in ("OPTIONS", "INVITE"):
                way.lose(what, 10_000)
            since_s = time.monotonic()
            ill = await part(clinic, "trunk", "unreachable")
            noticed_s = time.monotonic() - since_s
            assert "does not answer, so that no call goes out" in ill["told"]
            assert "trunk" in await lacking(clinic)
            await shown(clinic, "attendant_pbx_trunk_up 0.0")
            # A desk that dials out is told.
            call = await nurse.dial(FRIEND)
            await hears(call, clinic, "no_line")
            await call.ended()
            assert call.status == 503
            nurse.on_ring = Manner.answers(0.3)
            asked = await greeted(caller)
            asked.say(spoken("say_en_billing"))
            await asked.said()
            left_s = time.monotonic()
            await nurse.rung(timeout_s=20.0)
            waited_s = time.monotonic() - left_s
            measured(capsys, "trunk gone silent, until it is told", noticed_s)
            measured(capsys, "trunk known to be silent, until the next desk rings", waited_s)
            # Nothing was tried that could not be: the wait is the assistant's sentence.
            assert "INVITE" not in way.lost
            assert waited_s < DEAD_AIR_S
            await asked.hang_up()
            way.heal()
            await part(clinic, "trunk", "ok")
