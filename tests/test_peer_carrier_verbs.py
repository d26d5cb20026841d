"""TwiML as the carrier peer plays it: each verb, on the call's virtual clock."""

import time
from typing import Any

import pytest
from aiohttp import web

from tests.peers.carrier import PhoneCall, ulaw
from tests.peers.carrier.happenings import DialRang, KeyPressed, VerbRun
from tests.peers.carrier.network import Destination
from tests.peers.carrier.plan import Press
from tests.peers.carrier.sound_files import wav
from tests.peers.carrier.stand import CALLED, CALLER, Stand, open_stand

PERSON, OTHER = "+15550001111", "+15550002222"
PEOPLE = f'<Dial action="/dialled"><Number>{PERSON}</Number></Dial>'


def verbs(call: PhoneCall) -> list[str]:
    return [run.verb for run in call.journal.of(VerbRun)]


async def test_verbs_run_in_order_and_the_end_hangs_up() -> None:
    async with open_stand() as stand:
        call = await stand.call('<Say>Hello.</Say><Pause length="2"/><Say>Goodbye.</Say>')
        assert verbs(call) == ["Say", "Pause", "Say"]
        assert call.spoken == ["Hello.", "Goodbye."]
        assert (call.disposition, call.status) == ("twiml-ended", "completed")


async def test_time_passes_for_the_call_and_not_for_the_test() -> None:
    async with open_stand() as stand:
        call = await stand.call('<Say>Hi.</Say><Pause length="3000"/>')
        assert call.line.now_ms == 3_000_500


async def test_at_real_pace_time_passes_for_both() -> None:
    async with open_stand(pace="real") as stand:
        began_s = time.monotonic()
        call = await stand.call('<Pause length="1"/>', "wait 0.5\npress 1")
        assert call.journal.first(KeyPressed).call_ms == pytest.approx(500, abs=20)
        assert time.monotonic() - began_s >= 0.9


async def test_redirect_leaves_the_verbs_behind_it() -> None:
    async with open_stand() as stand:
        stand.box.twiml("/next", "<Say>Next.</Say>")
        call = await stand.call("<Redirect>next</Redirect><Say>Never.</Say>")
        assert call.spoken == ["Next."]


async def test_hangup_leaves_the_verbs_behind_it() -> None:
    async with open_stand() as stand:
        assert (await stand.call("<Hangup/><Say>Never.</Say>")).spoken == []


@pytest.mark.parametrize(("reason", "status"), [("busy", "busy"), ("rejected", "no-answer")])
async def test_reject_as_the_first_verb_leaves_the_call_unanswered(reason: str, status: str) -> None:
    async with open_stand() as stand:
        call = await stand.call(f'<Reject reason="{reason}"/>')
        assert (call.disposition, call.status, call.duration_s) == ("rejected", status, 0)


async def test_reject_is_refused_once_the_call_is_answered() -> None:
    async with open_stand() as stand:
        assert (await stand.call("<Say>Hello.</Say><Reject/>")).codes == [12200]


async def test_bad_twiml_goes_to_the_fallback() -> None:
    async with open_stand() as stand:
        stand.setup(fallback_url="https://box.example.test/fallback")
        stand.box.twiml("/fallback", "<Say>Sorry.</Say>")
        call = await stand.call("<Shout>Hello.</Shout>")
        assert (call.codes, call.spoken) == ([12200], ["Sorry."])


async def test_a_circle_of_documents_ends_the_call() -> None:
    async with open_stand() as stand:
        call = await stand.call("<Redirect>/voice</Redirect>")
        assert call.disposition == "application-error"


# Gather.


async def test_gather_takes_keys_up_to_the_number_asked_for() -> None:
    async with open_stand() as stand:
        stand.box.twiml("/menu", lambda form: f"<Say>{form['Digits']}</Say>")
        call = await stand.call(
            '<Gather numDigits="2" action="/menu"><Say>Press.</Say></Gather>', "press 123"
        )
        assert call.spoken == ["Press.", "12"]


async def test_gather_ends_at_the_finishing_key_and_keeps_it_out() -> None:
    async with open_stand() as stand:
        stand.box.twiml("/menu", "")
        await stand.call('<Gather action="/menu"/>', "press 4711#")
        (form,) = stand.box.forms_at("/menu")
        assert (form["Digits"], form["FinishedOnKey"]) == ("4711", "#")


async def test_gather_without_finishing_key_waits_for_its_timeout() -> None:
    async with open_stand() as stand:
        stand.box.twiml("/menu", "")
        call = await stand.call('<Gather action="/menu" finishOnKey="" timeout="3"/>', "press 1#")
        assert stand.box.forms_at("/menu")[0]["Digits"] == "1#"
        assert call.line.now_ms == pytest.approx(3100, abs=40)


async def test_gather_without_input_falls_through() -> None:
    async with open_stand() as stand:
        call = await stand.call('<Gather action="/menu" timeout="2"/><Say>Goodbye.</Say>')
        assert call.spoken == ["Goodbye."]
        assert stand.box.requests_at("/menu") == []


async def test_gather_asks_its_action_for_nothing_when_told_to() -> None:
    async with open_stand() as stand:
        stand.box.twiml("/menu", "<Say>Nothing.</Say>")
        gather = '<Gather input="dtmf speech" action="/menu" actionOnEmptyResult="true"/><Say>Never.</Say>'
        call = await stand.call(gather)
        form = stand.box.forms_at("/menu")[0]
        assert (form["Digits"], form["SpeechResult"], call.spoken) == ("", "", ["Nothing."])


async def test_gather_without_action_asks_the_current_url() -> None:
    async with open_stand() as stand:
        stand.box.twiml(
            "/voice", lambda form: "<Hangup/>" if form.get("Digits") else '<Gather numDigits="1"/>'
        )
        await stand.call(plan="press 1")
        assert len(stand.box.requests_at("/voice")) == 2


async def test_gather_hears_speech_after_the_prompt() -> None:
    async with open_stand() as stand:
        stand.box.twiml("/menu", "")
        gather = (
            '<Gather input="speech" speechTimeout="auto" action="/menu"><Say>How can I help?</Say></Gather>'
        )
        await stand.call(gather, "wait for reply\nsay brooklyn")
        form = stand.box.forms_at("/menu")[0]
        assert form["SpeechResult"] == "how old is the Brooklyn Bridge"
        assert 0 < float(form["Confidence"]) <= 1


async def test_gather_hears_no_words_in_noise() -> None:
    async with open_stand() as stand:
        call = await stand.call(
            '<Gather input="speech" timeout="2"/><Say>Goodbye.</Say>', "say office_ambience"
        )
        assert call.spoken == ["Goodbye."]


async def test_speech_cuts_a_prompt_short() -> None:
    async with open_stand() as stand:
        stand.box.twiml("/menu", "")
        gather = f'<Gather input="speech" action="/menu"><Say>{"long " * 60}</Say></Gather>'
        call = await stand.call(gather, "wait for speech\nsay df_book_a_room")
        assert call.line.now_ms < 10_000
        assert stand.box.forms_at("/menu")[0]["SpeechResult"] == "book a room"


async def test_without_barge_in_speech_over_a_prompt_is_lost() -> None:
    async with open_stand() as stand:
        gather = f'<Gather input="speech" bargeIn="false" timeout="1"><Say>{"long " * 60}</Say></Gather>'
        call = await stand.call(gather + "<Say>Goodbye.</Say>", "wait for speech\nsay df_book_a_room")
        assert call.spoken[-1] == "Goodbye."


async def test_keys_win_over_speech() -> None:
    async with open_stand() as stand:
        stand.box.twiml("/menu", "")
        gather = '<Gather input="dtmf speech" numDigits="1" action="/menu"/>'
        await stand.call(gather, "say df_book_a_room\npress 2")
        form = stand.box.forms_at("/menu")[0]
        assert form["Digits"] == "2"
        assert "SpeechResult" not in form


async def test_speech_that_began_before_the_gather_is_not_understood() -> None:
    async with open_stand() as stand:
        call = await stand.call('<Pause/><Gather input="speech" timeout="1"/><Say>Bye.</Say>', "say brooklyn")
        assert call.spoken == ["Bye."]


# Play.


async def test_play_fetches_a_recording_that_the_caller_hears() -> None:
    async with open_stand() as stand:
        sound = b"\x10\x90" * 800
        stand.box.pages["/hello.wav"] = web.Response(body=wav(sound), content_type="audio/wav")
        call = await stand.call("<Play>/hello.wav</Play>")
        assert call.heard == sound
        assert stand.box.requests_at("/hello.wav")[0].headers["X-Twilio-Signature"]


async def test_media_that_is_not_there_fails_the_document() -> None:
    async with open_stand() as stand:
        assert (await stand.call("<Play>/nothing.wav</Play>")).disposition == "application-error"


async def test_music_without_end_plays_until_the_caller_leaves() -> None:
    async with open_stand() as stand:
        stand.box.pages["/hold.wav"] = web.Response(body=wav(b"\x10\x90" * 800), content_type="audio/wav")
        call = await stand.call('<Play loop="0">/hold.wav</Play>', "wait 20\nhang up")
        assert (call.disposition, call.line.now_ms) == ("caller-hung-up", 20_020)


# Record.


async def record(
    stand: Stand, plan: str, verb: str = '<Record action="/recorded" timeout="2"/>'
) -> PhoneCall:
    stand.box.twiml("/recorded", "<Say>Thank you.</Say>")
    return await stand.call(verb + "<Say>Nothing came.</Say>", plan)


async def test_a_message_is_recorded_and_trimmed() -> None:
    async with open_stand() as stand:
        call = await record(stand, "leave message weather")
        (recording,) = call.recordings
        assert recording.ulaw_8k in call.said
        assert ulaw.is_audible(recording.ulaw_8k[:160])
        assert ulaw.is_audible(recording.ulaw_8k[-160:])
        form = stand.box.forms_at("/recorded")[0]
        assert (form["RecordingSid"], form["RecordingDuration"]) == (recording.sid, str(recording.duration_s))
        assert form["RecordingUrl"].endswith(f"/Recordings/{recording.sid}")
        assert call.spoken == ["Thank you."]


async def test_an_empty_recording_goes_on_to_the_next_verb() -> None:
    async with open_stand() as stand:
        call = await record(stand, "")
        assert (call.spoken, call.recordings) == (["Nothing came."], [])


async def test_a_key_ends_a_recording() -> None:
    async with open_stand() as stand:
        await record(stand, "leave message df_book_a_room\npress #")
        assert stand.box.forms_at("/recorded")[0]["Digits"] == "#"


async def test_a_recording_has_a_longest_time() -> None:
    async with open_stand() as stand:
        call = await record(stand, "leave message jfk", '<Record action="/recorded" maxLength="3"/>')
        assert len(call.recordings[0].ulaw_8k) == pytest.approx(3 * 8000, abs=1600)


async def test_hanging_up_in_a_recording_still_asks_the_action() -> None:
    async with open_stand() as stand:
        call = await record(stand, "leave message df_book_a_room\nhang up")
        form = stand.box.forms_at("/recorded")[0]
        assert (form["Digits"], form["CallStatus"]) == ("hangup", "completed")
        assert (call.disposition, call.spoken) == ("caller-hung-up", [])


async def test_a_recording_without_action_asks_the_current_url_again() -> None:
    async with open_stand() as stand:
        stand.box.twiml("/voice", lambda form: "" if "RecordingSid" in form else '<Record timeout="1"/>')
        await stand.call(plan="leave message df_book_a_room")
        assert len(stand.box.requests_at("/voice")) == 2


async def test_recording_callbacks_tell_progress_and_absence() -> None:
    async with open_stand() as stand:
        stand.box.twiml("/status", "")
        callback = (
            'recordingStatusCallback="/status" recordingStatusCallbackEvent="in-progress completed absent"'
        )
        await record(stand, "", f'<Record timeout="1" {callback}/>')
        statuses = {form["RecordingStatus"] for form in stand.box.forms_at("/status")}
        assert statuses == {"in-progress", "absent"}


# Dial.


async def dial(stand: Stand, verb: str, plan: str = "", **people: Destination) -> PhoneCall:
    stand.box.twiml("/dialled", lambda form: f"<Say>{form['DialCallStatus']}</Say>")
    stand.peer.network.destinations.update({PERSON: people.get("person", Destination.answers())})
    if "other" in people:
        stand.peer.network.destinations[OTHER] = people["other"]
    return await stand.call(verb + "<Say>Next verb.</Say>", plan)


async def test_a_person_answers_and_hangs_up() -> None:
    async with open_stand() as stand:
        call = await dial(stand, PEOPLE, person=Destination.answers(after_s=6, talks_s=42))
        form = stand.box.forms_at("/dialled")[0]
        assert (form["DialCallStatus"], form["DialCallDuration"], form["DialBridged"]) == (
            "completed",
            "42",
            "true",
        )
        assert call.line.now_ms == (6 + 42) * 1000 + 600
        assert call.spoken == ["completed"]


@pytest.mark.parametrize(
    ("person", "status"),
    [
        (Destination.busy(), "busy"),
        (Destination.no_answer(), "no-answer"),
        (Destination.failed(), "failed"),
        (Destination.answers(after_s=31), "no-answer"),
    ],
)
async def test_a_person_who_does_not_answer(person: Destination, status: str) -> None:
    async with open_stand() as stand:
        assert (await dial(stand, PEOPLE, person=person)).spoken == [status]


async def test_no_answer_takes_the_timeout() -> None:
    async with open_stand() as stand:
        verb = f'<Dial timeout="12"><Number>{PERSON}</Number></Dial><Hangup/>'
        call = await dial(stand, verb, person=Destination.no_answer())
        assert call.line.now_ms == 12_000


async def test_dial_without_action_goes_on_to_the_next_verb() -> None:
    async with open_stand() as stand:
        assert (await dial(stand, f"<Dial>{PERSON}</Dial>")).spoken == ["Next verb."]


async def test_several_numbers_ring_together_and_the_quickest_wins() -> None:
    async with open_stand() as stand:
        stand.box.twiml("/leg", "")
        leg = 'statusCallback="/leg" statusCallbackEvent="initiated answered completed"'
        verb = f'<Dial action="/dialled"><Number {leg}>{PERSON}</Number><Number {leg}>{OTHER}</Number></Dial>'
        slow, quick = Destination.answers(after_s=9), Destination.answers(after_s=3, talks_s=5)
        call = await dial(stand, verb, person=slow, other=quick)
        assert call.journal.first(DialRang).number == OTHER
        told = {(form["To"], form["CallStatus"]) for form in stand.box.forms_at("/leg")}
        assert told == {
            (PERSON, "initiated"),
            (PERSON, "canceled"),
            (OTHER, "initiated"),
            (OTHER, "in-progress"),
            (OTHER, "completed"),
        }
        assert {form["ParentCallSid"] for form in stand.box.forms_at("/leg")} == {call.sid}


async def test_numbers_in_sequence_ring_one_after_the_other() -> None:
    async with open_stand() as stand:
        verb = (
            f'<Dial sequential="true" timeout="10"><Number>{PERSON}</Number><Number>{OTHER}</Number></Dial>'
        )
        call = await dial(stand, verb, person=Destination.no_answer(), other=Destination.answers(after_s=3))
        assert call.dials[0].status == "completed"
        assert call.dials[0].numbers == (PERSON, OTHER)


async def test_a_number_that_nobody_has_fails() -> None:
    async with open_stand() as stand:
        call = await dial(stand, '<Dial action="/dialled">+15559999999</Dial>')
        assert (call.spoken, call.codes) == (["failed"], [13224])


async def test_a_foreign_caller_id_fails() -> None:
    async with open_stand() as stand:
        call = await dial(stand, f'<Dial action="/dialled" callerId="+15553333333">{PERSON}</Dial>')
        assert (call.spoken, call.codes) == (["failed"], [13214])


@pytest.mark.parametrize("shown", [CALLER, CALLED])
async def test_the_callers_and_our_own_number_may_be_shown(shown: str) -> None:
    async with open_stand() as stand:
        call = await dial(stand, f'<Dial callerId="{shown}">{PERSON}</Dial>')
        assert call.dials[0].caller_id == shown


async def test_answer_on_bridge_leaves_the_call_ringing() -> None:
    async with open_stand() as stand:
        verb = f'<Dial answerOnBridge="true" action="/dialled"><Number>{PERSON}</Number></Dial>'
        stand.box.twiml("/dialled", "<Reject/>")
        stand.peer.network.destinations[PERSON] = Destination.busy()
        assert (await stand.call(verb)).status == "no-answer"


async def test_a_caller_who_leaves_while_it_rings_cancels_the_dialling() -> None:
    async with open_stand() as stand:
        call = await dial(stand, PEOPLE, "wait 2\nhang up", person=Destination.answers(after_s=10))
        form = stand.box.forms_at("/dialled")[0]
        assert (form["DialCallStatus"], form["CallStatus"]) == ("canceled", "completed")
        assert call.disposition == "caller-hung-up"


async def test_a_caller_who_hangs_up_first_ends_the_call() -> None:
    async with open_stand() as stand:
        person = Destination.answers(talks_s=7, hangs_up_first=False)
        call = await dial(stand, PEOPLE, person=person)
        assert (call.disposition, call.dials[0].talked_s) == ("caller-hung-up", 7)


async def test_star_leaves_the_other_person_and_keeps_the_caller() -> None:
    async with open_stand() as stand:
        verb = f'<Dial hangupOnStar="true">{PERSON}</Dial>'
        call = await dial(
            stand, verb, "wait for speech\nwait 2\npress *", person=Destination.answers(talks_s=100)
        )
        assert call.dials[0].talked_s == 2
        assert call.spoken == ["Next verb."]


async def test_the_time_limit_ends_a_talk() -> None:
    async with open_stand() as stand:
        call = await dial(
            stand, f'<Dial timeLimit="5">{PERSON}</Dial>', person=Destination.answers(talks_s=50)
        )
        assert call.dials[0].talked_s == 5


SCREENED = f'<Dial action="/dialled" timeout="20"><Number url="/screen">{PERSON}</Number></Dial>'
SCREEN = (
    '<Gather numDigits="1" timeout="3" action="/accept"><Say>Press 1 to take a call.</Say></Gather><Hangup/>'
)


@pytest.mark.parametrize(("plan", "status"), [((Press("1"),), "completed"), ((), "no-answer")])
async def test_whoever_answers_may_be_asked_first(plan: Any, status: str) -> None:
    async with open_stand() as stand:
        stand.box.twiml("/screen", SCREEN)
        stand.box.twiml("/accept", "")
        call = await dial(stand, SCREENED, person=Destination.answers(plan=plan))
        assert call.spoken == [status]
        form = stand.box.forms_at("/screen")[0]
        assert (form["ParentCallSid"], form["To"], form["Direction"]) == (call.sid, PERSON, "outbound-dial")
        assert call.screenings[0].journal.of(KeyPressed) != [] or status == "no-answer"


async def test_a_talk_can_be_recorded() -> None:
    async with open_stand() as stand:
        stand.box.twiml("/status", "")
        recorded = 'record="record-from-answer" recordingStatusCallback="/status"'
        verb = f'<Dial action="/dialled" {recorded}>{PERSON}</Dial>'
        call = await dial(stand, verb, person=Destination.answers(talks_s=9))
        assert stand.box.forms_at("/status")[0]["RecordingDuration"] == "9"
        assert call.recordings[0].source == "DialVerb"
