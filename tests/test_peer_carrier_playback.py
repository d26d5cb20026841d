"""The carrier peer's playback buffer and its messages, without a socket."""

import orjson
import pytest

from tests.peers.carrier.messages import BadMessage, Clear, MarkSet, Media, Writer, read
from tests.peers.carrier.playback import Mark, Playback
from tests.peers.carrier.timeline import Gap, Timeline


def test_audio_of_any_length_is_played_160_bytes_at_a_time() -> None:
    playback = Playback()
    playback.media(b"a" * 100)
    playback.media(b"b" * 250)
    assert [playback.take() for _ in range(4)] == [b"a" * 100 + b"b" * 60, b"b" * 160, b"b" * 30, b""]


def test_a_mark_is_due_when_the_last_frame_before_it_has_sounded() -> None:
    playback = Playback()
    playback.media(b"a" * 160)
    assert playback.mark("end") is None
    assert playback.turn() == []
    playback.take()
    assert playback.turn() == [Mark("end", 160)]


def test_a_mark_with_nothing_before_it_is_due_at_once() -> None:
    assert Playback().mark("now") == Mark("now", 0)


def test_a_mark_within_a_frame_is_due_after_that_frame() -> None:
    playback = Playback()
    playback.media(b"a" * 10)
    playback.mark("early")
    playback.media(b"a" * 400)
    playback.take()
    assert playback.turn() == [Mark("early", 10)]


def test_clear_gives_back_every_mark_and_drops_the_rest() -> None:
    playback = Playback()
    playback.media(b"a" * 1600)
    playback.mark("one")
    playback.mark("two")
    playback.take()
    assert [mark.name for mark in playback.clear()] == ["one", "two"]
    assert (playback.dropped, playback.buffered, playback.take()) == (1440, 0, b"")


def test_after_a_clear_positions_go_on_from_what_was_received() -> None:
    playback = Playback()
    playback.media(b"a" * 1600)
    playback.clear()
    playback.turn()
    playback.media(b"b" * 160)
    playback.mark("after")
    playback.take()
    assert playback.turn() == [Mark("after", 1760)]


def test_timeline_tells_gaps_lead_and_position() -> None:
    timeline = Timeline()
    ticks = [(0, 160, 320), (160, 160, 160), (320, 0, 0), (320, 80, 80), (400, 0, 0)]
    for place, (position, played, buffered) in enumerate(ticks):
        timeline.tick(7.0 + place * 0.020, position, played, buffered)
    assert timeline.gaps() == [Gap(40, 20)]
    assert timeline.ahead_ms_max == 40
    assert (timeline.position_at(30), timeline.position_at(70), timeline.position_at(500)) == (240, 400, 400)
    assert timeline.played_bytes(100, 350) == 250


def test_a_late_tick_of_the_carriers_own_is_not_the_boxs_lead() -> None:
    timeline = Timeline()
    for at_s, buffered in [(1.0, 1600), (1.02, 1600), (1.09, 2000), (1.09, 1840), (1.09, 1680), (1.1, 1600)]:
        timeline.tick(at_s, 0, 160, buffered)
    assert timeline.ahead_ms_max == pytest.approx(200)
    timeline.tick(1.12, 0, 160, 2400)
    assert timeline.ahead_ms_max == pytest.approx(300)


def test_a_gap_tells_how_long_our_own_clock_stood_still_before_it() -> None:
    timeline = Timeline()
    for at_s in [1.0, 1.02, 1.25, 1.25, 1.25, 1.26]:
        timeline.tick(at_s, 0, 160, 160)
    assert timeline.stood_still_ms(Gap(60, 20), 60) == pytest.approx(210)
    assert timeline.stood_still_ms(Gap(60, 20), 20) == pytest.approx(-20)
    assert timeline.stood_still_ms(Gap(0, 0), 500) == -20


def test_every_message_but_the_first_is_numbered_in_decimal_text() -> None:
    writer = Writer("MZ1")
    written = [
        writer.start("AC1", "CA1", {"nonce": "x"}),
        writer.media(None),
        writer.dtmf("5"),
        writer.media(b"\x00" * 160),
        writer.mark("m"),
        writer.stop("AC1", "CA1"),
    ]
    messages = [orjson.loads(message) for message in written]
    assert [message["sequenceNumber"] for message in messages] == ["1", "2", "3", "4", "5", "6"]
    assert {message["streamSid"] for message in messages} == {"MZ1"}
    assert [messages[place]["media"]["chunk"] for place in (1, 3)] == ["1", "2"]
    assert [messages[place]["media"]["timestamp"] for place in (1, 3)] == ["5", "25"]
    assert len(messages[1]["media"]["payload"]) == 216
    assert messages[0]["start"]["customParameters"] == {"nonce": "x"}


def test_a_lost_frame_leaves_a_hole_in_time_and_none_in_the_sequence() -> None:
    writer = Writer("MZ1")
    writer.media(None)
    writer.lose()
    message = orjson.loads(writer.media(None))
    assert (message["sequenceNumber"], message["media"]["timestamp"]) == ("2", "45")


def test_what_the_box_may_send_is_read() -> None:
    assert read('{"event":"media","streamSid":"MZ1","media":{"payload":"//8="}}', "MZ1") == Media(b"\xff\xff")
    assert read('{"event":"mark","streamSid":"MZ1","mark":{"name":"r1-3"}}', "MZ1") == MarkSet("r1-3")
    assert read('{"event":"clear","streamSid":"MZ1"}', "MZ1") == Clear()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", 31950),
        ("[]", 31950),
        ('{"event":"clear"}', 31951),
        ('{"event":"clear","streamSid":"MZ2"}', 31951),
        ('{"event":"stop","streamSid":"MZ1"}', 31951),
        ('{"event":"media","streamSid":"MZ1"}', 31951),
        ('{"event":"media","streamSid":"MZ1","media":{"payload":""}}', 31951),
        ('{"event":"media","streamSid":"MZ1","media":{"payload":"%%%"}}', 31951),
        ('{"event":"mark","streamSid":"MZ1","mark":{}}', 31951),
    ],
)
def test_anything_else_earns_a_warning(text: str, code: int) -> None:
    with pytest.raises(BadMessage) as caught:
        read(text, "MZ1")
    assert caught.value.code == code
