"""Calls of a PBX through the real bridge: what is heard, what the dialplan is left, how they are filed."""

from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import orjson
import pytest

from appliance.core.dispositions import Outcome
from appliance.core.events import UsageReported
from appliance.core.steps import CallOffered
from appliance.service.prompts import load as prompts
from appliance.store import calls, events, times, usage
from appliance.store.database import connect, connect_readonly, immediate
from tests.ari.stage import CALL, CHANNEL, Stage, staged
from tests.peers.carrier import speech
from tests.peers.pbx import PbxCall

GREETING = '[[turn]]\non = "greeting"\nsay = "Good morning."\n'
LONG = (
    "There is room for your car behind the house on all working days until six in the evening, and more of it"
    " in front of the post office, two streets further on."
)
ANSWER = f'[[turn]]\non = "utterance"\nheard = "weather"\nsay = "{LONG}"\n'
TRANSFER = f"""{GREETING}
[[turn]]
on = "utterance"
heard = "billing"
calls = [{{ name = "transfer_to_department", arguments = '{{"department": "billing"}}' }}]

[[turn]]
on = "tool_output"
say = "I am connecting you with Billing."
"""
NEXT = (CHANNEL, "ATTENDANT_NEXT")


def spoken(name: str) -> bytes:
    """A recording as the caller speaks it."""
    return b"".join(speech.load(name).frames)


def heard(call: PbxCall) -> bytes:
    """All that the caller heard."""
    return b"".join(frame for _, frame in call.heard)


async def greeted(stage: Stage, call: PbxCall) -> bytes:
    """Wait for the greeting's end; its sound as the service sent it."""
    await stage.cloud.wait_for(lambda: stage.cloud.sessions)
    session = stage.cloud.sessions[-1]
    await stage.cloud.wait_for(lambda: session.sent_of("response.done"))
    sound = bytes(next(iter(session.audio_out.values())))
    await call.wait_for(lambda: len(heard(call)) >= len(sound))
    return sound


async def test_a_greeting_is_heard_as_it_was_sent_and_a_hang_up_is_filed(tmp_path: Path) -> None:
    async with staged(tmp_path, GREETING) as stage:
        async with stage.call() as call:
            sound = await greeted(stage, call)
            whole = heard(call)
            assert whole[: len(sound)] == sound
            assert set(whole[len(sound) :]) <= {0xFF}
            await call.hang_up()
        stage.over()
        filed = await stage.filed()
        assert filed.call.carrier == "asterisk"
        assert filed.call.from_number == "+15550100002"
        assert filed.call.duration_s == 5
        assert filed.call.outcome is Outcome.ABANDONED
        assert NEXT not in stage.ami.variables


async def test_what_a_barge_in_cut_is_told_as_it_was_heard(tmp_path: Path) -> None:
    script = GREETING + ANSWER + '[[turn]]\non = "utterance"\nheard = "nevermind"\nsay = "All right."\n'
    async with staged(tmp_path, script) as stage, stage.call() as call:
        greeting = await greeted(stage, call)
        session = stage.cloud.sessions[-1]
        call.say(spoken("weather"))
        await call.wait_for(lambda: len(heard(call)) > len(greeting) + 16_000)
        before = len(session.sent_of("input_audio_buffer.speech_started"))
        call.say(spoken("s2p_nevermind"))
        await stage.cloud.wait_for(lambda: len(session.sent_of("input_audio_buffer.speech_started")) > before)
        (cut,) = await stage.cloud.wait_for(lambda: session.received_of("conversation.item.truncate"))
        await stage.cloud.wait_for(lambda: len(session.audio_out) == 3)
        last = bytes(session.audio_out[[*session.audio_out][-1]])
        await call.wait_for(lambda: last[-1600:] in heard(call))
        long = bytes(session.audio_out[str(cut["item_id"])])
        whole = heard(call)
        starts = whole.find(long[:800])
        cut_at = whole.find(last[:800])
        played_ms = (cut_at - starts) / 8
        assert abs(float(str(cut["audio_end_ms"])) - played_ms) <= 40
        # Nothing of the cut answer comes after it.
        assert long[(cut_at - starts) + 800 :][:800] not in whole[cut_at:]
        assert call.channel.flushes


async def test_a_transfer_is_left_with_the_dialplan_before_we_let_go(tmp_path: Path) -> None:
    async with staged(tmp_path, TRANSFER) as stage, stage.call() as call:
        await greeted(stage, call)
        call.say(spoken("say_en_billing"))
        await call.wait_for(lambda: call.over, 20.0)
        assert stage.ami.variables[NEXT] == "transfer:billing"
        assert call.channel.hung_up


async def test_without_an_answer_of_the_manager_the_dialplan_is_told_when_it_asks(tmp_path: Path) -> None:
    async with staged(tmp_path, TRANSFER) as stage, stage.call() as call:
        await greeted(stage, call)
        stage.ami.mute = True
        call.say(spoken("say_en_billing"))
        await call.wait_for(lambda: call.over, 20.0)
        assert call.channel.hung_up
        assert NEXT not in stage.ami.variables
        # The dialplan finds nothing, and asks us: as often as it likes, and for this call alone.
        assert [await stage.asked_next() for _ in range(2)] == ["transfer:billing"] * 2
        assert await stage.asked_next("a0-1700000000.2") == ""
        # A leg that comes after it begins anew: if it dies, people are rung.
        stage.ami.mute = False
        async with stage.call(rang="BUSY:billing") as again:
            await again.wait_for(lambda: heard(again))
            assert await stage.asked_next() == ""


LATE = f"""{GREETING}
[[turn]]
on = "utterance"
heard = "billing please, I cannot breathe"
heard_after_ms = 4000
calls = [{{ name = "transfer_to_department", arguments = '{{"department": "billing"}}' }}]

[[turn]]
on = "tool_output"
say = "Billing."
"""


@pytest.mark.parametrize("taken", [False, True], ids=["it rings still", "somebody has taken the call"])
async def test_danger_whose_words_come_when_the_caller_has_left_brings_them_back(
    tmp_path: Path, taken: bool
) -> None:
    async with staged(tmp_path, LATE) as stage:
        stage.ami.answers = {
            "Getvar": {"Response": "Success", "Value": "PJSIP/102-1" if taken else ""},
            "Redirect": {"Response": "Success"},
        }
        async with stage.call() as call:
            await greeted(stage, call)
            call.say(spoken("say_en_billing"))
            await call.wait_for(lambda: call.over, 20.0)
            assert stage.ami.variables[NEXT] == "transfer:billing"
        await stage.ami.wait_for(lambda: [each for each in stage.ami.actions if each["Action"] == "Getvar"])
        if not taken:
            told = await stage.ami.wait_for(
                lambda: [each for each in stage.ami.actions if each["Action"] == "Redirect"]
            )
            assert [(each["Channel"], each["Exten"]) for each in told] == [(CHANNEL, "back")]
            async with stage.call() as again:
                await again.wait_for(lambda: prompts("en")["emergency_911"][:4000] in heard(again), 20.0)
                await again.wait_for(lambda: again.over, 20.0)
                # Without an on-call line the front desk rings.
                assert await stage.asked_next() == ""
        stage.over()
        filed = await stage.filed()
        assert [row.intent for row in filed.intents if row.intent == "emergency"] == ["emergency"]
        assert taken is not any(each["Action"] == "Redirect" for each in stage.ami.actions)


async def test_the_zero_key_leads_to_people_by_leaving_nothing(tmp_path: Path) -> None:
    async with staged(tmp_path, GREETING) as stage, stage.call() as call:
        await greeted(stage, call)
        call.press("0")
        await call.wait_for(lambda: call.over, 20.0)
        assert NEXT not in stage.ami.variables
        assert "ATTENDANT_NEXT" not in str(stage.ami.actions)


async def test_a_phone_that_sends_nothing_is_heard_as_silence(tmp_path: Path) -> None:
    async with staged(tmp_path, GREETING) as stage, stage.call() as call:
        await greeted(stage, call)
        session = stage.cloud.sessions[-1]
        call.rtp = False
        before = len(session.audio_in)
        await stage.cloud.wait_for(lambda: len(session.audio_in) > before + 12_000)
        assert not call.over


@pytest.mark.parametrize(
    ("result", "why"),
    [
        ("BUSY", "where everybody was busy"),
        ("NOANSWER", "where it rang unanswered"),
        ("CHANUNAVAIL", "whose phones could not be reached"),
    ],
)
async def test_a_caller_who_comes_back_is_told_why_nobody_was_there(
    tmp_path: Path, result: str, why: str
) -> None:
    script = GREETING + '[[turn]]\non = "any"\nsay = "Nobody in billing can take your call."\n'
    async with staged(tmp_path, script) as stage:
        async with stage.call() as call:
            await greeted(stage, call)
            await call.hang_up()
        await stage.nobody_held()
        async with stage.call(rang=f"{result}:billing") as again:
            await stage.cloud.wait_for(lambda: stage.cloud.sessions[1:])
            session = stage.cloud.sessions[1]

            def knows() -> bool:
                told = session.received_of("conversation.item.create")
                return any(f"Billing, {why}, and nobody there took" in str(each) for each in told)

            await stage.cloud.wait_for(knows)
            await again.hang_up()
        stage.over()
        filed = await stage.filed()
        assert filed.call.outcome in (Outcome.UNANSWERED, Outcome.ABANDONED)


async def test_a_message_that_the_dialplan_recorded_is_ours_once_it_is_told(tmp_path: Path) -> None:
    async with staged(tmp_path, GREETING) as stage:
        async with stage.call() as call:
            await greeted(stage, call)
            await call.hang_up()
        folder = tmp_path / "data" / "asterisk" / "spool" / "voicemail"
        name = f"{CALL}-0.wav"
        (folder / name).write_bytes(b"\0" * 44 + bytes(16_000 * 4))
        stage.ami.tell(UserEvent="Attendant", Did="voicemail", Call=CALL, File=name, Seconds="4")
        stage.over()
        filed = await stage.filed()
        (message,) = filed.messages
        assert (message.kind, message.seconds, message.recording_path) == ("voicemail", 4, f"{CALL}-0.wav")
        assert (tmp_path / "data" / "recordings" / f"{CALL}-0.wav").stat().st_size == 44 + 64_000
        assert not (folder / name).exists()
        assert filed.call.outcome is Outcome.VOICEMAIL


async def test_a_desk_hears_no_more_of_a_caller_who_has_hung_up(tmp_path: Path) -> None:
    async with staged(tmp_path, GREETING) as stage:
        said = {"UserEvent": "Attendant", "Call": CALL}
        # One desk takes a call; another is asked, and a third was asked and rang no more.
        stage.ami.tell(**{**said, "Call": "a0-1.7"}, Did="asked", Desk="PJSIP/101-7")
        stage.ami.tell(**{**said, "Call": "a0-1.7"}, Did="taken")
        stage.ami.tell(**{**said, "Call": "a0-1.8"}, Did="asked", Desk="PJSIP/101-8")
        stage.ami.tell(**{**said, "Call": "a0-1.8"}, Did="rang", Department="billing", Result="BUSY")
        stage.ami.tell(**said, Did="asked", Desk="PJSIP/102-9")
        for call in ("a0-1.7", "a0-1.8", CALL):
            stage.ami.tell(Event="HangupRequest", Uniqueid=call, Channel=CHANNEL)

        def hung_up() -> list[str]:
            return [each["Channel"] for each in stage.ami.actions if each["Action"] == "Hangup"]

        assert await stage.ami.wait_for(hung_up) == ["PJSIP/102-9"]


async def test_how_phones_did_is_an_event_of_the_call(tmp_path: Path) -> None:
    async with staged(tmp_path, GREETING) as stage:
        async with stage.call() as call:
            await greeted(stage, call)
            await call.hang_up()
        told = {"UserEvent": "Attendant", "Did": "rang", "Call": CALL, "Department": "billing"}
        stage.ami.tell(**told, Result="NOANSWER", Seconds="")
        stage.ami.tell(**told, Result="ANSWER", Seconds="42")
        stage.over()
        filed = await stage.filed()
        rang = [orjson.loads(row.data) for row in filed.events if row.kind == "PhonesRang"]
        assert [(each["result"], each["seconds"]) for each in rang] == [("no-answer", 0), ("answered", 42)]
        assert {each["department"] for each in rang} == {"billing"}
        last = filed.events[-1]
        assert last.kind == "PhonesRang"
        assert 0 < last.at_ms < 60_000
        assert filed.call.menu_path == ()
        assert filed.call.outcome is Outcome.TRANSFERRED
        db = connect_readonly(stage.box.database)
        try:
            assert "PhonesRang" not in str(events.replay(db, filed.call.id))
        finally:
            db.close()


async def test_what_happened_while_the_manager_was_away_is_found_out(tmp_path: Path) -> None:
    async with staged(tmp_path, GREETING) as stage:
        async with stage.call() as call:
            await greeted(stage, call)
            await stage.ami.vanish()
            await call.hang_up()
        (tmp_path / "data" / "asterisk" / "spool" / "voicemail" / f"{CALL}-0.wav").write_bytes(b"\0" * 32_044)
        await stage.ami.listen()
        filed = await stage.filed()
        assert filed.call.outcome is Outcome.VOICEMAIL


@pytest.mark.parametrize("password", ["", "wrong"])
async def test_a_stranger_is_refused(password: str, tmp_path: Path) -> None:
    async with staged(tmp_path, GREETING) as stage:
        stranger = PbxCall(stage.url, password, {"__ATTENDANT_CALL": CALL})
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            async with stranger:
                pass
        assert refused.value.status == 401


async def test_a_channel_that_says_no_call_is_closed(tmp_path: Path) -> None:
    async with staged(tmp_path, GREETING) as stage, stage.call(__ATTENDANT_CALL="") as call:
        await call.wait_for(lambda: call.closed_with == 1008)


MENU = {"front_door": "menu"}
ASSISTANT = '[[turn]]\non = "any"\nsay = "Which day would suit you?"\n'


async def test_a_menu_is_spoken_by_us_and_its_keys_lead_on(tmp_path: Path) -> None:
    async with staged(tmp_path, ASSISTANT, staff=MENU) as stage, stage.call() as call:
        await call.wait_for(lambda: sounding(call))
        assert stage.cloud.sessions == []
        call.press("1")
        await call.wait_for(lambda: "We are open" in told(stage), 20.0)
        call.press("9")
        await stage.cloud.wait_for(lambda: stage.cloud.sessions, 10.0)
        session = stage.cloud.sessions[0]
        await stage.cloud.wait_for(lambda: session.audio_out)
        answer = bytes(next(iter(session.audio_out.values())))
        await call.wait_for(lambda: answer[:1600] in heard(call))


async def test_behind_a_menu_the_box_goes_on_when_the_assistant_does_not_come(tmp_path: Path) -> None:
    async with staged(tmp_path, ASSISTANT, staff=MENU) as stage, stage.call() as call:
        await call.wait_for(lambda: sounding(call))
        await stage.cloud.shut()
        call.press("9")
        await call.wait_for(lambda: "I have lost my connection" in told(stage), 20.0)
        call.press("1")
        await call.wait_for(lambda: "We are open" in told(stage), 20.0)


async def test_behind_a_menu_the_cap_has_its_own_sentence_and_no_wait(tmp_path: Path) -> None:
    staff = {**MENU, "daily_cost_cap_usd": 5}
    async with staged(tmp_path, ASSISTANT, staff=staff) as stage, stage.call() as call:
        await call.wait_for(lambda: sounding(call))
        # Meanwhile the cloud costs what it may today, and the next call finds that out.
        cost_of_today(stage, 5.0)
        async with stage.call(call="a0-1700000000.2") as other:
            await other.wait_for(lambda: sounding(other))
            await other.hang_up()
        call.press("9")
        await call.wait_for(lambda: "From here I go on by myself" in told(stage), 3.0)
        assert "lost my connection" not in told(stage)
        assert stage.cloud.sessions == []
        call.press("1")
        await call.wait_for(lambda: "We are open" in told(stage), 20.0)


def cost_of_today(stage: Stage, cost_usd: float) -> None:
    """The books hold a call of the cloud at this price."""
    db = connect(stage.box.database)
    used = UsageReported("a model", 0, 0, 0, 0, 0, 0, cost_usd)
    with immediate(db):
        calls.begin(db, "dear", CallOffered("a0-9", "", "", "asterisk"), times.written(datetime.now(UTC)))
        usage.add(db, "dear", 0, used)
    db.close()


def sounding(call: PbxCall) -> bool:
    """Whether something was heard."""
    return any(set(frame) - {0xFF, 0x7F} for _, frame in call.heard)


def told(stage: Stage) -> str:
    """All that the call's transcript holds by now."""
    turns = stage.kept(lambda whole: [turn.text for turn in whole.turns])
    return " ".join(turns or [])
