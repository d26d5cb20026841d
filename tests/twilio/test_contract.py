"""Our requests, and our carrier peer's answers, against the vendor's own description of its REST service."""

import inspect
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from multidict import MultiDict

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
CLINIC, CALLER, DESK = "+15550100001", "+15550100002", "+15550100010"
REPORTS = "https://box.example.com/twilio/text-status?of=t1"
DESCRIPTION = ROOT / "tests/data/twilio-api/api_v2010_part.json"


def description() -> Description:
    return Description(json.loads(DESCRIPTION.read_text()))


class Between:
    """Stands between us and the carrier, passes all on, and holds it against the description."""

    def __init__(self, behind: str) -> None:
        self._behind = behind
        self._description = description()
        self.seen: list[set[str]] = []
        """The fields of each form."""
        self.wrong: list[str] = []

    async def pass_on(self, request: web.Request) -> web.Response:
        form = MultiDict((name, str(value)) for name, value in (await request.post()).items())
        self.seen.append(set(form))
        self.wrong += self._description.wrong_in_request(request.method, request.path, request.query, form)
        async with (
            aiohttp.ClientSession(headers={"Authorization": request.headers["Authorization"]}) as http,
            http.request(request.method, f"{self._behind}{request.path_qs}", data=form or None) as answer,
        ):
            body = await answer.json() if answer.content_length else None
            if answer.status < 400:
                self.wrong += self._description.wrong_in_answer(
                    request.method, request.path, answer.status, body
                )
            return web.Response(
                status=answer.status, body=await answer.read(), content_type=answer.content_type
            )


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


async def _texted(rest: TwilioRest, _carrier: CarrierPeer) -> None:
    sid = await rest.text(CALLER, "Your appointment is on Monday.")
    since = datetime.now(UTC) - timedelta(minutes=5)
    assert [each.sid for each in await rest.texted(CALLER, since)] == [sid]


async def _look_at_all(rest: TwilioRest, carrier: CarrierPeer) -> None:
    await rest.look_up(CALL)
    carrier.calls[CALL].end("caller-hung-up", "completed")
    await rest.look_up(CALL)


async def _sent_here(rest: TwilioRest, carrier: CarrierPeer) -> None:
    carrier.network.numbers[CLINIC] = Number("https://other.example.com/twilio/voice#rc=2")
    assert await rest.send_here("https://other.example.com") == [CLINIC]


CALLS: dict[str, Callable[[TwilioRest, CarrierPeer], Awaitable[Any]]] = {
    "check_account": lambda rest, _: rest.check_account(),
    "redirect": lambda rest, _: rest.redirect(CALL, "https://box.example.com/twilio/next#ct=2000&rt=4000"),
    "hang_up": lambda rest, _: rest.hang_up(CALL),
    "talks": lambda rest, _: rest.talks(CALL),
    "ring": lambda rest, _: rest.ring(DESK, CLINIC, "k1", 25),
    "text": lambda rest, _: rest.text(CALLER, "Your appointment is on Monday. ¡Hasta luego!", REPORTS),
    "texted": _texted,
    "look_up": _look_at_all,
    "numbers": lambda rest, _: rest.numbers(),
    "send_here": _sent_here,
    "webhooks": lambda rest, _: rest.webhooks(),
    "without_fallback": lambda rest, _: rest.without_fallback(),
    "texts_elsewhere": lambda rest, _: rest.texts_elsewhere(),
    "voicemail_since": lambda rest, _: rest.voicemail_since(datetime.now(UTC) - timedelta(days=1)),
    "delete_recording": lambda rest, _: rest.delete_recording(RECORDING),
}
REPORTED = {"ring": {"StatusCallback", "StatusCallbackEvent", "Url"}, "text": {"StatusCallback"}}
"""Where what becomes of it is to be told to us, and the fields by which the carrier is asked for that."""
NOT_DESCRIBED = {"fetch_recording"}
"""The sound itself is no part of the description."""


def test_everything_that_we_ask_of_the_carrier_is_looked_at() -> None:
    verbs = {name for name, member in vars(TwilioRest).items() if inspect.iscoroutinefunction(member)}
    assert {name for name in verbs if not name.startswith("_")} - NOT_DESCRIBED == CALLS.keys()


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
    assert REPORTED.get(name, set()) <= between.seen[0]


def test_what_goes_against_the_description_is_found() -> None:
    told = description()
    calls = f"/2010-04-01/Accounts/{ACCOUNT}/Calls"
    assert told.wrong_in_request("POST", f"{calls}/{CALL}.json", {}, {"Status": "gone", "Uri": "x"}) == [
        "form Status : 'gone' is not one of ['canceled', 'completed']",
        "form Uri: is not declared",
    ]
    assert len(told.wrong_in_request("POST", f"{calls}/CA1.json", {}, {})) == 2
    form = {"To": DESK, "From": CLINIC, "StatusCallbackEvent": "over", "StatusCallbackMethod": "PUSH"}
    assert told.wrong_in_request("POST", f"{calls}.json", {}, form) == [
        "form StatusCallbackMethod : 'PUSH' is not one of ['GET', 'POST']"
    ]
    assert told.wrong_in_request("POST", f"{calls}.json", {}, {"Url": "x"}) == [
        "form To: is missing",
        "form From: is missing",
    ]
    messages = calls.replace("Calls", "Messages.json")
    assert told.wrong_in_request("POST", messages, {}, {"Body": "Hello"}) == ["form To: is missing"]
    assert told.wrong_in_request("PUT", messages, {}, {}) == [f"there is no PUT {messages}"]
    assert told.wrong_in_answer("POST", messages, 200, {}) == [f"POST {messages} is not answered with 200"]
    assert told.wrong_in_answer("POST", messages, 201, {"sid": "SM1", "num_media": 0, "body": None})
