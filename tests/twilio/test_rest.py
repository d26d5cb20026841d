"""Twilio's REST service, spoken to over a real socket: what is asked, what fails, what is asked again."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web

from appliance.core.errors import CarrierFailed, UnknownToCarrier
from appliance.core.settings import Twilio
from appliance.core.steps import CallEnded, CallOffered, LookedUp, RingEnded, VoicemailTaken
from scripts.loopback_box import ROOT
from tests.peers.carrier import Account, CarrierPeer, Number, PhoneCall, RestFault
from tests.peers.carrier.call import Rung
from tests.peers.carrier.network import VoiceRecording
from tests.peers.carrier.sound_files import wav
from tests.peers.stopwatch import own_s
from twilio_bridge.rest import TwilioRest

# The vendor's client still asks aiohttp for a password in its old way.
pytestmark = pytest.mark.filterwarnings("ignore:(BasicAuth|The 'auth' parameter) is deprecated")
ACCOUNT = "AC" + "0" * 32
CALL, RECORDING = "CA" + "a" * 32, "RE" + "b" * 32
CLINIC, CALLER = "+15550100001", "+15550100002"
NEXT = "https://box.example.com/twilio/next#ct=2000&rt=4000"


@pytest_asyncio.fixture
async def carrier() -> AsyncIterator[CarrierPeer]:
    async with CarrierPeer(
        account=Account(ACCOUNT, "t0ken"), numbers={CLINIC: Number("https://x/v")}
    ) as peer:
        yield peer


def settings(url: str, sms_from: str = CLINIC) -> Twilio:
    return Twilio(account_sid=ACCOUNT, public_url="https://box.example.com", api_url=url, sms_from=sms_from)


@pytest_asyncio.fixture
async def box(carrier: CarrierPeer) -> AsyncIterator[TwilioRest]:
    async with TwilioRest(settings(carrier.rest_url), "t0ken") as made:
        yield made


async def test_a_call_is_redirected_and_hung_up(carrier: CarrierPeer, box: TwilioRest) -> None:
    with pytest.raises(CarrierFailed, match="status 404, code 20404") as gone:
        await box.redirect(CALL, NEXT)
    assert not gone.value.retry
    with pytest.raises(CarrierFailed):
        await box.hang_up(CALL)
    path = f"/2010-04-01/Accounts/{ACCOUNT}/Calls/{CALL}.json"
    assert carrier.rest_requests == [
        ("POST", path, {"Url": NEXT, "Method": "POST"}),
        ("POST", path, {"Status": "completed"}),
    ]


@pytest.mark.parametrize(("status", "talks"), [("ringing", False), ("in-progress", True), ("busy", False)])
async def test_it_is_known_whether_somebody_has_taken_a_call(
    carrier: CarrierPeer, box: TwilioRest, status: str, talks: bool
) -> None:
    call = PhoneCall(
        carrier.network, caller=CALLER, called=CLINIC, plan=(), number=Number("https://x/v"), sid=CALL
    )
    call.rung.append(Rung("CA" + "1" * 32, CALLER, status))
    carrier.calls[CALL] = call
    assert await box.talks(CALL) is talks


async def test_it_is_known_how_the_carrier_answered_last(carrier: CarrierPeer, box: TwilioRest) -> None:
    with pytest.raises(UnknownToCarrier):
        await box.look_up(CALL)
    # What it does not know is an answer, too.
    assert (box.standing.failing_since, box.standing.problem) == (None, "")
    carrier.rest_faults[:] = [RestFault(code=20500, times=4)]
    for _ in range(2):
        with pytest.raises(CarrierFailed):
            await box.check_account()
    since = box.standing.failing_since
    assert since is not None
    assert box.standing.at is not None
    assert since < box.standing.at
    assert box.standing.problem == "status 500, code 20500"
    await box.voicemail_since(datetime.now(UTC))
    assert (box.standing.failing_since, box.standing.problem) == (None, "")


async def test_an_account_that_is_refused_is_a_carrier_that_fails(carrier: CarrierPeer) -> None:
    async with TwilioRest(settings(carrier.rest_url), "wrong") as box:
        with pytest.raises(CarrierFailed):
            await box.check_account()
        assert box.standing.problem.startswith("status 401")
        with pytest.raises(CarrierFailed):
            await box.voicemail_since(datetime.now(UTC))
        assert box.standing.problem.startswith("status 401")


async def test_a_text_is_sent(carrier: CarrierPeer, box: TwilioRest) -> None:
    sid = await box.text(CALLER, "Your appointment is on Monday.")
    assert [(each.sid, each.to, each.from_, each.body) for each in carrier.messages] == [
        (sid, CALLER, CLINIC, "Your appointment is on Monday.")
    ]


@pytest.mark.parametrize("fault", [RestFault(code=20500, times=2), RestFault(drop=True, times=2)])
async def test_a_text_is_never_sent_twice(carrier: CarrierPeer, box: TwilioRest, fault: RestFault) -> None:
    carrier.rest_faults.append(fault)
    with pytest.raises(CarrierFailed) as failed:
        await box.text(CALLER, "Hello.")
    assert failed.value.retry
    assert len(carrier.rest_requests) == 1


async def test_a_text_needs_a_number_of_ours(carrier: CarrierPeer) -> None:
    async with TwilioRest(settings(carrier.rest_url, sms_from=""), "t0ken") as box:
        with pytest.raises(CarrierFailed, match="sms_from"):
            await box.text(CALLER, "Hello.")
    assert carrier.rest_requests == []


@pytest.mark.parametrize("fault", [RestFault(code=20429), RestFault(code=20500), RestFault(drop=True)])
async def test_what_may_pass_is_asked_once_more(
    carrier: CarrierPeer, box: TwilioRest, fault: RestFault
) -> None:
    carrier.rest_faults.append(fault)
    with pytest.raises(CarrierFailed, match="20404"):
        await box.hang_up(CALL)
    assert len(carrier.rest_requests) == 2


async def test_what_cannot_pass_is_asked_once(carrier: CarrierPeer) -> None:
    async with TwilioRest(settings(carrier.rest_url), "wrong") as box:
        with pytest.raises(CarrierFailed, match="status 401, code 20003") as failed:
            await box.hang_up(CALL)
    assert not failed.value.retry
    assert len(carrier.rest_requests) == 1


async def test_nobody_there_is_told_and_is_no_other_error() -> None:
    async with TwilioRest(settings("http://127.0.0.1:9"), "t0ken") as box:
        with pytest.raises(CarrierFailed, match="not reached") as failed:
            await box.hang_up(CALL)
    assert failed.value.retry


async def test_a_service_that_never_answers_is_given_up(carrier: CarrierPeer) -> None:
    carrier.rest_faults.append(RestFault(delay_s=5, times=2))
    began = own_s()
    async with TwilioRest(settings(carrier.rest_url), "t0ken", request_s=0.1) as box:
        with pytest.raises(CarrierFailed, match="not reached: TimeoutError"):
            await box.hang_up(CALL)
    assert own_s() - began < 4
    assert len(carrier.rest_requests) == 2


def record(carrier: CarrierPeer, status: str) -> VoiceRecording:
    made = VoiceRecording(RECORDING, CALL, b"\x10" * 8000, "RecordVerb", status)
    carrier.network.recordings[RECORDING] = made
    return made


async def test_a_recording_is_fetched_whole(carrier: CarrierPeer, box: TwilioRest, tmp_path: Path) -> None:
    made = record(carrier, "completed")
    path = tmp_path / f"{RECORDING}.wav"
    size = await box.fetch_recording(RECORDING, path)
    assert path.read_bytes() == wav(made.ulaw_8k)
    assert size == path.stat().st_size
    assert os.listdir(tmp_path) == [path.name]


@pytest.mark.parametrize(
    ("status", "fault", "problem"),
    [
        ("in-progress", None, "recording: status 404"),
        ("completed", RestFault(code=20003, times=2), "recording: status 401"),
        ("completed", RestFault(code=20500, times=2), "recording: status 500"),
        ("completed", RestFault(drop=True, times=9), "cut off"),
    ],
)
async def test_a_recording_that_cannot_be_had_leaves_no_file(
    carrier: CarrierPeer, box: TwilioRest, tmp_path: Path, status: str, fault: RestFault | None, problem: str
) -> None:
    record(carrier, status)
    if fault:
        carrier.rest_faults.append(fault)
    with pytest.raises(CarrierFailed, match=problem) as failed:
        await box.fetch_recording(RECORDING, tmp_path / "x.wav")
    # A key that is refused may be mended: the worker has its waits.
    assert failed.value.retry
    assert os.listdir(tmp_path) == []


async def test_a_portal_in_the_carriers_place_is_told_and_is_no_other_error() -> None:
    async def portal(_request: web.Request) -> web.Response:
        return web.Response(text="<html>Please sign in</html>", content_type="text/html")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", portal)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with TwilioRest(settings(url), "t0ken") as rest:
        with pytest.raises(CarrierFailed, match="not the carrier's answer"):
            await rest.redirect("CA" + "1" * 32, "https://clinic.example/next")
    await runner.cleanup()


def standing_call(carrier: CarrierPeer, *rung: Rung) -> PhoneCall:
    number = carrier.network.numbers[CLINIC]
    call = PhoneCall(carrier.network, caller=CALLER, called=CLINIC, plan=(), number=number, sid=CALL)
    call.rung += rung
    carrier.calls[CALL] = call
    return call


async def test_a_call_that_ended_is_looked_up_with_its_phones(carrier: CarrierPeer, box: TwilioRest) -> None:
    rung = Rung("CA" + "1" * 32, CALLER, "completed", 20), Rung("CA" + "2" * 32, CALLER, "no-answer")
    call = standing_call(carrier, *rung)
    offered = CallOffered(CALL, CALLER, CLINIC, "twilio")
    began = datetime.fromtimestamp(int(call.started_at_s), UTC)
    assert await box.look_up(CALL) == LookedUp(None, offered=offered, began=began)
    call.end("caller-hung-up", "completed")
    at = datetime.fromtimestamp(int(call.ended_at_s or 0), UTC)
    assert await box.look_up(CALL) == LookedUp(
        CallEnded(CALL, "completed", call.duration_s, at),
        (RingEnded(CALL, "no-answer", 0), RingEnded(CALL, "answered", 20)),
        offered,
        began,
    )


async def test_a_call_that_went_out_was_offered_by_nobody(carrier: CarrierPeer, box: TwilioRest) -> None:
    standing_call(carrier).direction = "outbound-api"
    assert (await box.look_up(CALL)).offered is None


async def test_the_accounts_numbers_say_whether_their_calls_come_here(
    carrier: CarrierPeer, box: TwilioRest
) -> None:
    set_up = {
        CLINIC: Number("HTTPS://BOX.example.com/twilio/voice#ct=2000&rt=4000"),
        "+15550100091": Number("https://box.example.com.example.org/twilio/voice"),
        "+15550100092": Number("https://handler.twilio.com/twiml/EH1"),
        "+15550100093": Number(""),
        "+15550100094": Number("https://box.example.com/twilio/voice", application_sid="AP1"),
    }
    many = {f"+1555020{number:04}": Number("https://other.example/") for number in range(450)}
    carrier.network.numbers.clear()
    carrier.network.numbers.update(set_up | many)
    told = await box.numbers()
    assert {number: ours for number, ours in told.items() if number in set_up} == {
        CLINIC: True,
        "+15550100091": False,
        "+15550100092": False,
    }
    assert many.keys() <= told.keys()


async def test_the_numbers_of_another_box_are_sent_here_and_no_others(
    carrier: CarrierPeer, box: TwilioRest
) -> None:
    was, here = "https://first.example.com", "https://box.example.com"
    bin_ = "https://handler.twilio.com/twiml/EH1"
    theirs = Number(
        f"{was}/twilio/voice#rc=2", fallback_url=bin_, status_callback=f"{was}/twilio/status", sms_url=""
    )
    carrier.network.numbers.clear()
    carrier.network.numbers.update(
        {
            CLINIC: theirs,
            "+15550100091": Number(f"{was}.example.org/twilio/voice"),
            "+15550100092": Number(bin_),
        }
    )
    assert await box.send_here(was) == [CLINIC]
    number = carrier.network.numbers[CLINIC]
    assert (number.voice_url, number.status_callback) == (
        f"{here}/twilio/voice#rc=2",
        f"{here}/twilio/status",
    )
    assert (number.fallback_url, number.sms_url) == (bin_, "")
    assert carrier.network.numbers["+15550100091"].voice_url.startswith(was)
    assert await box.send_here(was) == [], "asked again, nothing is left to do"


async def test_an_unknown_call_is_told_from_a_carrier_that_fails(
    carrier: CarrierPeer, box: TwilioRest
) -> None:
    with pytest.raises(UnknownToCarrier):
        await box.look_up(CALL)
    carrier.rest_faults.append(RestFault(code=20500, times=2))
    with pytest.raises(CarrierFailed, match="status 500") as failed:
        await box.look_up(CALL)
    assert not isinstance(failed.value, UnknownToCarrier)


@pytest.mark.parametrize(
    ("code", "problem", "requests"), [(20500, "status 500", 2), (20003, "status 401", 1)]
)
async def test_a_list_that_is_refused_says_how(
    carrier: CarrierPeer, box: TwilioRest, code: int, problem: str, requests: int
) -> None:
    carrier.rest_faults.append(RestFault(code=code, times=2))
    with pytest.raises(CarrierFailed, match=problem):
        await box.voicemail_since(datetime.now(UTC))
    assert len(carrier.rest_requests) == requests


async def test_messages_since_a_time_are_listed(carrier: CarrierPeer, box: TwilioRest) -> None:
    made = record(carrier, "completed")
    at = datetime.fromtimestamp(int(made.created_at_s), UTC)
    day = timedelta(days=1)
    assert await box.voicemail_since(at - day) == [VoicemailTaken(CALL, RECORDING, 1, at=at)]
    assert await box.voicemail_since(at + day) == []
    made.call_sid = "not an id"
    assert await box.voicemail_since(at - day) == []


SDK_IN_USE = """
import sys
from twilio_bridge import rest
known = set(sys.modules)
client = rest.Client("AC", "token")
client.calls("CA1"), client.recordings, client.incoming_phone_numbers, client.messages, client.api.accounts
print([name for name in set(sys.modules) - known if name.startswith("twilio")])
"""


def test_the_sdk_imports_nothing_while_calls_are_on() -> None:
    """It would when a resource is first asked for: up to half a second on the loop."""
    command = (sys.executable, "-c", SDK_IN_USE)
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.stdout == "[]\n", ran.stderr


async def test_texts_to_a_number_are_found_in_the_books(carrier: CarrierPeer, box: TwilioRest) -> None:
    since = datetime.now(UTC) - timedelta(seconds=2)
    sids = [await box.text(CALLER, body) for body in ("One.", "Two.")]
    await box.text("+15550100009", "To somebody else.")
    found = await box.texted(CALLER, since)
    assert [(each.sid, each.body) for each in found] == [(sids[1], "Two."), (sids[0], "One.")]
    assert await box.texted(CALLER, datetime.now(UTC) + timedelta(hours=1)) == []


@pytest.mark.parametrize(
    ("fault", "unsure"),
    [
        (RestFault(drop=True), True),
        (RestFault(code=20500), True),
        (RestFault(code=20429), False),
        (RestFault(code=21610), False),
    ],
)
async def test_it_is_known_whether_a_text_may_have_been_taken(
    carrier: CarrierPeer, box: TwilioRest, fault: RestFault, unsure: bool
) -> None:
    carrier.rest_faults.append(fault)
    with pytest.raises(CarrierFailed) as failed:
        await box.text(CALLER, "Hello.")
    assert (failed.value.unsure, failed.value.code) == (unsure, fault.code)


async def test_who_is_not_there_has_taken_nothing() -> None:
    async with TwilioRest(settings("http://127.0.0.1:9"), "t0ken") as box:
        with pytest.raises(CarrierFailed) as failed:
            await box.text(CALLER, "Hello.")
    assert (failed.value.retry, failed.value.unsure) == (True, False)


@pytest.mark.parametrize(
    ("sms_url", "elsewhere"),
    [
        ("https://box.example.com/twilio/sms", False),
        ("https://BOX.example.com/twilio/sms#rc=1", False),
        ("https://demo.twilio.com/welcome/sms/reply", True),
        ("", True),
    ],
)
async def test_it_is_seen_whether_texts_come_here(
    carrier: CarrierPeer, box: TwilioRest, sms_url: str, elsewhere: bool
) -> None:
    carrier.network.numbers[CLINIC] = Number("https://x/v", sms_url=sms_url)
    assert await box.texts_elsewhere() is elsewhere
