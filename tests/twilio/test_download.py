"""A recording is fetched over a line on which all goes wrong: bounded, gone on with, never half kept."""

import os
import resource
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from appliance.core.errors import CarrierFailed
from appliance.core.settings import Twilio
from tests.peers.carrier import Account, CarrierPeer, DownloadFault
from tests.peers.carrier.network import VoiceRecording
from tests.peers.carrier.sound_files import wav
from tests.small_disk import small_disk as disk_of
from twilio_bridge import download
from twilio_bridge.download import Bounds, NoRoom
from twilio_bridge.rest import TwilioRest

ACCOUNT, CALL, SID = "AC" + "0" * 32, "CA" + "a" * 32, "RE" + "b" * 32
SOUND = bytes(range(256)) * 2000
MB = 1024 * 1024
QUICK = Bounds(MB * 2, within_s=0.5)


@pytest_asyncio.fixture
async def carrier() -> AsyncIterator[CarrierPeer]:
    async with CarrierPeer(account=Account(ACCOUNT, "t0ken")) as peer:
        peer.network.recordings[SID] = VoiceRecording(SID, CALL, SOUND, "RecordVerb", "completed")
        yield peer


@pytest_asyncio.fixture
async def box(carrier: CarrierPeer) -> AsyncIterator[TwilioRest]:
    twilio = Twilio(account_sid=ACCOUNT, public_url="https://box.example.com", api_url=carrier.rest_url)
    async with TwilioRest(twilio, "t0ken") as made:
        yield made


async def refused(box: TwilioRest, path: Path, problem: str, bounds: Bounds = QUICK) -> CarrierFailed:
    with pytest.raises(CarrierFailed, match=problem) as failed:
        await box.fetch_recording(SID, path, bounds)
    assert path.name not in os.listdir(path.parent)
    return failed.value


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503])
async def test_a_refusal_may_pass(carrier: CarrierPeer, box: TwilioRest, tmp_path: Path, status: int) -> None:
    carrier.download_faults.append(DownloadFault(status=status, times=2))
    failed = await refused(box, tmp_path / "x.wav", f"recording: status {status}")
    assert failed.retry
    assert failed.down is (status != 404)
    assert await box.fetch_recording(SID, tmp_path / "x.wav") > len(SOUND)


async def test_a_recording_that_was_never_there_is_no_sign_of_a_carrier_that_is_down(
    carrier: CarrierPeer, box: TwilioRest, tmp_path: Path
) -> None:
    carrier.network.recordings.clear()
    await refused(box, tmp_path / "x.wav", "status 404")
    assert box.standing.problem == ""


async def test_one_that_is_cut_off_is_gone_on_with(
    carrier: CarrierPeer, box: TwilioRest, tmp_path: Path
) -> None:
    carrier.download_faults += [DownloadFault(cut_after=300_000), DownloadFault(cut_after=200_000)]
    path = tmp_path / "x.wav"
    failed = await refused(box, path, "recording: cut off")
    assert failed.retry
    assert not failed.down
    begun = os.stat(tmp_path / "x.part").st_size
    assert begun > 300_000
    await box.fetch_recording(SID, path)
    assert path.read_bytes() == wav(SOUND)
    assert carrier.downloads[0].begin == 0
    assert carrier.downloads[-1].begin == begun
    assert os.listdir(tmp_path) == ["x.wav"]


async def test_a_part_of_another_recording_is_not_gone_on_with(
    carrier: CarrierPeer, box: TwilioRest, tmp_path: Path
) -> None:
    (tmp_path / "x.part").write_bytes(b"RIFF" + bytes(90_000))
    (tmp_path / "x.etag").write_text('"of another one"')
    await box.fetch_recording(SID, tmp_path / "x.wav")
    assert (tmp_path / "x.wav").read_bytes() == wav(SOUND)
    (tmp_path / "y.part").write_bytes(bytes(90_000))
    await box.fetch_recording(SID, tmp_path / "y.wav")
    assert (tmp_path / "y.wav").read_bytes() == wav(SOUND)


async def test_one_that_is_slow_has_its_time_and_is_gone_on_with(
    carrier: CarrierPeer, box: TwilioRest, tmp_path: Path
) -> None:
    carrier.download_faults.append(DownloadFault(stall_after=100_000, times=2))
    failed = await refused(box, tmp_path / "x.wav", "not whole within")
    assert failed.retry
    await box.fetch_recording(SID, tmp_path / "x.wav")
    assert carrier.downloads[-1].begin >= 100_000


async def test_one_that_never_begins_has_its_time(
    carrier: CarrierPeer, box: TwilioRest, tmp_path: Path
) -> None:
    carrier.download_faults.append(DownloadFault(stall_after=0, times=2))
    assert (await refused(box, tmp_path / "x.wav", "not whole within")).retry


@pytest.mark.parametrize("kind", ["text/html", "application/json", "video/mp4"])
async def test_what_is_no_sound_is_not_taken(
    carrier: CarrierPeer, box: TwilioRest, tmp_path: Path, kind: str
) -> None:
    carrier.download_faults.append(DownloadFault(kind=kind, times=2))
    failed = await refused(box, tmp_path / "x.wav", f"recording: {kind} instead of a sound")
    assert (failed.retry, failed.down) == (True, True)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("body", [b"<html>", b"RIFF", b"", b"RIFF\x00\x00\x00\x00AVI " + bytes(99)])
async def test_what_only_says_that_it_is_a_sound_is_not_taken(
    carrier: CarrierPeer, box: TwilioRest, tmp_path: Path, body: bytes
) -> None:
    carrier.download_faults.append(DownloadFault(body=body, times=2))
    assert (await refused(box, tmp_path / "x.wav", "no WAV file")).retry
    assert os.listdir(tmp_path) == []


async def test_two_gigabytes_are_refused_before_they_come(
    carrier: CarrierPeer, box: TwilioRest, tmp_path: Path
) -> None:
    carrier.download_faults.append(DownloadFault(size=2 * 1024 * MB))
    failed = await refused(box, tmp_path / "x.wav", "larger than 2 MB")
    assert (failed.retry, failed.down) == (False, False)
    assert os.listdir(tmp_path) == []


async def test_two_gigabytes_that_do_not_say_so_end_at_the_bound(
    carrier: CarrierPeer, box: TwilioRest, tmp_path: Path
) -> None:
    carrier.download_faults.append(DownloadFault(size=2 * 1024 * MB, declared=False))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    failed = await refused(box, tmp_path / "x.wav", "larger than 2 MB", Bounds(2 * MB, within_s=20))
    assert not failed.retry
    assert os.listdir(tmp_path) == []
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with disk_of(tmp_path / "disk", "1m") as folder:
        yield folder


async def test_a_disk_that_is_too_full_is_left_alone(
    carrier: CarrierPeer, box: TwilioRest, small_disk: Path
) -> None:
    with pytest.raises(NoRoom, match="stays with the carrier"):
        await box.fetch_recording(SID, small_disk / "x.wav")
    assert os.listdir(small_disk) == []
    assert box.standing.problem == ""


async def test_a_disk_that_is_full_in_the_middle_keeps_nothing_and_is_no_fault_of_the_carrier(
    carrier: CarrierPeer, box: TwilioRest, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "ROOM", -64 * MB)
    carrier.network.recordings[SID].ulaw_8k = bytes(2 * MB)
    with pytest.raises(NoRoom, match="No space left on device"):
        await box.fetch_recording(SID, small_disk / "x.wav", Bounds(8 * MB))
    assert os.listdir(small_disk) == []
    carrier.network.recordings[SID].ulaw_8k = SOUND[:100_000]
    await box.fetch_recording(SID, small_disk / "x.wav", Bounds(8 * MB))
    assert (small_disk / "x.wav").read_bytes() == wav(SOUND[:100_000])


async def test_a_folder_that_is_gone_is_told(carrier: CarrierPeer, box: TwilioRest, tmp_path: Path) -> None:
    with pytest.raises(NoRoom, match="No such file"):
        await box.fetch_recording(SID, tmp_path / "nothing" / "x.wav")


async def test_the_carrier_deletes_a_recording_once(carrier: CarrierPeer, box: TwilioRest) -> None:
    await box.delete_recording(SID)
    assert carrier.network.recordings == {}
    await box.delete_recording(SID)
    assert [method for method, _, _ in carrier.rest_requests] == ["DELETE", "DELETE"]
