"""A message as it is shown: which file holds its recording (one inside the folder, or none), and its text.

May import: the standard library, appliance.store.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from appliance.store.message_texts import MessageText
from appliance.store.messages import Message

TYPES = {".wav": "audio/wav", ".mp3": "audio/mpeg", ".flac": "audio/flac"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A message, whether its recording can be heard, and what a machine made of it; None when nothing yet."""

    message: Message
    playable: bool
    text: MessageText | None = None


def with_recordings(
    messages: Iterable[Message], folder: Path, texts: Mapping[int, MessageText]
) -> list[Shown]:
    """Messages as they are shown."""
    return [
        Shown(message, recording_of(message, folder) is not None, texts.get(message.id))
        for message in messages
    ]


def recording_of(message: Message, folder: Path) -> Path | None:
    """The file, when it is there and really lies in the folder."""
    if not message.recording_path:
        return None
    path = (folder / message.recording_path).resolve()
    inside = path.is_relative_to(folder.resolve())
    return path if inside and path.suffix in TYPES and path.is_file() else None
