"""Messages of calls of which the box never heard: taken when they are for the clinic, else left alone."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from appliance.core.dispositions import Outcome
from appliance.core.steps import CallEnded, CallOffered, VoicemailTaken
from appliance.service.filing import LIST_AGAIN, LIST_EVERY
from appliance.service.strangers import FAILURES_MOST, TRIES_MOST
from appliance.service.switchboard import QUIET_S
from appliance.store import calls, forgotten, messages, times
from appliance.store.reader import Reader
from appliance.store.writer import Writer
from tests.peers.carrier import Number, PhoneCall, RestFault
from tests.peers.carrier.network import VoiceRecording
from tests.service.surgery import CALLER, CLINIC, Surgery, open_surgery

pytestmark = pytest.mark.filterwarnings("ignore:(BasicAuth|The 'auth' parameter) is deprecated")
NUMBERS, SALES = "IncomingPhoneNumbers", "+15550100099"
AT = "2026-11-24T09:00:00.000Z"
ELSEWHERE = "https://handler.twilio.com/twiml/EH" + "0" * 32


@pytest_asyncio.fixture
async def surgery(writer: Writer, reader: Reader, tmp_path: Path) -> AsyncIterator[Surgery]:
    """A box that has looked into the books before."""
    async with open_surgery(writer, reader, tmp_path / "recordings") as made:
        await made.filing.look()
        yield made


def call(surgery: Surgery, number: int, called: str = CLINIC, direction: str = "inbound") -> PhoneCall:
    """A call that the carrier has held by itself."""
    made = PhoneCall(
        surgery.carrier.network,
        caller=CALLER,
        called=called,
        plan=(),
        number=Number(""),
        direction=direction,
        sid=f"CA{number:032x}",
    )
    made.answer()
    made.end("twiml-ended", "completed")
    surgery.carrier.calls[made.sid] = made
    return made


def recorded(surgery: Surgery, phone: PhoneCall, number: int = 0) -> str:
    sid = f"RE{number:016x}{phone.sid[-16:]}"
    surgery.carrier.network.recordings[sid] = VoiceRecording(
        sid, phone.sid, b"\x10" * 16000, "RecordVerb", "completed"
    )
    return sid


async def listed(surgery: Surgery, after: timedelta = LIST_EVERY) -> set[str]:
    """The recordings of which there are messages once the list was looked at again."""
    surgery.hands.put_on(after)
    await surgery.filing.look()
    found = await surgery.reader.run(lambda db: messages.page(db, limit=999))
    return {message.recording_sid or "" for message in found}


async def test_a_message_of_a_call_that_never_came_here_is_kept_with_the_call(surgery: Surgery) -> None:
    phone = call(surgery, 1)
    sid = recorded(surgery, phone)
    assert await listed(surgery) == {sid}
    kept = await surgery.kept(phone.sid)
    assert (kept.carrier, kept.from_number, kept.to_number) == ("twilio", CALLER, CLINIC)
    assert (kept.outcome, kept.reason, kept.ask_at) == (Outcome.VOICEMAIL, "completed", None)
    assert kept.duration_s == phone.duration_s
    assert times.read(kept.started_at).timestamp() == int(phone.started_at_s)
    (message,) = await surgery.reader.run(lambda db: messages.of_call(db, kept.id))
    assert (message.caller, message.seconds, message.kind) == (CALLER, 2, "voicemail")
    asked = surgery.asked(phone.sid)
    assert len(await listed(surgery)) == 1
    assert surgery.asked(phone.sid) == asked


async def test_a_message_that_was_erased_is_not_taken_for_a_new_one(surgery: Surgery) -> None:
    phone, other = call(surgery, 1), call(surgery, 2)
    erased, sid = recorded(surgery, phone), recorded(surgery, other)
    await surgery.writer.promise(lambda db: forgotten.forget(db, erased, now=times.read(AT)))
    assert await listed(surgery) == {sid}
    assert surgery.asked(phone.sid) == 0


async def test_messages_of_other_numbers_of_the_account_are_left_alone(surgery: Surgery) -> None:
    surgery.carrier.network.numbers[SALES] = Number(ELSEWHERE)
    foreign = [call(surgery, 1, SALES), call(surgery, 2, CALLER), call(surgery, 3, direction="outbound-api")]
    for phone in foreign:
        recorded(surgery, phone)
    unknown = call(surgery, 4)
    recorded(surgery, unknown)
    del surgery.carrier.calls[unknown.sid]
    for _ in range(3):
        assert await listed(surgery) == set()
    # Each of them was asked about once, and then the account's numbers were of no more interest.
    assert [surgery.asked(f"Calls/{phone.sid}") for phone in (*foreign, unknown)] == [1, 1, 1, 1]
    assert surgery.asked(NUMBERS) == 1
    assert await surgery.reader.run(calls.page) == []


async def test_one_call_with_several_messages_is_looked_up_once(surgery: Surgery) -> None:
    phone = call(surgery, 1)
    both = {recorded(surgery, phone, 1), recorded(surgery, phone, 2)}
    assert await listed(surgery) == both
    assert surgery.asked(f"Calls/{phone.sid}") == 1


@pytest.mark.parametrize(
    ("set_up", "ours"),
    [
        (None, True),
        (Number(""), True),
        (Number("https://box.example.test/twilio/voice", application_sid="AP1"), True),
        (Number(ELSEWHERE), False),
    ],
)
async def test_a_number_whose_set_up_does_not_say_is_ours_if_calls_came_from_it(
    surgery: Surgery, set_up: Number | None, ours: bool
) -> None:
    """And one that is set up for something else by now is not, whatever came from it before."""
    phone = call(surgery, 1)
    recorded(surgery, phone)
    del surgery.carrier.network.numbers[CLINIC]
    if set_up is not None:
        surgery.carrier.network.numbers[CLINIC] = set_up
    surgery.carrier.rest_faults.append(RestFault(f"Calls/{phone.sid}", code=20500, times=2))
    assert await listed(surgery) == set()
    earlier = CallOffered("CA" + "e" * 32, CALLER, CLINIC, "twilio")
    await surgery.writer.promise(lambda db: calls.begin(db, "c9", earlier, "2026-01-01T00:00:00.000Z"))
    assert bool(await listed(surgery, LIST_AGAIN)) is ours


async def test_numbers_that_may_not_be_listed_are_known_from_the_call_log(surgery: Surgery) -> None:
    earlier = CallOffered("CA" + "e" * 32, CALLER, CLINIC, "twilio")
    await surgery.writer.promise(lambda db: calls.begin(db, "c9", earlier, "2026-01-01T00:00:00.000Z"))
    surgery.carrier.rest_faults.append(RestFault(NUMBERS, code=20003, times=9))
    ours = recorded(surgery, call(surgery, 1))
    recorded(surgery, call(surgery, 2, SALES))
    assert await listed(surgery) == {ours}


@pytest.mark.parametrize("asked", [NUMBERS, "Calls/"])
async def test_a_carrier_that_cannot_say_is_asked_again(surgery: Surgery, asked: str) -> None:
    surgery.carrier.rest_faults.append(RestFault(asked, code=20500, times=2))
    sid = recorded(surgery, call(surgery, 1))
    assert await listed(surgery) == set()
    assert await listed(surgery, LIST_AGAIN) == {sid}


async def test_a_carrier_that_never_says_is_left_alone_and_the_others_are_taken(surgery: Surgery) -> None:
    dumb = [call(surgery, number) for number in range(1, FAILURES_MOST + 1)]
    for phone in dumb:
        recorded(surgery, phone)
        surgery.carrier.rest_faults.append(RestFault(f"Calls/{phone.sid}", code=20003, times=10**6))
    assert await listed(surgery) == set()
    good = recorded(surgery, call(surgery, 99))
    for _ in range(TRIES_MOST + 5):
        assert await listed(surgery, LIST_AGAIN) == {good}
    assert [surgery.asked(f"Calls/{phone.sid}") for phone in dumb] == [TRIES_MOST] * len(dumb)


async def test_messages_from_before_the_box_are_left_alone(
    writer: Writer, reader: Reader, tmp_path: Path
) -> None:
    async with open_surgery(writer, reader, tmp_path / "recordings") as surgery:
        phone = call(surgery, 1)
        sid = recorded(surgery, phone)
        surgery.carrier.network.recordings[sid].created_at_s -= 60
        assert await listed(surgery, timedelta()) == set()
        assert surgery.asked(phone.sid) == 0


async def test_a_call_of_which_only_the_end_and_the_message_were_told_gets_its_caller(
    surgery: Surgery,
) -> None:
    """The box was dead as it came, and back before it was over."""
    phone = call(surgery, 1)
    await surgery.board.recorded(VoicemailTaken(phone.sid, recorded(surgery, phone), 2))
    await surgery.board.ended(CallEnded(phone.sid, "completed", 7))
    assert (await surgery.kept(phone.sid)).from_number == ""
    surgery.hands.put_on(QUIET_S + 1)
    await surgery.filing.look()
    kept = await surgery.kept(phone.sid)
    assert (kept.from_number, kept.to_number, kept.carrier) == (CALLER, CLINIC, "twilio")
    assert (kept.outcome, kept.ask_at) == (Outcome.VOICEMAIL, None)
    (message,) = await surgery.reader.run(lambda db: messages.of_call(db, kept.id))
    assert message.caller == CALLER
    asked = surgery.asked(phone.sid)
    await surgery.filing.look()
    assert surgery.asked(phone.sid) == asked


async def test_a_call_that_still_goes_on_is_filed_when_it_is_over(surgery: Surgery) -> None:
    phone = call(surgery, 1)
    phone.disposition, phone.status, phone.ended_at_s = "", "in-progress", None
    sid = recorded(surgery, phone)
    assert await listed(surgery) == {sid}
    assert (await surgery.kept(phone.sid)).ended_at is None
    phone.end("caller-hung-up", "completed")
    surgery.hands.put_on(QUIET_S + 1)
    await surgery.filing.look()
    kept = await surgery.kept(phone.sid)
    assert (kept.outcome, kept.from_number, kept.ask_at) == (Outcome.VOICEMAIL, CALLER, None)
