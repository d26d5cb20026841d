"""Processes that were begun warm behave as those that were begun by their file.

May import: scripts.loopback_box, tests.warm.
"""

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.loopback_box import LoopbackBox
from tests.warm.nursery import Forked, Nursery


@pytest.fixture(scope="module")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    """Closed by the last of the tests."""
    nursery = Nursery(tmp_path_factory.mktemp("warm"))
    yield nursery
    nursery.close()


async def test_it_prints_and_ends_with_its_status(nursery: Nursery, tmp_path: Path) -> None:
    errors = tmp_path / "errors"
    with errors.open("wb") as file:
        well = await nursery.begin(["--version"], file.fileno())
        badly = await nursery.begin(["--config", str(tmp_path / "none.toml"), "check"], file.fileno())
    said, _ = await well.communicate()
    assert (said[:1].isdigit(), well.returncode) == (True, 0)
    assert await badly.wait() == badly.returncode == 1
    assert "none.toml" in errors.read_text()


async def test_a_signal_reaches_it_and_is_told(nursery: Nursery, tmp_path: Path) -> None:
    process = await _bridge(nursery, tmp_path)
    assert process.returncode is None
    os.kill(process.pid, signal.SIGKILL)
    assert await process.wait() == -signal.SIGKILL
    process.terminate()


async def test_none_is_left_at_the_end(nursery: Nursery, tmp_path: Path) -> None:
    process = await _bridge(nursery, tmp_path)
    await asyncio.to_thread(nursery.close)
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)
    assert await process.wait() == -signal.SIGKILL


async def _bridge(nursery: Nursery, folder: Path) -> Forked:
    """One that listens."""
    box = LoopbackBox(folder / "box")
    await asyncio.to_thread(box.prepare)
    with box.log_path.open("wb") as errors:
        process = await nursery.begin(["--config", str(box.config), "bridge"], errors.fileno())
    assert b"public" in await process.stdout.readline()
    return process
