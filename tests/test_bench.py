"""The bench's own account: what it counts as late, what it reads on the wire, and that a short run works."""

import asyncio
import os
import signal
import sys

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from scripts.bench import real, report, speech
from scripts.bench.cloud import APPEND
from scripts.bench.figures import Spread, spread
from scripts.bench.flow import Arrived, Sent, delays, longest_gap, transits
from scripts.bench.plan import YARDSTICK, Plan, Results, carry_out
from scripts.bench.profiler import summary
from scripts.bench.reply import Reply
from scripts.bench.script import Cue, script_of
from scripts.bench.wire import FrameReader, WireError, accept_of, client_frame, server_frame
from scripts.loopback_box import AUTH_TOKEN, ROOT
from tests.bench_figures import figures

FRAME = speech.FRAME


def _sent(*at: float, marked: int = 0) -> Sent:
    sent = Sent()
    for moment in at:
        sent.add(moment, FRAME, marked)
    return sent


def _arrived(*pieces: tuple[float, int]) -> Arrived:
    arrived = Arrived()
    for at, size in pieces:
        arrived.add(at, size)
    return arrived


# Latency ---------------------------------------------------------------------------------------------------


def test_a_frame_is_late_until_its_last_byte_has_arrived() -> None:
    sent = _sent(1.00, 1.02, 1.04)
    arrived = _arrived((1.001, FRAME), (1.030, FRAME // 2), (1.031, FRAME // 2), (1.040, FRAME))
    found = delays(sent, arrived, 0, 2, 3)
    assert found.late == pytest.approx([0.001, 0.011, 0.0])
    assert found.missing == 0


def test_frames_that_are_held_to_be_sent_together_are_each_late_by_their_own_wait() -> None:
    found = delays(_sent(1.00, 1.02, 1.04), _arrived((1.041, 3 * FRAME)), 0, 2, 3)
    assert found.late == pytest.approx([0.041, 0.021, 0.001])


def test_a_message_is_as_late_as_its_last_frame() -> None:
    found = transits(_sent(1.00, 1.02, 1.04), _arrived((1.041, 3 * FRAME)), 0, 2)
    assert found.late == pytest.approx([0.001])


def test_only_the_window_counts_and_what_never_came_counts_until_the_end() -> None:
    found = delays(_sent(0.5, 1.0, 1.5, 2.5), _arrived((0.6, FRAME), (1.1, FRAME)), 1, 2, 4)
    assert found.late == pytest.approx([0.1, 2.5])
    assert found.missing == 1


def test_bytes_dropped_before_any_arrived_are_taken_off() -> None:
    found = delays(_sent(1.0, 1.1), _arrived((1.102, FRAME)), 1.05, 2, 3, lost=FRAME)
    assert found.late == pytest.approx([0.002])
    assert transits(_sent(1.0, 1.1), _arrived((1.102, FRAME)), 0, 2, lost=FRAME).late == pytest.approx(
        [0.002]
    )


def test_of_a_reply_the_first_byte_of_its_first_piece_counts() -> None:
    sent = Sent()
    for at, first in ((1.0, 1), (1.025, 0), (5.0, 1)):
        sent.add(at, 1600, first)
    arrived = _arrived((1.003, 160), (1.2, 3040), (5.004, 320))
    assert delays(sent, arrived, 0, 6, 9, replies=True).late == pytest.approx([0.003, 0.004])


def _replied(*sizes_ms: int) -> Sent:
    """Replies of these lengths, begun a second after one another and sent at once."""
    sent = Sent()
    for number, size_ms in enumerate(sizes_ms):
        sent.add(1.0 + number, size_ms * 8, 1)
    return sent


def test_a_reply_that_comes_in_time_has_no_gap() -> None:
    arrived = _arrived((1.0, 800), (1.09, 800), (1.2, 800), (2.0, 2400))
    assert longest_gap(_replied(300, 300), arrived, 1, 3, 5) == 0.0


def test_the_longest_silence_in_a_reply_is_its_gap() -> None:
    # Due at 1.1, then at 1.25 as it came late, then at 1.35.
    arrived = _arrived((1.0, 800), (1.15, 800), (1.26, 800), (2.0, 2400))
    assert longest_gap(_replied(300, 300), arrived, 1, 3, 5) == pytest.approx(0.05)
    assert longest_gap(_replied(300, 300), arrived, 1.5, 3, 5) == 0.0


def test_a_silence_between_replies_is_no_gap() -> None:
    assert longest_gap(_replied(100, 100), _arrived((1.0, 800), (4.0, 800)), 1, 3, 5) == 0.0


def test_a_reply_that_stops_half_way_is_silent_from_there_on() -> None:
    assert longest_gap(_replied(300), _arrived((1.0, 800)), 1, 3, 5) == pytest.approx(3.9)
    assert longest_gap(_replied(300), _arrived(), 1, 3, 5) == 0.0


def test_speech_and_silence_are_told_apart() -> None:
    loud, quiet = _sent(1.0, marked=1), _sent(1.0)
    account = [delays(one, _arrived((at, FRAME)), 0, 2, 3) for one, at in ((loud, 1.001), (quiet, 1.04))]
    assert spread(account, True).longest_ms == pytest.approx(1.0)
    assert spread(account, False).p50_ms == pytest.approx(40.0)
    assert spread(account).pieces == 2
    assert spread([]) == Spread(0, 0.0, 0.0, 0.0)


# The wire --------------------------------------------------------------------------------------------------


@given(
    st.lists(st.binary(max_size=300), max_size=5),
    st.lists(st.integers(1, 400)),
)
def test_frames_survive_any_chunking(payloads: list[bytes], cuts: list[int]) -> None:
    wire = b"".join(client_frame(each) if at % 2 else server_frame(each) for at, each in enumerate(payloads))
    reader, got = FrameReader(), []
    for size in [*cuts, len(wire)]:
        got += reader.feed(wire[:size])
        wire = wire[size:]
    assert [payload for _, payload in got] == payloads


@pytest.mark.parametrize("size", [125, 126, 65_535, 65_536])
def test_a_frame_of_any_length_comes_through(size: int) -> None:
    payload = bytes(size)
    assert FrameReader().feed(server_frame(payload)) == [(1, payload)]
    assert FrameReader().feed(client_frame(payload)[:-1]) == []


def test_a_masked_frame_is_unmasked() -> None:
    # The example of RFC 6455, section 5.7.
    assert FrameReader().feed(bytes.fromhex("818537fa213d7f9f4d5158")) == [(1, b"Hello")]
    assert accept_of(b"dGhlIHNhbXBsZSBub25jZQ==") == b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


def test_a_fragment_is_refused() -> None:
    with pytest.raises(WireError):
        FrameReader().feed(bytes.fromhex("0103486965"))


@pytest.mark.parametrize(
    "message",
    [
        b'{"type":"input_audio_buffer.append","audio":"AAAA"}',
        b'{"type": "input_audio_buffer.append", "event_id": "e1", "audio": "AAAA"}',
    ],
)
def test_an_append_is_known_in_either_spelling(message: bytes) -> None:
    begins = APPEND.match(message)
    assert begins is not None
    assert message[begins.end() :].startswith(b"AAAA")


def test_a_webhook_is_signed_as_the_carrier_does() -> None:
    url, form = "https://box.example.test/twilio/voice", {"To": "+15550100001", "CallSid": "CA1"}
    assert real.signature(url, form) == RequestValidator(AUTH_TOKEN).compute_signature(url, form)


# The script ------------------------------------------------------------------------------------------------


@given(st.integers(0, 0xFFFF), st.integers(0, 0xFFFF), st.integers(0, 3))
def test_stamped_silence_says_whose_it_is(number: int, frame: int, before: int) -> None:
    audio = b"\xff" * (before * FRAME) + speech.stamp(number, frame)
    assert speech.read_stamp(audio) == (number, frame, before * FRAME)


def test_there_is_speech_to_play() -> None:
    voices = speech.recordings()
    assert len(voices) > 1
    assert 0.4 < sum(speech.talk(0).loud) / speech.SPOKEN <= 1
    assert not any(speech.quiet().loud)


@given(st.integers(0, 500))
def test_the_cloud_acts_in_order_once_a_turn(number: int) -> None:
    script = script_of(number, "talk")
    at, cues, frames = 0, [], []
    for _ in range(12):
        at, cue = script.next_cue(at)
        cues.append(cue)
        frames.append(at)
    first = list(Cue).index(cues[0] or Cue.STARTED)
    assert cues == [list(Cue)[(first + step) % 4] for step in range(12)]
    assert [frames[step + 4] - frames[step] for step in range(1, 8)] == [speech.TURN] * 7
    assert frames[0] >= speech.LEAD


def test_a_duplex_call_has_no_turns() -> None:
    assert script_of(3, "duplex").next_cue(0)[1] is None


def test_a_reply_comes_in_the_order_of_the_service() -> None:
    reply, kinds, audio = Reply(1, 400), [], 0
    while not reply.over:
        for message, size, _ in reply.due():
            kinds.append(orjson.loads(message)["type"])
            audio += size
    assert kinds[:2] == ["response.created", "rate_limits.updated"]
    assert kinds[-1] == "response.done"
    assert kinds.count("response.output_audio.delta") == 2
    assert audio == 400 * 8


# Figures ---------------------------------------------------------------------------------------------------


def test_lateness_is_read_from_a_histogram() -> None:
    late = real.lateness_of({0.001: 90.0, 0.005: 99.0, 0.02: 100.0, float("inf"): 100.0})
    assert (late.p50, late.p99, late.longest) == (0.001, 0.005, 0.02)


def test_held_silence_is_not_too_late_but_late_speech_or_lost_audio_is() -> None:
    slow = Spread(10, 1.0, 21.0, 30.0)
    assert figures().keeps_up
    assert not figures(up_speech=slow).keeps_up
    assert not figures(down=slow).keeps_up
    assert not figures(missing=1).keeps_up


def test_a_late_load_makes_a_run_invalid() -> None:
    results = Results(Plan((YARDSTICK,), ()), rounds={YARDSTICK: [figures(load_late_ms=2.5)]})
    assert not results.valid
    assert "INVALID" in report.table(results)


def test_the_climb_ends_in_the_largest_number_and_the_memory_of_a_call() -> None:
    climb = [figures(calls=40), figures(calls=80, memory_mib=50.0), figures(calls=120, missing=9)]
    results = Results(Plan((), ()), climbs={"x": climb})
    assert results.largest("x") == 80
    assert results.memory_kib_per_call("x") == pytest.approx(0.0)
    results.climbs["x"].pop()
    assert results.memory_kib_per_call("x") == pytest.approx(512.0)
    assert results.largest("unknown") == 0


def test_stacks_are_summed_by_top_and_by_presence() -> None:
    text = summary("main (a.py:1);work (a.py:2) 30\nmain (a.py:1) 10\n")
    top, _, anywhere = text.partition("anywhere")
    assert "75.0%  work (a.py:2)" in top
    assert "100.0%  main (a.py:1)" in anywhere


HOLDS = """
import asyncio
from scripts.bench.subject import Child

async def hold():
    child = Child(["sleep", "600"])
    await child.start()
    print(child.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(hold())
"""


@pytest.mark.parametrize("ended_by", [signal.SIGTERM, signal.SIGKILL])
async def test_a_bench_that_is_ended_leaves_no_bridge_behind(ended_by: signal.Signals) -> None:
    bench = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLDS, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert bench.stdout is not None
    bridge = os.pidfd_open(int(await bench.stdout.readline()))
    gone = asyncio.Event()
    asyncio.get_running_loop().add_reader(bridge, gone.set)
    try:
        bench.send_signal(ended_by)
        async with asyncio.timeout(20):
            await bench.wait()
            await gone.wait()
    finally:
        asyncio.get_running_loop().remove_reader(bridge)
        os.close(bridge)


async def test_a_short_run_of_the_minimal_bridge_has_allfigures() -> None:
    plan = Plan((YARDSTICK,), (), profile="duplex", calls=2, seconds=2, rounds=1, warm_s=0.5)
    said: list[str] = []
    results = await carry_out(plan, said.append)
    found = results.typical(YARDSTICK)
    assert found.up.pieces == pytest.approx(2 * 50 * found.seconds, abs=6)
    assert found.down.pieces == pytest.approx(2 * 10 * found.seconds, abs=6)
    assert found.missing == 0
    assert 0 < found.up.p50_ms <= found.up.p99_ms
    assert 0 < found.cpu_s_per_call_minute < 30
    assert found.memory_mib > 5
    assert found.loop_late is not None
    assert said
    table, tree = report.table(results), orjson.loads(report.as_json(results))
    assert "CPU s per call-minute" in table
    assert tree["ratio"][YARDSTICK] == 1.0
