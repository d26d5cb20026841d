"""Bringing weights from a hub that behaves, and from one that does not."""

import asyncio
import os
import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from models.weights import notes, state
from models.weights.answers import FetchFailed
from models.weights.fetch import fetch
from models.weights.hub import Patience
from tests.models import hub_table
from tests.models.hub_table import BIG, SMALL, Seen
from tests.peers.hub import Fault, HubPeer

DEADLINE_S = 30
BREAKS_AFTER_3 = (Fault("cdn", "drop", 3), *[Fault("cdn", "drop", 0)] * 3)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubPeer]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    with HubPeer() as peer:
        yield peer


class Clock:
    """Waits for nobody, and knows how long it was asked to."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


def patience(clock: Clock | None = None, **given: Any) -> Patience:
    return Patience(**({"pauses_s": (0.0, 0.0, 0.0)} | given), sleep=(clock or Clock()).sleep)


async def bring(hub: HubPeer, path: Path, models: Path, **given: Any) -> Seen:
    """One fetch of everything in a table."""
    seen, spare = Seen(), given.pop("spare", 0)
    known = hub_table.only(path)[0]
    async with asyncio.timeout(DEADLINE_S):
        await fetch(known.weights, models, hub.url, seen, patience=patience(**given), spare=spare)
    return seen


def whole(models: Path) -> bool:
    """Whether both files are there with the right bytes, and nothing else but notes."""
    folder = models / "tiny"
    names = {path.name for path in folder.iterdir()} - {"pins.json", "verified.json"}
    assert names == {"model.bin", "config.json"}
    return (folder / "model.bin").read_bytes() == BIG and (folder / "config.json").read_bytes() == SMALL


async def test_what_the_table_knows_is_brought_and_counted(hub: HubPeer, tmp_path: Path) -> None:
    path = hub_table.pinned(hub, tmp_path)
    seen = await bring(hub, path, tmp_path / "models")
    assert whole(tmp_path / "models")
    assert seen.total == seen.came == len(BIG) + len(SMALL)
    assert [(one.weights.name, one.files, one.pinned) for one in seen.done] == [("tiny", 2, {})]
    assert state(hub_table.only(path)[1], tmp_path / "models").condition == "there"
    assert hub.at("tree") == []


async def test_the_request_says_nothing_about_the_box(hub: HubPeer, tmp_path: Path) -> None:
    await bring(hub, hub_table.pinned(hub, tmp_path), tmp_path / "models")
    for asked in hub.asked:
        assert asked.headers["Accept-Encoding"] == "identity"
        assert asked.headers["User-Agent"] == "attendant"
        assert set(asked.headers) == {"Host", "Accept", "Accept-Encoding", "User-Agent"}


async def test_what_is_there_is_not_brought_again(hub: HubPeer, tmp_path: Path) -> None:
    path = hub_table.pinned(hub, tmp_path)
    await bring(hub, path, tmp_path / "models")
    hub.asked.clear()
    seen = await bring(hub, path, tmp_path / "models")
    assert hub.asked == []
    assert seen.done[0].files == 0


async def test_a_broken_file_is_brought_again(hub: HubPeer, tmp_path: Path) -> None:
    path = hub_table.pinned(hub, tmp_path)
    await bring(hub, path, tmp_path / "models")
    (tmp_path / "models/tiny/config.json").write_bytes(SMALL.swapcase())
    seen = await bring(hub, path, tmp_path / "models")
    assert whole(tmp_path / "models")
    assert seen.done[0].files == 1


async def test_a_dropped_connection_goes_on_in_the_middle(hub: HubPeer, tmp_path: Path) -> None:
    path = hub_table.pinned(hub, tmp_path)
    hub.fails(Fault("cdn", "drop", 7), Fault("cdn", "drop", 400_000, of="model.bin"))
    seen = await bring(hub, path, tmp_path / "models")
    assert whole(tmp_path / "models")
    asked = [each.headers for each in hub.at("cdn")]
    assert [each.get("Range") for each in asked] == [None, "bytes=7-", None, "bytes=400000-"]
    assert all(each.get("If-Range", "").startswith('"') for each in asked if "Range" in each)
    assert seen.came == seen.total
    assert min(seen.moves) >= 0


async def test_a_line_that_breaks_often_is_not_given_up_while_it_moves(hub: HubPeer, tmp_path: Path) -> None:
    path = hub_table.pinned(hub, tmp_path)
    hub.fails(*[Fault("cdn", "drop", 60_000, of="model.bin")] * 9)
    await bring(hub, path, tmp_path / "models")
    assert whole(tmp_path / "models")
    assert hub.at("cdn")[-1].headers["Range"] == "bytes=540000-"


async def test_a_hub_that_does_not_move_is_given_up(hub: HubPeer, tmp_path: Path) -> None:
    path = hub_table.pinned(hub, tmp_path)
    clock = Clock()
    hub.fails(*[Fault("resolve", "status", status=502)] * 9)
    with pytest.raises(FetchFailed, match="has a problem of its own"):
        await bring(hub, path, tmp_path / "models", clock=clock, pauses_s=(1.0, 3.0, 9.0))
    assert clock.slept == [1.0, 3.0, 9.0]


async def test_a_file_that_changed_meanwhile_begins_anew(hub: HubPeer, tmp_path: Path) -> None:
    path = hub_table.unpinned(hub, tmp_path)
    hub.fails(*BREAKS_AFTER_3)
    models = tmp_path / "models"
    with pytest.raises(FetchFailed):
        await bring(hub, path, models)
    assert (models / "tiny/config.json.part").read_bytes() == SMALL[:3]
    hub.put("en/config.json", SMALL, lfs=False)  # the same bytes under a new tag
    hub.asked.clear()
    seen = await bring(hub, path, models)
    assert hub.at("cdn")[0].headers["Range"] == "bytes=3-"
    assert -3 in seen.moves
    assert seen.came == seen.total
    assert whole(models)


async def test_the_beginning_of_another_file_is_thrown_away(hub: HubPeer, tmp_path: Path) -> None:
    path = hub_table.unpinned(hub, tmp_path)
    hub.fails(*BREAKS_AFTER_3)
    with pytest.raises(FetchFailed):
        await bring(hub, path, tmp_path / "models")
    hub.put("en/config.json", b"other", lfs=False)
    hub.asked.clear()
    await bring(hub, path, tmp_path / "models")
    assert all("Range" not in asked.headers for asked in hub.asked)
    assert (tmp_path / "models/tiny/config.json").read_bytes() == b"other"


async def test_wrong_bytes_are_removed_and_asked_for_once_more(hub: HubPeer, tmp_path: Path) -> None:
    path = hub_table.pinned(hub, tmp_path)
    hub.fails(Fault("cdn", "wrong"))
    seen = await bring(hub, path, tmp_path / "models")
    assert whole(tmp_path / "models")
    assert seen.came == seen.total


async def test_wrong_bytes_twice_are_refused(hub: HubPeer, tmp_path: Path) -> None:
    path = hub_table.pinned(hub, tmp_path)
    hub.fails(Fault("cdn", "wrong"), Fault("cdn", "wrong"))
    with pytest.raises(FetchFailed, match="came twice with other bytes"):
        await bring(hub, path, tmp_path / "models")
    assert list((tmp_path / "models/tiny").iterdir()) == []


async def test_another_size_is_refused_before_it_is_taken(hub: HubPeer, tmp_path: Path) -> None:
    path = hub_table.pinned(hub, tmp_path)
    hub.fails(Fault("cdn", "shorter"))
    with pytest.raises(
        FetchFailed, match=f"has {len(SMALL) - 1} bytes at 127.0.0.1 and must have {len(SMALL)}"
    ):
        await bring(hub, path, tmp_path / "models")


async def test_more_than_the_file_has_is_not_taken(hub: HubPeer, tmp_path: Path) -> None:
    path = hub_table.pinned(hub, tmp_path)
    hub.fails(Fault("cdn", "longer"))
    with pytest.raises(FetchFailed, match="sends more"):
        await bring(hub, path, tmp_path / "models")


async def test_a_part_that_nobody_asked_for_is_refused(hub: HubPeer, tmp_path: Path) -> None:
    path = hub_table.pinned(hub, tmp_path)
    hub.fails(Fault("cdn", "unasked"))
    with pytest.raises(FetchFailed, match="another part"):
        await bring(hub, path, tmp_path / "models")


async def test_what_the_hub_says_against_the_table_is_not_even_taken(hub: HubPeer, tmp_path: Path) -> None:
    path = hub_table.pinned(hub, tmp_path)
    hub.put("en/model.bin", BIG[::-1])
    with pytest.raises(FetchFailed, match=r"another en/model\.bin"):
        await bring(hub, path, tmp_path / "models")


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault("resolve", "status", status=404), "does not have en/config.json of clinic/voices"),
        (Fault("resolve", "status", status=401), r"without an account \(status 401\)"),
        (Fault("resolve", "status", status=418), "with status 418"),
        (Fault("resolve", "html"), "sign-in page of this network"),
        (Fault("cdn", "html"), "sign-in page of this network"),
        (Fault("resolve", "redirect", headers={"Location": "ftp://x/y"}), "an address that is none"),
    ],
)
async def test_what_cannot_be_helped_is_said_at_once(
    hub: HubPeer, tmp_path: Path, fault: Fault, said: str
) -> None:
    path = hub_table.pinned(hub, tmp_path)
    hub.fails(fault)
    with pytest.raises(FetchFailed, match=said):
        await bring(hub, path, tmp_path / "models")
    assert len(hub.at("resolve")) == 1


async def test_a_circle_of_redirects_ends(hub: HubPeer, tmp_path: Path) -> None:
    path = hub_table.pinned(hub, tmp_path)
    again = f"/clinic/voices/resolve/{hub_table.REVISION}/en/config.json"
    hub.fails(*[Fault("resolve", "redirect", headers={"Location": again})] * 9)
    with pytest.raises(FetchFailed, match="from one address to the next"):
        await bring(hub, path, tmp_path / "models")
    assert len(hub.at("resolve")) == 6


async def test_a_hub_that_asks_for_time_gets_it(hub: HubPeer, tmp_path: Path) -> None:
    path = hub_table.pinned(hub, tmp_path)
    clock = Clock()
    hub.fails(Fault("resolve", "status", status=429, headers={"Retry-After": "17"}))
    seen = await bring(hub, path, tmp_path / "models", clock=clock)
    assert clock.slept == [17.0]
    assert seen.waited == [("127.0.0.1 has too many requests (status 429).", 17.0)]
    assert whole(tmp_path / "models")


async def test_a_hub_that_asks_for_too_much_time_is_quoted(hub: HubPeer, tmp_path: Path) -> None:
    path = hub_table.pinned(hub, tmp_path)
    hub.fails(Fault("resolve", "status", status=429, headers={"Retry-After": "3600"}))
    with pytest.raises(FetchFailed, match="come back in 60 minutes"):
        await bring(hub, path, tmp_path / "models")


async def test_silence_in_the_middle_ends_by_the_deadline(hub: HubPeer, tmp_path: Path) -> None:
    path = hub_table.pinned(hub, tmp_path)
    hub.fails(Fault("cdn", "stall", 5))
    await bring(hub, path, tmp_path / "models", stall_s=0.2)
    assert whole(tmp_path / "models")
    assert [each.headers.get("Range") for each in hub.at("cdn")] == [None, "bytes=5-", None]


async def test_nobody_there_is_a_sentence(hub: HubPeer, tmp_path: Path) -> None:
    path = hub_table.pinned(hub, tmp_path)
    with HubPeer() as gone:
        pass
    with pytest.raises(FetchFailed, match=r"127\.0\.0\.1 cannot be reached"):
        await bring(gone, path, tmp_path / "models")


async def test_a_certificate_that_nobody_vouches_for_is_a_sentence(tmp_path: Path) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    with HubPeer(tls=context) as strange:
        path = hub_table.pinned(strange, tmp_path)
        with pytest.raises(FetchFailed, match="certificate of localhost is not trusted"):
            await bring(strange, path, tmp_path / "models")


async def test_an_address_that_is_not_encrypted_is_refused(tmp_path: Path, hub: HubPeer) -> None:
    path = hub_table.pinned(hub, tmp_path)
    hub.url = "http://hub.example.test"
    with pytest.raises(FetchFailed, match="is not encrypted"):
        await bring(hub, path, tmp_path / "models")


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
    place = tmp_path / "disk"
    place.mkdir()
    options = ["-o", "size=300k", "tmpfs", str(place)]
    if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", *options], check=False).returncode:
        pytest.skip("only root can mount a small disk")
    yield place
    subprocess.run(["umount", str(place)], check=True)


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
