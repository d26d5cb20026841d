"""What staff wrote in the place of what a machine had heard, or a caller had said: by whom, and when.

What was heard stays beside it; the latest correction counts, the others are its history.
May import: the standard library, orjson, appliance.core, appliance.store.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import orjson

from appliance.store import callback_causes, messages, times
from appliance.store.database import Connection
from appliance.store.errors import NoSuchRow

TEXT_MOST = 8000


@dataclass(frozen=True, slots=True)
class Correction:
    """What a message says, who left it, and whom to call back (E.164; empty: where the call came from)."""

    id: int
    message_id: int
    at: str
    by: str
    text: str
    name: str
    number: str


def add(
    db: Connection, message_id: int, *, by: str, at: str, text: str, name: str, number: str
) -> Correction:
    """Keep a correction; the callback list learns a name and a number that it has not. Raises NoSuchRow."""
    if messages.one(db, message_id) is None:
        raise NoSuchRow("There is no such message.")
    once = messages.once_of(message_id)
    for before in of_message(db, message_id)[:1]:
        callback_causes.unlearned(db, once, before.number)
    row = db.execute(
        """
        INSERT INTO message_correction (message_id, at, by, text, name, number)
        VALUES (?, ?, ?, ?, ?, ?) RETURNING id
        """,
        (message_id, at, by, text, name, number),
    ).fetchone()
    callback_causes.learned(db, once, now=times.read(at), number=number, name=name)
    return Correction(row[0], message_id, at, by, text, name, number)


def take_back(db: Connection, message_id: int, correction_id: int) -> None:
    """What was before the latest correction counts again. Raises NoSuchRow for one that is not the latest."""
    row = db.execute(
        """
        DELETE FROM message_correction
        WHERE id = :id AND id = (SELECT max(id) FROM message_correction WHERE message_id = :message)
        RETURNING number, at
        """,
        {"id": correction_id, "message": message_id},
    ).fetchone()
    if row is None:
        raise NoSuchRow("There is no such correction, or it is not the latest.")
    once = messages.once_of(message_id)
    callback_causes.unlearned(db, once, row["number"])
    for before in of_message(db, message_id)[:1]:
        now = times.read(row["at"])
        callback_causes.learned(db, once, now=now, number=before.number, name=before.name)


def of_message(db: Connection, message_id: int) -> list[Correction]:
    """The corrections of a message, the latest first."""
    rows = db.execute(
        """
        SELECT id, message_id, at, by, text, name, number FROM message_correction
        WHERE message_id = ? ORDER BY id DESC
        """,
        (message_id,),
    )
    return [Correction(*row) for row in rows]


def of_messages(db: Connection, ids: Iterable[int]) -> Mapping[int, Correction]:
    """The latest correction of each of these messages, as far as there is one."""
    rows = db.execute(
        """
        SELECT id, message_id, at, by, text, name, number FROM message_correction
        WHERE message_id IN (SELECT value FROM json_each(?)) ORDER BY id
        """,
        (orjson.dumps([*ids]).decode(),),
    )
    return {row["message_id"]: Correction(*row) for row in rows}
