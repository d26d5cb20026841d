"""A program beside the bridge: begun without a copy of our memory, told, heard, and gone at its end."""

import asyncio
import os
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
import uvloop

from models.local.spawned import Spawned

Run = Callable[[Coroutine[Any, Any, None]], None]
SOON_S, AT_ONCE_S = 20.0, 0.05
SAYS_AGAIN, STAYS = "exec cat", "exec 1>&-; exec sleep 60"


@pytest.fixture(params=[asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Run:
    """The loop of tests, and that of the bridge."""

    def within(work: Coroutine[Any, Any, None]) -> None:
        async def bounded() -> None:
            async with asyncio.timeout(SOON_S):
                await work

        request.param(bounded())

    return within


def is_gone(program: Spawned) -> bool:
    return not Path(f"/proc/{program.pid}").exists()


def shell(script: str) -> Spawned:
    return Spawned(["/bin/sh", "-c", script])


def test_it_is_told_heard_and_gone(run: Run) -> None:
    async def scenario() -> None:
        program = shell(SAYS_AGAIN)
        await program.tell("¿sí?".encode() * 1000)
        assert await program.says.read() == "¿sí?".encode() * 1000
        await program.end(SOON_S)
        assert is_gone(program)

    run(scenario())


def test_what_is_opened_as_it_is_given_up_stays_open(run: Run) -> None:
    """A pipe that is closed twice takes along what has its number by then: another caller's line."""

    async def scenario() -> None:
        program = shell(STAYS)
        async with asyncio.TaskGroup() as tasks:
            telling = tasks.create_task(program.tell(b""))
            await asyncio.sleep(0)
            telling.cancel()
        others = [os.open("/dev/null", os.O_RDONLY) for _ in range(8)]
        await program.end(SOON_S)
        for other in others:
            os.fstat(other)
            os.close(other)
        assert is_gone(program)

    run(scenario())


@pytest.mark.parametrize("script", ["exec sleep 60", "yes"])
def test_one_that_has_more_to_say_is_killed(run: Run, script: str) -> None:
    async def scenario() -> None:
        program = shell(script)
        await program.tell(b"")
        await program.end(SOON_S)
        assert is_gone(program)

    run(scenario())


def test_one_that_has_said_all_and_does_not_go_is_killed(run: Run) -> None:
    async def scenario() -> None:
        program = shell(STAYS)
        await program.tell(b"")
        assert await program.says.read() == b""
        await program.end(AT_ONCE_S)
        assert is_gone(program)

    run(scenario())


def test_what_is_too_long_is_said_and_leaves_nothing(run: Run) -> None:
    async def scenario() -> None:
        program = shell("exec sleep 60")
        with pytest.raises(OSError, match="too long"):
            await program.tell(bytes(100_000))
        await program.end(SOON_S)
        assert is_gone(program)

    run(scenario())


def test_one_that_went_before_it_was_told_anything_is_let_go(run: Run) -> None:
    async def scenario() -> None:
        program = shell("echo unheard")
        await asyncio.to_thread(os.waitid, os.P_PID, program.pid, os.WEXITED | os.WNOWAIT)
        with pytest.raises(BrokenPipeError):
            await program.tell(b"?")
        await program.end(SOON_S)
        assert is_gone(program)

    run(scenario())


def test_one_that_was_told_nothing_is_ended(run: Run) -> None:
    async def scenario() -> None:
        program = shell("exec sleep 60")
        await program.end(SOON_S)
        assert is_gone(program)

    run(scenario())


def test_one_that_is_not_there_is_said() -> None:
    with pytest.raises(FileNotFoundError):
        Spawned(["/nonexistent/program"])
