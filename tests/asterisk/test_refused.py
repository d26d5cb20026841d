"""What the PBX does not take over gives way to what it had."""

import asyncio
import os
import re
import signal
from pathlib import Path

import aiohttp
import pytest

from appliance.service.pbx.house import House as HouseFiles
from appliance.store import database, office
from ari_bridge.rendering import MARKS, mark_of
from scripts.loopback_box import AT
from tests.asterisk.house import LOOK_AGAIN_S, House, house
from tests.golden.clinic import until

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(os.geteuid() != 0, reason="an Asterisk tree takes root: debootstrap, mounts, chroot"),
]


async def pbx_state(clinic: House) -> str:
    async with aiohttp.ClientSession() as http, http.get(f"{clinic.box.local_base}/healthz") as answer:
        return str((await answer.json())["parts"]["pbx"]["state"])


def rings(clinic: House, ring_s: int) -> None:
    """Staff decide how long phones ring."""
    db = database.connect(clinic.box.database)
    with database.immediate(db):
        office.set_value(db, "ring_s", ring_s, at=AT, by="the test")
    db.close()


async def refused(clinic: House) -> None:
    """Wait until the PBX has refused what was decided."""
    async with asyncio.timeout(30):
        state = ""
        while state != "configuration refused":
            state = await pbx_state(clinic)
            await asyncio.sleep(LOOK_AGAIN_S)


async def mark_read(clinic: House) -> str:
    """The mark of the dialplan that Asterisk has."""
    found = re.search(r"'(read-[0-9a-f]+)'", await clinic.pbx.cli(f"dialplan show {MARKS}"))
    return found[1] if found else ""


async def test_what_is_not_taken_over_gives_way_and_nobody_comes_up_with_it(tmp_path: Path) -> None:
    async with house(tmp_path) as clinic:
        clinic.box.keep_ports()
        kept = HouseFiles(clinic.pbx.folder)
        await until(kept.proven)
        dialplan = clinic.pbx.etc / "extensions.conf"
        before = dialplan.read_text()
        assert kept.proven() == kept.installed()
        # Without it a reload leaves no dialplan at all.
        await clinic.pbx.cli("module unload pbx_config.so")
        rings(clinic, 17)
        await refused(clinic)
        assert dialplan.read_text() == before
        assert "the context attendant is missing" in clinic.box.log_path.read_text()

        # The bridge dies and is back: it tries once more, and again the good one is left.
        clinic.box.signal(signal.SIGKILL)
        await clinic.box.ended()
        await clinic.box.start()
        await refused(clinic)
        assert dialplan.read_text() == before

        # Both are gone, and Asterisk is back first.
        clinic.box.signal(signal.SIGKILL)
        await clinic.box.ended()
        await clinic.pbx.restart()
        assert await mark_read(clinic) == mark_of({"extensions.conf": before})
        await clinic.box.start()
        await until(lambda: dialplan.read_text() != before, 20.0)
        wanted = mark_of(kept.installed())
        async with asyncio.timeout(20):
            mark = ""
            while mark != wanted or kept.proven() != kept.installed():
                mark = await mark_read(clinic)
                await asyncio.sleep(LOOK_AGAIN_S)
        assert ",17,front-desk" in dialplan.read_text()
