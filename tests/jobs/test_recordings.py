"""Recordings that the carrier holds: fetched as jobs, given up aloud, deleted there once they are here."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from appliance.jobs import recordings
from appliance.service.jobs.outside import CarrierRecordings
from appliance.store import database, jobs, messages, voicemail
from appliance.store.database import Connection
from appliance.store.jobs import State
from tests.jobs.office import CALL, Office, beside
from tests.peers.carrier import Account, CarrierPeer, DownloadFault, RestFault
from tests.peers.carrier.network import VoiceRecording
from tests.peers.carrier.sound_files import wav

pytestmark = pytest.mark.filterwarnings("ignore:(BasicAuth|The 'auth' parameter) is deprecated")
ACCOUNT, TOKEN = "AC" + "0" * 32, "t0ken"
SOUND = b"\x10" * 8000


@pytest_asyncio.fixture
async def carrier() -> AsyncIterator[CarrierPeer]:
    async with CarrierPeer(account=Account(ACCOUNT, TOKEN)) as peer:
        yield peer


@pytest.fixture
def clinic(db: Connection, path: Path, carrier: CarrierPeer) -> Office:
    secret = path.parent / "secrets" / "twilio_auth_token"
    secret.parent.mkdir(mode=0o700)
    secret.touch(mode=0o600)
    secret.write_text(TOKEN)
    return with_wishes(Office(db, path.parent), carrier)


def with_wishes(office: Office, carrier: CarrierPeer, **wishes: object) -> Office:
    settings = office.settings(
        twilio={"account_sid": ACCOUNT, "public_url": "https://box.example", "api_url": carrier.rest_url},
        voicemail=wishes,
    )
    there = CarrierRecordings(settings)
    return office.does(recordings.fetching(settings, there, lambda: office.now), recordings.deleting(there))


def holds(carrier: CarrierPeer, sid: str, sound: bytes = SOUND) -> str:
    carrier.network.recordings[sid] = VoiceRecording(sid, CALL, sound, "RecordVerb", "completed")
    return sid


async def works(office: Office) -> list[str]:
    """The worker's hand, beside the loop on which the carrier serves."""
    return await beside(office, office.works)


async def test_a_recording_comes_here_and_goes_there(clinic: Office, carrier: CarrierPeer) -> None:
    sid = holds(carrier, clinic.taken())
    assert await works(clinic) == [State.DONE, State.DONE]
    assert clinic.message().recording_path == f"{sid}.wav"
    assert (clinic.recordings / f"{sid}.wav").read_bytes() == wav(SOUND)
    assert carrier.network.recordings == {}
    assert clinic.owed() == {
        f"fetch_recording:{sid}": State.DONE,
        f"delete_recording:{sid}": State.DONE,
        "write_down:1": State.QUEUED,
    }


async def test_where_it_is_not_wished_the_carrier_keeps_its_own(clinic: Office, carrier: CarrierPeer) -> None:
    sid = holds(carrier, clinic.taken())
    with_wishes(clinic, carrier, delete_at_carrier=False)
    assert await works(clinic) == [State.DONE]
    assert list(carrier.network.recordings) == [sid]


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        (DownloadFault(status=404), "recording: status 404"),
        (DownloadFault(status=403), "recording: status 403"),
        (DownloadFault(cut_after=3000), "recording: cut off: ClientPayloadError"),
        (DownloadFault(kind="text/html"), "recording: text/html instead of a sound"),
        (DownloadFault(body=b"<html>"), "recording: what came is no WAV file"),
    ],
)
async def test_what_may_pass_is_tried_again_and_the_carrier_keeps_it_meanwhile(
    clinic: Office, carrier: CarrierPeer, fault: DownloadFault, problem: str
) -> None:
    sid = holds(carrier, clinic.taken())
    fault.times = 4
    carrier.download_faults.append(fault)
    assert await works(clinic) == [State.WAITING, State.WAITING, State.DONE, State.DONE]
    assert clinic.errors[:2] == [problem, problem]
    assert (clinic.recordings / f"{sid}.wav").read_bytes() == wav(SOUND)
    assert clinic.message().fetch_problem is None


async def test_one_that_never_comes_is_given_up_aloud_after_days(
    clinic: Office, carrier: CarrierPeer
) -> None:
    sid, began = clinic.taken(), clinic.now
    became = await works(clinic)
    assert became == [State.WAITING] * 23 + [State.DEAD]
    assert timedelta(days=2) < clinic.now - began < timedelta(days=5)
    message = clinic.message()
    assert (message.fetch_problem, message.fetch_tries) == ("recording: status 404", 24)
    holds(carrier, sid)
    with database.immediate(clinic.db):
        jobs.retry(clinic.db, clinic.job(f"fetch_recording:{sid}").id)
    assert await works(clinic) == [State.DONE, State.DONE]
    assert clinic.message().fetch_problem is None


async def test_one_that_is_too_large_is_given_up_at_once(clinic: Office, carrier: CarrierPeer) -> None:
    holds(carrier, clinic.taken())
    with_wishes(clinic, carrier, recording_most_mb=1)
    carrier.download_faults.append(DownloadFault(size=2 * 1024**3))
    assert await works(clinic) == [State.DEAD]
    assert clinic.message().fetch_problem == "recording: larger than 1 MB"
    assert clinic.files() == []
    assert len(carrier.network.recordings) == 1


async def test_recordings_that_cannot_be_had_do_not_starve_the_others(
    clinic: Office, carrier: CarrierPeer
) -> None:
    for number in range(1, 6):
        clinic.taken(number)
    good = holds(carrier, clinic.taken(9))
    await works(clinic)
    assert messages.of_recording(clinic.db, good).recording_path == f"{good}.wav"  # type: ignore[union-attr]
    assert clinic.became.index(State.DONE) == 5


async def test_a_message_that_is_gone_meanwhile_is_not_fetched(clinic: Office, carrier: CarrierPeer) -> None:
    holds(carrier, clinic.taken())
    clinic.db.execute("DELETE FROM message")
    assert await works(clinic) == [State.DONE]
    assert carrier.downloads == []


async def test_what_was_deleted_before_it_came_goes_at_the_carrier_too(
    clinic: Office, carrier: CarrierPeer
) -> None:
    sid = holds(carrier, clinic.taken())
    clinic.recordings.mkdir()
    (clinic.recordings / f"{sid}.wav.part").write_bytes(b"half")
    with database.immediate(clinic.db):
        clinic.db.execute("DELETE FROM message")
        voicemail.let_go(clinic.db, sid, delete=True, now=clinic.now)
    assert await works(clinic) == [State.DONE, State.DONE]
    assert (carrier.downloads, carrier.network.recordings, clinic.files()) == ([], {}, [])


async def test_a_secret_that_is_missing_is_said_and_waited_for(clinic: Office, carrier: CarrierPeer) -> None:
    sid = holds(carrier, clinic.taken())
    secret = clinic.folder / "secrets" / "twilio_auth_token"
    secret.rename(secret.with_name("elsewhere"))
    await works(clinic)
    assert "cannot be read" in clinic.job(f"fetch_recording:{sid}").error
    secret.with_name("elsewhere").rename(secret)
    with database.immediate(clinic.db):
        jobs.retry(clinic.db, clinic.job(f"fetch_recording:{sid}").id)
    assert (await works(clinic))[0] == State.DONE


async def test_what_is_not_safe_here_is_not_deleted_there(clinic: Office, carrier: CarrierPeer) -> None:
    sid = holds(carrier, clinic.taken())
    there = jobs.Wanted("delete_recording", f"delete_recording:{sid}", {"recording_sid": sid})
    with database.immediate(clinic.db):
        jobs.withdraw(clinic.db, f"fetch_recording:{sid}", now=clinic.now)
        jobs.owe(clinic.db, there, now=clinic.now)
    assert await works(clinic) == [State.DEAD]
    assert list(carrier.network.recordings) == [sid]


async def test_a_carrier_that_does_not_delete_is_asked_again(clinic: Office, carrier: CarrierPeer) -> None:
    holds(carrier, clinic.taken())
    carrier.rest_faults.append(RestFault("Recordings", method="DELETE", code=20500, times=2))
    assert await works(clinic) == [State.DONE, State.WAITING, State.DONE]
    assert carrier.network.recordings == {}
