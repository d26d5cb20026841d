"""The doctor with a real Asterisk: all well, and what is missing named."""

import os
from pathlib import Path

import pytest

from appliance.core.examined import Health
from appliance.core.settings import load
from appliance.service.doctor import pbx
from appliance.store import office
from appliance.store.database import connect_readonly
from tests.asterisk.house import House, house

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(os.geteuid() != 0, reason="an Asterisk tree takes root: debootstrap, mounts, chroot"),
]
PARTS = [
    "manager interface",
    "permissions",
    "version",
    "modules",
    "dialplan",
    "time",
    "ARI",
    "media port",
    "shared folder",
    "sounds",
]


async def found(clinic: House) -> dict[str, tuple[Health, str]]:
    settings = load(clinic.box.config)
    db = connect_readonly(clinic.box.database)
    decided = office.load(db)
    db.close()
    looked = pbx.examined(settings, decided, clinic.box.local_base)
    return {each.part: (each.health, each.told) async for each in looked}


async def test_all_is_well_and_what_goes_missing_is_named(tmp_path: Path) -> None:
    async with house(tmp_path) as clinic:
        all_of_it = await found(clinic)
        assert [*all_of_it] == PARTS
        assert {health for health, _ in all_of_it.values()} == {Health.WELL}, all_of_it

        await clinic.pbx.cli("module unload app_senddtmf.so")
        # The module brings the action as well.
        lost = await found(clinic)
        assert lost["modules"][0] is lost["permissions"][0] is Health.MISSING
        assert "load = app_senddtmf.so" in lost["modules"][1]
        await clinic.pbx.cli("module load app_senddtmf.so")

        dialplan = clinic.pbx.etc / "extensions.conf"
        text = dialplan.read_text()
        dialplan.write_text(text.replace("[attendant-self]", "[another]"))
        await clinic.pbx.cli("dialplan reload")
        (clinic.pbx.etc / "sounds/tone.ulaw").unlink()
        lost = await found(clinic)
        assert {part for part, (health, _) in lost.items() if health is Health.MISSING} == {
            "dialplan",
            "sounds",
        }
        assert "attendant-self" in lost["dialplan"][1]
        assert "tone" in lost["sounds"][1]


async def test_wrong_passwords_and_permissions_are_named(tmp_path: Path) -> None:
    async with house(tmp_path) as clinic:
        manager, ari = clinic.pbx.etc / "manager.conf", clinic.pbx.etc / "ari.conf"
        right = manager.read_text()
        manager.write_text(right.replace("read = system,call,user", "read = system,call"))
        ari.write_text(ari.read_text().replace("password = ", "password = not"))
        await clinic.pbx.cli("core reload")
        lost = await found(clinic)
        assert {part for part, (health, _) in lost.items() if health is Health.MISSING} == {
            "permissions",
            "ARI",
        }
        assert "does not hear" in lost["permissions"][1]
        assert "ari.conf" in lost["ARI"][1]
        manager.write_text(right.replace("secret = ", "secret = not"))
        await clinic.pbx.cli("manager reload")
        lost = await found(clinic)
        assert [*lost] == ["manager interface", "ARI", "media port", "shared folder", "sounds"]
        assert "refuses the password" in lost["manager interface"][1]


async def test_without_an_asterisk_and_a_bridge_both_are_named(tmp_path: Path) -> None:
    async with house(tmp_path) as clinic:
        await clinic.box.stop()
        await clinic.pbx.__aexit__(None, None, None)
        lost = await found(clinic)
        ill = {part: told for part, (health, told) in lost.items() if health is Health.MISSING}
        assert [*ill] == ["manager interface", "ARI", "media port"]
        assert "systemctl start attendant-asterisk" in ill["manager interface"]
