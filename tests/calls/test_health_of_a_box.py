"""What `/healthz` says of a real bridge while its peers come and go, and its own work fails."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp

from appliance.core.steps import CallOffered
from appliance.store import calls, times
from appliance.store.database import connect, immediate
from appliance.store.migrations import migrate
from scripts.loopback_box import LoopbackBox
from tests.calls.stage import Stage, staged
from tests.golden.clinic import LOOK_AGAIN_S
from tests.peers.carrier import RestFault
from tests.peers.carrier.speech import SPEECH_FOLDER
from tests.peers.recogniser import RecogniserPeer

SPOKEN = '[[turn]]\non = "greeting"\nsay = "Good morning."\nrepeat = true\n'
WAIT_S = 30.0
NOT_OK = ("degraded", "late")
"""On a machine that is busy with other things the loop may be late as well."""
Health = dict[str, Any]


async def health(box: LoopbackBox) -> Health:
    async with aiohttp.ClientSession() as http, http.get(f"{box.local_base}/healthz") as answer:
        assert answer.status in (200, 503)
        found: Health = await answer.json()
        return found


async def told(box: LoopbackBox, seen: Callable[[Health], bool]) -> Health:
    """Health, as soon as it is so: another process rings no bell when its state changes."""
    async with asyncio.timeout(WAIT_S):
        for pause_s in iter(lambda: LOOK_AGAIN_S, None):
            found = await health(box)
            if seen(found):
                return found
            await asyncio.sleep(pause_s)
    raise AssertionError("unreachable")


async def gauge(box: LoopbackBox, name: str) -> float:
    async with aiohttp.ClientSession() as http, http.get(f"{box.local_base}/metrics") as answer:
        rows = [row.rpartition(" ") for row in (await answer.text()).splitlines()]
    return next(float(value) for key, _, value in rows if key == name)


async def greeted(stage: Stage) -> None:
    """A call in which the cloud greets."""
    call = await stage.call("wait for reply\nhang up\n")
    assert call.disposition == "caller-hung-up"


async def test_a_cloud_that_goes_and_comes_is_told(tmp_path: Path) -> None:
    async with staged(tmp_path, SPOKEN, settings={"local": {"enabled": True}}) as stage:
        box, cloud = stage.box, stage.cloud
        await greeted(stage)
        found = await told(box, lambda h: h["parts"]["twilio"]["state"] == "ok")
        assert found["parts"]["cloud"] == {"state": "ok"}
        assert found["parts"]["recognition"] == {"state": "off"}
        assert found["parts"]["detector"] == {"state": "ok"}
        assert found["parts"]["tasks"] == {"state": "ok"}
        await cloud.shut()
        await stage.call("wait for speech\nhang up\n")
        found = await told(box, lambda h: h["parts"]["cloud"]["state"] == "down")
        assert found["state"] in NOT_OK
        assert found["parts"]["cloud"]["reason"] == "refused"
        assert found["parts"]["cloud"]["since"].endswith("Z")
        soon = await told(box, lambda h: "next_probe_s" in h["parts"]["cloud"])
        assert 0 <= soon["parts"]["cloud"]["next_probe_s"] <= 30
        assert await gauge(box, 'attendant_part_ok{part="cloud"}') == 0
        assert await gauge(box, "attendant_cloud_down_seconds") > 0
        await cloud.listen()
        found = await told(box, lambda h: h["parts"]["cloud"]["state"] == "ok")
        assert await gauge(box, 'attendant_part_ok{part="cloud"}') == 1
        assert await gauge(box, "attendant_cloud_down_seconds") == 0


async def test_a_carrier_that_fails_is_told(tmp_path: Path) -> None:
    async with staged(tmp_path, SPOKEN) as stage:
        await told(stage.box, lambda h: h["parts"]["twilio"]["state"] == "ok")
        stage.carrier.rest_faults.append(RestFault(code=20500, times=99))
        await stage.call("wait for speech\npress 0\nwait 20\n")
        found = await told(stage.box, lambda h: h["parts"]["twilio"]["state"] == "failing")
        assert found["state"] in NOT_OK
        assert found["parts"]["twilio"]["problem"] == "status 500, code 20500"


async def test_work_that_fails_in_a_real_bridge_ends_no_call(tmp_path: Path) -> None:
    """A row of a version to come breaks the filing: the box tells it and goes on answering."""
    database = LoopbackBox(tmp_path).database
    database.parent.mkdir(parents=True)
    migrate(database)
    db, now = connect(database), times.utc_now()
    try:
        with immediate(db):
            calls.begin(db, "later", CallOffered("CA" + "f" * 32, "", "", "twilio"), now)
            db.execute(
                "UPDATE call_log SET outcome = 'dreamt', ended_at = ?, duration_s = 0, ask_at = ?", (now, now)
            )
    finally:
        db.close()
    async with staged(tmp_path, SPOKEN) as stage:
        found = await told(stage.box, lambda h: h["parts"]["tasks"]["state"] == "failing")
        assert found["state"] in NOT_OK
        assert found["parts"]["tasks"]["filing"]["failures"] >= 1
        assert found["parts"].keys() >= {"loop", "store", "calls", "cloud", "twilio", "detector", "local"}
        assert await gauge(stage.box, 'attendant_task_failures_total{task="filing"}') >= 1
        await greeted(stage)
        log = stage.box.log_path.read_text()
        assert "work beside the calls failed" in log
        assert "'dreamt' is not a valid Outcome" in log


async def test_a_speech_program_that_goes_is_told(tmp_path: Path) -> None:
    socket = tmp_path / "speech.sock"
    sections: dict[str, dict[str, Any]] = {
        "cloud": {"enabled": False},
        "local": {"enabled": True},
        "speech": {"recognition_uri": f"unix://{socket}"},
    }
    plan = "wait for speech\nsay say_en_hours\nwait for speech\nwait 1\nhang up\n"
    async with staged(tmp_path, SPOKEN, settings=sections) as stage:
        box = stage.box
        before = (await health(box))["parts"]
        assert before["recognition"] == {"state": "not asked yet"}
        assert before["cloud"] == before["synthesis"] == {"state": "off"}
        async with RecogniserPeer(SPEECH_FOLDER, socket=socket):
            await stage.call(plan)
            found = await told(box, lambda h: h["parts"]["recognition"]["state"] == "ok")
            assert found["parts"]["recognition"].keys() == {"state", "asked"}
        await stage.call(plan)
        found = await told(box, lambda h: h["parts"]["recognition"]["state"] == "absent")
        assert found["state"] in NOT_OK
        assert found["parts"]["recognition"]["problem"] == "unreachable"
        assert await gauge(box, 'attendant_part_ok{part="recognition"}') == 0
