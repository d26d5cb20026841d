"""Every event a client may send, and the shape it must have.

May import: shapes.
"""

from typing import Any

from tests.peers.realtime.refusals import Refused, wrong_value
from tests.peers.realtime.shapes import (
    Check,
    anything,
    either,
    flag,
    listed,
    mapped,
    nullable,
    number,
    one_of,
    record,
    tagged,
    text,
    whole,
)

VOICES = ("alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse", "marin", "cedar")
LONGEST_APPEND = 15 * 1024 * 1024

_TYPE = {"type": text()}

_format = tagged(
    "type",
    {
        "audio/pcm": record(_TYPE, rate=whole(24_000, 24_000)),
        "audio/pcmu": record(_TYPE),
        "audio/pcma": record(_TYPE),
    },
)
_voice = either(str, one_of(*VOICES), record({"id": text()}))
_effort = record(effort=one_of("minimal", "low", "medium", "high", "xhigh"))
_prompt = record({"id": text()}, version=nullable(text()), variables=nullable(anything))
_tool = tagged(
    "type",
    {
        "function": record(
            {**_TYPE, "name": text(pattern=r"[a-zA-Z0-9_-]{1,64}")},
            description=text(),
            parameters=either(dict, anything, record()),
        )
    },
)
_choice = either(
    str,
    one_of("auto", "none", "required"),
    tagged(
        "type",
        {
            "function": record({**_TYPE, "name": text()}),
            "mcp": record({**_TYPE, "server_label": text()}, name=nullable(text())),
        },
    ),
)
_turn_detection = tagged(
    "type",
    {
        "server_vad": record(
            _TYPE,
            threshold=number(0.0, 1.0),
            prefix_padding_ms=whole(0),
            silence_duration_ms=whole(0),
            idle_timeout_ms=nullable(whole(5_000, 30_000)),
            create_response=flag,
            interrupt_response=flag,
        ),
        "semantic_vad": record(
            _TYPE,
            eagerness=one_of("low", "medium", "high", "auto"),
            create_response=flag,
            interrupt_response=flag,
        ),
    },
)
_transcription = record(
    model=text(),
    language=nullable(text()),
    languages=nullable(listed(text())),
    keywords=nullable(listed(text())),
    prompt=nullable(text()),
    delay=nullable(one_of("minimal", "low", "medium", "high", "xhigh")),
)
_truncation = either(
    str,
    one_of("auto", "disabled"),
    tagged(
        "type",
        {
            "retention_ratio": record(
                {**_TYPE, "retention_ratio": number(0.0, 1.0)},
                token_limits=record(post_instructions=whole(0)),
            )
        },
    ),
)
_modalities = listed(one_of("audio", "text"), longest=2)
_most_tokens = either(str, one_of("inf"), whole(1, 4096))
_tracing = either(
    str,
    one_of("auto"),
    record(workflow_name=text(), group_id=text(), metadata=either(dict, anything, record())),
)

_session = record(
    {"type": one_of("realtime", "transcription")},
    model=text(),
    instructions=text(),
    output_modalities=_modalities,
    audio=record(
        input=record(
            format=_format,
            noise_reduction=nullable(record(type=one_of("near_field", "far_field"), strength=number(0.0))),
            transcription=nullable(_transcription),
            turn_detection=nullable(_turn_detection),
        ),
        output=record(format=_format, voice=_voice, speed=number(0.25, 1.5)),
    ),
    tools=listed(_tool),
    tool_choice=_choice,
    parallel_tool_calls=flag,
    reasoning=nullable(_effort),
    max_output_tokens=_most_tokens,
    truncation=_truncation,
    tracing=nullable(_tracing),
    prompt=nullable(_prompt),
    include=nullable(listed(one_of("item.input_audio_transcription.logprobs"))),
)

_item_common: dict[str, Check] = {
    "id": text(longest=32),
    "object": one_of("realtime.item"),
    "status": one_of("completed", "incomplete", "in_progress"),
}
_input_text = record({**_TYPE, "text": text()})
_input_audio = record({**_TYPE, "audio": text()}, transcript=nullable(text()))
_output_text = record({**_TYPE, "text": text()})


def _message(contents: dict[str, Check]) -> Check:
    content = listed(tagged("type", contents))
    return record({"type": text(), "role": text(), "content": content}, **_item_common)


_item = tagged(
    "type",
    {
        "message": tagged(
            "role",
            {
                "user": _message({"input_text": _input_text, "input_audio": _input_audio}),
                "system": _message({"input_text": _input_text}),
                "assistant": _message({"output_text": _output_text}),
            },
        ),
        "function_call": record(
            {**_TYPE, "name": text(), "arguments": text()}, call_id=text(), **_item_common
        ),
        "function_call_output": record({**_TYPE, "call_id": text(), "output": text()}, **_item_common),
    },
)
_item_or_reference = either(
    dict,
    lambda value, path: (
        record({**_TYPE, "id": text()})(value, path)
        if value.get("type") == "item_reference"
        else _item(value, path)
    ),
    record(),
)
_response = record(
    instructions=text(),
    output_modalities=_modalities,
    tools=listed(_tool),
    tool_choice=_choice,
    max_output_tokens=_most_tokens,
    metadata=nullable(mapped(text(longest=512), most=16, longest_key=64)),
    conversation=one_of("auto", "none"),
    input=listed(_item_or_reference),
    audio=record(output=record(format=_format, voice=_voice)),
    reasoning=_effort,
    parallel_tool_calls=flag,
    prompt=nullable(_prompt),
)


def _event(required: dict[str, Check] | None = None, /, **optional: Check) -> Check:
    return record({**_TYPE, **(required or {})}, event_id=text(longest=512), **optional)


EVENTS: dict[str, Check] = {
    "session.update": _event({"session": _session}),
    "input_audio_buffer.append": _event({"audio": text()}),
    "input_audio_buffer.commit": _event(),
    "input_audio_buffer.clear": _event(),
    "conversation.item.create": _event({"item": _item}, previous_item_id=nullable(text())),
    "conversation.item.truncate": _event(
        {"item_id": text(), "content_index": whole(0), "audio_end_ms": whole(0)}
    ),
    "conversation.item.delete": _event({"item_id": text()}),
    "conversation.item.retrieve": _event({"item_id": text()}),
    "response.create": _event(response=nullable(_response)),
    "response.cancel": _event(response_id=nullable(text())),
}


def check_event(event: Any) -> dict[str, Any]:
    """Return the event when it is one the service knows, in the shape it wants."""
    if not isinstance(event, dict):
        raise Refused("invalid_event", "Invalid event: expected a JSON object.")
    kind = event.get("type")
    if kind is None:
        raise Refused("invalid_event", "The 'type' field is missing.", "type")
    if not isinstance(kind, str) or kind not in EVENTS:
        raise wrong_value("type", kind, tuple(EVENTS))
    EVENTS[kind](event, "")
    return event
