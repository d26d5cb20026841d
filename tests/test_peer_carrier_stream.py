"""Media streams of the carrier peer, over a real websocket and in real time."""

import asyncio
import base64
from itertools import pairwise

import pytest
from twilio.request_validator import RequestValidator

from tests.peers.carrier import Faults
from tests.peers.carrier import happenings as h
from tests.peers.carrier.speech import load
from tests.peers.carrier.stand import STREAM, open_stand
from tests.peers.carrier.toy_box import MediaSocket, ToyBox

TONE = b"\x10\x90" * 4
"""1 ms."""
SILENCE = b"\xff" * 160
LOCAL_END = "<Say>One moment.</Say>"


def tone(ms: int) -> bytes:
    return TONE * ms


async def test_a_stream_opens_as_the_carriers_does() -> None:
    async def talk(media: MediaSocket) -> None:
        await media.receive("media")
        await media.socket.close()

    async with open_stand() as stand:
        stand.box.talk = talk
        parameter = '<Parameter name="nonce" value="9f2c"/>'
        call = await stand.call(
            f'<Connect><Stream url="wss://box.example.test/media">{parameter}</Stream></Connect>'
        )
        media = stand.media()
        assert media.events()[:3] == ["connected", "start", "media"]
        assert media.messages[0] == {"event": "connected", "protocol": "Call", "version": "1.0.0"}
        start = media.messages[1]["start"]
        assert (start["callSid"], start["customParameters"]) == (call.sid, {"nonce": "9f2c"})
        assert start["mediaFormat"] == {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}
        assert (media.headers["Host"], media.headers["X-Forwarded-Proto"]) == ("box.example.test", "https")
        assert "x-twilio-signature" in media.headers
        validator = RequestValidator(stand.peer.account.auth_token)
        assert validator.validate("wss://box.example.test/media", {}, media.headers["x-twilio-signature"])


async def test_the_caller_is_heard_frame_by_frame() -> None:
    async def talk(media: MediaSocket) -> None:
        await media.drain()

    async with open_stand() as stand:
        call = await stand.stream(talk, "say df_book_a_room\nhang up")
        media = stand.media().of("media")
        frames = [base64.b64decode(message["media"]["payload"]) for message in media]
        assert tuple(frames) == (*load("df_book_a_room").frames, SILENCE)
        assert [message["media"]["chunk"] for message in media[:3]] == ["1", "2", "3"]
        assert [int(message["sequenceNumber"]) for message in media] == list(range(2, len(media) + 2))
        assert call.stream.said == b"".join(frames)


async def test_frames_keep_an_absolute_schedule() -> None:
    arrivals: list[float] = []

    async def talk(media: MediaSocket) -> None:
        loop = asyncio.get_running_loop()
        while len(arrivals) < 50:
            await media.receive("media")
            arrivals.append(loop.time())
        await media.socket.close()

    async with open_stand() as stand:
        await stand.stream(talk)
        # A busy machine may be late with the last one, but the schedule is not pushed back by it.
        assert 49 * 0.020 - 0.02 < arrivals[-1] - arrivals[0] < 49 * 0.020 + 0.25


async def test_what_is_sent_is_heard_in_real_time() -> None:
    sound = tone(300)

    async def talk(media: MediaSocket) -> None:
        await media.receive("start")
        await media.media(sound[:777])
        await media.media(sound[777:])
        await media.mark("end")
        await media.receive("mark")
        await media.socket.close()

    async with open_stand() as stand:
        call = await stand.stream(talk)
        assert call.stream.played_audio == sound
        assert sound in call.stream.heard
        assert call.stream.heard.strip(b"\xff") == sound
        echoed = call.journal.first(h.MarkEchoed)
        started = call.journal.first(h.PlaybackStarted)
        assert (echoed.name, echoed.position, echoed.heard) == ("end", len(sound), True)
        assert echoed.stream_ms - started.stream_ms == 300
        assert echoed.at_s - started.at_s == pytest.approx(0.3, abs=0.1)


async def test_marks_come_back_as_their_audio_has_played() -> None:
    names: list[str] = []

    async def talk(media: MediaSocket) -> None:
        await media.receive("start")
        for place in range(3):
            await media.media(tone(100))
            await media.mark(f"r1-{place}")
        for _ in range(3):
            names.append((await media.receive("mark"))["mark"]["name"])
        await media.socket.close()

    async with open_stand() as stand:
        call = await stand.stream(talk)
        assert names == ["r1-0", "r1-1", "r1-2"]
        times = [echoed.stream_ms for echoed in call.journal.of(h.MarkEchoed)]
        assert [later - times[0] for later in times] == [0, 100, 200]


async def test_a_mark_with_nothing_before_it_comes_back_at_once() -> None:
    async def talk(media: MediaSocket) -> None:
        await media.receive("media")
        await media.mark("now")
        await media.receive("mark")
        await media.socket.close()

    async with open_stand() as stand:
        call = await stand.stream(talk)
        echoed, received = call.journal.first(h.MarkEchoed), call.journal.first(h.MarkReceived)
        assert call.journal.entries.index(echoed) == call.journal.entries.index(received) + 1
        assert echoed.stream_ms == received.stream_ms


async def test_clear_echoes_every_pending_mark_at_once() -> None:
    async def talk(media: MediaSocket) -> None:
        await media.receive("start")
        await media.media(tone(5000))
        for name in ("r1-0", "r1-1", "r1-2"):
            await media.mark(name)
        for _ in range(10):
            await media.receive("media")
        await media.clear()
        for _ in range(3):
            await media.receive("mark")
        await media.socket.close()

    async with open_stand() as stand:
        call = await stand.stream(talk)
        echoed = call.journal.of(h.MarkEchoed)
        cleared = call.journal.first(h.ClearReceived)
        assert [(mark.name, mark.heard) for mark in echoed] == [(f"r1-{n}", False) for n in range(3)]
        assert all(mark.stream_ms == cleared.stream_ms for mark in echoed)
        assert cleared.dropped == 40_000 - len(call.stream.played_audio)
        assert cleared.position == len(call.stream.played_audio)


async def test_after_a_clear_only_new_audio_is_heard() -> None:
    async def talk(media: MediaSocket) -> None:
        await media.receive("start")
        await media.media(tone(5000))
        await media.receive("media")
        await media.clear()
        await media.media(b"\x20" * 320)
        await media.mark("new")
        await media.receive("mark")
        await media.socket.close()

    async with open_stand() as stand:
        call = await stand.stream(talk)
        assert call.stream.played_audio.endswith(b"\x20" * 320)
        first = call.stream.playback.received - 320
        assert call.stream.timeline.played_bytes(first, first + 320) == 320
        assert call.stream.timeline.played_bytes(0, first) == len(call.stream.played_audio) - 320


async def test_the_lead_of_a_box_that_sends_everything_at_once_is_seen() -> None:
    async def talk(media: MediaSocket) -> None:
        await media.receive("start")
        await media.media(tone(900))
        await media.receive("media")
        await media.receive("media")
        await media.socket.close()

    async with open_stand() as stand:
        assert (await stand.stream(talk)).stream.timeline.ahead_ms_max > 800


async def test_an_underrun_is_seen_as_a_gap() -> None:
    async def talk(media: MediaSocket) -> None:
        await media.receive("start")
        await media.media(tone(40))
        await media.mark("first")
        await media.receive("mark")
        for _ in range(5):
            await media.receive("media")
        await media.media(tone(40))
        await media.mark("second")
        await media.receive("mark")
        await media.socket.close()

    async with open_stand() as stand:
        (gap,) = (await stand.stream(talk)).stream.timeline.gaps()
        assert 60 <= gap.length_ms <= 160


async def test_our_close_lets_the_twiml_go_on() -> None:
    async def talk(media: MediaSocket) -> None:
        await media.receive("start")
        await media.socket.close()

    async with open_stand() as stand:
        call = await stand.stream(talk, after=LOCAL_END)
        assert (call.codes, call.spoken) == ([31921], ["One moment."])
        assert stand.media().of("stop") == []


async def test_a_broken_connection_lets_the_twiml_go_on() -> None:
    async def talk(media: MediaSocket) -> None:
        await media.receive("start")
        media.break_off()

    async with open_stand() as stand:
        call = await stand.stream(talk, after=LOCAL_END)
        assert (call.codes, call.spoken) == ([31903, 31921], ["One moment."])


async def test_with_an_action_the_action_decides() -> None:
    async def talk(media: MediaSocket) -> None:
        await media.receive("start")
        await media.socket.close()

    async with open_stand() as stand:
        stand.box.talk = talk
        stand.box.twiml("/after", "<Say>After.</Say>")
        connect = '<Connect action="/after"><Stream url="wss://box.example.test/media"/></Connect>'
        assert (await stand.call(connect + "<Say>Never.</Say>")).spoken == ["After."]


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("wss://box.example.test/media?nonce=1", 31920),
        ("ws://box.example.test/media", 31920),
        ("https://box.example.test/media", 31920),
        ("/media", 31920),
        ("wss://box.example.test/nothing", 31920),
        ("wss://elsewhere.example.test/media", 31904),
        ("wss://dead.example.test/media", 31902),
    ],
)
async def test_a_stream_that_cannot_be_opened_lets_the_twiml_go_on(url: str, code: int) -> None:
    async with open_stand() as stand:
        stand.peer.network.addresses.add("https://dead.example.test", "http://127.0.0.1:9")
        stand.box.twiml("/stream", "")
        stream = f'<Stream url="{url}" statusCallback="/stream"/>'
        call = await stand.call(f"<Connect>{stream}</Connect>{LOCAL_END}")
        assert (call.codes, call.spoken) == ([code], ["One moment."])
        assert stand.box.forms_at("/stream")[0]["StreamEvent"] == "stream-error"


async def test_a_box_that_never_answers_the_handshake_lets_the_twiml_go_on() -> None:
    async with open_stand() as stand:
        gone = asyncio.Event()

        async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()
            writer.close()
            gone.set()

        async with await asyncio.start_server(mute, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            stand.peer.network.addresses.add("https://mute.example.test", f"http://127.0.0.1:{port}")
            stand.peer.network.stream_connect_s = 0.2
            call = await stand.call(
                f'<Connect><Stream url="wss://mute.example.test/media"/></Connect>{LOCAL_END}'
            )
            await gone.wait()
        assert (call.codes, call.spoken) == ([31901], ["One moment."])


async def test_leaving_the_peer_ends_what_still_runs() -> None:
    async with open_stand() as stand:
        stand.box.twiml("/voice", STREAM)
        call = await stand.ring()
        await call.journal.wait_for(h.StreamStarted)
    assert call.is_over


async def test_the_peer_keeps_its_schedule_when_the_box_does_not_read() -> None:
    async def talk(media: MediaSocket) -> None:
        await media.receive("start")
        media.transport.pause_reading()
        await stopped.wait()
        media.break_off()

    async with open_stand() as stand:
        stopped = asyncio.Event()
        stand.box.talk = talk
        stand.box.twiml("/voice", STREAM)
        call = await stand.ring("wait 0.4\npress 1\nwait 60")
        await call.journal.wait_for(h.KeyPressed)
        stopped.set()
        call.hang_up()
        await call.done()
        assert call.stream.now_ms >= 400


async def test_stream_callbacks_tell_start_and_stop() -> None:
    async with open_stand() as stand:
        stand.box.twiml("/stream", "")
        stream = '<Stream url="wss://box.example.test/media" statusCallback="/stream"/>'
        call = await stand.call(f"<Connect>{stream}</Connect>", "wait 0.1\nhang up")
        told = [(form["StreamEvent"], form["StreamSid"]) for form in stand.box.forms_at("/stream")]
        assert told == [("stream-started", call.stream.sid), ("stream-stopped", call.stream.sid)]


async def test_a_hang_up_stops_and_closes_the_stream() -> None:
    async with open_stand() as stand:
        stand.setup(status_callback=f"{ToyBox.PUBLIC}/status")
        stand.box.twiml("/status", "")
        call = await stand.call(STREAM + LOCAL_END, "wait 0.1\nhang up")
        assert stand.media().events()[-1] == "stop"
        assert stand.media().of("stop")[0]["stop"]["callSid"] == call.sid
        assert (call.disposition, call.spoken) == ("caller-hung-up", [])
        assert stand.box.forms_at("/status")[0]["CallStatus"] == "completed"


async def test_a_hang_up_can_be_a_bare_close() -> None:
    async with open_stand() as stand:
        await stand.call(STREAM, "wait 0.1\nhang up", faults=Faults(bare_close=True))
        assert stand.media().of("stop") == []


async def test_a_hang_up_from_outside_the_plan_ends_the_stream() -> None:
    async with open_stand() as stand:
        stand.box.twiml("/voice", STREAM)
        call = await stand.ring()
        await call.journal.wait_for(h.StreamStarted)
        call.hang_up()
        assert (await call.done()).disposition == "caller-hung-up"


async def test_keys_come_as_dtmf() -> None:
    async with open_stand() as stand:
        await stand.call(STREAM, "press 9#\nhang up")
        keys = [message["dtmf"] for message in stand.media().of("dtmf")]
        assert keys == [{"track": "inbound_track", "digit": digit} for digit in "9#"]


async def test_the_caller_waits_for_replies_by_ear() -> None:
    async def talk(media: MediaSocket) -> None:
        await media.receive("start")
        await media.media(tone(200) + SILENCE * 10 + tone(200))
        await media.drain()

    async with open_stand() as stand:
        call = await stand.stream(
            talk, "wait for speech\npress 1\nwait heard 300\npress 2\nwait for reply\nhang up"
        )
        started = call.journal.first(h.PlaybackStarted).stream_ms
        steps = {step.step: step.call_ms - started for step in call.journal.of(h.CallerActed)}
        assert steps["press 1"] == pytest.approx(120, abs=20)
        assert steps["press 2"] == pytest.approx(280, abs=20)
        assert steps["hang up"] == pytest.approx(600 + 600, abs=20)


async def test_silence_that_is_streamed_is_no_speech() -> None:
    async def talk(media: MediaSocket) -> None:
        await media.receive("start")
        await media.media(SILENCE * 100)
        await media.drain()

    async with open_stand() as stand:
        call = await stand.stream(talk, "wait for speech within 0.4")
        assert call.line.caller.gave_up is not None
        assert not call.ended_well


async def test_what_is_no_message_is_counted_as_a_warning() -> None:
    async def talk(media: MediaSocket) -> None:
        await media.receive("start")
        await media.socket.send_bytes(b"\x00\x01")
        await media.socket.send_str("hello")
        await media.send(event="media", streamSid="MZ0", media={"payload": "AA=="})
        await media.send(event="speak", streamSid=media.sid)
        await media.mark("end")
        await media.receive("mark")
        await media.socket.close()

    async with open_stand() as stand:
        call = await stand.stream(talk)
        assert [warning.code for warning in call.stream.warnings] == [31950, 31950, 31951, 31951]
        assert call.stream.played_audio == b""


async def test_lost_frames_leave_holes_in_time() -> None:
    async with open_stand() as stand:
        await stand.call(STREAM, "wait 0.4\nhang up", faults=Faults(lose_every=4))
        times = [int(message["media"]["timestamp"]) for message in stand.media().of("media")]
        assert {later - sooner for sooner, later in pairwise(times)} == {20, 40}


async def test_a_wrong_stream_signature_can_be_sent() -> None:
    async with open_stand() as stand:
        await stand.call(STREAM, "hang up", faults=Faults(stream_signature="missing"))
        assert "x-twilio-signature" not in stand.media().headers


async def test_streams_of_many_calls_share_one_clock() -> None:
    async def talk(media: MediaSocket) -> None:
        await media.receive("start")
        await media.media(tone(200))
        await media.mark("end")
        await media.drain()

    async with open_stand() as stand:
        stand.box.talk = talk
        stand.box.twiml("/voice", STREAM)
        calls = [await stand.ring("wait for reply\nhang up") for _ in range(20)]
        for call in calls:
            await call.done()
            assert call.stream.timeline.gaps() == []
            assert call.stream.played_audio == tone(200)
