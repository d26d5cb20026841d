"""What callers on the callback list said of themselves, and staff put right: whom to call, and who it is.

An entry itself is merged by who rang; this is read beside it, as it stands with its messages by now.
May import: the standard library, appliance.core, appliance.store.
"""

from typing import Any

from appliance.core.booking.calling_from import NumberFrom
from appliance.core.callbacks import to_call
from appliance.store.database import Connection


def of_entry(db: Connection, entry_id: int, name: str) -> tuple[str, str]:
    """The number that was said last (E.164), or nothing; and the name, where the entry itself has this one.

    What staff wrote goes before what a message said, and before its name.
    """
    rows = db.execute(
        """
        SELECT message.name, message.number, message.number_from, text.name AS heard_name,
            CASE WHEN text.number_said THEN text.number END AS heard_number,
            correction.name AS own_name, correction.number AS own_number
        FROM callback_cause AS cause JOIN message ON message.id = cause.message_id
        LEFT JOIN message_text AS text ON text.message_id = message.id
        LEFT JOIN message_correction AS correction ON correction.id = (
            SELECT max(id) FROM message_correction WHERE message_id = message.id)
        WHERE cause.callback_id = ? AND cause.void_at IS NULL ORDER BY cause.at DESC, cause.id DESC
        """,
        (entry_id,),
    ).fetchall()
    return next(filter(None, map(_number, rows)), ""), _name(rows, name)


def _number(row: Any) -> str:
    """The number that a message says, or that staff wrote in its place."""
    said = "" if row["number_from"] == NumberFrom.CALLER_ID else row["number"]
    return to_call(row["own_number"] or "", said, row["heard_number"] or "")


def _name(rows: list[Any], name: str) -> str:
    own = [row for row in rows if row["own_name"] is not None]
    written = next((row["own_name"] for row in own if row["own_name"]), "")
    wrong = any(name in (row["name"], row["heard_name"]) for row in own)
    return written or ("" if wrong else name)
