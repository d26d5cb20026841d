"""What a fetch leaves behind when it cannot end: a full disk, a kill, a second fetch."""

import asyncio
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.weights import state
from models.weights.answers import FetchFailed
from tests.models import hub_table
from tests.models.hub_table import BIG, DEADLINE_S, SMALL, bring, whole
from tests.peers.hub import Fault, HubPeer
from tests.small_disk import small_disk


@pytest.mark.parametrize("place", ["models", "models/tiny"])
async def test_a_file_in_the_place_of_a_folder_is_said(hub: HubPeer, tmp_path: Path, place: str) -> None:
    path = hub_table.pinned(hub, tmp_path)
    (tmp_path / place).parent.mkdir(exist_ok=True)
    (tmp_path / place).write_text("")
    with pytest.raises(FetchFailed, match="cannot be written: File exists"):
        await bring(hub, path, tmp_path / "models")


async def test_a_folder_in_the_place_of_a_file_is_said(hub: HubPeer, tmp_path: Path) -> None:
    path = hub_table.pinned(hub, tmp_path)
    (tmp_path / "models/tiny/model.bin").mkdir(parents=True)
    with pytest.raises(FetchFailed, match=r"model\.bin cannot be written: Is a directory"):
        await bring(hub, path, tmp_path / "models")


async def test_what_came_whole_before_a_kill_is_only_checked(hub: HubPeer, tmp_path: Path) -> None:
    path, models = hub_table.pinned(hub, tmp_path), tmp_path / "models"
    await bring(hub, path, models)
    part = models / "tiny/model.bin.part"
    (models / "tiny/model.bin").rename(part)
    sha256 = hub_table.only(path)[1].files[1].sha256
    part.with_name("model.bin.part.json").write_text(f'{{"checksum": "{sha256}", "tag": ""}}')
    hub.asked.clear()
    await bring(hub, path, models)
    assert whole(models)
    assert hub.asked == []


async def test_more_than_there_can_be_of_a_file_is_thrown_away(hub: HubPeer, tmp_path: Path) -> None:
    path, models = hub_table.pinned(hub, tmp_path), tmp_path / "models"
    sha256 = hub_table.only(path)[1].files[0].sha256
    (models / "tiny").mkdir(parents=True)
    (models / "tiny/config.json.part").write_bytes(SMALL + b"x")
    (models / "tiny/config.json.part.json").write_text(f'{{"checksum": "{sha256}", "tag": ""}}')
    await bring(hub, path, models)
    assert whole(models)


async def test_a_hole_that_a_power_cut_left_is_noticed(hub: HubPeer, tmp_path: Path) -> None:
    path, models = hub_table.pinned(hub, tmp_path), tmp_path / "models"
    sha256 = hub_table.only(path)[1].files[1].sha256
    (models / "tiny").mkdir(parents=True)
    (models / "tiny/model.bin.part").write_bytes(bytes(300_000))
    (models / "tiny/model.bin.part.json").write_text(f'{{"checksum": "{sha256}", "tag": ""}}')
    seen = await bring(hub, path, models)
    assert whole(models)
    assert seen.came == seen.total


async def test_too_small_a_disk_is_said_before_anything_comes(hub: HubPeer, tmp_path: Path) -> None:
    path = hub_table.pinned(hub, tmp_path)
    with pytest.raises(FetchFailed, match="too little room"):
        await bring(hub, path, tmp_path / "models", spare=10**15)
    assert hub.asked == []


@pytest.fixture
def narrow(tmp_path: Path) -> Iterator[Path]:
    """A disk with room for half of the big file."""
    with small_disk(tmp_path / "disk", "300k") as place:
        yield place


async def test_a_disk_that_fills_up_is_a_sentence_and_loses_nothing(
    hub: HubPeer, tmp_path: Path, narrow: Path
) -> None:
    path = hub_table.pinned(hub, tmp_path)
    with pytest.raises(FetchFailed, match=r"The disk is full: .* What came of it is kept\."):
        await bring(hub, path, narrow / "models", spare=-(10**9))
    assert (narrow / "models/tiny/config.json").read_bytes() == SMALL
    kept = (narrow / "models/tiny/model.bin.part").read_bytes()
    assert 0 < len(kept) < len(BIG)
    shutil.copytree(narrow / "models", tmp_path / "models")
    await bring(hub, path, tmp_path / "models")
    assert whole(tmp_path / "models")
    assert hub.at("cdn")[-1].headers["Range"] == f"bytes={len(kept)}-"


async def test_two_fetches_do_not_collide(hub: HubPeer, tmp_path: Path) -> None:
    path, models = hub_table.pinned(hub, tmp_path), tmp_path / "models"
    hub.fails(Fault("cdn", "stall", 5))
    first = await _process(path, models, hub)
    assert first.stdout is not None
    async with asyncio.timeout(DEADLINE_S):
        await _until(first.stdout, b"moved")
        with pytest.raises(FetchFailed, match="Another fetch is under way"):
            await bring(hub, path, models)
        first.kill()
        await first.communicate()
    await bring(hub, path, models)
    assert whole(models)


async def test_a_killed_fetch_goes_on_where_it_ended(hub: HubPeer, tmp_path: Path) -> None:
    path, models = hub_table.pinned(hub, tmp_path), tmp_path / "models"
    (models / "tiny").mkdir(parents=True)
    (models / "tiny/config.json").write_bytes(SMALL)
    hub.fails(Fault("cdn", "stall", 400_000))
    first = await _process(path, models, hub)
    assert first.stdout is not None
    async with asyncio.timeout(DEADLINE_S):
        await _until(first.stdout, b"moved")
        first.kill()
        await first.communicate()
    kept = (models / "tiny/model.bin.part").stat().st_size
    assert 0 < kept <= 400_000
    assert state(hub_table.only(path)[1], models).condition == "missing"
    await bring(hub, path, models)
    assert whole(models)
    assert hub.at("cdn")[-1].headers["Range"] == f"bytes={kept}-"


async def _process(path: Path, models: Path, hub: HubPeer) -> asyncio.subprocess.Process:
    program = [sys.executable, "-m", "tests.models.fetcher", str(path), str(models), hub.url]
    return await asyncio.create_subprocess_exec(*program, stdout=asyncio.subprocess.PIPE)


async def _until(output: asyncio.StreamReader, begins: bytes) -> None:
    while not (line := await output.readline()).startswith(begins):
        assert line, "the process ended"
