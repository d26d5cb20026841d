"""The box rings itself through a real Asterisk: all well, and each thing that breaks found for what it is."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from appliance.core.self_call import Check, State
from appliance.store import messages, self_calls
from appliance.store.database import connect_readonly
from scripts.loopback_box import ROOT
from tests.asterisk.house import CALLER, DESK, House, house, rung_by_itself
from tests.asterisk.test_house import GREETING
from tests.golden.clinic import until
from tests.peers.recogniser import Manner, RecogniserPeer

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(os.geteuid() != 0, reason="an Asterisk tree takes root: debootstrap, mounts, chroot"),
]

ASKED = "I would like to speak with a person, please."
COMMAND_S = 200.0


@asynccontextmanager
async def ringing(folder: Path, **options: Any) -> AsyncIterator[tuple[House, RecogniserPeer, int]]:
    """A house with ears that know our own sentence, and the port of its loopback listener."""
    library = folder / "library"
    library.mkdir()
    (library / "transcripts.json").write_text("{}")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    async with RecogniserPeer(library, usual=Manner(text=ASKED)) as ears:
        settings = {"speech": {"recognition_uri": ears.uri}, "listen": {"local_port": port}}
        async with house(folder, settings=settings, **options) as clinic:
            yield clinic, ears, port


async def asked(clinic: House) -> dict[str, Any]:
    """Have the box ring itself; what it found."""
    return await rung_by_itself(clinic.box)


def states(found: Mapping[str, Any]) -> dict[str, str]:
    return {each["check"]: each["state"] for each in found["findings"]}


def told(found: Mapping[str, Any], check: Check) -> str:
    return next(str(each["told"]) for each in found["findings"] if each["check"] == check)


async def command(clinic: House) -> tuple[int, str]:
    """`attendant self-call`: its status and what it prints."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "appliance.cli.main", "--config", str(clinic.box.config), "self-call"),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(COMMAND_S):
        said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


def kept(clinic: House) -> list[self_calls.SelfCall]:
    db = connect_readonly(clinic.box.database)
    try:
        return self_calls.recent(db)
    finally:
        db.close()


async def nothing_is_left(clinic: House) -> None:
    """No channel, no call, no message and no sound of it."""

    async def quiet() -> bool:
        return await clinic.pbx.cli("core show channels concise") == ""

    async with asyncio.timeout(10):
        while not await quiet():
            pass
    assert clinic.all_filed() == []
    assert clinic.open_calls() == 0
    db = connect_readonly(clinic.box.database)
    assert messages.page(db) == []
    db.close()
    data = clinic.box.folder / "data"
    assert [*(data / "asterisk/spool/voicemail").iterdir()] == []
    assert not (data / "recordings").exists() or [*(data / "recordings").iterdir()] == []


async def test_all_is_well_and_nothing_is_left_of_it(tmp_path: Path) -> None:
    async with ringing(tmp_path, script=GREETING) as (clinic, _, _):
        desk, waiting = await clinic.phone(DESK), await clinic.phone(CALLER)
        status, said = await command(clinic)
        assert (status, said.splitlines()[-1]) == (0, "All is well.")
        (row,) = kept(clinic)
        assert [(each.check, each.state) for each in row.findings] == [(check, State.OK) for check in Check]
        # It asked for a person twice, and no desk has rung.
        assert desk.incoming == waiting.incoming == []
        await nothing_is_left(clinic)
        async with aiohttp.ClientSession() as http, http.get(f"{clinic.box.local_base}/metrics") as page:
            lines = (await page.text()).splitlines()
        assert "attendant_calls_offered_total 0.0" in lines
        assert 'attendant_self_call_ok{check="voicemail"} 1.0' in lines
        # The cloud is there, and patients get it; this costs nothing.
        assert clinic.cloud.sessions == []


async def test_a_dead_speech_program_is_found_by_what_callers_go_without(tmp_path: Path) -> None:
    async with ringing(tmp_path) as (clinic, ears, _):
        await ears.vanish()
        found = await asked(clinic)
        assert found["state"] == "failed"
        assert states(found) == {
            "gate": "ok", "greeting": "ok", "keys": "ok", "voicemail": "ok",
            "synthesis": "ok", "recognition": "failed",
        }  # fmt: skip
        assert "nobody listens there" in told(found, Check.RECOGNITION)
        await nothing_is_left(clinic)


async def test_an_assistant_that_understands_something_else_is_found(tmp_path: Path) -> None:
    async with ringing(tmp_path) as (clinic, ears, _):
        # Asked directly it is right, and wrong in the call.
        ears.manners = [Manner(text=ASKED)]
        ears.usual = Manner(text="when are you open")
        found = await asked(clinic)
        assert states(found)["recognition"] == "failed"
        assert "understood another sentence" in told(found, Check.RECOGNITION)


async def test_a_gate_that_is_closed_is_found_and_twice_is_an_alarm(tmp_path: Path) -> None:
    async with ringing(tmp_path) as (clinic, _, port):
        dialplan = clinic.pbx.etc / "extensions.conf"
        text = dialplan.read_text()
        assert f":{port}/alive" in text
        dialplan.write_text(text.replace(f":{port}/alive", f":{port}/alive/not"))
        await clinic.pbx.cli("dialplan reload")
        for in_row in (1, 2):
            found = await asked(clinic)
            assert (found["state"], found["in_row"]) == ("failed", in_row)
            assert "the gate is closed" in told(found, Check.GATE)
            assert "greeting" not in states(found)
        assert '"code":"self_call_failed"' in clinic.box.log_path.read_text()
        async with aiohttp.ClientSession() as http, http.get(f"{clinic.box.local_base}/healthz") as page:
            health = await page.json()
        assert (health["state"], health["parts"]["self-call"]["state"]) == ("degraded", "failed")
        await nothing_is_left(clinic)


async def test_a_greeting_that_goes_on_for_a_minute_is_spoken_into(tmp_path: Path) -> None:
    long = (
        "We are here for you and your family on every working day, and we are glad that you call us today. "
    )
    staff = {"greeting": (3 * long)[:300], "emergency_notice": (2 * long)[:200]}
    async with ringing(tmp_path, staff=staff) as (clinic, _, _):
        found = await asked(clinic)
        assert states(found)["recognition"] == "ok", found
        await nothing_is_left(clinic)


async def test_a_message_that_cannot_be_recorded_is_found(tmp_path: Path) -> None:
    async with ringing(tmp_path) as (clinic, _, _):
        spool = clinic.pbx.folder / "spool/voicemail"
        spool.rmdir()
        spool.write_text("in the way")
        found = await asked(clinic)
        assert states(found)["keys"] == "ok"
        assert states(found)["voicemail"] == "failed"
        spool.unlink()
        spool.mkdir()


async def test_a_key_that_does_not_arrive_is_found(tmp_path: Path) -> None:
    async with ringing(tmp_path) as (clinic, _, _):
        await clinic.pbx.cli("module unload app_senddtmf.so")
        found = await asked(clinic)
        assert states(found)["keys"] == "failed"
        assert "voicemail" not in states(found)


async def test_a_bridge_that_hangs_or_is_dead_is_found_from_outside(tmp_path: Path) -> None:
    async with ringing(tmp_path) as (clinic, _, _):
        clinic.box.signal(signal.SIGSTOP)
        try:
            status, said = await command(clinic)
        finally:
            clinic.box.signal(signal.SIGCONT)
        assert status == 1
        assert "the bridge hangs" in said
        clinic.box.signal(signal.SIGKILL)
        await clinic.box.ended()
        status, said = await command(clinic)
        assert status == 1
        assert "the bridge does not run" in said
        assert [(row.state, row.failed_in_row) for row in kept(clinic)] == [
            (State.FAILED, 2),
            (State.FAILED, 1),
        ]


async def test_a_bridge_that_dies_in_the_midst_leaves_no_channel(tmp_path: Path) -> None:
    async with ringing(tmp_path) as (clinic, _, _):
        asking = asyncio.get_running_loop().create_task(command(clinic))
        async with asyncio.timeout(20):
            while "attendant-self" not in await clinic.pbx.cli("core show channels concise"):
                pass
        clinic.box.signal(signal.SIGKILL)
        status, said = await asking
        assert status == 1
        assert "stopped answering" in said
        async with asyncio.timeout(80):
            while await clinic.pbx.cli("core show channels concise"):
                pass


async def test_it_does_not_begin_when_many_calls_are_up(tmp_path: Path) -> None:
    async with ringing(tmp_path) as (clinic, _, _):
        # A call has two channels or more; half of what the box can hold are many.
        caller, desk = await clinic.phone(CALLER), await clinic.phone(DESK)
        calls = [await phone.dial("100") for phone in (caller, desk)]
        calls += [await phone.dial("100") for phone in (caller, desk)]
        for call in calls:
            await call.answered()
        while (await clinic.pbx.cli("core show channels concise")).count("WebSocket/attendant") < len(calls):
            pass
        answer = await asked(clinic)
        assert "Many calls are up" in answer["problem"]
        assert kept(clinic) == []
        for call in calls:
            await call.hang_up()
        await until(lambda: len(clinic.all_filed()) == 4)
