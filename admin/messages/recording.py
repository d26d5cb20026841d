"""A message as it is shown: its recording (a file in the folder, or none), its text, what staff made of it.

May import: the standard library, appliance.store.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from appliance.store import callbacks, message_corrections, message_texts, recordings_away
from appliance.store.database import Connection
from appliance.store.jobs import OPEN, Job, State
from appliance.store.message_corrections import Correction
from appliance.store.message_texts import MessageText
from appliance.store.messages import Message

TYPES = {".wav": "audio/wav", ".mp3": "audio/mpeg", ".flac": "audio/flac"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A message, whether its recording can be heard, and what a machine or staff made of it.

    `away`: it is kept elsewhere alone, and `bringing` is the job that fetches it, once somebody asked for it.
    `callback` is its entry of the callback list; 0 when it has none.
    """

    message: Message
    playable: bool
    away: bool = False
    bringing: Job | None = None
    text: MessageText | None = None
    correction: Correction | None = None
    callback: int = 0

    @property
    def on_its_way(self) -> bool:
        """Whether the worker is about to have it here."""
        return self.bringing is not None and self.bringing.state in OPEN

    @property
    def not_fetched(self) -> str:
        """Why it did not come; the last try of one that is tried again does not count yet."""
        return self.bringing.error if self.bringing is not None and self.bringing.state is State.DEAD else ""

    @property
    def name(self) -> str:
        """Who left it, as far as that is known."""
        if self.correction is not None:
            return self.correction.name
        return self.message.told.name or (self.text.name if self.text else "")

    @property
    def number(self) -> str:
        """Whom to call back: what was corrected, said or heard, else where the call came from."""
        if self.correction is not None and self.correction.number:
            return self.correction.number
        said = self.text.number if self.text is not None and self.text.number_said else ""
        return self.message.told.number or said or self.message.caller

    @property
    def words(self) -> str:
        """What was left."""
        if self.correction is not None:
            return self.correction.text
        return self.message.body or (self.text.text if self.text else "")


def gathered(db: Connection, messages: Sequence[Message], folder: Path) -> list[Shown]:
    """Messages as they are shown."""
    ids = [each.id for each in messages]
    texts, entries = message_texts.of_messages(db, ids), callbacks.of_messages(db, ids)
    corrections = message_corrections.of_messages(db, ids)
    here = {each.id for each in messages if recording_of(each, folder) is not None}
    wanted = [each.recording_path for each in messages if each.recording_path and each.id not in here]
    away = recordings_away.of(db, wanted) if wanted else {}
    return [
        Shown(
            each,
            each.id in here,
            each.recording_path in away,
            recordings_away.bringing(db, each.id) if each.recording_path in away else None,
            texts.get(each.id),
            corrections.get(each.id),
            entries.get(each.id, 0),
        )
        for each in messages
    ]


def recording_of(message: Message, folder: Path) -> Path | None:
    """The file, when it is there and really lies in the folder."""
    if not message.recording_path:
        return None
    path = (folder / message.recording_path).resolve()
    inside = path.is_relative_to(folder.resolve())
    return path if inside and path.suffix in TYPES and path.is_file() else None
