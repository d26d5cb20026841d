"""Which file holds a message's recording: one inside the recordings' folder, or none.

May import: the standard library, appliance.store.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from appliance.store.messages import Message

TYPES = {".wav": "audio/wav", ".mp3": "audio/mpeg"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A message, and whether its recording can be heard."""

    message: Message
    playable: bool


def with_recordings(messages: Iterable[Message], folder: Path) -> list[Shown]:
    """Messages as they are shown."""
    return [Shown(message, recording_of(message, folder) is not None) for message in messages]


def recording_of(message: Message, folder: Path) -> Path | None:
    """The file, when it is there and really lies in the folder."""
    if not message.recording_path:
        return None
    path = (folder / message.recording_path).resolve()
    inside = path.is_relative_to(folder.resolve())
    return path if inside and path.suffix in TYPES and path.is_file() else None
