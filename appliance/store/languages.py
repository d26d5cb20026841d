"""Which languages a call was held in, and since when.

May import: the standard library, appliance.store.
"""

from dataclasses import dataclass

from appliance.store.database import Connection


@dataclass(frozen=True, slots=True)
class LanguageRow:
    """From this time on the call went on in this language, such as `es`."""

    call_sid: str
    language: str
    at: str


def add(db: Connection, call_id: str, language: str, at: str) -> None:
    """Keep a change of the language of a call; of one that is not known, nothing."""
    db.execute(
        "INSERT INTO language_log (call_sid, language, at) SELECT call_sid, ?, ? FROM call_log WHERE id = ?",
        (language, at, call_id),
    )


def of_call(db: Connection, call_sid: str) -> list[LanguageRow]:
    """The languages of a call, in order."""
    rows = db.execute(
        "SELECT call_sid, language, at FROM language_log WHERE call_sid = ? ORDER BY id", (call_sid,)
    )
    return [LanguageRow(*row) for row in rows]
