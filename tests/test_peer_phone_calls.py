"""Calls of two phone peers over loopback: ringing, answering, refusing, talking, keys, hold, hanging up."""

import asyncio
import socket
import time
from pathlib import Path

import pytest

from tests.peers.carrier import speech
from tests.peers.phone import CallOver, Manner, NotAnswered, Phone, Refused, ears, listening, sdp
from tests.peers.phone import happenings as h
from tests.peers.phone.sound import read_wav, tone, write_wav
from tests.peers.phone.stand import connected, two_phones

SENTENCE = speech.SPEECH_FOLDER / "s2p_what_time_is_it.wav"
OTHER = speech.SPEECH_FOLDER / "s2p_nevermind.wav"


async def test_a_call_rings_is_answered_and_hung_up() -> None:
    async with two_phones() as (anna, ben):
        ben.on_ring = Manner.answers(0.3)
        call = await anna.dial(ben.uri)
        ringing = [call.ringing]
        await call.rang()
        assert [*ringing, call.ringing] == [False, True]
        came = await ben.rung()
        assert (came.caller_number, came.caller_name, came.ringing) == ("anna", "Anna B.", True)
        await call.answered()
        assert (call.up, call.status, call.ringing, call.over) == (True, 200, False, False)
        rang, answered = call.journal.first(h.Ringing), call.journal.first(h.Answered)
        assert answered.at_s - rang.at_s >= 0.29
        await call.hang_up()
        await came.ended()
        assert (call.ended_by, came.ended_by, came.reason) == ("us", "them", "they hung up")
        assert not came.up


async def test_the_called_side_may_hang_up() -> None:
    async with two_phones() as (anna, ben):
        call, came = await connected(anna, ben)
        await came.hang_up()
        await call.ended()
        assert (call.ended_by, call.status) == ("them", 200)


@pytest.mark.parametrize(
    ("manner", "status", "reason", "rings"),
    [
        (Manner.busy(), 486, "Busy Here", False),
        (Manner.declines(0.05), 603, "Decline", True),
        (Manner(0.0, 480).quietly(), 480, "Temporarily Unavailable", False),
    ],
)
async def test_a_call_is_refused(manner: Manner, status: int, reason: str, rings: bool) -> None:
    async with two_phones() as (anna, ben):
        ben.on_ring = manner
        call = await anna.dial(ben.uri)
        with pytest.raises(NotAnswered) as refused:
            await call.answered()
        assert (refused.value.status, call.status, call.reason) == (status, status, reason)
        assert (call.over, call.ended_by) == (True, "them")
        assert bool(call.journal.of(h.Ringing)) == rings
        # The refusal was acknowledged, or it would be repeated.
        await ben.wait_for(lambda: any(str(seen.message).startswith("ACK") for seen in ben.wire.seen))


async def test_each_call_can_be_taken_in_its_own_manner() -> None:
    async with two_phones() as (anna, ben):
        ben.on_ring = Manner.busy()
        ben.manners += [Manner.declines(), Manner()]
        statuses = []
        for _ in range(3):
            call = await anna.dial(ben.uri)
            await call.until(lambda call=call: call.status)  # type: ignore[misc]
            statuses.append(call.status)
        assert statuses == [603, 200, 486]


async def test_a_call_that_nobody_answers_is_cancelled() -> None:
    async with two_phones() as (anna, ben):
        ben.on_ring = Manner.never_answers()
        call = await (await anna.dial(ben.uri)).rang()
        came = await ben.rung()
        await call.hang_up()
        await came.ended()
        assert (call.status, call.ended_by, call.reason) == (487, "us", "cancelled")
        assert (came.status, came.ended_by, came.reason) == (487, "them", "cancelled")


async def test_a_test_may_answer_or_refuse_by_hand() -> None:
    async with two_phones() as (anna, ben):
        ben.on_ring = Manner.never_answers().quietly()
        first = await anna.dial(ben.uri)
        (await ben.rung()).answer()
        await first.answered()
        second = await anna.dial(ben.uri)
        (await ben.rung(2)).refuse(486)
        await second.ended()
        assert (second.status, second.journal.of(h.Ringing)) == (486, [])
        third = await anna.dial(ben.uri)
        await (await ben.rung(3)).hang_up()
        await third.ended()
        assert third.status == 603


async def test_a_phone_may_be_heard_before_it_answers() -> None:
    async with two_phones() as (anna, ben):
        ben.on_ring = Manner(None, early=True)
        call = await anna.dial(ben.uri)
        came = await ben.rung()
        came.say(tone(700, 200))
        await call.hear(listening.tone(700))
        assert (call.up, call.status, call.ringing, call.media.sent) == (False, 0, True, 0)
        assert call.journal.first(h.Ringing).status == 183
        came.answer()
        await call.answered()
        call.say(tone(900, 200))
        await came.hear(listening.tone(900))


async def test_a_dead_phone_says_nothing_and_the_call_is_given_up() -> None:
    async with two_phones() as (anna, ben):
        ben.on_ring = Manner.dead()
        call = await anna.dial(ben.uri)
        await call.ended()
        assert (call.status, call.ended_by) == (408, "nobody")
        assert all(seen.way == "came" for seen in ben.wire.seen)
        assert len(ben.incoming) == 1


async def test_what_one_says_the_other_hears() -> None:
    async with two_phones() as (anna, ben):
        call, came = await connected(anna, ben)
        to_ben, to_anna = read_wav(SENTENCE, 8000), read_wav(OTHER, 8000)
        call.say_wav(SENTENCE)
        came.say(to_anna)
        match = await came.hear(listening.recording(to_ben, 0.99))
        await call.said()
        await came.said()
        assert isinstance(match, ears.Match)
        # Both ways at once, at the loudness it was said, and where the journal says that it began.
        for said, speaker, hearer in ((to_ben, call, came), (to_anna, came, call)):
            await hearer.hear(listening.silence(100))
            heard = hearer.heard_8k()
            found = ears.find(said, heard)
            assert found.score > 0.99
            assert found.gain == pytest.approx(1, rel=0.02)
            began = speaker.journal.first(h.SpeechBegan)
            assert found.at / 8 == pytest.approx(hearer.hearing.ms_of(began.at_s), abs=100)
        assert (call.hearing.lost, came.hearing.lost) == (0, 0)
        assert call.hearing.sources == {came.media.where: len(call.hearing.arrivals)}


async def test_wideband_sound_is_heard_wide() -> None:
    async with two_phones(codecs=("G722", "PCMU")) as (anna, ben):
        call, came = await connected(anna, ben)
        assert (call.codec, came.codec, call.rate_hz) == ("G722", "G722", 16000)
        said = read_wav(SENTENCE, 16000) + tone(5000, 60_000, 16000, 1500)[: len(read_wav(SENTENCE, 16000))]
        call.say(said)
        await call.said()
        await came.hear(listening.silence(100))
        assert ears.find(said, came.heard_16k()).score > 0.9
        assert ears.find(read_wav(SENTENCE, 8000), came.heard_8k()).score > 0.9
        assert ears.tone_power(came.heard_16k()[-8000:], 5000, 16000) < 0.9


@pytest.mark.parametrize(
    ("caller", "called", "agreed"),
    [
        (("G722", "PCMU"), ("PCMU", "G722"), "PCMU"),
        (("PCMU", "PCMA"), ("PCMA",), "PCMA"),
        (("PCMU",), ("G722", "PCMU"), "PCMU"),
    ],
)
async def test_the_called_phone_chooses_the_codec(
    caller: tuple[str, ...], called: tuple[str, ...], agreed: str
) -> None:
    async with two_phones({"codecs": caller}, {"codecs": called}) as (anna, ben):
        call, came = await connected(anna, ben)
        assert (call.codec, came.codec) == (agreed, agreed)
        call.say(tone(700, 200))
        await came.hear(listening.tone(700))


async def test_phones_without_a_codec_in_common_do_not_talk() -> None:
    async with two_phones({"codecs": ("G722",)}, {"codecs": ("PCMA",)}) as (anna, ben):
        call = await anna.dial(ben.uri)
        with pytest.raises(NotAnswered):
            await call.answered()
        assert call.status == 488


async def test_keys_arrive_once_and_in_order() -> None:
    async with two_phones() as (anna, ben):
        call, came = await connected(anna, ben)
        call.press("1*0#")
        came.press("5", ms=60)
        await call.said()
        await came.until(lambda: came.digits == "1*0#")
        await call.until(lambda: call.digits == "5")
        assert [entry.key for entry in came.journal.of(h.KeyCame)] == [*"1*0#"]
        assert [entry.key for entry in call.journal.of(h.KeyPressed)] == [*"1*0#"]
        assert [heard.ms for heard in came.hearing.keys] == [160] * 4
        assert call.hearing.keys[0].ms == 60


async def test_packets_keep_an_absolute_schedule_whatever_there_is_to_say() -> None:
    async with two_phones() as (anna, ben):
        call, came = await connected(anna, ben)
        await came.until(lambda: came.hearing.spacing().count >= 100)
        late_s = [arrival.at_s - place * 0.020 for place, arrival in enumerate(came.hearing.sound[:100])]
        # A busy machine may be late with some, but the schedule is not pushed back by it.
        assert min(late_s[50:]) == pytest.approx(min(late_s[:50]), abs=0.01)
        assert came.hearing.spacing().p50_ms == pytest.approx(20, abs=5)
        assert call.media.sent >= 100


async def test_waiting_for_a_reply_is_waiting_for_its_end() -> None:
    async with two_phones() as (anna, ben):
        call, came = await connected(anna, ben)
        listens = asyncio.gather(call.hear(listening.sound(60)), call.hear(listening.reply(200)))
        came.say(tone(500, 300))
        await listens
        assert call.hearing.audible_s[-1] <= time.monotonic() - 0.2
        assert came.journal.of(h.SpeechEnded)
        with pytest.raises(TimeoutError, match="up 200"):
            await call.hear(listening.sound(), timeout_s=0.1)
        # What was heard before counts when it is asked for.
        await call.hear(listening.sound(300), 0.1, since_s=came.journal.first(h.Answered).at_s)
        waiting = asyncio.gather(call.hear(listening.sound()))
        await came.hang_up()
        with pytest.raises(CallOver):
            await waiting


async def test_hold_and_resume_are_told_and_kept() -> None:
    async with two_phones() as (anna, ben):
        call, came = await connected(anna, ben)
        await call.hold()
        await came.until(lambda: came.held)
        assert came.journal.of(h.Changed)[-1].direction == "sendonly"
        # Who is on hold sends nothing; who holds may play music.
        sent = came.media.sent
        call.say(tone(600, 200))
        await came.hear(listening.tone(600))
        assert came.media.sent == sent
        await call.resume()
        assert not came.held
        came.say(tone(800, 200))
        await call.hear(listening.tone(800))


async def test_an_update_changes_a_call_as_a_re_invite_does() -> None:
    async with two_phones() as (anna, ben):
        call, came = await connected(anna, ben)
        changes: list[tuple[sdp.Direction, bool]] = [("inactive", True), ("sendrecv", False)]
        for direction, held in changes:
            described = call.leg.describe(direction)
            _, response = await call.leg.ask("UPDATE", (("Content-Type", sdp.MEDIA_TYPE),), described)
            assert sdp.parse(response.body).direction == direction
            assert came.held == held
        _, refused = await call.leg.ask("UPDATE", (("Content-Type", "text/html"),), b"v=0")
        assert refused.status == 400
        assert came.up


async def test_a_phone_may_move_its_sound() -> None:
    async with two_phones() as (anna, ben):
        call, came = await connected(anna, ben)
        first = call.media.where
        await came.until(lambda: came.hearing.sources)
        await call.move()
        assert call.media.where != first
        assert came.journal.of(h.Changed)[-1].where == call.media.where
        came.say(tone(600, 200))
        await call.hear(listening.tone(600))
        call.say(tone(700, 200))
        await came.hear(listening.tone(700))
        # And from another port than it tells.
        await call.move(telling=False)
        assert call.media.sends_from != call.media.where
        assert came.journal.of(h.Changed)[-1].where == call.media.where
        call.say(tone(900, 200))
        await came.hear(listening.tone(900))
        assert call.media.sends_from in came.hearing.sources
        assert len(came.hearing.sources) == 3


async def test_an_offer_that_is_asked_for_is_answered_with_the_ack() -> None:
    async with two_phones() as (anna, ben):
        call, came = await connected(anna, ben)
        leg, wire = call.leg, anna.wire
        exchange, response = await leg.ask("INVITE")
        offered = sdp.parse(response.body)
        assert (offered.where, offered.codecs) == (came.media.where, ("PCMU",))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as elsewhere:
            elsewhere.bind(("127.0.0.1", 0))
            answered = sdp.answer(offered, elsewhere.getsockname(), ("PCMU",))
            ack = leg.dialog.request(
                "ACK", (("Content-Type", sdp.MEDIA_TYPE),), sdp.write(answered), seq=exchange.request.seq
            )
            wire.acknowledge(exchange, ack, ben.where)
            await came.until(lambda: came.media.theirs and came.media.theirs.where == answered.where)
        assert came.up


async def test_two_who_change_at_once_are_told_to_wait() -> None:
    async with two_phones() as (anna, ben):
        call, came = await connected(anna, ben)
        results = await asyncio.gather(call.hold(), came.hold(), return_exceptions=True)
        assert [type(result) for result in results] == [Refused, Refused]
        assert {result.status for result in results if isinstance(result, Refused)} == {491}
        before = came.held
        await call.hold()
        assert (before, came.held) == (False, True)
        # And who has them on hold does not listen because they asked anew.
        await came.move()
        assert came.leg.media.theirs is not None
        assert came.leg.media.theirs.direction == "sendonly"


async def test_remarks_within_a_call_and_outside_are_answered() -> None:
    async with two_phones() as (anna, ben):
        call, came = await connected(anna, ben)
        assert await call.ask("INFO", b"Signal=5\r\n", "application/dtmf-relay") == 200
        assert [await call.ask(method) for method in ("OPTIONS", "MESSAGE", "UPDATE", "NOTIFY")] == [200] * 4
        assert await call.ask("PUBLISH") == 405
        told = [(entry.method, entry.body) for entry in came.journal.of(h.Asked)]
        assert told == [("INFO", b"Signal=5\r\n"), ("OPTIONS", b""), ("MESSAGE", b"")]
        assert call.up
        assert came.up


async def test_who_calls_is_shown_with_all_that_was_said_of_them() -> None:
    headers = (
        ("P-Asserted-Identity", '"Clinic" <sip:+15559870002@pbx.test>'),
        ("Diversion", "<sip:200@pbx.test>;reason=no-answer"),
    )
    async with two_phones() as (anna, ben):
        await anna.dial(ben.uri, number="+15551230001", display='Mr "X"', headers=headers)
        came = await ben.rung()
        assert (came.caller_number, came.caller_name) == ("+15551230001", 'Mr "X"')
        assert came.asserted is not None
        assert came.diversion is not None
        assert (came.asserted.display, came.asserted.uri.number) == ("Clinic", "+15559870002")
        assert (came.diversion.uri.number, came.diversion.param("reason")) == ("200", "no-answer")
        assert came.invite is not None


async def test_what_was_heard_can_be_kept_as_a_file(tmp_path: Path) -> None:
    said = tmp_path / "said.wav"
    write_wav(said, tone(700, 200, 44100), 44100)
    async with two_phones() as (anna, ben):
        call, came = await connected(anna, ben)
        call.say_wav(said)
        await call.said()
        await came.hear(listening.silence(60))
        came.save_wav(tmp_path / "heard.wav")
        heard = read_wav(tmp_path / "heard.wav", 8000)
        (span,) = ears.sounds(heard)
        assert ears.strongest_tone(heard[span.start_ms * 8 + 160 : span.end_ms * 8 - 160], (700, 900)) == 700


async def test_several_calls_at_once_are_kept_apart() -> None:
    async with two_phones() as (anna, ben):
        pairs = [await connected(anna, ben) for _ in range(4)]
        for place, (call, _) in enumerate(pairs):
            call.press(str(place))
            call.say(tone(400 + 200 * place, 300))
        waits = [came.hear(listening.tone(400 + 200 * place)) for place, (_, came) in enumerate(pairs)]
        await asyncio.gather(*waits)
        assert [came.digits for _, came in pairs] == ["0", "1", "2", "3"]


async def test_a_phone_that_is_put_away_hangs_up() -> None:
    async with two_phones() as (_, ben):
        async with Phone("carl") as carl:
            call, came = await connected(carl, ben)
        await came.ended()
        assert (call.ended_by, came.ended_by) == ("us", "them")
        with pytest.raises(ValueError, match="no address"):
            await ben.dial("100")
