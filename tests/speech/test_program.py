"""The life of the real program: how it begins, is killed, comes back and ends."""

import asyncio
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from appliance.cli.main import main
from models.local.speech_client import SpeechClient, SpeechFailed
from models.speech.pipes import NICE
from tests.speech import program
from tests.speech.program import ROOT, WAIT_S, running, settings, spoken_digit, started

ONE = spoken_digit("1_nicolas")
AUTOGROUP = Path("/proc/self/autogroup")


async def ended(pidfd: int) -> None:
    """Return when the process behind the descriptor has ended."""
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(pidfd, over.set)
    try:
        async with asyncio.timeout(WAIT_S):
            await over.wait()
    finally:
        loop.remove_reader(pidfd)
        os.close(pidfd)


def autogroup(pid: int) -> str:
    """The session that a process shares the processor in, and how that as a whole gives way."""
    return Path(f"/proc/{pid}/autogroup").read_text()


@pytest.fixture
def box(tmp_path: Path) -> Path:
    program.models(tmp_path)
    return tmp_path


async def test_its_group_may_connect_and_others_may_not(box: Path) -> None:
    async with running(settings(box)):
        assert stat.S_IMODE((box / "speech.sock").stat().st_mode) == 0o660


@pytest.mark.skipif(not AUTOGROUP.exists(), reason="this kernel does not share by sessions")
async def test_its_work_gives_way_to_every_other_session(box: Path) -> None:
    async with running(settings(box)) as listening:
        groups = [autogroup(pid) for pid in listening.children()]
    assert len(groups) == 2
    assert all(group.endswith(f" nice {NICE}\n") for group in groups)
    assert autogroup(os.getpid()) not in groups


async def test_it_ends_in_order_when_it_is_asked_to(box: Path) -> None:
    listening = await started(settings(box))
    children = [os.pidfd_open(pid) for pid in listening.children()]
    assert len(children) == 2
    assert await listening.end() == 0
    assert not (box / "speech.sock").exists()
    for child in children:
        await ended(child)


async def test_it_ends_in_the_middle_of_a_request(box: Path) -> None:
    listening = await started(settings(box))
    async with asyncio.TaskGroup() as tasks:
        with listening.held("ears"):
            asked = tasks.create_task(failure(listening.client, 0.5))
            await listening.until(lambda offer: offer.recognising == 1)
            assert await listening.end() == 0
    assert asked.result() in {"late", "unreachable"}


async def failure(client: SpeechClient, within_s: float) -> str:
    with pytest.raises(SpeechFailed) as failed:
        await client.recognise(ONE, "en", within_s)
    return failed.value.code


async def test_killed_in_the_middle_of_a_request_it_costs_a_retry(box: Path) -> None:
    config = settings(box)
    killed = await started(config)
    children = [os.pidfd_open(pid) for pid in killed.children()]
    async with asyncio.TaskGroup() as tasks:
        with killed.held("ears"):
            asked = tasks.create_task(killed.client.recognise(ONE, "en", WAIT_S))
            await killed.until(lambda offer: offer.recognising == 1)
            killed.process.kill()
            await killed.process.wait()
        async with running(config):
            assert (await asked).text == "one"
    for child in children:
        await ended(child)


async def test_a_second_one_is_told_of_the_first(box: Path) -> None:
    config = settings(box)
    async with running(config) as first:
        command = ("-m", "appliance.cli.main", "--config", str(config), "speech")
        second = await asyncio.create_subprocess_exec(
            sys.executable, *command, stderr=subprocess.PIPE, env=program.ENVIRONMENT
        )
        _, said = await asyncio.wait_for(second.communicate(), WAIT_S)
        assert second.returncode == 1
        assert b"another program listens" in said
        assert (await first.client.recognise(ONE, "en", WAIT_S)).text == "one"


async def test_it_touches_no_file_that_is_no_socket(box: Path) -> None:
    (box / "speech.sock").write_text("mine")
    with pytest.raises(AssertionError, match="is no socket"):
        await started(settings(box))
    assert (box / "speech.sock").read_text() == "mine"


def test_without_an_address_it_is_not_configured_and_says_so(tmp_path: Path) -> None:
    ran = CliRunner().invoke(main, ["--config", str(settings(tmp_path, uri="")), "speech"])
    assert "nowhere to listen" in ran.output
    unit = (ROOT / "systemd/attendant-speech.service").read_text("utf-8")
    for key in ("SuccessExitStatus", "RestartPreventExitStatus"):
        assert f"\n{key}={ran.exit_code}\n" in unit


async def test_who_runs_it_is_told_that_it_listens_and_lives_and_stops(tmp_path: Path) -> None:
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as ear:
        ear.bind(str(tmp_path / "notify"))
        where = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "10000000"}
        listening = await started(settings(tmp_path), where)
        async with asyncio.timeout(WAIT_S):
            told = [await loop.sock_recv(ear, 99) for _ in range(3)]
            assert await listening.end() == 0
            while told[-1] == b"WATCHDOG=1":
                told.append(await loop.sock_recv(ear, 99))
    assert told[:3] == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1"]
    assert told[-1] == b"STOPPING=1"


async def test_it_listens_on_tcp(box: Path) -> None:
    async with running(settings(box, uri="tcp://127.0.0.1:0")) as listening:
        assert (await listening.client.recognise(ONE, "en", WAIT_S)).text == "one"
        assert [sound async for sound in listening.client.synthesise("Hello.", "en", WAIT_S)]


async def test_what_is_said_is_not_logged(box: Path) -> None:
    async with running(settings(box)) as listening:
        assert (await listening.client.recognise(ONE, "en", WAIT_S)).text == "one"
        async for _ in listening.client.synthesise("The secret is a pelican.", "en", WAIT_S):
            os.kill(listening.child("mouth"), 0)
    log = (box / "speech.log").read_text()
    assert '"listening"' in log
    assert "pelican" not in log
    assert '"one"' not in log
