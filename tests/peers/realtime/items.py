"""Items and audio as a client sends them, turned into what the conversation keeps.

May import: conversation, g711, refusals.
"""

from binascii import Error as Base64Error
from binascii import a2b_base64
from collections.abc import Callable
from typing import Any

from tests.peers.realtime.client_events import LONGEST_APPEND
from tests.peers.realtime.conversation import Conversation, Item
from tests.peers.realtime.g711 import BYTES_PER_MS
from tests.peers.realtime.refusals import Refused, no_such_item


def read_audio(coded: str, path: str, coding: str) -> bytes:
    """The bytes of a base64 field; whole samples, and some."""
    if len(coded) > LONGEST_APPEND * 4 // 3 + 4:
        raise Refused("invalid_value", f"Invalid '{path}': at most 15 MiB of audio.", path)
    try:
        audio = a2b_base64(coded, strict_mode=True)
    except (Base64Error, ValueError):
        audio = b""
    if not audio or (coding == "audio/pcm" and len(audio) % 2):
        message = (
            f"Invalid '{path}'. Expected base64-encoded audio bytes ({coding}) but got an invalid value."
        )
        raise Refused("invalid_value", message, path)
    return audio


def read_item(
    given: dict[str, Any], coding: str, new_id: Callable[[str], str], conversation: Conversation
) -> Item:
    """The item of a `conversation.item.create`, whose shape was checked before."""
    item = Item(given.get("id") or new_id("item"), given["type"], given.get("role"))
    if item.kind == "message":
        _fill(item, given["content"], coding)
    elif item.kind == "function_call":
        item.name, item.arguments = given["name"], given["arguments"]
        item.call_id = given.get("call_id") or new_id("call")
    else:
        item.call_id, item.output = given["call_id"], given["output"]
        if not conversation.awaits(item.call_id):
            message = f"Tool call ID '{item.call_id}' not found in conversation."
            raise Refused("invalid_tool_call_id", message, "item.call_id")
    return item


def _fill(item: Item, content: list[dict[str, Any]], coding: str) -> None:
    if not content:
        raise Refused("invalid_value", "Invalid 'item.content': empty array.", "item.content")
    item.content = content[0]["type"]
    if item.content == "input_audio":
        audio = read_audio(content[0]["audio"], "item.content[0].audio", coding)
        item.audio += audio
        item.audio_ms = len(audio) // BYTES_PER_MS[coding]
        item.text = content[0].get("transcript")
    else:
        item.text = "\n".join(part.get("text", "") for part in content)


def check_references(entries: list[dict[str, Any]], conversation: Conversation) -> None:
    """Every item that the input of a response refers to has to be there."""
    for entry in entries:
        if entry["type"] == "item_reference" and conversation.find(entry["id"]) is None:
            raise no_such_item("reference", "referring to", entry["id"])
