"""Twilio's REST service, spoken to over a real socket: what is asked, what fails, what is asked again."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web

from appliance.core.errors import CarrierFailed
from appliance.core.settings import Twilio
from tests.peers.carrier import Account, CarrierPeer, Number, RestFault
from tests.peers.carrier.network import VoiceRecording
from tests.peers.carrier.sound_files import wav
from twilio_bridge.rest import RECORDING_MOST, TwilioRest

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
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with TwilioRest(settings(carrier.rest_url), "t0ken", request_s=0.1) as box:
        with pytest.raises(CarrierFailed, match="not reached: TimeoutError"):
            await box.hang_up(CALL)
    assert loop.time() - began < 1
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
        ("completed", RestFault(drop=True, times=9), "not reached"),
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
    assert failed.value.retry is ("401" not in problem)
    assert os.listdir(tmp_path) == []


async def test_a_recording_is_bounded(carrier: CarrierPeer, box: TwilioRest, tmp_path: Path) -> None:
    record(carrier, "completed").ulaw_8k = bytes(RECORDING_MOST + 1)
    with pytest.raises(CarrierFailed, match="too large"):
        await box.fetch_recording(RECORDING, tmp_path / "x.wav")
    assert "x.wav" not in os.listdir(tmp_path)


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
