import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.errors import WireError
from ari_bridge import media_events
from ari_bridge.media_events import FlowChanged, KeyPressed, MarkPassed, MediaStarted, QueueMeasured
from tests.peers.pbx import Channel
from tests.peers.pbx.channel import COMMAND_MOST

START = {
    "event": "MEDIA_START",
    "connection_id": "c",
    "channel": "WebSocket/attendant/0x1",
    "channel_id": "1.2",
    "format": "ulaw",
    "optimal_frame_size": 160,
    "ptime": 20,
    "channel_variables": {"__ATTENDANT_CALL": "a1-2.3", "PLAIN": "yes"},
}


def text(**fields: object) -> bytes:
    return orjson.dumps(fields)


def test_a_start_tells_the_coding_and_the_variables_without_their_underscores() -> None:
    found = media_events.read(orjson.dumps(START))
    assert found == MediaStarted(
        "ulaw_8k", {"ATTENDANT_CALL": "a1-2.3", "PLAIN": "yes"}, "WebSocket/attendant/0x1"
    )


@pytest.mark.parametrize(
    ("name", "size", "coding"),
    [
        ("ulaw", 160, "ulaw_8k"),
        ("slin", 320, "pcm_8k"),
        ("slin16", 640, "pcm_16k"),
        ("slin24", 960, "pcm_24k"),
    ],
)
def test_every_coding_has_its_frame(name: str, size: int, coding: str) -> None:
    found = media_events.read(orjson.dumps({**START, "format": name, "optimal_frame_size": size}))
    assert isinstance(found, MediaStarted)
    assert found.coding == coding
    with pytest.raises(WireError):
        media_events.read(orjson.dumps({**START, "format": name, "optimal_frame_size": size + 1}))


@pytest.mark.parametrize(
    ("message", "event"),
    [
        ({"event": "DTMF_END", "digit": "#"}, KeyPressed("#")),
        ({"event": "DTMF_END", "digit": "A"}, None),
        ({"event": "MEDIA_MARK_PROCESSED", "correlation_id": "3-4800"}, MarkPassed("3-4800")),
        ({"event": "STATUS", "queue_length": 7}, QueueMeasured(140)),
        ({"event": "MEDIA_XOFF"}, FlowChanged(open=False)),
        ({"event": "MEDIA_XON"}, FlowChanged(open=True)),
        ({"event": "QUEUE_DRAINED"}, None),
        ({"event": "SOMETHING_NEW", "more": [1]}, None),
    ],
)
def test_events(message: dict[str, object], event: object) -> None:
    assert media_events.read(orjson.dumps(message)) == event


@pytest.mark.parametrize(
    "message",
    [b"", b"MEDIA_START connection_id:x", b"[]", b"{}", b'{"event":"DTMF_END"}', b'{"event":"STATUS"}', b"1"],
)
def test_what_is_no_message_is_refused(message: bytes) -> None:
    with pytest.raises(WireError):
        media_events.read(message)


@given(st.recursive(st.none() | st.booleans() | st.integers(-9, 9) | st.text(), st.lists, max_leaves=5))
def test_nothing_else_than_our_error_comes_of_any_message(value: object) -> None:
    for message in (orjson.dumps(value), text(event="MEDIA_START", format=value), text(event=value)):
        try:
            media_events.read(message)
        except WireError:
            continue


@given(st.integers(0, 999_999), st.integers(0, 10**12))
def test_every_command_is_short_enough_to_be_read(generation: int, position: int) -> None:
    channel = Channel()
    for command in (
        media_events.mark(f"{generation}-{position}"),
        media_events.FLUSH,
        media_events.MEASURE,
        media_events.HANG_UP,
    ):
        assert len(command) <= COMMAND_MOST
        channel.take(command)
    assert channel.ignored == []
    assert channel.hung_up
