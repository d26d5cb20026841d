"""The bridge rings itself, or does not: what it says of a PBX that will not, and of a call nobody placed."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp

from appliance.core.self_call import State
from appliance.core.settings import checked
from appliance.jobs.self_calls import NAME
from appliance.service.jobs.self_calls import self_calling
from appliance.store import jobs, self_calls
from appliance.store.database import connect, immediate
from appliance.store.jobs import Job
from appliance.store.self_calls import SelfCall
from ari_bridge.passwords import Door, basic, password
from tests.ari.stage import MEDIA_SECRET, Stage, staged
from tests.jobs.office import Office
from tests.peers.pbx.ari import AriPeer


@asynccontextmanager
async def ringing(folder: Path) -> AsyncIterator[tuple[Stage, AriPeer]]:
    """A bridge with a PBX whose web server lets it in."""
    async with AsyncExitStack() as stack:
        ari = await stack.enter_async_context(AriPeer("not yet"))
        settings = {"asterisk": {"http_port": ari.port}}
        stage = await stack.enter_async_context(staged(folder, "", settings=settings))
        ari.lets_in((folder / "data" / "secrets" / "asterisk_ari").read_text())
        yield stage, ari


async def asked(stage: Stage) -> tuple[int, dict[str, Any]]:
    knows = {"Authorization": basic(password(MEDIA_SECRET, Door.SELF_CALL))}
    where = f"{stage.box.local_base}/self-call"
    async with aiohttp.ClientSession(headers=knows) as http, http.post(where) as answer:
        return answer.status, await answer.json()


async def test_a_program_that_does_not_know_the_password_is_told_nothing_and_rings_nothing(
    tmp_path: Path,
) -> None:
    async with ringing(tmp_path) as (stage, ari):
        base = stage.box.local_base
        wrong = {"Authorization": basic(password(MEDIA_SECRET, Door.DIALPLAN))}
        async with aiohttp.ClientSession() as http:
            for headers in ({}, wrong):
                async with http.post(f"{base}/self-call", headers=headers) as answer:
                    assert answer.status == 401
            async with http.get(f"{base}/asterisk/next", params={"call": "a0-1.1"}) as answer:
                assert answer.status == 401
        assert ari.placed == []


async def page(stage: Stage, path: str) -> str:
    async with aiohttp.ClientSession() as http, http.get(f"{stage.box.local_base}{path}") as answer:
        return await answer.text()


async def test_it_does_not_begin_when_many_calls_are_up(tmp_path: Path) -> None:
    async with ringing(tmp_path) as (stage, ari):
        ari.channels = 8
        status, answer = await asked(stage)
        assert status == 409
        assert "Many calls are up" in answer["problem"]
        assert ari.placed == []
        assert '"self-call": {"state": "not run yet"}' in await page(stage, "/healthz")


def worked(stage: Stage) -> tuple[Job, list[SelfCall]]:
    """What the worker's job made of it, and what is written down."""
    folder = stage.box.database.parent
    tree = {"box": {"data_dir": str(folder)}, "asterisk": {"enabled": True}}
    settings = checked({**tree, "listen": {"local_port": stage.box.ports["local"]}}, "the test")
    db = connect(stage.box.database)
    try:
        office = Office(db, folder).does(self_calling(settings))
        with immediate(db):
            job_id = jobs.owe(db, jobs.Wanted(NAME, secrets.token_hex(4)), now=office.now)
        office.works(patience=timedelta(0))
        return jobs.get(db, job_id), self_calls.recent(db)
    finally:
        db.close()


async def test_the_worker_has_the_bridge_ring_when_that_is_due_and_else_looks_whether_it_lives(
    tmp_path: Path,
) -> None:
    async with ringing(tmp_path) as (stage, ari):
        ari.channels = 8
        job, kept = await asyncio.to_thread(worked, stage)
        assert (job.state, kept) == (jobs.State.DONE, [])
        ari.channels = 0
        job, kept = await asyncio.to_thread(worked, stage)
        assert (job.state, [row.state for row in kept]) == (jobs.State.DONE, [State.FAILED])
        placed = len(ari.placed)
        assert placed
        # Not due again: it looks, and finds that the bridge lives.
        assert (await asyncio.to_thread(worked, stage))[1] == kept
        assert len(ari.placed) == placed


async def test_a_pbx_that_refuses_is_a_failure_and_twice_an_alarm(tmp_path: Path) -> None:
    async with ringing(tmp_path) as (stage, ari):
        ari.lets_in("another")
        status, answer = await asked(stage)
        assert (status, answer["state"], answer["in_row"]) == (200, "failed", 1)
        assert "refuses our password" in answer["findings"][0]["told"]
        assert "self_call_failed" not in stage.box.log_path.read_text()
        assert '"state": "failed once"' in await page(stage, "/healthz")
        assert (await asked(stage))[1]["in_row"] == 2
        assert '"code":"self_call_failed"' in stage.box.log_path.read_text()
        assert 'attendant_part_ok{part="self-call"} 0.0' in await page(stage, "/metrics")


async def test_a_call_whose_dialplan_says_nothing_ends_and_is_a_failure(tmp_path: Path) -> None:
    async with ringing(tmp_path) as (stage, ari):
        _, answer = await asked(stage)
        assert answer["state"] == "failed"
        assert "does not connect the sound" in answer["findings"][0]["told"]
        assert [each["channelId"] for each in ari.placed] == ari.ended


async def test_a_call_in_our_name_that_nobody_placed_is_not_let_in(tmp_path: Path) -> None:
    async with ringing(tmp_path) as (stage, _):
        name = "self-0a0b0c0d-a0-1.2"
        async with stage.call(call=name) as call:
            await call.wait_for(lambda: call.over)
        stage.ami.tell(UserEvent="Attendant", Did="voicemail", Call=name, File=f"{name}-0.wav", Seconds="3")
        stage.over(name)
        # What comes behind it was read, so it was read as well.
        stage.ami.tell(UserEvent="Attendant", Did="missed", Call="a0-1.9", Caller="", Called="")
        stage.over("a0-1.9")
        await stage.filed("a0-1.9")
        assert stage.kept(lambda whole: whole, name) is None
        assert "attendant_calls_offered_total 1.0" in await page(stage, "/metrics")
