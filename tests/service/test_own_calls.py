"""Calls of the box to itself beside those of patients: who is let in, what is kept, when the box rings."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from appliance.core.dispositions import PEOPLE
from appliance.core.events import DigitPressed, ToolCall
from appliance.core.self_call import Check, Finding, State
from appliance.core.settings import Settings, checked
from appliance.core.staff import Office
from appliance.core.steps import Assist, CallOffered, RingEnded, VoicemailTaken
from appliance.core.story import Speaker
from appliance.service.desk import toolbox
from appliance.service.known_call import KnownCall
from appliance.service.local import LocalAssistant
from appliance.service.office_book import OfficeBook
from appliance.service.pbx.house import House
from appliance.service.records import BridgeRecords
from appliance.service.self_call.board import Notes, OwnCalls
from appliance.service.self_call.caller import Ground, SelfCaller
from appliance.store import calls, messages
from appliance.store.reader import Reader
from appliance.store.writer import Writer
from appliance.tools.message import TAKE_MESSAGE
from ari_bridge.ami_events import AmiEvent
from ari_bridge.ari import AriAccess
from ari_bridge.control import Access, AsteriskControl
from tests.golden.clinic import until
from tests.peers.pbx.ari import AriPeer
from tests.service.board import OFFER, SID, Box, QuietLeg, nobody

MARK = "self-0a0b0c0d-"
OURS = CallOffered(f"{MARK}a0-1.2", "", "", "asterisk")


def own_calls(box: Box) -> OwnCalls:
    return OwnCalls(box.board, OfficeBook(box.reader).now, nobody)


async def test_a_call_of_ours_is_let_in_once_and_is_in_no_book(writer: Writer, reader: Reader) -> None:
    box = Box(writer, reader)
    board = own_calls(box)
    board.expected = Notes(MARK)
    (first, *_) = await board.offer(OURS)
    assert isinstance(first, Assist)
    assert not board.admit("another", OURS.call_sid)
    assert board.admit(first.token, OURS.call_sid)
    leg = QuietLeg()
    await board.hold(OURS.call_sid, leg)
    # Nobody can be had to talk with.
    assert leg.left == PEOPLE
    assert not board.admit(first.token, OURS.call_sid)
    assert (box.counters.offered, box.counters.admitted, box.counters.live) == (0, 0, 0)
    await writer.promise(lambda db: None)
    assert await reader.run(lambda db: calls.by_sid(db, OURS.call_sid)) is None


async def test_a_call_in_our_name_that_nobody_expects_is_not_let_in(writer: Writer, reader: Reader) -> None:
    board = own_calls(Box(writer, reader))
    assert await board.offer(OURS) == ()
    board.expected = Notes("self-1234-")
    assert await board.offer(OURS) == ()
    assert not board.admit("", OURS.call_sid)
    assert await board.back(RingEnded(OURS.call_sid, "busy")) == ()


async def test_patients_go_to_the_switchboard_as_ever(writer: Writer, reader: Reader) -> None:
    box = Box(writer, reader)
    board = own_calls(box)
    board.expected = Notes(MARK)
    assert await board.offer(OFFER) == await box.board.offer(OFFER)
    assert box.counters.offered == 1
    assert board.admit(await box.token(), SID)


def test_notes_keep_what_the_box_pressed_and_said() -> None:
    notes = Notes(MARK)
    notes.happened("c", 10, DigitPressed("0"))
    notes.turn("c", 0, Speaker.CALLER, "a person", final=False, cut=False)
    notes.turn("c", 0, Speaker.CALLER, "a person please", final=True, cut=False)
    notes.turn("c", 1, Speaker.ATTENDANT, "one moment", final=True, cut=False)
    assert (notes.pressed, notes.heard) == ("0", "a person please")


async def test_a_message_that_we_are_taken_to_leave_is_in_no_book(writer: Writer, reader: Reader) -> None:
    given = ToolCall("t1", TAKE_MESSAGE.name, '{"subject": "A refill", "body": "Please", "number": "none"}')
    ours, a_patients = KnownCall("self-c", OURS, Office()), KnownCall("c", OFFER, Office())
    ours.aside = Notes(MARK)
    for known in (ours, a_patients):
        answer = await toolbox(known, BridgeRecords(writer, reader)).run(known.call_id, given)
        assert '"ok":true' in answer.output
    kept = await reader.run(messages.page)
    assert [message.call_sid for message in kept] == [SID]


def settings_of(folder: Path, minutes: int) -> Settings:
    asterisk = {"enabled": True, "self_call_minutes": minutes}
    return checked({"box": {"data_dir": str(folder)}, "asterisk": asterisk}, "the test")


def caller(
    settings: Settings,
    box: Box,
    writer: Writer,
    ari: AriPeer,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> SelfCaller:
    """One whose PBX has a web server, and no manager interface."""

    async def heard(_event: AmiEvent) -> None:
        raise AssertionError("nobody tells anything")

    async def begun() -> None:
        raise AssertionError("there is nobody")

    house = House(settings.asterisk_dir)
    house.made()
    return SelfCaller(
        Ground(
            settings=settings,
            access=AriAccess(ari.base, "attendant", "secret"),
            calls=own_calls(box),
            control=AsteriskControl(Access("127.0.0.1", 9, "attendant", "secret"), heard, begun),
            house=house,
            recordings=settings.box.data_dir / "recordings",
            records=BridgeRecords(writer, box.reader),
            local=LocalAssistant(settings),
            office=OfficeBook(box.reader).now,
        ),
        "key",
        now,
    )


async def test_it_knows_what_others_wrote_down_of_it(tmp_path: Path, writer: Writer, reader: Reader) -> None:
    async with AriPeer("secret") as ari, asyncio.TaskGroup() as tasks:
        box = Box(writer, reader)
        never, hourly = (
            caller(settings_of(tmp_path / str(minutes), minutes), box, writer, ari) for minutes in (0, 60)
        )
        assert (never.part().state, hourly.part().state) == ("off", "not run yet")
        found = await hourly.once()
        assert "manager interface is not connected" in found.findings[0].told
        assert hourly.part().state == "failed once"
        another = caller(settings_of(tmp_path / "60", 60), box, writer, ari)
        running = tasks.create_task(another.run())
        await until(lambda: another.last)
        assert (another.last, another.part().state) == (found, "failed once")
        running.cancel()


async def test_a_process_knows_how_it_went_before_it(tmp_path: Path, writer: Writer, reader: Reader) -> None:
    async with AriPeer("secret") as ari:
        box = Box(writer, reader)
        for in_row in (1, 2):
            found = await caller(settings_of(tmp_path, 60), box, writer, ari).once()
            assert found.failed_in_row == in_row
        assert (found.alarm, ari.placed) == (True, [])


async def test_what_a_killed_bridge_left_of_its_own_messages_is_removed(
    tmp_path: Path, writer: Writer, reader: Reader
) -> None:
    async with AriPeer("secret") as ari:
        settings = settings_of(tmp_path, 60)
        ringing = caller(settings, Box(writer, reader), writer, ari)
        spool = House(settings.asterisk_dir).voicemail
        ours, a_patients = spool / f"{MARK}a0-1.2-0.wav", spool / "a0-1.3-0.wav"
        for path in (ours, a_patients):
            path.write_bytes(b"RIFF")
        await ringing.once()
        assert [*spool.iterdir()] == [a_patients]


async def test_a_call_that_is_overdue_or_looked_at_nothing_does_not_count(
    tmp_path: Path, writer: Writer, reader: Reader
) -> None:
    began = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
    clock = [began]
    async with AriPeer("secret") as ari:
        box = Box(writer, reader)
        ringing = caller(settings_of(tmp_path, 60), box, writer, ari, lambda: clock[0])
        well = await BridgeRecords(writer, reader).self_call(began, 1, [Finding(Check.GATE, State.OK)])
        ringing.last = well
        assert ringing.part().state == "ok"
        clock[0] += timedelta(hours=2, minutes=16)
        assert (ringing.part().state, ringing.part().well) == ("overdue", False)
        # One whose box was off is not to blame for that.
        later = caller(settings_of(tmp_path, 60), box, writer, ari, lambda: clock[0])
        later.last = well
        assert later.part().state == "ok"
        later.last = await BridgeRecords(writer, reader).self_call(clock[0], 1, [])
        assert (later.part().state, later.part().well) == ("nothing checked", False)


async def test_a_recording_that_is_no_sound_is_a_failure_and_no_fault(
    tmp_path: Path, writer: Writer, reader: Reader
) -> None:
    async with AriPeer("secret") as ari:
        settings = settings_of(tmp_path, 60)
        ringing = caller(settings, Box(writer, reader), writer, ari)
        name = f"{MARK}a0-1.2-0.wav"
        (House(settings.asterisk_dir).voicemail / name).write_bytes(b"nonsense" * 100)
        told = await ringing.fetched(VoicemailTaken(f"{MARK}a0-1.2", name, 3))
        assert told.startswith("the message is not kept: ")
