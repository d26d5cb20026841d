"""The doctor against peers: an Asterisk that is too old or another, and a box of which parts are missing."""

import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web

from appliance.core.examined import Examined, Health
from appliance.core.menu import person_kept
from appliance.core.self_call import Check, Finding, State
from appliance.core.settings import Settings, checked
from appliance.core.staff import Office, StaffSettings
from appliance.service.doctor import box, bridge, pbx
from appliance.service.pbx.trial import CONTEXTS
from appliance.store import database, self_calls, times
from tests.migrated import migrated
from tests.peers.pbx import ManagerPeer
from tests.peers.pbx.ari import AriPeer

SECRET = "of-the-test"
AT = "2026-11-24T09:00:00.000Z"
NOBODY = "http://127.0.0.1:9"


@pytest.mark.parametrize(
    ("text", "health"),
    [
        ("22.10.1+dfsg+~cs6.17", Health.WELL),
        ("22.8.0", Health.WELL),
        ("20.18.0", Health.WELL),
        ("23.2.1", Health.WELL),
        ("24.0.0-rc1", Health.WELL),
        ("22.7.0", Health.MISSING),
        ("20.17.1", Health.MISSING),
        ("21.12.0", Health.MISSING),
        ("18.26.4", Health.MISSING),
        ("23.1.0", Health.MISSING),
        ("certified-20.7-cert2", Health.MISSING),
        ("GIT-master-abc", Health.NOTE),
        ("", Health.NOTE),
    ],
)
def test_a_version_can_serve_or_is_too_old(text: str, health: Health) -> None:
    assert pbx.version(text).health is health


SHOWN = """[ Included context 'from-internal-custom' created by 'pbx_config' ]
  '8100' =>         1. Goto(attendant-assistant,s,1)              [extensions.conf:3]

[ Included context 'ext-local' created by 'pbx_config' ]
  '_8XXX' =>        1. Hangup()                                   [extensions.conf:9]
  '8100' =>         1. Dial(PJSIP/8100)                           [extensions.conf:12]
     [2]            2. Hangup()                                   [extensions.conf:13]

-= 3 extensions (4 priorities) in 2 contexts. =-
"""


def test_whose_an_extension_is_is_read_from_the_dialplan() -> None:
    assert pbx.extensions(SHOWN, "8100") == ["from-internal-custom", "ext-local"]
    assert pbx.extensions(SHOWN, "810") == []


@dataclass
class Ward:
    """A PBX of peers, and settings that lead to it."""

    settings: Settings
    ami: ManagerPeer
    ari: AriPeer
    office: Office = field(default_factory=Office)

    async def found(self) -> dict[str, Examined]:
        return {each.part: each async for each in pbx.examined(self.settings, self.office, NOBODY)}


@asynccontextmanager
async def ward(folder: Path) -> AsyncIterator[Ward]:
    secrets = folder / "secrets"
    secrets.mkdir(mode=0o700)
    for name in ("asterisk_ami", "asterisk_ari", "asterisk_media"):
        (secrets / name).touch(mode=0o600)
        (secrets / name).write_text(SECRET)
    async with AsyncExitStack() as stack:
        ami = await stack.enter_async_context(ManagerPeer(SECRET))
        ari = await stack.enter_async_context(AriPeer(SECRET))
        told = {"enabled": True, "ami_port": ami.port, "http_port": ari.port}
        settings = checked({"box": {"data_dir": str(folder)}, "asterisk": told}, "the test")
        ami.answers = {
            "ListCommands": {"Response": "Success", **dict.fromkeys(pbx.ACTIONS, "as you like")},
            "CoreSettings": {"Response": "Success", "AsteriskVersion": "22.10.1"},
            "ModuleCheck": {"Response": "Success"},
            "Command": {"Response": "Success", "Output": "".join(f"'{name}'" for name in CONTEXTS)},
        }
        yield Ward(settings, ami, ari)


async def test_an_old_asterisk_is_named_with_what_to_do(tmp_path: Path) -> None:
    async with ward(tmp_path) as pbx_of_peers:
        pbx_of_peers.ami.answers["CoreSettings"]["AsteriskVersion"] = "20.6.0"
        found = await pbx_of_peers.found()
    assert found["manager interface"].health is Health.WELL
    assert found["version"].health is Health.MISSING
    assert "20.18" in found["version"].told
    assert found["modules"].health is found["dialplan"].health is Health.WELL


async def test_a_clock_that_is_off_is_named(tmp_path: Path) -> None:
    async with ward(tmp_path) as pbx_of_peers:
        # The peer says that it is one second after 1970 began.
        assert "off ours" in (await pbx_of_peers.found())["time"].told


async def test_a_manager_that_may_not_do_what_we_need_is_named(tmp_path: Path) -> None:
    async with ward(tmp_path) as pbx_of_peers:
        del pbx_of_peers.ami.answers["ListCommands"]["Setvar"]
        found = await pbx_of_peers.found()
    assert found["permissions"].health is Health.MISSING
    assert "Setvar" in found["permissions"].told


async def test_what_is_no_asterisk_is_not_taken_for_one(tmp_path: Path) -> None:
    async with ward(tmp_path) as pbx_of_peers:
        port = pbx_of_peers.ari.port
        other = pbx_of_peers.settings.model_copy(
            update={"asterisk": pbx_of_peers.settings.asterisk.model_copy(update={"ami_port": port})}
        )
        found = {each.part: each async for each in pbx.examined(other, Office(), NOBODY)}
    assert found["manager interface"].health is Health.MISSING
    assert "version" not in found
    assert found["ARI"].health is Health.WELL


async def test_a_manager_that_hangs_does_not_hang_the_doctor(tmp_path: Path) -> None:
    async with ward(tmp_path) as pbx_of_peers:
        pbx_of_peers.ami.mute = True
        found = await pbx_of_peers.found()
    assert found["manager interface"].health is Health.MISSING


async def test_without_passwords_nothing_is_asked(tmp_path: Path) -> None:
    settings = checked({"box": {"data_dir": str(tmp_path)}, "asterisk": {"enabled": True}}, "the test")
    found = [each async for each in pbx.examined(settings, Office(), NOBODY)]
    assert [(each.part, each.health) for each in found] == [("passwords", Health.MISSING)]
    assert not settings.secrets_dir.exists()


# The box -----------------------------------------------------------------------------------------------


async def box_of(settings: Settings, office: Office, later_s: float = 60) -> dict[str, Examined]:
    now = times.read(AT) + timedelta(seconds=later_s)
    return {each.part: each async for each in box.examined(settings, office, NOBODY, now)}


async def test_a_box_of_which_all_is_missing_is_told_so(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        at = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        tree = {"box": {"data_dir": str(tmp_path)}, "speech": {"uri": at}, "asterisk": {"enabled": True}}
        found = await box_of(checked(tree, "the test"), Office())
    lacking = {part for part, each in found.items() if each.health is Health.MISSING}
    assert lacking >= {"database", "bridge", "cloud key", "weights", "speech", "front desk"}
    assert "attendant models fetch" in found["weights"].told
    assert found["self-call"].health is Health.NOTE


async def test_embeddings_are_missed_when_they_were_fetched_and_are_not_whole(tmp_path: Path) -> None:
    settings = checked({"box": {"data_dir": str(tmp_path)}}, "the test")
    assert "weights" not in await box_of(settings, Office())
    (settings.models_dir / settings.local.embeddings).mkdir(parents=True)
    told = (await box_of(settings, Office()))["weights"]
    assert told.health is Health.MISSING
    assert f"attendant models fetch {settings.local.embeddings}" in told.told


async def test_what_the_box_found_of_itself_is_told(tmp_path: Path) -> None:
    tree = {"box": {"data_dir": str(tmp_path)}, "cloud": {"enabled": False}, "asterisk": {"enabled": True}}
    settings = checked(tree, "the test")
    migrated(settings.database)
    hours = {"digit": "0", "choice": "hours", "words": ["hours"], "said": "For our hours, press 0."}
    of_old = StaffSettings.model_validate({"people": ["101"], "menu": person_kept([hours])})
    assert (await box_of(settings, Office()))["menu"].health is Health.WELL
    menu = (await box_of(settings, Office(staff=of_old)))["menu"]
    assert (menu.health, "no key for hours" in menu.told) == (Health.NOTE, True)
    office = Office(staff=StaffSettings(people=("101",)))
    db = database.connect(settings.database)
    self_calls.add(db, AT, 1, [Finding(Check.KEYS, State.FAILED, "no key arrives")])
    once = await box_of(settings, office)
    assert once["database"].health is once["front desk"].health is Health.WELL
    assert (once["self-call"].health, "no key arrives" in once["self-call"].told) == (Health.NOTE, True)
    self_calls.add(db, AT, 1, [Finding(Check.KEYS, State.FAILED, "no key arrives")])
    assert (await box_of(settings, office))["self-call"].health is Health.MISSING
    self_calls.add(db, AT, 1, [Finding(Check.KEYS, State.OK)])
    assert (await box_of(settings, office))["self-call"].health is Health.WELL
    # One that is old, or that looked at nothing, says nothing.
    old = (await box_of(settings, office, 3 * 3600))["self-call"]
    assert (old.health, "every 60 minutes" in old.told) == (Health.MISSING, True)
    self_calls.add(db, AT, 1, [])
    assert (await box_of(settings, office))["self-call"].health is Health.MISSING
    db.close()


@asynccontextmanager
async def bridge_that_says(parts: dict[str, object]) -> AsyncIterator[str]:
    """A bridge of which the doctor reads this; where it is."""

    async def healthz(_request: web.Request) -> web.Response:
        return web.json_response({"state": "degraded", "parts": parts})

    app = web.Application()
    app.add_routes([web.get("/healthz", healthz)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def test_each_part_of_the_bridge_that_is_not_well_has_its_sentence() -> None:
    parts: dict[str, object] = {
        "loop": {"state": "ok"},
        "pbx": {"state": "configuration refused", "well": False, "told": "the PBX refused it"},
        "phones": {
            "state": "front desk unreachable",
            "well": False,
            "told": "is it on?",
            "unreachable": ["101"],
        },
        "trunk": {"state": "not registered", "well": False, "told": "no call comes in"},
        "cloud": {"state": "down", "well": False},
        "disk": {"state": "nearly full", "well": False},
    }
    async with bridge_that_says(parts) as base:
        found = [each async for each in bridge.examined(base)]
    assert [(each.part, each.health, each.told) for each in found[1:]] == [
        ("pbx", Health.MISSING, "the PBX refused it."),
        ("phones", Health.MISSING, "is it on?"),
        ("trunk", Health.MISSING, "no call comes in."),
        ("cloud", Health.NOTE, "down; docs/metrics.md tells what that means."),
    ]
    async with bridge_that_says({"phones": {"state": "ok", "unreachable": ["102"]}}) as base:
        (_, away) = [each async for each in bridge.examined(base)]
    assert (away.health, away.told.startswith("102 cannot be reached")) == (Health.NOTE, True)


async def test_what_answers_and_is_no_bridge_is_none() -> None:
    async with bridge_that_says({"pbx": 1}) as base:
        (found,) = [each async for each in bridge.examined(base)]
    assert found.health is Health.MISSING
