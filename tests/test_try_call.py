"""The call for show as a program: its key is nowhere on the disk, and its status is that of the call."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from scripts.loopback_box import ROOT
from scripts.try_call import PLAN
from tests.peers.carrier.caller import Caller
from tests.peers.carrier.plan import read_plan
from tests.peers.carrier.ulaw import FRAME_MS
from tests.peers.realtime import RealtimePeer

KEY = "sk-of-a-person-who-tries-it"
SCRIPT = '[[turn]]\non = "greeting"\nsay = "Hello, this is the clinic."\n'


def holding_the_key(folder: Path) -> list[Path]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    return [path for path in files if KEY.encode() in path.read_bytes()]


RUDE = """
[[turn]]
on = "greeting"
say = "Goodbye."
calls = [{ name = "end_call", arguments = "{}" }]
"""


async def tried(folder: Path, cloud_url: str) -> tuple[int | None, str, str]:
    """The program's status, and what it showed and said."""
    call = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "scripts.try_call", "--folder", folder, "--cloud", cloud_url),
        cwd=ROOT,
        env={**os.environ, "OPENAI_API_KEY": KEY},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(90):
        shown, said = await call.communicate()
    return call.returncode, shown.decode(), said.decode()


async def test_a_call_that_did_not_do_its_job_is_told_by_the_status(tmp_path: Path) -> None:
    """The service answers, and sends the caller away before anything was said."""
    async with RealtimePeer(RUDE, key=KEY) as cloud:
        status, shown, said = await tried(tmp_path / "box", cloud.url)
    assert status == 1, shown
    assert "Not right: not both sides are in the transcript." in said
    assert "The bridge's log is " in said


@pytest.mark.parametrize("answer_ms", [300, 900, 1_500, 2_400, 20_000])
def test_no_answer_is_too_short_or_too_long_for_the_caller(answer_ms: int) -> None:
    """A service that takes a second to answer, and is silent as soon as it is spoken to."""
    caller = Caller(read_plan(PLAN))
    replies_ms = [3_000, answer_ms, answer_ms]
    waits_ms, left_ms, talking, over = 1_000, replies_ms.pop(0), False, False
    while not over:
        acts = caller.tick(audible=waits_ms <= 0 < left_ms)
        if talking and acts.frame is None:
            waits_ms, left_ms = 1_000, replies_ms.pop(0)
        elif acts.frame is not None:
            left_ms = 0
        elif waits_ms > 0:
            waits_ms -= FRAME_MS
        else:
            left_ms -= FRAME_MS
        talking, over = acts.frame is not None, acts.hang_up
    assert caller.gave_up is None


SHORT = """
[[turn]]
on = "greeting"
say = "Thank you for calling. How can I help you?"

[[turn]]
on = "utterance"
heard = "what time is it"
say = "I am not sure."
repeat = true
"""


@pytest.mark.drill
async def test_a_call_of_short_answers_has_done_its_job(tmp_path: Path) -> None:
    async with RealtimePeer(SHORT, key=KEY) as cloud:
        status, shown, said = await tried(tmp_path / "box", cloud.url)
    assert status == 0, shown + said


@pytest.mark.parametrize(
    ("ended_by", "status"),
    [
        (signal.SIGTERM, 130),
        pytest.param(None, 0, marks=pytest.mark.drill),
        pytest.param(signal.SIGINT, 130, marks=pytest.mark.drill),
        pytest.param(signal.SIGHUP, 130, marks=pytest.mark.drill),
    ],
)
async def test_the_key_is_not_left_behind(
    tmp_path: Path, ended_by: signal.Signals | None, status: int
) -> None:
    plan, folder = tmp_path / "plan", tmp_path / "box"
    plan.write_text("press 9\nwait for speech\n" + ("wait 60\n" if ended_by else "") + "hang up\n")
    async with RealtimePeer(SCRIPT, key=KEY) as cloud:
        call = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "scripts.try_call"),
            *("--plan", plan, "--folder", folder, "--cloud", cloud.url),
            cwd=ROOT,
            env={**os.environ, "OPENAI_API_KEY": KEY},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            await cloud.received("response.create", timeout_s=60)
            assert holding_the_key(folder) == []
            if ended_by is not None:
                call.send_signal(ended_by)
            async with asyncio.timeout(60):
                _, said = await call.communicate()
        finally:
            if call.returncode is None:
                call.terminate()
                await call.communicate()
    assert call.returncode == status, said.decode()
    assert holding_the_key(folder) == []
