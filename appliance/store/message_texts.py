"""What spoken messages say, as machines wrote it down and summed it up; no person has looked at it.

May import: the standard library, orjson, appliance.store.
"""

from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, field
from enum import StrEnum
from typing import Any

import orjson

from appliance.store.database import Connection

URGENT = ("urgent", "emergency")


class TextState(StrEnum):
    """How far a spoken message has come to be text."""

    WAITING = "waiting"
    """A try failed, as `problem` says; the next comes."""
    WRITTEN = "written"
    NO_SPEECH = "no_speech"
    """Nobody spoke: a good answer."""
    NOT_WRITTEN = "not_written"
    """Nobody heard it: nothing writes messages down, by the settings, or the speech program was away for all
    tries, as `problem` says. It is only to be listened to, until something does.
    """
    FAILED = "failed"
    """It cannot be written down, as `problem` says; what there is of it can be heard."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word, when it is said in the recording as it is kept, and how sure the recogniser is (0 to 1)."""

    text: str
    start_ms: int
    end_ms: int
    confidence: float | None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch that was kept: where it begins in what is kept, where it began, and how long it is."""

    at_ms: int
    from_ms: int
    ms: int


@dataclass(frozen=True, slots=True)
class MessageText:
    """The text of one spoken message, and what was made of it by `made_by`: `rules`, or a model's name.

    `original` is the file that was recorded, as long as it is there beside the one that is kept.
    """

    message_id: int
    state: TextState
    problem: str = ""
    text: str = ""
    language: str = ""
    confidence: float | None = None
    words: tuple[Word, ...] = ()
    sound_ms: int | None = None
    stored_ms: int | None = None
    kept: tuple[Stretch, ...] = ()
    whole: bool = True
    summary: str = ""
    urgency: str = ""
    because: str = ""
    """The words by which it is urgent."""
    name: str = ""
    number: str = ""
    number_said: bool = False
    """Whether the caller said the number; else it is the one that they rang from."""
    made_by: str = ""
    original: str | None = None
    changed_at: str = field(default="", compare=False)


def put(db: Connection, text: MessageText, at: str) -> None:
    """Keep the text of a message in the place of what was known of it; to whom it was sent stays known."""
    db.execute(
        """
        INSERT OR REPLACE INTO message_text
            (message_id, state, problem, text, language, confidence, words, sound_ms, stored_ms, kept, whole,
             summary, urgency, because, name, number, number_said, made_by, original, changed_at, sent_to)
        VALUES
            (:message_id, :state, :problem, :text, :language, :confidence, :words, :sound_ms, :stored_ms,
             :kept, :whole, :summary, :urgency, :because, :name, :number, :number_said, :made_by, :original,
             :at, COALESCE((SELECT sent_to FROM message_text WHERE message_id = :message_id), ''))
        """,
        {
            **{name: getattr(text, name) for name in _PLAIN},
            "words": orjson.dumps([astuple(word) for word in text.words]).decode(),
            "kept": orjson.dumps([astuple(stretch) for stretch in text.kept]).decode(),
            "whole": int(text.whole),
            "number_said": int(text.number_said),
            "at": at,
        },
    )


def trouble(db: Connection, message_id: int, state: TextState, problem: str, at: str) -> None:
    """Note why a message is not text yet, or will not be; what else is known of it stays."""
    db.execute(
        """
        INSERT INTO message_text (message_id, state, problem, changed_at) VALUES (?, ?, ?, ?)
        ON CONFLICT (message_id) DO UPDATE
        SET state = excluded.state, problem = excluded.problem, changed_at = excluded.changed_at
        WHERE state IN ('waiting', 'failed', 'not_written')
        """,
        (message_id, state, problem, at),
    )


def sent(db: Connection, message_id: int, to: str) -> None:
    """Note to which model the text is about to be sent."""
    db.execute("UPDATE message_text SET sent_to = ? WHERE message_id = ?", (to, message_id))


def unheard(db: Connection) -> list[int]:
    """The messages that nobody heard and whose recordings are here still, the newest first."""
    rows = db.execute(
        """
        SELECT message_id FROM message_text JOIN message ON message.id = message_id
        WHERE state = 'not_written' AND recording_path IS NOT NULL ORDER BY message_id DESC
        """
    )
    return [row[0] for row in rows]


def original_gone(db: Connection, message_id: int) -> None:
    """Note that the file that was recorded is removed."""
    db.execute("UPDATE message_text SET original = NULL WHERE message_id = ?", (message_id,))


def of_message(db: Connection, message_id: int) -> MessageText | None:
    """The text of a message; None when nobody has tried yet."""
    row = db.execute("SELECT * FROM message_text WHERE message_id = ?", (message_id,)).fetchone()
    return None if row is None else _text(row)


def of_messages(db: Connection, ids: Iterable[int]) -> Mapping[int, MessageText]:
    """The texts of these messages, as far as there are any."""
    rows = db.execute(
        "SELECT * FROM message_text WHERE message_id IN (SELECT value FROM json_each(?))",
        (orjson.dumps([*ids]).decode(),),
    )
    return {row["message_id"]: _text(row) for row in rows}


_PLAIN = (
    "message_id",
    "state",
    "problem",
    "text",
    "language",
    "confidence",
    "sound_ms",
    "stored_ms",
    "summary",
    "urgency",
    "because",
    "name",
    "number",
    "made_by",
    "original",
)


def _text(row: Any) -> MessageText:
    return MessageText(
        **{name: row[name] for name in _PLAIN if name != "state"},
        state=TextState(row["state"]),
        words=tuple(Word(*each) for each in orjson.loads(row["words"])),
        kept=tuple(Stretch(*each) for each in orjson.loads(row["kept"])),
        whole=bool(row["whole"]),
        number_said=bool(row["number_said"]),
        changed_at=row["changed_at"],
    )
