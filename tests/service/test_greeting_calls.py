"""Recording greetings by telephone, step by step: who is let in, what is open to whom, and when it ends."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio

from appliance.core.errors import CarrierFailed, WireError
from appliance.core.staff import Office, StaffSettings
from appliance.service import greeting_calls
from appliance.service.greeting_calls import GreetingCalls
from appliance.service.greetings import Greetings
from appliance.store import database, greeting_pin, jobs, office, voicemail
from appliance.store.migrations import migrate
from appliance.store.writer import Writer
from models.local.mouth import Mouth
from tests.jobs import job_clock
from tests.jobs.office import wav

STAFF, STRANGER, PIN = "+14155550177", "+14155550100", "40718236"
SID = "RE" + "1" * 32
AT = "2026-11-27T08:00:00.000Z"


@dataclass
class Carrier:
    """Gives out one recording, once it is there."""

    sound: bytes
    late: int = 0
    deleted: list[str] = field(default_factory=list)

    async def fetch_recording(self, recording_sid: str, path: Path) -> int:
        self.late -= 1
        if self.late >= 0:
            raise CarrierFailed("recording: status 404", retry=True)
        await asyncio.to_thread(path.write_bytes, self.sound)
        return len(self.sound)

    async def delete_recording(self, recording_sid: str) -> None:
        self.deleted.append(recording_sid)


def spoken(seconds: float, loud: float = 4000) -> bytes:
    at = np.arange(round(seconds * 8000)) / 8000
    tone = loud * np.sin(2 * np.pi * 220 * at) * (1 + np.sin(2 * np.pi * 3 * at)) / 2
    return wav(tone.astype(np.int16))


@dataclass
class Clinic:
    desk: GreetingCalls
    carrier: Carrier
    path: Path
    clock: list[float]

    def decided(self) -> StaffSettings:
        db = database.connect_readonly(self.path)
        try:
            return office.staff(db)
        finally:
            db.close()

    async def let_in(self, call_sid: str = "CA1") -> None:
        turn = await self.desk.pressed(call_sid, STAFF, "pin", PIN)
        assert (turn.does, turn.step) == ("keys", "what")


def nobody_speaks() -> Mouth:
    raise AssertionError("a greeting is kept without a voice")


@pytest_asyncio.fixture
async def clinic(tmp_path: Path) -> AsyncIterator[Clinic]:
    path = tmp_path / "attendant.db"
    await asyncio.to_thread(migrate, path)
    db = database.connect(path)
    with database.immediate(db):
        office.set_value(db, "greeting_phones", [STAFF], at=AT, by="ana")
        greeting_pin.keep(db, PIN, now=datetime.now(UTC))
    db.close()
    writer, clock, carrier = Writer(path), [0.0], Carrier(spoken(2))
    greetings = Greetings(tmp_path / "greetings", nobody_speaks)

    async def now_office() -> Office:
        return await writer.promise(office.load)

    desk = GreetingCalls(carrier, writer, greetings, now_office, tmp_path / "recordings")
    desk.clock = lambda: clock[0]
    yield Clinic(desk, carrier, path, clock)
    await writer.close()


async def test_only_telephones_that_staff_named_are_asked(clinic: Clinic) -> None:
    assert await clinic.desk.begins(STRANGER) is None
    assert await clinic.desk.begins("") is None
    turn = await clinic.desk.begins(STAFF)
    assert turn is not None
    assert (turn.does, turn.step, turn.keys) == ("keys", "pin", 8)
    # The right number from elsewhere opens nothing.
    with pytest.raises(WireError):
        await clinic.desk.pressed("CA1", STRANGER, "pin", PIN)


@pytest.mark.parametrize("step", ["what", "language", "record", "check", "keep"])
async def test_no_step_is_open_to_a_call_that_was_not_let_in(clinic: Clinic, step: str) -> None:
    for digits in ("", "1", PIN):
        with pytest.raises(WireError, match="nobody was let in"):
            await clinic.desk.pressed("CA1", STAFF, step, digits)
    with pytest.raises(WireError, match="nobody was let in"):
        await clinic.desk.recorded("CA1", SID)
    await clinic.let_in()
    with pytest.raises(WireError, match="nobody was let in"):
        await clinic.desk.pressed("CA2", STAFF, step, "1")
    clinic.clock[0] += greeting_calls.KEPT_S + 1
    with pytest.raises(WireError, match="nobody was let in"):
        await clinic.desk.pressed("CA1", STAFF, step, "1")


async def test_wrong_numbers_are_counted_and_then_the_right_one_is_none(clinic: Clinic) -> None:
    for _ in range(10):
        assert (await clinic.desk.pressed("CA1", STAFF, "pin", "11111111")).does == "door"
    assert (await clinic.desk.pressed("CA1", STAFF, "pin", PIN)).does == "door"
    assert await clinic.desk.begins(STAFF) is None


async def test_a_recording_that_the_carrier_does_not_give_out_yet_is_waited_for(clinic: Clinic) -> None:
    clinic.carrier.late = 2
    await clinic.let_in()
    assert (await clinic.desk.pressed("CA1", STAFF, "what", "1")).does == "record"
    assert (await clinic.desk.recorded("CA1", SID)).does == "wait"
    turns = [await clinic.desk.pressed("CA1", STAFF, "check", "") for _ in range(3)]
    assert [turn.does for turn in turns] == ["wait", "wait", "keys"]
    assert clinic.carrier.deleted == [SID]
    kept = await clinic.desk.pressed("CA1", STAFF, "keep", "1")
    assert kept.does == "end"
    assert clinic.decided().greeting_recording == turns[-1].plays
    with pytest.raises(WireError):
        await clinic.desk.pressed("CA1", STAFF, "keep", "1")


async def test_who_hangs_up_behind_the_recording_leaves_no_copy_with_the_carrier(clinic: Clinic) -> None:
    await clinic.let_in()
    await clinic.desk.pressed("CA1", STAFF, "what", "1")
    for _ in range(2):  # as the carrier may ask twice
        await clinic.desk.recorded("CA1", SID)
    db = database.connect(clinic.path)
    (owed,) = jobs.page(db, kind=voicemail.DELETE)
    assert owed.payload == {"recording_sid": SID}
    assert not job_clock.due(db, voicemail.DELETE, timedelta(seconds=greeting_calls.KEPT_S))
    assert job_clock.due(db, voicemail.DELETE, greeting_calls.DELETED_AFTER)
    db.close()


async def test_one_that_never_comes_ends_the_call_and_changes_nothing(clinic: Clinic) -> None:
    clinic.carrier.late = 99
    await clinic.let_in()
    await clinic.desk.pressed("CA1", STAFF, "what", "1")
    await clinic.desk.recorded("CA1", SID)
    turns = [await clinic.desk.pressed("CA1", STAFF, "check", "") for _ in range(greeting_calls.LOOKS_MOST)]
    assert (turns[-2].does, turns[-1].does) == ("wait", "end")
    assert clinic.decided().greeting_recording == ""


@pytest.mark.parametrize(
    ("sound", "said"),
    [(spoken(2, 20), "quiet"), (spoken(0.4), "short"), (spoken(40), "long")],
)
async def test_what_cannot_be_used_is_said_and_recorded_again(
    clinic: Clinic, sound: bytes, said: str
) -> None:
    clinic.carrier.sound = sound
    await clinic.let_in()
    await clinic.desk.pressed("CA1", STAFF, "what", "1")
    for does in ("record", "record", "end"):
        await clinic.desk.recorded("CA1", SID)
        turn = await clinic.desk.pressed("CA1", STAFF, "check", "")
        assert turn.does == does
    assert clinic.decided().greeting_recording == ""


async def test_the_spoken_greeting_comes_back_by_a_key(clinic: Clinic) -> None:
    for key, used in (("1", True), ("3", False)):
        await clinic.let_in()
        await clinic.desk.pressed("CA1", STAFF, "what", "1")
        await clinic.desk.recorded("CA1", SID)
        await clinic.desk.pressed("CA1", STAFF, "check", "")
        assert (await clinic.desk.pressed("CA1", STAFF, "keep", key)).does == "end"
        assert bool(clinic.decided().greeting_recording) is used


async def test_nothing_pressed_is_asked_again_and_then_it_is_over(clinic: Clinic) -> None:
    await clinic.let_in()
    turns = [await clinic.desk.pressed("CA1", STAFF, "what", "") for _ in range(3)]
    assert [turn.does for turn in turns] == ["keys", "keys", "end"]


async def test_only_so_many_calls_record_at_once(clinic: Clinic) -> None:
    for number in range(greeting_calls.AT_ONCE):
        await clinic.let_in(f"CA{number}")
    assert (await clinic.desk.pressed("CA9", STAFF, "pin", PIN)).does == "end"
