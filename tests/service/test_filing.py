"""Calls and voicemails of which word was lost: filed from the carrier's books, with bounded asking."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from appliance.core.dispositions import Outcome
from appliance.core.steps import CallEnded, CallOffered, VoicemailTaken
from appliance.service.filing import LIST_EVERY, PAUSE_MOST, STILL_ON, TRIES_MOST
from appliance.service.switchboard import FORGOTTEN_S, QUIET_S, SILENT
from appliance.store import calls, messages, office, times
from appliance.store.reader import Reader
from appliance.store.writer import Writer
from tests.peers.carrier import Destination, Faults, RestFault
from tests.peers.carrier import happenings as h
from tests.peers.carrier.network import VoiceRecording
from tests.service.surgery import CALLER, CLINIC, DESK, Surgery, open_surgery

pytestmark = pytest.mark.filterwarnings("ignore:(BasicAuth|The 'auth' parameter) is deprecated")
LOST = Faults(no_callbacks=True)
IN_THE_MENU = "press 1\nwait 2\nhang up\n"
AT = "2026-01-01T00:00:00.000Z"


@pytest_asyncio.fixture
async def surgery(writer: Writer, reader: Reader, tmp_path: Path) -> AsyncIterator[Surgery]:
    await writer.promise(lambda db: office.set_value(db, "people", [DESK], at=AT, by="test"))
    async with open_surgery(writer, reader, tmp_path / "recordings") as made:
        yield made


async def quiet(surgery: Surgery) -> None:
    """So long nothing is heard that the carrier is asked."""
    surgery.hands.put_on(QUIET_S + 1)
    await surgery.filing.look()


async def test_a_call_in_the_menu_is_filed_though_its_end_was_never_reported(surgery: Surgery) -> None:
    phone = await (await surgery.ring(IN_THE_MENU, LOST)).done()
    await surgery.filing.look()
    assert (await surgery.kept(phone.sid)).ended_at is None
    assert surgery.asked(phone.sid) == 0
    await quiet(surgery)
    kept = await surgery.kept(phone.sid)
    assert (kept.outcome, kept.reason, kept.duration_s) == (Outcome.HOURS, "completed", phone.duration_s)
    assert kept.ask_at is None
    assert kept.ended_at is not None
    ended, told = times.read(kept.ended_at), datetime.fromtimestamp(int(phone.ended_at_s or 0), UTC)
    assert ended == max(told, times.read(kept.started_at))
    asked = surgery.asked(phone.sid)
    await quiet(surgery)
    assert surgery.asked(phone.sid) == asked


async def test_a_call_that_goes_on_is_left_alone_and_asked_about_again(surgery: Surgery) -> None:
    surgery.carrier.network.destinations[DESK] = Destination.answers(1.0, float("inf"))
    phone = await surgery.ring("press 0\nwait 5\n", LOST)
    await phone.journal.wait_for(h.VerbRun, lambda e: e.verb == "Dial")
    for _ in range(10):
        surgery.hands.put_on(STILL_ON)
        await quiet(surgery)
        await surgery.board.file_silent()
    assert surgery.hands.later > timedelta(seconds=FORGOTTEN_S)
    assert (await surgery.kept(phone.sid)).ended_at is None
    phone.hang_up()
    await phone.done()
    surgery.hands.put_on(STILL_ON)
    await quiet(surgery)
    kept = await surgery.kept(phone.sid)
    assert (kept.outcome, kept.ask_at) == (Outcome.TRANSFERRED, None)


async def test_a_call_that_the_carrier_does_not_know_is_filed_by_what_is_known_here(surgery: Surgery) -> None:
    phone = await (await surgery.ring("hang up\n", LOST)).done()
    del surgery.carrier.calls[phone.sid]
    await quiet(surgery)
    kept = await surgery.kept(phone.sid)
    assert (kept.outcome, kept.reason, kept.ask_at) == (Outcome.ABANDONED, SILENT, None)
    assert kept.duration_s is not None
    assert kept.duration_s < QUIET_S
    assert surgery.asked(phone.sid) == 1


async def test_a_carrier_that_cannot_be_asked_is_asked_again_so_often_and_no_more(surgery: Surgery) -> None:
    phone = await (await surgery.ring("hang up\n", LOST)).done()
    surgery.carrier.rest_faults.append(RestFault("Calls", code=20500, times=999))
    await quiet(surgery)
    once = surgery.asked(phone.sid)
    await surgery.filing.look()
    assert surgery.asked(phone.sid) == once
    surgery.hands.put_on(FORGOTTEN_S)
    await surgery.board.file_silent()
    assert (await surgery.kept(phone.sid)).outcome is Outcome.ABANDONED
    for _ in range(TRIES_MOST + 5):
        surgery.hands.put_on(PAUSE_MOST)
        await surgery.filing.look()
    assert surgery.asked(phone.sid) == once * TRIES_MOST
    kept = await surgery.kept(phone.sid)
    assert (kept.outcome, kept.ask_at) == (Outcome.ABANDONED, None)
    assert kept.duration_s is not None
    assert kept.duration_s < QUIET_S


async def test_a_carrier_that_is_back_corrects_what_was_filed_meanwhile(surgery: Surgery) -> None:
    phone = await (await surgery.ring("press 3\nwait 1\nhang up\n", LOST)).done()
    surgery.carrier.rest_faults.append(RestFault("Calls", code=20429, times=2))
    surgery.hands.put_on(FORGOTTEN_S + 1)
    await surgery.board.file_silent()
    await surgery.filing.look()
    assert (await surgery.kept(phone.sid)).reason == SILENT
    surgery.hands.put_on(PAUSE_MOST)
    await surgery.filing.look()
    kept = await surgery.kept(phone.sid)
    assert (kept.reason, kept.duration_s, kept.ask_at) == ("completed", phone.duration_s, None)


async def test_a_late_report_settles_a_call_that_was_filed_meanwhile(surgery: Surgery) -> None:
    phone = await (await surgery.ring("hang up\n", LOST)).done()
    surgery.hands.put_on(FORGOTTEN_S + 1)
    await surgery.board.file_silent()
    assert (await surgery.kept(phone.sid)).ask_at is not None
    await surgery.board.ended(CallEnded(phone.sid, "completed", 7))
    kept = await surgery.kept(phone.sid)
    assert (kept.reason, kept.duration_s, kept.ask_at) == ("completed", 7, None)


async def test_an_evicted_call_is_filed_too(surgery: Surgery) -> None:
    """Open in the store, of this process, and no longer known to it."""
    offer = CallOffered("CA" + "e" * 32, CALLER, CLINIC, "twilio")
    await surgery.writer.promise(lambda db: calls.begin(db, "c9", offer, AT, "p1"))
    await surgery.filing.look()
    kept = await surgery.kept(offer.call_sid)
    assert (kept.outcome, kept.reason, kept.ended_at) == (Outcome.ABANDONED, calls.UNKNOWN, AT)


async def test_calls_of_another_carrier_are_not_asked_for_here(surgery: Surgery) -> None:
    offer = CallOffered("1700000000.1", CALLER, CLINIC, "asterisk")
    await surgery.writer.promise(lambda db: calls.begin(db, "c9", offer, AT, "p0"))
    await surgery.writer.promise(lambda db: calls.sweep(db, "p1"))
    await surgery.filing.look()
    kept = await surgery.kept(offer.call_sid)
    assert (kept.outcome, kept.ask_at) == (Outcome.INTERRUPTED, None)
    assert surgery.asked("Calls") == 0


# Voicemail ---------------------------------------------------------------------------------------------


def recorded(surgery: Surgery, number: int, call_sid: str, **other: str) -> str:
    given = {"source": "RecordVerb", "status": "completed", **other}
    sid = f"RE{number:032x}"
    surgery.carrier.network.recordings[sid] = VoiceRecording(
        sid, call_sid, b"\x10" * 16000, given["source"], given["status"]
    )
    return sid


async def test_each_message_that_nobody_told_of_is_taken_once(surgery: Surgery) -> None:
    phone = await (await surgery.ring("hang up\n")).done()
    await surgery.kept(phone.sid)
    ours = {recorded(surgery, number, phone.sid) for number in range(450)}
    recorded(surgery, 1001, "CA" + "f" * 32)
    recorded(surgery, 1002, phone.sid, source="DialVerb")
    unready = recorded(surgery, 1003, phone.sid, status="processing")
    await surgery.filing.look()
    found = await surgery.reader.run(lambda db: messages.page(db, limit=999))
    assert {message.recording_sid for message in found} == ours
    assert len(found) == len(ours)
    assert {(message.seconds, message.caller, message.kind) for message in found} == {
        (2, CALLER, "voicemail")
    }
    assert (await surgery.kept(phone.sid)).outcome is Outcome.VOICEMAIL
    assert surgery.asked("Recordings") == 3
    await surgery.filing.look()
    assert surgery.asked("Recordings") == 3
    surgery.carrier.network.recordings[unready].status = "completed"
    surgery.hands.put_on(LIST_EVERY)
    await surgery.filing.look()
    found = await surgery.reader.run(lambda db: messages.page(db, limit=999))
    assert {message.recording_sid for message in found} == {*ours, unready}


async def test_a_late_callback_of_a_message_that_was_found_changes_nothing(surgery: Surgery) -> None:
    phone = await (await surgery.ring("hang up\n")).done()
    await surgery.kept(phone.sid)
    sid = recorded(surgery, 1, phone.sid)
    await surgery.filing.look()
    await surgery.board.recorded(VoicemailTaken(phone.sid, sid, 2))
    assert [each.recording_sid for each in await surgery.reader.run(messages.page)] == [sid]


async def test_a_list_that_cannot_be_had_is_asked_for_again(surgery: Surgery) -> None:
    phone = await (await surgery.ring("hang up\n")).done()
    await surgery.kept(phone.sid)
    sid = recorded(surgery, 1, phone.sid)
    surgery.carrier.rest_faults.append(RestFault("Recordings", code=20500, times=2))
    await surgery.filing.look()
    assert await surgery.reader.run(messages.page) == []
    surgery.hands.put_on(LIST_EVERY)
    await surgery.filing.look()
    assert [each.recording_sid for each in await surgery.reader.run(messages.page)] == [sid]
