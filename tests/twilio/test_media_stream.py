"""Media Streams as text: what the carrier sends is read, garbage is a WireError and nothing else."""

import base64
from typing import Any

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from appliance.core.errors import WireError
from tests.peers.carrier.messages import CONNECTED, Writer
from twilio_bridge.media_stream import (
    OUT_OF_ORDER_MOST,
    KeyPressed,
    MarkReturned,
    StreamEvent,
    StreamReader,
    StreamStarted,
    StreamStopped,
    StreamWriter,
)

STREAM, CALL = "MZ" + "1" * 32, "CA" + "2" * 32
START: dict[str, Any] = {
    "event": "start",
    "sequenceNumber": "1",
    "streamSid": STREAM,
    "start": {
        "streamSid": STREAM,
        "accountSid": "AC" + "0" * 32,
        "callSid": CALL,
        "tracks": ["inbound"],
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        "customParameters": {"token": "t0ken"},
    },
}
GOOD: dict[str, dict[str, Any]] = {
    "start": START,
    "media": {"event": "media", "sequenceNumber": "2", "streamSid": STREAM, "media": {"payload": "/////w=="}},
    "dtmf": {"event": "dtmf", "sequenceNumber": "2", "streamSid": STREAM, "dtmf": {"digit": "1"}},
    "mark": {"event": "mark", "sequenceNumber": "2", "streamSid": STREAM, "mark": {"name": "0-800"}},
    "stop": {"event": "stop", "sequenceNumber": "2", "streamSid": STREAM, "stop": {}},
}
json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


def text(message: Any) -> str:
    return orjson.dumps(message).decode()


def started() -> StreamReader:
    reader = StreamReader()
    assert isinstance(reader.read(text(START)), StreamStarted)
    return reader


def read_or_refused(reader: StreamReader, sent: str | bytes) -> bytes | StreamEvent | WireError | None:
    try:
        return reader.read(sent)
    except WireError as exc:
        return exc


def test_a_stream_of_the_carriers_is_read() -> None:
    reader, writer = StreamReader(), Writer(STREAM)
    frame = bytes(range(160))
    assert reader.read(CONNECTED) is None
    began = reader.read(writer.start("AC1", CALL, {"token": "t0ken"}))
    assert began == StreamStarted(STREAM, CALL, {"token": "t0ken"})
    assert reader.read(writer.media(frame)) == frame
    assert reader.read(writer.media(None)) == b"\xff" * 160
    assert reader.read(writer.dtmf("#")) == KeyPressed("#")
    assert reader.read(writer.mark("0-800")) == MarkReturned("0-800")
    assert reader.read(writer.stop("AC1", CALL)) == StreamStopped()


@given(st.binary(min_size=1, max_size=2000), st.from_regex(r"[0-9]-[0-9]{1,9}", fullmatch=True))
def test_what_we_write_is_what_the_carrier_reads(audio: bytes, name: str) -> None:
    writer = StreamWriter(STREAM)
    media, mark, clear = (
        orjson.loads(sent) for sent in (writer.media(audio), writer.mark(name), writer.clear)
    )
    assert media == {
        "event": "media",
        "streamSid": STREAM,
        "media": {"payload": base64.b64encode(audio).decode()},
    }
    assert mark == {"event": "mark", "streamSid": STREAM, "mark": {"name": name}}
    assert clear == {"event": "clear", "streamSid": STREAM}


@given(st.text())
def test_a_strange_stream_sid_stays_one_string(sid: str) -> None:
    sent = orjson.loads(StreamWriter(sid).media(b"x"))
    assert (sent["streamSid"], set(sent)) == (sid, {"event", "streamSid", "media"})


@given(st.one_of(st.text(), st.binary(), json.map(text)))
@example(b"\xff\xfe")
@example("[" * 60_000)
@example('{"event":' * 20_000)
@example("{}")
@example('{"event":"media"}')
@example("1e999")
def test_garbage_is_refused_in_a_short_sentence(sent: str | bytes) -> None:
    for reader in (StreamReader(), started()):
        got = read_or_refused(reader, sent)
        assert got is None or isinstance(got, WireError)
        assert len(str(got)) < 700
        assert not reader.out_of_order


PLACES = [(event, path) for event, message in GOOD.items() for path in message] + [
    ("start", "start.callSid"),
    ("start", "start.mediaFormat"),
    ("start", "start.mediaFormat.encoding"),
    ("start", "start.mediaFormat.sampleRate"),
    ("start", "start.mediaFormat.channels"),
    ("start", "start.customParameters"),
    ("media", "media.payload"),
    ("dtmf", "dtmf.digit"),
    ("mark", "mark.name"),
]


def changed(event: str, path: str, value: Any) -> str:
    message = orjson.loads(orjson.dumps(GOOD[event]))
    inner = message
    *folders, name = path.split(".")
    for folder in folders:
        inner = inner[folder]
    inner[name] = value
    return text(message)


@pytest.mark.parametrize(("event", "path"), PLACES)
@settings(max_examples=40)
@given(value=json)
def test_a_field_of_the_wrong_type_is_refused_or_means_nothing(event: str, path: str, value: Any) -> None:
    reader = StreamReader() if event == "start" else started()
    got = read_or_refused(reader, changed(event, path, value))
    harmless = got is None or isinstance(got, WireError)
    same = type(got) in (bytes, StreamStarted, KeyPressed, MarkReturned, StreamStopped)
    assert harmless or same
    if isinstance(got, MarkReturned):
        assert isinstance(got.name, str)
    if isinstance(got, StreamStarted):
        assert all(isinstance(each, str) for pair in got.parameters.items() for each in pair)


@pytest.mark.parametrize("payload", ["!!!!", "a", "====", "/////w==\n", "ÿ", 7, None, [], {}])
def test_a_payload_that_is_not_base64_is_refused(payload: Any) -> None:
    with pytest.raises(WireError, match="malformed"):
        started().read(changed("media", "media.payload", payload))


@pytest.mark.parametrize("event", ["media", "dtmf", "mark", "stop"])
def test_nothing_of_a_stream_comes_before_its_start(event: str) -> None:
    with pytest.raises(WireError, match="before start"):
        StreamReader().read(text(GOOD[event]))


@pytest.mark.parametrize("event", ["media", "dtmf", "mark", "stop"])
def test_a_message_of_another_stream_is_refused(event: str) -> None:
    with pytest.raises(WireError, match="another stream"):
        started().read(changed(event, "streamSid", "MZ" + "9" * 32))


def test_a_second_start_is_refused() -> None:
    with pytest.raises(WireError, match="a second start"):
        started().read(text(START | {"sequenceNumber": "2"}))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("start.mediaFormat.encoding", "audio/x-l16"),
        ("start.mediaFormat.sampleRate", 16000),
        ("start.mediaFormat.channels", 2),
    ],
)
def test_other_audio_than_ours_is_refused(path: str, value: Any) -> None:
    with pytest.raises(WireError, match="audio is not"):
        StreamReader().read(changed("start", path, value))


@pytest.mark.parametrize("path", ["streamSid", "start.callSid"])
def test_a_start_without_ids_is_refused(path: str) -> None:
    with pytest.raises(WireError, match="without ids"):
        StreamReader().read(changed("start", path, ""))


def test_a_key_that_no_telephone_has_is_refused() -> None:
    for digit in ("A", "10", "", "１"):
        with pytest.raises(WireError, match="not a key"):
            started().read(changed("dtmf", "dtmf.digit", digit))


@given(st.lists(st.integers(2, 60), max_size=80))
def test_every_message_is_taken_once_and_in_order(numbers: list[int]) -> None:
    reader, taken, dropped = started(), [], 0
    for number in numbers:
        if reader.read(changed("media", "sequenceNumber", str(number))) is None:
            dropped += 1
        else:
            taken.append(number)
    assert taken == sorted(set(taken))
    assert reader.out_of_order == dropped == len(numbers) - len(taken)


def test_a_replayed_stream_ends() -> None:
    reader = started()
    reader.read(text(GOOD["media"]))
    for _ in range(OUT_OF_ORDER_MOST):
        assert reader.read(text(GOOD["media"])) is None
    with pytest.raises(WireError, match="out of order"):
        reader.read(text(GOOD["media"]))


def test_new_kinds_of_messages_mean_nothing() -> None:
    reader = started()
    assert reader.read(text({"event": "sneeze", "sequenceNumber": "2", "streamSid": STREAM})) is None
    assert reader.read(changed("media", "sequenceNumber", "3")) == b"\xff" * 4
