"""Fetching recordings: one that cannot be had holds up no other and is given up aloud."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from appliance.service.recordings import PAUSE_MOST, TRIES_MOST, pause
from appliance.store import messages
from appliance.store.messages import Message
from appliance.store.reader import Reader
from appliance.store.writer import Writer
from tests.peers.carrier import RestFault
from tests.peers.carrier.network import VoiceRecording
from tests.peers.carrier.sound_files import wav
from tests.service.surgery import Surgery, open_surgery

pytestmark = pytest.mark.filterwarnings("ignore:(BasicAuth|The 'auth' parameter) is deprecated")
AT, CALL = "2026-01-01T00:00:00.000Z", "CA" + "a" * 32
SOUND = b"\x10" * 8000


@pytest_asyncio.fixture
async def surgery(writer: Writer, reader: Reader, tmp_path: Path) -> AsyncIterator[Surgery]:
    async with open_surgery(writer, reader, tmp_path / "recordings") as made:
        yield made


async def told_of(surgery: Surgery, number: int, *, there: bool) -> str:
    """A voicemail that the store knows of; whether the carrier really has it."""
    sid = f"RE{number:032x}"
    if there:
        made = VoiceRecording(sid, CALL, SOUND, "RecordVerb", "completed")
        surgery.carrier.network.recordings[sid] = made
    await surgery.writer.promise(
        lambda db: messages.add_voicemail(db, call_sid=CALL, recording_sid=sid, seconds=1, at=AT)
    )
    return sid


async def shown(surgery: Surgery, sid: str) -> Message:
    found = await surgery.reader.run(lambda db: messages.page(db, limit=999))
    return next(message for message in found if message.recording_sid == sid)


async def test_a_recording_is_noted_by_its_name_in_the_folder(surgery: Surgery, tmp_path: Path) -> None:
    sid = await told_of(surgery, 1, there=True)
    await surgery.fetcher.fetch_missing()
    assert (await shown(surgery, sid)).recording_path == f"{sid}.wav"
    assert (tmp_path / "recordings" / f"{sid}.wav").read_bytes() == wav(SOUND)


async def test_recordings_that_cannot_be_had_do_not_starve_the_others(surgery: Surgery) -> None:
    for number in range(60):
        await told_of(surgery, number, there=False)
    good = await told_of(surgery, 99, there=True)
    await surgery.fetcher.fetch_missing()
    await surgery.fetcher.fetch_missing()
    assert (await shown(surgery, good)).recording_path is not None
    asked = len(surgery.carrier.rest_requests)
    await surgery.fetcher.fetch_missing()
    assert len(surgery.carrier.rest_requests) == asked


async def test_one_that_never_comes_is_given_up_and_tried_once_more_after_a_start(surgery: Surgery) -> None:
    sid = await told_of(surgery, 1, there=True)
    surgery.carrier.rest_faults.append(RestFault("Recordings", code=20500, times=2 * TRIES_MOST))
    for tries in range(TRIES_MOST):
        assert (await shown(surgery, sid)).fetch_problem is None
        await surgery.fetcher.fetch_missing()
        surgery.hands.put_on(pause(tries))
    assert (await shown(surgery, sid)).fetch_problem == "recording: status 500"
    surgery.hands.put_on(PAUSE_MOST)
    await surgery.fetcher.fetch_missing()
    assert (await shown(surgery, sid)).recording_path is None
    assert await surgery.writer.promise(messages.fetch_once_more) == 1
    await surgery.fetcher.fetch_missing()
    kept = await shown(surgery, sid)
    assert (kept.recording_path, kept.fetch_problem) == (f"{sid}.wav", None)


def test_pauses_grow_and_are_bounded() -> None:
    pauses = [pause(tries) for tries in range(TRIES_MOST)]
    assert pauses == sorted(pauses)
    assert (pauses[0].total_seconds(), pauses[-1], pause(10**6)) == (60, PAUSE_MOST, PAUSE_MOST)
