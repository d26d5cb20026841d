"""Files that our table has no checksum of: held against the hub's word once, then against the pin."""

import re
from pathlib import Path

import pytest

from models.weights import notes, state
from models.weights.answers import FetchFailed
from tests.models import hub_table
from tests.models.hub_table import BIG, SMALL, bring, whole
from tests.peers.hub import Fault, HubPeer


async def test_an_unpinned_file_is_held_against_the_hubs_word_and_pinned(
    hub: HubPeer, tmp_path: Path
) -> None:
    path, models = hub_table.unpinned(hub, tmp_path), tmp_path / "models"
    seen = await bring(hub, path, models)
    assert whole(models)
    assert len(hub.at("tree")) == 1
    pins = notes.pins(models / "tiny")
    assert seen.done[0].pinned == pins
    assert pins["model.bin"].sha256 == hub.put("en/model.bin", BIG)
    assert pins["model.bin"].commit == hub_table.REVISION
    assert state(hub_table.only(path)[1], models, read_all=True).condition == "there"


async def test_a_pin_holds_against_the_hub(hub: HubPeer, tmp_path: Path) -> None:
    path, models = hub_table.unpinned(hub, tmp_path), tmp_path / "models"
    await bring(hub, path, models)
    (models / "tiny/model.bin").unlink()
    hub.put("en/model.bin", BIG[::-1])
    with pytest.raises(FetchFailed, match=r"another en/model\.bin"):
        await bring(hub, path, models)
    hub.put("en/model.bin", BIG)
    await bring(hub, path, models)
    assert whole(models)


async def test_wrong_bytes_of_an_unpinned_file_are_refused(hub: HubPeer, tmp_path: Path) -> None:
    path = hub_table.unpinned(hub, tmp_path)
    hub.fails(Fault("cdn", "wrong"), Fault("cdn", "wrong"))
    with pytest.raises(FetchFailed, match="came twice with other bytes"):
        await bring(hub, path, tmp_path / "models")
    assert notes.pins(tmp_path / "models/tiny") == {}


async def test_a_file_that_nobody_has_a_checksum_of_is_refused(hub: HubPeer, tmp_path: Path) -> None:
    path = hub_table.unpinned(hub, tmp_path)
    hub.put("en/model.bin", BIG, hashed=False)
    with pytest.raises(FetchFailed, match=r"neither our table nor 127\.0\.0\.1 has a checksum"):
        await bring(hub, path, tmp_path / "models")
    assert hub.at("resolve") == []


async def test_files_that_came_by_stick_are_pinned_without_being_brought(
    hub: HubPeer, tmp_path: Path
) -> None:
    path, folder = hub_table.unpinned(hub, tmp_path), tmp_path / "models/tiny"
    folder.mkdir(parents=True)
    (folder / "model.bin").write_bytes(BIG)
    (folder / "config.json").write_bytes(SMALL)
    assert state(hub_table.only(path)[1], tmp_path / "models").condition == "unpinned"
    seen = await bring(hub, path, tmp_path / "models")
    assert hub.at("resolve") == []
    assert set(seen.done[0].pinned) == {"model.bin", "config.json"}
    assert seen.came == seen.total


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault("tree", "html"), "sign-in page"),
        (Fault("tree", "status", status=401), "does not give the listing"),
        (Fault("tree", "garbage"), r"127\.0\.0\.1 is no hub that we understand"),
        (Fault("tree", "garbage", 9_000_000), "too long to be one"),
    ],
)
async def test_a_listing_that_does_not_come_is_a_sentence(
    hub: HubPeer, tmp_path: Path, fault: Fault, said: str
) -> None:
    path = hub_table.unpinned(hub, tmp_path)
    hub.fails(fault)
    with pytest.raises(FetchFailed, match=said):
        await bring(hub, path, tmp_path / "models")


async def test_a_listing_that_fails_is_asked_for_again(hub: HubPeer, tmp_path: Path) -> None:
    path = hub_table.unpinned(hub, tmp_path)
    hub.fails(Fault("tree", "status", status=502))
    await bring(hub, path, tmp_path / "models")
    assert whole(tmp_path / "models")


async def test_a_file_that_is_not_in_the_listing_is_said(hub: HubPeer, tmp_path: Path) -> None:
    path = hub_table.unpinned(hub, tmp_path)
    path.write_text(path.read_text().replace("en/model.bin", "en/model.onnx"))
    with pytest.raises(FetchFailed, match=r"does not have en/model\.onnx of clinic/voices"):
        await bring(hub, path, tmp_path / "models")


async def test_a_file_whose_size_alone_is_not_stated_is_held_against_the_table(
    hub: HubPeer, tmp_path: Path
) -> None:
    path = hub_table.pinned(hub, tmp_path)
    path.write_text(re.sub(r"\nsize = .*", "", path.read_text()))
    seen = await bring(hub, path, tmp_path / "models")
    assert whole(tmp_path / "models")
    assert seen.done[0].pinned == {}
    hub.put("en/model.bin", BIG[::-1])
    (tmp_path / "models/tiny/model.bin").unlink()
    with pytest.raises(FetchFailed, match=r"another en/model\.bin"):
        await bring(hub, path, tmp_path / "models")
