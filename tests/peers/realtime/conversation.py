"""The service's own view of the conversation: its items, in order, and what may be done to them.

Sans-I/O. May import: refusals, g711.
"""

from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any

from tests.peers.realtime.refusals import Refused, no_such_item


@dataclass(slots=True)
class Item:
    """One item, of any kind; the fields that its kind does not have stay empty."""

    item_id: str
    kind: str
    """`message`, `function_call` or `function_call_output`."""
    role: str | None = None
    status: str = "completed"
    content: str | None = None
    """Of a message: `input_text`, `input_audio`, `output_text` or `output_audio`."""
    text: str | None = None
    """What was written, or the transcript of what was said; None when unknown or cut away."""
    audio: bytearray = field(default_factory=bytearray)
    audio_ms: int = 0
    truncated: bool = False
    name: str = ""
    call_id: str = ""
    arguments: str = ""
    output: str = ""

    def render(self, with_audio: bool = False) -> dict[str, Any]:
        """The item as the protocol shows it."""
        shown: dict[str, Any] = {
            "id": self.item_id,
            "object": "realtime.item",
            "type": self.kind,
            "status": self.status,
        }
        if self.kind == "function_call":
            return shown | {"call_id": self.call_id, "name": self.name, "arguments": self.arguments}
        if self.kind == "function_call_output":
            return shown | {"call_id": self.call_id, "output": self.output}
        return shown | {"role": self.role, "content": self._parts(with_audio)}

    def _parts(self, with_audio: bool) -> list[dict[str, Any]]:
        if self.content is None:
            return []
        if self.content in ("input_text", "output_text"):
            return [{"type": self.content, "text": self.text or ""}]
        part: dict[str, Any] = {"type": self.content, "transcript": self.text}
        if with_audio:
            part["audio"] = b64encode(self.audio).decode()
        return [part]


class Conversation:
    """The items in order. `version` changes when anything but the end of it does."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.items: list[Item] = []
        self.version = 0

    def find(self, item_id: str) -> Item | None:
        return next((item for item in reversed(self.items) if item.item_id == item_id), None)

    @property
    def last_id(self) -> str | None:
        return self.items[-1].item_id if self.items else None

    def add(self, item: Item, after: str | None = None) -> str | None:
        """Put the item after another (`root`: in front of all, None: at the end); return who precedes it."""
        if self.find(item.item_id):
            message = f"Error adding item: an item with id '{item.item_id}' already exists."
            raise Refused("item_create_duplicate_item_id", message, "item.id")
        place = self._place(after)
        if place < len(self.items):
            self.version += 1
        self.items.insert(place, item)
        return self.items[place - 1].item_id if place else None

    def _place(self, after: str | None) -> int:
        if after is None:
            return len(self.items)
        if after == "root":
            return 0
        for place, item in enumerate(self.items, start=1):
            if item.item_id == after:
                return place
        message = f"Error adding item: the previous item with id '{after}' does not exist."
        raise Refused("item_create_invalid_previous_item_id", message, "previous_item_id")

    def before(self, item: Item) -> str | None:
        """The item in front of this one."""
        place = self.items.index(item)
        return self.items[place - 1].item_id if place else None

    def awaits(self, call_id: str) -> bool:
        """Whether the call is known and still without an output."""
        known = any(item.kind == "function_call" and item.call_id == call_id for item in self.items)
        return known and not any(
            item.kind == "function_call_output" and item.call_id == call_id for item in self.items
        )

    def retrieve(self, item_id: str) -> Item:
        return self._known("retrieve", "retrieving", item_id)

    def delete(self, item_id: str) -> None:
        self.items.remove(self._known("delete", "deleting", item_id))
        self.version += 1

    def truncate(self, item_id: str, content_index: int, audio_end_ms: int) -> None:
        """Forget what of the item was not heard, and with it the whole transcript."""
        item = self._known("truncate", "truncating", item_id)
        if item.content != "output_audio" or not item.audio_ms or audio_end_ms == 0:
            raise Refused("unsupported_content_type", "Only model output audio messages can be truncated")
        if content_index != 0:
            message = f"Content index {content_index} of item '{item_id}' does not exist."
            raise Refused("invalid_value", message, "content_index")
        if audio_end_ms > item.audio_ms:
            message = f"Audio content of {item.audio_ms}ms is already shorter than {audio_end_ms}ms"
            raise Refused("invalid_value", message, "audio_end_ms")
        kept = len(item.audio) * audio_end_ms // item.audio_ms
        del item.audio[kept:]
        item.audio_ms, item.text, item.truncated = audio_end_ms, None, True
        self.version += 1

    def _known(self, verb: str, doing: str, item_id: str) -> Item:
        if item := self.find(item_id):
            return item
        raise no_such_item(verb, doing, item_id)
