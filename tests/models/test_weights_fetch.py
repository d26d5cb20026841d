"""Bringing weights from a hub that behaves, and from one that does not."""

import ssl
from pathlib import Path

import pytest
import trustme

from models.weights import state
from models.weights.answers import FetchFailed
from tests.models import hub_table
from tests.models.hub_table import BIG, SMALL, Clock, bring, whole
from tests.peers.hub import Fault, HubPeer

BREAKS_AFTER_3 = (Fault("cdn", "drop", 3), *[Fault("cdn", "drop", 0)] * 3)


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


async def test_a_body_that_ends_early_goes_on(hub: HubPeer, tmp_path: Path) -> None:
    path = hub_table.pinned(hub, tmp_path)
    hub.fails(Fault("cdn", "ended", 9))
    await bring(hub, path, tmp_path / "models")
    assert whole(tmp_path / "models")
    assert hub.at("cdn")[1].headers["Range"] == "bytes=9-"
