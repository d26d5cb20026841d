"""Our messages against the published types of the service, strictly: no field of ours is unknown there.

May import: openai, orjson, pydantic.
"""

from typing import Any

import orjson
from openai.types.realtime import (
    ConversationItemCreateEvent,
    ConversationItemDeleteEvent,
    ConversationItemTruncateEvent,
    InputAudioBufferAppendEvent,
    InputAudioBufferClearEvent,
    InputAudioBufferCommitEvent,
    ResponseCancelEvent,
    ResponseCreateEvent,
    SessionUpdateEvent,
)
from pydantic import BaseModel

KINDS: dict[str, type[BaseModel]] = {
    "session.update": SessionUpdateEvent,
    "input_audio_buffer.append": InputAudioBufferAppendEvent,
    "input_audio_buffer.clear": InputAudioBufferClearEvent,
    "input_audio_buffer.commit": InputAudioBufferCommitEvent,
    "response.create": ResponseCreateEvent,
    "response.cancel": ResponseCancelEvent,
    "conversation.item.create": ConversationItemCreateEvent,
    "conversation.item.delete": ConversationItemDeleteEvent,
    "conversation.item.truncate": ConversationItemTruncateEvent,
}


def strange(value: Any, path: str = "") -> list[str]:
    """The fields that the published types do not have; the package keeps them as extras."""
    if isinstance(value, BaseModel):
        found = [f"{path}.{name}" for name in value.model_extra or {}]
        for name in type(value).model_fields:
            found += strange(getattr(value, name), f"{path}.{name}")
        return found
    if isinstance(value, list):
        return [name for item in value for name in strange(item, f"{path}[]")]
    return []


def checked(text: str) -> dict[str, Any]:
    """The message, after its type, its fields and their types were checked."""
    message: dict[str, Any] = orjson.loads(text)
    event = KINDS[message["type"]].model_validate_json(text, strict=True)
    assert strange(event) == []
    return message
