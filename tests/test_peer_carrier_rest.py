"""The carrier peer's REST interface, by plain HTTP and by the carrier's own library."""

import asyncio
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import pytest
from aiohttp import encode_basic_auth
from twilio.rest import Client

from tests.peers.carrier import Destination, Faults, PhoneCall, RestFault
from tests.peers.carrier import happenings as h
from tests.peers.carrier.network import VoiceRecording
from tests.peers.carrier.stand import CALLED, CALLER, STREAM, Stand, open_stand

PERSON = "+15550001111"


class Api:
    """Requests to the interface, with the right password unless told otherwise."""

    def __init__(self, stand: Stand, session: aiohttp.ClientSession) -> None:
        account = stand.peer.account
        self.base = f"{stand.peer.rest_url}/2010-04-01/Accounts/{account.sid}"
        self.auth = encode_basic_auth(account.sid, account.auth_token)
        self.session = session

    async def request(self, method: str, path: str, **params: str) -> tuple[int, Any]:
        url = f"{self.base}/{path}"
        headers = {"Authorization": self.auth} if self.auth else {}
        async with self.session.request(method, url, data=params or None, headers=headers) as response:
            if response.content_type == "application/json":
                return response.status, await response.json()
            return response.status, await response.read()

    async def post(self, path: str, **params: str) -> tuple[int, Any]:
        return await self.request("POST", path, **params)

    async def get(self, path: str) -> tuple[int, Any]:
        return await self.request("GET", path)


async def in_a_stream(stand: Stand, plan: str = "") -> PhoneCall:
    """A call that is talking over a media stream."""
    stand.box.twiml("/voice", STREAM)
    call = await stand.ring(plan)
    await call.journal.wait_for(h.StreamStarted)
    return call


async def test_other_twiml_ends_the_stream_and_runs() -> None:
    async with open_stand() as stand, aiohttp.ClientSession() as session:
        call = await in_a_stream(stand)
        status, view = await Api(stand, session).post(
            f"Calls/{call.sid}.json", Twiml="<Response><Say>Moved.</Say></Response>"
        )
        assert (status, view["sid"], view["status"]) == (200, call.sid, "in-progress")
        await call.done()
        assert call.spoken == ["Moved."]
        assert stand.media().events()[-1] == "stop"
        assert call.journal.first(h.StreamEnded).reason == "call updated"


async def test_another_url_is_asked_for_the_live_call() -> None:
    async with open_stand() as stand, aiohttp.ClientSession() as session:
        stand.box.twiml("/moved", "<Say>Moved.</Say>")
        call = await in_a_stream(stand)
        await Api(stand, session).post(
            f"Calls/{call.sid}.json", Url="https://box.example.test/moved", Method="POST"
        )
        assert (await call.done()).spoken == ["Moved."]
        assert stand.box.forms_at("/moved")[0]["CallSid"] == call.sid


async def test_a_live_call_can_be_ended() -> None:
    async with open_stand() as stand, aiohttp.ClientSession() as session:
        call = await in_a_stream(stand)
        await Api(stand, session).post(f"Calls/{call.sid}.json", Status="completed")
        await call.done()
        assert (call.disposition, call.status) == ("rest-ended", "completed")


async def test_a_dialled_person_is_left_when_the_call_is_updated() -> None:
    async with open_stand() as stand, aiohttp.ClientSession() as session:
        stand.peer.network.destinations[PERSON] = Destination.answers(talks_s=float("inf"))
        stand.box.twiml("/voice", f'<Dial action="/dialled">{PERSON}</Dial>')
        call = await stand.ring()
        status = 400
        while status != 200:
            status, _ = await Api(stand, session).post(
                f"Calls/{call.sid}.json", Twiml="<Response><Say>Back.</Say></Response>"
            )
        await call.done()
        assert call.spoken == ["Back."]
        assert stand.box.requests_at("/dialled") == []


async def test_a_call_that_is_over_cannot_be_changed() -> None:
    async with open_stand() as stand, aiohttp.ClientSession() as session:
        call = await stand.call("<Hangup/>")
        status, error = await Api(stand, session).post(f"Calls/{call.sid}.json", Twiml="<Response/>")
        assert (status, error["code"], error["status"]) == (400, 21220, 400)
        assert error["more_info"] == "https://www.twilio.com/docs/errors/21220"


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({}, 21205),
        ({"Url": "https://box.example.test/x", "Twiml": "<Response/>"}, 21205),
        ({"Url": "not a url"}, 21205),
        ({"Twiml": "<Response>" + "x" * 4000}, 20001),
        ({"Status": "asleep"}, 20001),
        ({"Status": "canceled"}, 21220),
    ],
)
async def test_a_wrong_update_is_refused(params: Any, code: int) -> None:
    async with open_stand() as stand, aiohttp.ClientSession() as session:
        call = await in_a_stream(stand)
        status, error = await Api(stand, session).post(f"Calls/{call.sid}.json", **params)
        assert (status, error["code"]) == (400, code)
        call.hang_up()
        await call.done()


async def test_an_unknown_call_is_not_found() -> None:
    async with open_stand() as stand, aiohttp.ClientSession() as session:
        api = Api(stand, session)
        for path in (f"Calls/CA{'0' * 32}.json", "Nothing.json"):
            status, error = await api.get(path)
            assert (status, error["code"]) == (404, 20404)


@pytest.mark.parametrize("auth", ["", "Basic ???", encode_basic_auth("AC1", "x"), encode_basic_auth("", "")])
async def test_a_wrong_password_is_refused(auth: str) -> None:
    async with open_stand() as stand, aiohttp.ClientSession() as session:
        api = Api(stand, session)
        api.auth = auth
        status, error = await api.post("Messages.json", To=CALLER, From=CALLED, Body="x")
        assert (status, error["code"]) == (401, 20003)
        assert stand.peer.messages == []


async def test_an_api_key_opens_too() -> None:
    async with open_stand() as stand, aiohttp.ClientSession() as session:
        stand.peer.account.api_keys["SK1"] = "secret"
        api = Api(stand, session)
        api.auth = encode_basic_auth("SK1", "secret")
        assert (await api.post("Messages.json", To=CALLER, From=CALLED, Body="x"))[0] == 201


async def test_a_call_can_be_looked_at() -> None:
    async with open_stand() as stand, aiohttp.ClientSession() as session:
        call = await stand.call("<Pause/><Say>Hi.</Say>")
        _, view = await Api(stand, session).get(f"Calls/{call.sid}.json")
        assert (view["status"], view["from"], view["to"], view["duration"]) == (
            "completed",
            CALLER,
            CALLED,
            "1",
        )


async def test_a_call_that_ended_says_when() -> None:
    async with open_stand() as stand, aiohttp.ClientSession() as session:
        call = await stand.call("<Pause/><Say>Hi.</Say>")
        _, view = await Api(stand, session).get(f"Calls/{call.sid}.json")
        assert parsedate_to_datetime(view["end_time"]).timestamp() == int(call.ended_at_s or 0)


async def test_telephones_that_were_rung_are_calls_of_their_own() -> None:
    async with open_stand() as stand, aiohttp.ClientSession() as session:
        numbers = {"+15550100011": Destination.answers(1, 7), "+15550100012": Destination.busy(0.5)}
        stand.peer.network.destinations.update(numbers)
        nouns = "".join(f"<Number>{number}</Number>" for number in numbers)
        call = await stand.call(f"<Dial>{nouns}</Dial>")
        _, page = await Api(stand, session).get(f"Calls.json?ParentCallSid={call.sid}")
        assert {(each["to"], each["status"], each["duration"]) for each in page["calls"]} == {
            ("+15550100011", "completed", "7"),
            ("+15550100012", "busy", "0"),
        }
        assert {each["parent_call_sid"] for each in page["calls"]} == {call.sid}
        _, everyone = await Api(stand, session).get("Calls.json")
        assert [each["sid"] for each in everyone["calls"]] == [call.sid]


async def test_recordings_are_listed_by_pages_the_newest_first() -> None:
    async with open_stand() as stand:
        for number in range(5):
            made = VoiceRecording(f"RE{number:032x}", "CA" + "1" * 32, b"", "RecordVerb", "completed")
            made.created_at_s = 1_800_000_000.0 + number * 3600
            stand.peer.network.recordings[made.sid] = made
        account = stand.peer.account
        client = Client(account.sid, account.auth_token)
        client.api.base_url = stand.peer.rest_url
        since = datetime.fromtimestamp(1_800_000_000 + 3600, UTC)
        found = await asyncio.to_thread(client.recordings.list, date_created_after=since, page_size=2)
        assert [int(each.sid[2:], 16) for each in found] == [4, 3, 2, 1]
        assert len(stand.peer.rest_requests) == 2


@pytest.mark.parametrize("lost", [False, True])
async def test_recording_callbacks_can_be_lost(*, lost: bool) -> None:
    record = '<Record action="/done" recordingStatusCallback="/recorded"/>'
    async with open_stand() as stand:
        stand.box.twiml("/done", "")
        stand.box.twiml("/recorded", "")
        faults = Faults(no_recording_callbacks=lost)
        call = await stand.call(record, "leave message jfk.wav\npress #\n", faults=faults)
        posted = [each.purpose for each in call.journal.of(h.WebhookPosted)]
        assert ("recording status" in posted) is not lost
        assert "Record action" in posted


async def test_messages_are_kept_and_their_way_is_told() -> None:
    async with open_stand() as stand, aiohttp.ClientSession() as session:
        stand.box.twiml("/text", "")
        url = "https://box.example.test/text"
        status, view = await Api(stand, session).post(
            "Messages.json", To=CALLER, From=CALLED, Body="See you on Monday.", StatusCallback=url
        )
        assert (status, view["status"], view["num_segments"]) == (201, "queued", "1")
        (message,) = stand.peer.messages
        assert (message.to, message.from_, message.body) == (CALLER, CALLED, "See you on Monday.")
        assert view["sid"] == message.sid


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"From": CALLED, "Body": "x"}, 21604),
        ({"To": "555", "From": CALLED, "Body": "x"}, 21211),
        ({"To": "+15005550001", "From": CALLED, "Body": "x"}, 21211),
        ({"To": CALLER, "Body": "x"}, 21603),
        ({"To": CALLER, "From": "us", "Body": "x"}, 21212),
        ({"To": CALLER, "From": PERSON, "Body": "x"}, 21606),
        ({"To": CALLER, "From": CALLED}, 21602),
        ({"To": CALLER, "From": CALLED, "Body": "x" * 1601}, 21617),
        ({"To": PERSON, "From": CALLED, "Body": "x"}, 21610),
    ],
)
async def test_a_wrong_message_is_refused(params: Any, code: int) -> None:
    async with open_stand() as stand, aiohttp.ClientSession() as session:
        stand.peer.opted_out.add(PERSON)
        status, error = await Api(stand, session).post("Messages.json", **params)
        assert (status, error["code"]) == (400, code)
        assert stand.peer.messages == []


async def test_a_recording_is_there_when_its_callback_says_so() -> None:
    async with open_stand() as stand, aiohttp.ClientSession() as session:
        api = Api(stand, session)
        before: list[int] = []

        async def recorded(form: dict[str, str]) -> str:
            before.append((await api.get(f"Recordings/{form['RecordingSid']}.wav"))[0])
            return "<Response/>"

        stand.box.pages["/recorded"] = recorded
        stand.box.twiml("/status", "")
        verb = '<Record timeout="1" action="/recorded" recordingStatusCallback="/status"/>'
        call = await stand.call(verb, "leave message weather")
        (recording,) = call.recordings
        assert before == [404]
        assert stand.box.forms_at("/status")[0]["RecordingStatus"] == "completed"
        status, wav = await api.get(f"Recordings/{recording.sid}.wav")
        assert (status, wav[:4], len(wav)) == (200, b"RIFF", 44 + 2 * len(recording.ulaw_8k))
        assert (await api.get(f"Recordings/{recording.sid}.mp3"))[1][:2] == b"\xff\xe3"
        assert (await api.get(f"Recordings/{recording.sid}.json"))[1]["status"] == "completed"
        assert (await api.request("DELETE", f"Recordings/{recording.sid}.json"))[0] == 204
        assert (await api.get(f"Recordings/{recording.sid}.wav"))[0] == 404


async def test_recordings_can_be_held_back() -> None:
    async with open_stand() as stand, aiohttp.ClientSession() as session:
        stand.peer.network.recordings_wait.clear()
        stand.box.twiml("/voice", '<Record timeout="1" action="/recorded"/>')
        stand.box.twiml("/recorded", "")
        call = await stand.ring("leave message weather")
        await call.journal.wait_for(h.CallEnded)
        path = f"Recordings/{call.recordings[0].sid}.wav"
        assert (await Api(stand, session).get(path))[0] == 404
        stand.peer.network.recordings_wait.set()
        await call.done()
        assert (await Api(stand, session).get(path))[0] == 200


async def test_a_live_call_can_be_recorded() -> None:
    async with open_stand() as stand, aiohttp.ClientSession() as session:
        call = await in_a_stream(stand, "say df_book_a_room\nhang up")
        status, view = await Api(stand, session).post(f"Calls/{call.sid}/Recordings.json")
        assert (status, view["status"]) == (201, "in-progress")
        await call.done()
        assert call.recordings[0].sid == view["sid"]
        assert call.recordings[0].ulaw_8k


async def test_faults_befall_as_many_requests_as_they_should() -> None:
    async with open_stand() as stand, aiohttp.ClientSession() as session:
        stand.peer.rest_faults.append(RestFault("Messages", "POST", code=20429, times=2))
        api = Api(stand, session)
        answers = [await api.post("Messages.json", To=CALLER, From=CALLED, Body="x") for _ in range(3)]
        assert [status for status, _ in answers] == [429, 429, 201]
        assert answers[0][1]["code"] == 20429


async def test_a_connection_can_be_dropped() -> None:
    async with open_stand() as stand, aiohttp.ClientSession() as session:
        stand.peer.rest_faults.append(RestFault(drop=True))
        with pytest.raises(aiohttp.ClientError):
            await Api(stand, session).post("Calls.json")


async def test_the_box_can_place_a_call() -> None:
    async with open_stand() as stand, aiohttp.ClientSession() as session:
        stand.peer.network.destinations[PERSON] = Destination.answers(after_s=3)
        stand.box.twiml("/out", "<Say>This is the clinic.</Say>")
        stand.box.twiml("/status", "")
        status, view = await Api(stand, session).post(
            "Calls.json",
            To=PERSON,
            From=CALLED,
            Url="https://box.example.test/out",
            StatusCallback="https://box.example.test/status",
            StatusCallbackEvent="initiated ringing answered completed",
        )
        assert (status, view["status"], view["direction"]) == (201, "queued", "outbound-api")
        call = await stand.peer.calls[view["sid"]].done()
        assert call.spoken == ["This is the clinic."]
        statuses = [form["CallStatus"] for form in stand.box.forms_at("/status")]
        assert statuses == ["initiated", "ringing", "in-progress", "completed"]


async def test_a_call_that_is_not_answered_tells_so() -> None:
    async with open_stand() as stand, aiohttp.ClientSession() as session:
        stand.peer.network.destinations[PERSON] = Destination.busy()
        _, view = await Api(stand, session).post("Calls.json", To=PERSON, From=CALLED, Twiml="<Response/>")
        call = await stand.peer.calls[view["sid"]].done()
        assert (call.disposition, call.status) == ("not-answered", "busy")


async def test_the_library_of_the_carrier_is_at_home_here() -> None:
    async with open_stand() as stand:
        account = stand.peer.account
        client = Client(account.sid, account.auth_token)
        client.api.base_url = stand.peer.rest_url
        message = await asyncio.to_thread(client.messages.create, to=CALLER, from_=CALLED, body="Hello")
        assert message.sid == stand.peer.messages[0].sid
