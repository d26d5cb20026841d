"""Our requests, and our carrier peer's answers, against the vendor's own description of its REST service."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from appliance.core.settings import Twilio
from scripts.loopback_box import ROOT
from tests.peers.carrier import Account, CarrierPeer, Number, PhoneCall
from tests.peers.carrier.call import Rung
from tests.peers.carrier.network import VoiceRecording
from tests.peers.openapi import Description
from twilio_bridge.rest import TwilioRest

pytestmark = pytest.mark.filterwarnings("ignore:(BasicAuth|The 'auth' parameter) is deprecated")
ACCOUNT = "AC" + "0" * 32
CALL, RECORDING = "CA" + "a" * 32, "RE" + "b" * 32
CLINIC, CALLER = "+15550100001", "+15550100002"
DESCRIPTION = ROOT / "tests/data/twilio-api/api_v2010_part.json"


def description() -> Description:
    return Description(json.loads(DESCRIPTION.read_text()))


class Between:
    """Stands between us and the carrier, passes all on, and holds it against the description."""

    def __init__(self, behind: str) -> None:
        self._behind = behind
        self._description = description()
        self.seen: list[str] = []
        self.wrong: list[str] = []

    async def pass_on(self, request: web.Request) -> web.Response:
        form = {str(name): str(value) for name, value in (await request.post()).items()}
        self.seen.append(request.method)
        self.wrong += self._description.wrong_in_request(request.method, request.path, request.query, form)
        async with (
            aiohttp.ClientSession(headers={"Authorization": request.headers["Authorization"]}) as http,
            http.request(request.method, f"{self._behind}{request.path_qs}", data=form or None) as answer,
        ):
            body = await answer.json()
            if answer.status < 400:
                self.wrong += self._description.wrong_in_answer(
                    request.method, request.path, answer.status, body
                )
            return web.json_response(body, status=answer.status)


@asynccontextmanager
async def watched(carrier: CarrierPeer) -> AsyncIterator[tuple[TwilioRest, Between]]:
    between = Between(carrier.rest_url)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", between.pass_on)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    twilio = Twilio(account_sid=ACCOUNT, public_url="https://box.example.com", api_url=url, sms_from=CLINIC)
    try:
        async with TwilioRest(twilio, "t0ken") as rest:
            yield rest, between
    finally:
        await runner.cleanup()


async def _look_at_all(rest: TwilioRest, carrier: CarrierPeer) -> None:
    await rest.look_up(CALL)
    carrier.calls[CALL].end("caller-hung-up", "completed")
    await rest.look_up(CALL)


CALLS: dict[str, Callable[[TwilioRest, CarrierPeer], Awaitable[Any]]] = {
    "account": lambda rest, _: rest.check_account(),
    "redirect": lambda rest, _: rest.redirect(CALL, "https://box.example.com/twilio/next#ct=2000&rt=4000"),
    "hang up": lambda rest, _: rest.hang_up(CALL),
    "talks": lambda rest, _: rest.talks(CALL),
    "text": lambda rest, _: rest.text(CALLER, "Your appointment is on Monday. ¡Hasta luego!"),
    "look up": _look_at_all,
    "numbers": lambda rest, _: rest.numbers(),
    "fallbacks": lambda rest, _: rest.without_fallback(),
    "voicemail": lambda rest, _: rest.voicemail_since(datetime.now(UTC) - timedelta(days=1)),
}


@pytest.mark.parametrize("name", CALLS)
async def test_what_we_ask_and_what_our_peer_answers_is_as_the_vendor_says(name: str) -> None:
    numbers = {CLINIC: Number("https://box.example.com/twilio/voice")}
    async with CarrierPeer(account=Account(ACCOUNT, "t0ken"), numbers=numbers) as carrier:
        call = PhoneCall(
            carrier.network, caller=CALLER, called=CLINIC, plan=(), number=numbers[CLINIC], sid=CALL
        )
        call.status = "in-progress"
        call.rung.append(Rung("CA" + "1" * 32, CALLER, "completed", 20))
        carrier.calls[CALL] = call
        carrier.network.recordings[RECORDING] = VoiceRecording(
            RECORDING, CALL, b"\x10" * 8000, "RecordVerb", "completed"
        )
        async with watched(carrier) as (rest, between):
            await CALLS[name](rest, carrier)
    assert between.seen
    assert between.wrong == []


def test_what_goes_against_the_description_is_found() -> None:
    told = description()
    calls = f"/2010-04-01/Accounts/{ACCOUNT}/Calls"
    assert told.wrong_in_request("POST", f"{calls}/{CALL}.json", {}, {"Status": "gone", "Uri": "x"}) == [
        "form Status : 'gone' is not one of ['canceled', 'completed']",
        "form Uri: is not declared",
    ]
    assert len(told.wrong_in_request("POST", f"{calls}/CA1.json", {}, {})) == 2
    messages = calls.replace("Calls", "Messages.json")
    assert told.wrong_in_request("POST", messages, {}, {"Body": "Hello"}) == ["form To: is missing"]
    assert told.wrong_in_request("PUT", messages, {}, {}) == [f"there is no PUT {messages}"]
    assert told.wrong_in_answer("POST", messages, 200, {}) == [f"POST {messages} is not answered with 200"]
    assert told.wrong_in_answer("POST", messages, 201, {"sid": "SM1", "num_media": 0, "body": None})
