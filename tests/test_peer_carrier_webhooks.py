"""The carrier peer's requests to the box: form, signature, limits, retries, fallback, faults."""

import asyncio

import pytest
from aiohttp import web
from twilio.request_validator import RequestValidator

from tests.peers.carrier import Faults
from tests.peers.carrier.address import AddressBook, BadAddress, split_limits
from tests.peers.carrier.happenings import CallEnded, WebhookPosted
from tests.peers.carrier.network import SignatureKind
from tests.peers.carrier.stand import CALLED, CALLER, open_stand

VOICE = "https://box.example.test/voice"


async def test_voice_webhook_looks_like_the_carriers_behind_a_proxy() -> None:
    async with open_stand() as stand:
        call = await stand.call("<Hangup/>")
        (request,) = stand.box.requests
        assert (request.method, request.path) == ("POST", "/voice")
        assert request.headers["Host"] == "box.example.test"
        assert request.headers["X-Forwarded-Proto"] == "https"
        assert request.headers["Content-Type"].startswith("application/x-www-form-urlencoded")
        assert request.headers["I-Twilio-Idempotency-Token"]
        form = request.form
        assert (form["CallSid"], form["From"], form["To"]) == (call.sid, CALLER, CALLED)
        assert (form["CallStatus"], form["Direction"]) == ("ringing", "inbound")
        validator = RequestValidator(stand.peer.account.auth_token)
        assert validator.validate(VOICE, form, request.headers["X-Twilio-Signature"])


async def test_a_get_carries_its_parameters_in_the_signed_url() -> None:
    async with open_stand() as stand:
        stand.setup(voice_url=f"{VOICE}?biz=7", voice_method="GET")
        call = await stand.call("<Hangup/>")
        (request,) = stand.box.requests
        assert request.method == "GET"
        assert request.query.startswith("biz=7&CallSid=" + call.sid)
        url = f"{VOICE}?{request.query}"
        validator = RequestValidator(stand.peer.account.auth_token)
        assert validator.validate(url, {}, request.headers["X-Twilio-Signature"])


async def test_connection_overrides_are_neither_sent_nor_signed() -> None:
    async with open_stand() as stand:
        stand.setup(voice_url=f"{VOICE}#ct=2000&rc=2")
        await stand.call("<Hangup/>")
        (request,) = stand.box.requests
        assert (request.path, request.query) == ("/voice", "")
        validator = RequestValidator(stand.peer.account.auth_token)
        assert validator.validate(VOICE, request.form, request.headers["X-Twilio-Signature"])


def test_connection_overrides_set_the_limits() -> None:
    url, limits = split_limits(f"{VOICE}#ct=2000&rt=5000&tt=8000&rc=2&rp=all&e=ashburn")
    assert url == VOICE
    assert (limits.connect_s, limits.read_s, limits.total_s, limits.retries) == (2.0, 5.0, 8.0, 2)
    assert limits.retry_on == {"4xx", "5xx", "ct", "rt"}


@pytest.mark.parametrize("fragment", ["ct=99", "ct=x", "tt=15001", "rc=6", "rp=6xx"])
def test_connection_overrides_out_of_range_are_refused(fragment: str) -> None:
    with pytest.raises(BadAddress):
        split_limits(f"{VOICE}#{fragment}")


async def test_a_refused_connection_is_tried_once_more_then_the_fallback_is_asked() -> None:
    async with open_stand() as stand:
        stand.peer.network.addresses.add("https://dead.example.test", "http://127.0.0.1:9")
        stand.setup(voice_url="https://dead.example.test/voice", fallback_url=f"{stand.box.PUBLIC}/fallback")
        stand.box.twiml("/fallback", "<Say>One moment.</Say>")
        call = await stand.call()
        assert call.disposition == "twiml-ended"
        assert call.codes == [11205]
        (form,) = stand.box.forms_at("/fallback")
        assert (form["ErrorCode"], form["ErrorUrl"]) == ("11205", "https://dead.example.test/voice")


async def test_a_refused_connection_is_tried_as_often_as_the_fragment_says() -> None:
    class Counting(AddressBook):
        asked = 0

        def local(self, url: str) -> str:
            self.asked += 1
            return super().local(url)

    async with open_stand() as stand:
        for fragment, tries in (("", 2), ("#rc=0", 1), ("#rc=3", 4), ("#rp=5xx", 1)):
            addresses = Counting({stand.box.PUBLIC: "http://127.0.0.1:9"})
            stand.peer.network.addresses = addresses
            stand.setup(voice_url=VOICE + fragment)
            await stand.call()
            assert addresses.asked == tries


async def test_without_fallback_the_caller_hears_an_application_error() -> None:
    async with open_stand() as stand:
        call = await stand.call()
        assert call.disposition == "application-error"
        assert call.codes == [11200]
        assert "application error" in call.spoken[-1]
        assert not call.ended_well


async def test_a_failing_fallback_ends_the_call_too() -> None:
    async with open_stand() as stand:
        stand.setup(fallback_url=f"{stand.box.PUBLIC}/fallback")
        call = await stand.call()
        assert (call.disposition, call.codes) == ("application-error", [11200, 11200])


async def test_retries_carry_the_same_token() -> None:
    async with open_stand() as stand:
        stand.setup(voice_url=f"{VOICE}#rc=2&rp=5xx")
        stand.box.pages["/voice"] = web.Response(status=503)
        await stand.call()
        tokens = [request.headers["I-Twilio-Idempotency-Token"] for request in stand.box.requests]
        assert len(tokens) == 3
        assert len(set(tokens)) == 1


async def test_server_errors_are_not_tried_again_by_default() -> None:
    async with open_stand() as stand:
        stand.box.pages["/voice"] = web.Response(status=503)
        await stand.call()
        assert len(stand.box.requests) == 1


async def test_a_connection_that_breaks_is_not_tried_again() -> None:
    async with open_stand() as stand:
        asked = []

        async def slam(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            asked.append(writer)
            writer.transport.abort()

        server = await asyncio.start_server(slam, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            stand.peer.network.addresses.add("https://slam.example.test", f"http://127.0.0.1:{port}")
            stand.setup(voice_url="https://slam.example.test/voice", voice_method="GET")
            call = await stand.call()
        assert call.codes == [11200]
        assert len(asked) == 1


async def test_an_answer_that_is_late_counts_as_none() -> None:
    async with open_stand() as stand:
        never = asyncio.Event()

        async def page(_: dict[str, str]) -> str:
            await never.wait()
            return ""

        stand.setup(voice_url=f"{VOICE}#tt=200")
        stand.box.pages["/voice"] = page
        call = await stand.call()
        never.set()
        assert (call.disposition, call.codes) == ("application-error", [11200])


async def test_redirects_are_followed_and_signed_anew() -> None:
    async with open_stand() as stand:
        stand.box.pages["/voice"] = web.Response(status=307, headers={"Location": "/elsewhere"})
        stand.box.twiml("/elsewhere", "<Hangup/>")
        call = await stand.call()
        assert call.disposition == "twiml-ended"
        (request,) = stand.box.requests_at("/elsewhere")
        url = "https://box.example.test/elsewhere"
        validator = RequestValidator(stand.peer.account.auth_token)
        assert validator.validate(url, request.form, request.headers["X-Twilio-Signature"])


async def test_endless_redirects_fail() -> None:
    async with open_stand() as stand:
        stand.box.pages["/voice"] = web.Response(status=302, headers={"Location": "/voice"})
        call = await stand.call()
        assert call.codes == [11200]
        assert len(stand.box.requests) == 11


async def test_an_unknown_host_has_no_address() -> None:
    async with open_stand() as stand:
        stand.setup(voice_url="https://elsewhere.example.test/voice")
        assert (await stand.call()).codes == [11210]


async def test_a_doubled_voice_webhook_has_one_token() -> None:
    async with open_stand() as stand:
        await stand.call("<Hangup/>", faults=Faults(double_voice_webhook=True))
        first, second = stand.box.requests_at("/voice")
        assert first.form == second.form
        assert first.headers["I-Twilio-Idempotency-Token"] == second.headers["I-Twilio-Idempotency-Token"]


async def test_a_replay_comes_after_the_end_byte_for_byte() -> None:
    async with open_stand() as stand:
        call = await stand.call("<Hangup/>", faults=Faults(replay_after_end=True))
        first, again = stand.box.requests_at("/voice")
        assert first.form == again.form
        assert first.headers["X-Twilio-Signature"] == again.headers["X-Twilio-Signature"]
        posted = call.journal.of(WebhookPosted)[-1]
        assert posted.purpose == "voice replayed"
        assert posted.at_s > call.journal.first(CallEnded).at_s


@pytest.mark.parametrize(("kind", "present"), [("wrong", True), ("missing", False)])
async def test_signatures_can_be_spoiled(kind: SignatureKind, present: bool) -> None:
    async with open_stand() as stand:
        await stand.call("<Hangup/>", faults=Faults(signature=kind))
        (request,) = stand.box.requests
        signature = request.headers.get("X-Twilio-Signature")
        assert (signature is not None) == present
        validator = RequestValidator(stand.peer.account.auth_token)
        assert not validator.validate(VOICE, request.form, signature or "")


async def test_completed_callback_tells_how_long_it_took() -> None:
    async with open_stand() as stand:
        stand.setup(status_callback=f"{stand.box.PUBLIC}/status")
        stand.box.twiml("/status", "")
        await stand.call('<Pause length="1"/><Say>Hello there, this is the clinic.</Say><Pause length="58"/>')
        (form,) = stand.box.forms_at("/status")
        assert (form["CallStatus"], form["CallDuration"]) == ("completed", "60")


async def test_callbacks_can_come_twice_and_in_the_wrong_order() -> None:
    async with open_stand() as stand:
        events = frozenset({"initiated", "ringing", "answered", "completed"})
        stand.setup(status_callback=f"{stand.box.PUBLIC}/status", status_events=events)
        stand.box.twiml("/status", "")
        await stand.call("<Say>Hello.</Say>", faults=Faults(double_callbacks=True, reversed_callbacks=True))
        statuses = [form["CallStatus"] for form in stand.box.forms_at("/status")]
        in_order = ["initiated", "ringing", "in-progress", "completed"]
        assert statuses == [status for status in reversed(in_order) for _ in range(2)]


async def test_a_caller_who_hangs_up_does_not_wait_for_a_slow_webhook() -> None:
    async with open_stand() as stand:
        asked, answer = asyncio.Event(), asyncio.Event()

        async def page(_: dict[str, str]) -> str:
            asked.set()
            await answer.wait()
            return "<Response/>"

        stand.box.pages["/voice"] = page
        call = await stand.ring()
        await asked.wait()
        call.hang_up()
        ended = await call.journal.wait_for(CallEnded)
        assert (ended.disposition, ended.status) == ("caller-hung-up", "no-answer")
        answer.set()
        await call.done()
