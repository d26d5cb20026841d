"""The protocol of the speech service: every event, every error, every rule; garbage is counted."""

from base64 import b64decode, b64encode
from typing import Any, get_args

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types.realtime import RealtimeServerEvent

from appliance.core.coding import BYTES_PER_MS, Coding
from appliance.core.events import (
    BrainAlive,
    BrainErred,
    Heard,
    HeardPart,
    ReplyBegan,
    ReplyEnded,
    ReplyGoesOn,
    ReplyWorded,
    SpeechStarted,
    SpeechStopped,
    ToolCall,
    ToolsAsked,
    UsageMissed,
    UsageReported,
    UtteranceTaken,
)
from models.realtime import prices
from models.realtime.faults import Action
from models.realtime.input_buffer import QUIET_MS, RUN_UP_MS
from models.realtime.session import (
    GARBAGE_MOST,
    UTTERANCE_MOST,
    Output,
    ReplyAudio,
    ReplyAudioEnded,
    Session,
    SessionFault,
    SessionReady,
)
from tests.models.published import checked
from tests.models.test_messages import plan

PRICES = prices.load()
SERVER_EVENTS = sorted(
    get_args(event.model_fields["type"].annotation)[0] for event in get_args(get_args(RealtimeServerEvent)[0])
)
# Of other ways to the service (WebRTC, SIP, remote tools), or of other kinds of sessions.
NOT_OURS = ("output_audio_buffer.", "mcp_", "response.mcp_", "input_audio_buffer.dtmf_")
AUDIO = b64encode(b"\x10" * 800).decode()


def fresh(**changed: Any) -> Session:
    session = Session(plan(**changed), PRICES)
    said(session, "session.created", session={"expires_at": 1_800_000_000})
    said(session, "session.updated", session={})
    session.outbox.clear()
    return session


def said(session: Session, kind: str, /, **fields: Any) -> list[Output]:
    return session.feed(orjson.dumps({"type": kind, "event_id": "event_1", **fields}))


def sent(session: Session) -> list[str]:
    """The kinds of messages in the outbox, each checked; it is empty afterwards."""
    kinds = [str(checked(text)["type"]) for text in session.outbox]
    session.outbox.clear()
    return kinds


def done(session: Session, response_id: str = "r1", status: str = "completed", **fields: Any) -> list[Output]:
    tool = {"type": "function_call", "call_id": "c1", "name": "get_business_hours", "arguments": "{}"}
    response = {"id": response_id, "status": status, "output": [tool], **fields}
    return said(session, "response.done", response=response)


def test_a_session_is_ready_when_its_setup_was_taken() -> None:
    session = Session(plan(), PRICES)
    assert said(session, "session.created", session={"expires_at": 1_800_000_000}) == []
    assert (sent(session), session.expires_at) == (["session.update"], 1_800_000_000)
    assert said(session, "session.updated", session={}) == [SessionReady()]
    assert said(session, "session.updated", session={}) == [BrainAlive()]


def test_an_expiry_that_is_not_told_is_none() -> None:
    session = Session(plan(), PRICES)
    said(session, "session.created", session={"expires_at": None})
    assert session.expires_at == 0


def test_the_caller_is_heard() -> None:
    session = fresh()
    item = {"item_id": "u1"}
    assert said(session, "input_audio_buffer.speech_started", **item) == [SpeechStarted()]
    assert said(session, "input_audio_buffer.speech_stopped", **item) == [SpeechStopped()]
    assert said(session, "input_audio_buffer.committed", **item) == [UtteranceTaken("u1")]
    part = "conversation.item.input_audio_transcription.delta"
    assert said(session, part, delta="What ", **item) == [HeardPart("u1", "What ")]
    assert said(session, part, delta="time?", **item) == [HeardPart("u1", "What time?")]
    whole = "conversation.item.input_audio_transcription.completed"
    assert said(session, whole, transcript=" What time? ", **item) == [Heard("u1", "What time?")]
    failed = "conversation.item.input_audio_transcription.failed"
    assert said(session, failed, error={"code": "audio_unintelligible"}, item_id="u2") == [Heard("u2", "")]


def test_an_utterance_is_bounded() -> None:
    session, part = fresh(), "conversation.item.input_audio_transcription.delta"
    texts = [said(session, part, item_id="u1", delta="x" * 1000) for _ in range(10)]
    assert [len(found) for found in texts] == [1] * (UTTERANCE_MOST // 1000) + [0] * 6


def test_a_spoken_answer_is_told_in_order() -> None:
    session = fresh()
    assert said(session, "response.created", response={"id": "r1"}) == [ReplyBegan("r1")]
    about = {"response_id": "r1", "item_id": "a1", "content_index": 0}
    assert said(session, "response.output_audio.delta", delta=AUDIO, **about) == [
        ReplyAudio("r1", "a1", b"\x10" * 800)
    ]
    assert said(session, "response.output_audio.done", **about) == [ReplyAudioEnded("a1")]
    assert said(session, "response.output_audio_transcript.done", transcript=" We are open. ", **about) == []
    item = {"id": "a1", "type": "message"}
    assert said(session, "response.output_item.done", item=item) == [ReplyWorded("a1", "We are open.", 100)]
    assert said(session, "response.output_item.done", item=item) == []
    assert done(session, output=[item]) == [ReplyEnded("r1", "completed")]


@pytest.mark.parametrize("kind", [kind for kind in SERVER_EVENTS if not kind.startswith(NOT_OURS)])
def test_every_published_event_is_known(kind: str) -> None:
    session = fresh()
    said(session, kind)
    assert session.unknown == 0


def test_what_is_known_and_what_is_not() -> None:
    session = fresh()
    for kind in (
        "rate_limits.updated",
        "response.output_text.delta",
        "conversation.item.truncated",
    ):
        assert said(session, kind) == []
    assert session.unknown == 0
    for kind in ("response.audio.delta", "response.dance", ""):
        assert said(session, kind) == []
    assert (session.unknown, session.garbage) == (3, 0)


# Tools -------------------------------------------------------------------------------------------------

CALLS = [
    {"type": "function_call", "call_id": "c1", "name": "take_message", "arguments": '{"a":1}'},
    {"type": "function_call", "call_id": "c2", "name": "end_call"},
]


def test_tools_are_taken_from_a_completed_answer_alone() -> None:
    message = {"type": "message", "id": "a1"}
    tools = (ToolCall("c1", "take_message", '{"a":1}'), ToolCall("c2", "end_call", "{}"))
    assert done(fresh(), output=CALLS)[-1] == ToolsAsked("r1", tools, spoke=False)
    assert done(fresh(), output=[message, *CALLS])[-1] == ToolsAsked("r1", tools, spoke=True)
    for status in ("cancelled", "incomplete", "failed", "in_progress"):
        made = done(fresh(), status=status, output=[message, *CALLS])
        assert not any(isinstance(output, ToolsAsked) for output in made)


def test_arguments_as_they_stream_ask_for_nothing() -> None:
    session = fresh()
    whole = "response.function_call_arguments.done"
    assert said(session, whole, call_id="c1", name="end_call", arguments="{}") == []
    assert session.unknown == 0


# Asking ------------------------------------------------------------------------------------------------


def test_a_wanted_answer_waits_for_the_one_under_way() -> None:
    session = fresh()
    session.ask_for_reply()
    assert sent(session) == ["response.create"]
    session.ask_for_reply()
    said(session, "response.created", response={"id": "r1"})
    session.ask_for_reply("Go on.")
    assert sent(session) == []
    done(session)
    assert checked(session.outbox[0])["response"] == {"instructions": "Go on."}
    assert sent(session) == ["response.create"]
    said(session, "response.created", response={"id": "r2"})
    done(session, "r2")
    assert sent(session) == []


def test_an_answer_that_the_service_began_itself_is_waited_for_too() -> None:
    session = fresh()
    session.say(ask=True)
    assert refused_because_of_another(session)
    said(session, "response.created", response={"id": "r1"})
    assert sent(session) == []
    done(session)
    assert sent(session) == ["response.create"]


def test_an_answer_that_the_service_began_itself_is_the_one_that_was_owed() -> None:
    """Nothing was told to the service since: it answers all that was said."""
    session = fresh()
    session.ask_for_reply()
    assert refused_because_of_another(session)
    said(session, "response.created", response={"id": "r1"})
    done(session)
    assert sent(session) == []


def test_a_wish_of_the_service_that_our_answer_was_in_the_way_of_is_ours_now() -> None:
    session = fresh()
    said(session, "response.created", response={"id": "r1"})
    error = {"type": "invalid_request_error", "code": "conversation_already_has_active_response"}
    said(session, "error", error=error)
    done(session)
    assert sent(session) == ["response.create"]


def refused_because_of_another(session: Session) -> bool:
    """Refuse the request in the outbox."""
    code = "conversation_already_has_active_response"
    event_id = checked(session.outbox.pop())["event_id"]
    error = {"type": "invalid_request_error", "code": code, "event_id": event_id}
    return said(session, "error", error=error) == [BrainErred(code, Action.HARMLESS)]


def test_an_end_of_another_answer_does_not_free_ours() -> None:
    session = fresh()
    said(session, "response.created", response={"id": "r1"})
    session.ask_for_reply()
    done(session, "r0")
    assert sent(session) == []


def test_the_callers_voice_takes_back_what_was_wanted() -> None:
    session = fresh()
    said(session, "response.created", response={"id": "r1"})
    session.ask_for_reply()
    said(session, "input_audio_buffer.speech_started", item_id="u1")
    done(session, status="cancelled")
    assert sent(session) == []


def test_a_cancel_is_sent_only_where_the_service_has_not_stopped_itself() -> None:
    session = fresh()
    session.cancel()
    assert sent(session) == []
    said(session, "response.created", response={"id": "r1"})
    session.cancel()
    session.cancel()
    assert sent(session) == ["response.cancel"]
    done(session, status="cancelled")
    said(session, "response.created", response={"id": "r2"})
    said(session, "input_audio_buffer.speech_started", item_id="u1")
    session.cancel()
    assert sent(session) == []


LEGS: tuple[Coding, ...] = ("ulaw_8k", "pcm_8k", "pcm_16k", "pcm_24k")


@pytest.mark.parametrize("leg", LEGS)
@pytest.mark.parametrize(("audio", "per_ms"), [("pcmu", 8), ("pcm24", 48)])
@given(st.lists(st.integers(1, 400), min_size=1, max_size=5))
def test_a_reply_is_as_long_for_the_leg_as_the_service_made_it(
    audio: str, per_ms: int, leg: Coding, pieces_ms: list[int]
) -> None:
    """Its last 2 ms come before its end, and the ms that the service is told are its own."""
    session = fresh(audio=audio, leg=leg)
    outputs: list[Output] = []
    for ms in pieces_ms:
        delta = b64encode(bytes(ms * per_ms)).decode()
        outputs += said(session, "response.output_audio.delta", response_id="r1", item_id="a1", delta=delta)
    outputs += said(session, "response.output_audio.done", response_id="r1", item_id="a1")
    assert outputs.pop() == ReplyAudioEnded("a1")
    made = b"".join(each.audio for each in outputs if isinstance(each, ReplyAudio))
    assert len(made) == sum(pieces_ms) * BYTES_PER_MS[leg]
    session.truncate("a1", 10_000)
    assert checked(session.outbox[0])["audio_end_ms"] == sum(pieces_ms)


@given(st.lists(st.integers(1, 400), max_size=5), st.integers(-10, 5000))
def test_a_truncation_is_never_longer_than_what_came(pieces_ms: list[int], heard_ms: int) -> None:
    session = fresh()
    for ms in pieces_ms:
        delta = b64encode(bytes(ms * 8)).decode()
        said(session, "response.output_audio.delta", response_id="r1", item_id="a1", delta=delta)
    session.truncate("a1", heard_ms)
    session.delete("never")
    if not pieces_ms:
        assert session.outbox == []
    else:
        message = checked(session.outbox[0])
        assert message["audio_end_ms"] == min(heard_ms, sum(pieces_ms))
        assert message["event_id"].startswith("truncate-")


def test_only_what_came_is_deleted() -> None:
    session = fresh()
    said(session, "response.output_audio.delta", response_id="r1", item_id="a1", delta=AUDIO)
    session.delete("a1")
    session.delete("a2")
    assert sent(session) == ["conversation.item.delete"]


# Usage, garbage ------------------------------------------------------------------------------------------


def test_what_an_answer_cost() -> None:
    usage = {
        "input_token_details": {
            "text_tokens": 700,
            "audio_tokens": 400,
            "cached_tokens_details": {"text_tokens": 640, "audio_tokens": 192},
        },
        "output_token_details": {"text_tokens": 30, "audio_tokens": 110},
    }
    reported, *_ = done(fresh(model="gpt-realtime"), usage=usage)
    assert isinstance(reported, UsageReported)
    assert reported.cost_usd == pytest.approx(0.0147488)
    assert reported == UsageReported("gpt-realtime", 60, 640, 208, 192, 30, 110, reported.cost_usd)
    unknown, *_ = done(fresh(model="gpt-new"), usage=usage)
    assert isinstance(unknown, UsageReported)
    assert unknown.cost_usd is None


@pytest.mark.parametrize(
    "usage", [7, "x", [], {"input_token_details": None}, {"input_token_details": {"text_tokens": -5}}]
)
def test_a_usage_that_is_none_costs_nothing(usage: Any) -> None:
    for output in done(fresh(), usage=usage):
        if isinstance(output, UsageReported):
            assert (output.text_in, output.audio_out) == (0, 0)


USED = {"input_token_details": {"text_tokens": 7}}
HEARD = "conversation.item.input_audio_transcription.completed"


def test_a_session_owes_until_the_usage_of_everything_was_told() -> None:
    session = fresh(transcription_model="gpt-transcribe")
    owed = list[bool]()
    session.ask_for_reply()
    owed.append(session.owes)
    said(session, "response.created", response={"id": "r1"})
    said(session, "input_audio_buffer.committed", item_id="u1")
    done(session, usage=USED)
    owed.append(session.owes)
    said(session, HEARD, item_id="u1", transcript="hi", usage=USED)
    assert [*owed, session.owes] == [True, True, False]
    assert session.missed() == []


def test_what_was_never_paid_is_told_once() -> None:
    session = fresh(transcription_model="gpt-transcribe")
    said(session, "response.created", response={"id": "r1"})
    done(session, "r1", "failed", usage=None)
    said(session, "response.created", response={"id": "r2"})
    said(session, "input_audio_buffer.committed", item_id="u1")
    assert session.missed() == [UsageMissed("r1"), UsageMissed("r2"), UsageMissed("u1")]
    assert (session.owes, session.missed()) == (False, [])


def test_an_answer_that_was_asked_for_and_never_begun_is_missed() -> None:
    session = fresh()
    session.ask_for_reply()
    assert session.missed() == [UsageMissed("create-1")]


def test_a_transcription_that_is_not_asked_for_is_not_owed() -> None:
    session = fresh(transcription_model="")
    said(session, "input_audio_buffer.committed", item_id="u1")
    assert not session.owes


def test_one_who_leaves_stops_what_is_under_way_and_what_begins_yet() -> None:
    session = fresh()
    said(session, "response.created", response={"id": "r1"})
    session.leave()
    assert sent(session) == ["response.cancel"]
    done(session, "r1", "cancelled", usage=USED)
    said(session, "response.created", response={"id": "r2"})
    assert sent(session) == ["response.cancel"]
    session.ask_for_reply()
    done(session, "r2", "cancelled", usage=USED)
    assert sent(session) == []
    assert not session.owes


json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = (
    "session",
    "response",
    "response_id",
    "item_id",
    "item",
    "delta",
    "transcript",
    "error",
    "usage",
)


@pytest.mark.parametrize("audio", ["pcmu", "pcm24"])
@given(st.sampled_from(SERVER_EVENTS), st.dictionaries(st.sampled_from(FIELDS), json))
def test_wrong_fields_never_raise(audio: Any, kind: str, fields: dict[str, Any]) -> None:
    session = fresh(audio=audio)
    assert isinstance(said(session, kind, **fields), list)


@given(st.one_of(st.text(), st.binary(), json.map(orjson.dumps)))
def test_garbage_is_counted_and_never_raises(text: str | bytes) -> None:
    session = fresh()
    assert session.feed(text) == []
    assert session.garbage + session.unknown == 1


def test_a_flood_of_garbage_ends_the_session() -> None:
    session = fresh()
    outputs = [session.feed(b"\xff") for _ in range(GARBAGE_MOST)]
    assert outputs[:-1] == [[]] * (GARBAGE_MOST - 1)
    assert outputs[-1] == [SessionFault("garbage", Action.REBUILD)]


def test_what_is_remembered_is_bounded() -> None:
    session = fresh()
    for number in range(1000):
        said(session, "response.output_audio.delta", response_id="r1", item_id=f"a{number}", delta="/w==")
    session.truncate("a0", 100)
    assert session.outbox == []


def test_an_answer_without_sound_or_tool_is_asked_for_again_then_renewed() -> None:
    session = fresh()
    assert done(session, output=[])[-1] == BrainErred("empty_answer", "retry")
    silent = {"type": "message", "id": "i2", "role": "assistant", "content": []}
    assert done(session, "r2", output=[silent])[-1] == SessionFault("empty_answer", Action.REBUILD)


def test_arguments_that_come_in_are_a_sign_of_work_once_in_a_while() -> None:
    session, signs = fresh(), 0
    for _ in range(16):
        delta = said(session, "response.function_call_arguments.delta", response_id="r1", delta="{")
        signs += delta == [ReplyGoesOn("r1")]
    assert signs == 2


def test_a_transcription_paid_by_the_minute_has_its_cost() -> None:
    session = fresh(transcription_model="gpt-realtime-whisper")
    kind = "conversation.item.input_audio_transcription.completed"
    usage = {"type": "duration", "seconds": 60}
    _, reported = said(session, kind, item_id="i1", transcript="hi", usage=usage)
    assert isinstance(reported, UsageReported)
    assert reported.cost_usd == pytest.approx(0.017)


def test_what_is_left_after_a_clear_in_manual_turns_is_the_last_half_second() -> None:
    session, quiet = fresh(turn_detection="manual", silence_ms=500), list[bytes]()
    for number in range(1, 1000):
        quiet.append(bytes([number % 256]) * 480)
        message = session.hear(quiet[-1], loud=False)
        if sent(session) == ["input_audio_buffer.clear"]:
            break
        assert b64decode(checked(message)["audio"]) == quiet[-1]
    assert len(quiet) * 60 == pytest.approx(QUIET_MS + 500, abs=60)
    assert b64decode(checked(message)["audio"]) == b"".join(quiet)[-RUN_UP_MS * 8 :]
    assert b64decode(checked(session.hear(quiet[0], loud=False))["audio"]) == quiet[0]


def test_a_caller_who_may_be_speaking_is_not_cleared_away() -> None:
    session = fresh(turn_detection="manual")
    for number in range(2000):
        session.hear(b"\xff" * 160, loud=number % 200 == 0)
    assert session.outbox == []
