"""The transcript: what was said in a call, turn by turn.

May import: the standard library, appliance.core.story, appliance.store.
"""

from dataclasses import dataclass

from appliance.core.story import Speaker
from appliance.store.database import Connection


@dataclass(frozen=True, slots=True)
class TurnRow:
    """One turn at its place, from 0: `final` once its words stay, `cut` when it was broken into."""

    call_id: str
    place: int
    speaker: Speaker
    text: str
    final: bool
    cut: bool
    at: str


def write(db: Connection, turn: TurnRow) -> None:
    """Keep a turn; one with the same place is replaced and keeps the time at which it began."""
    db.execute(
        """
        INSERT INTO transcript (call_id, place, speaker, text, final, cut, at)
        VALUES (:call_id, :place, :speaker, :text, :final, :cut, :at)
        ON CONFLICT (call_id, place) DO UPDATE
        SET speaker = excluded.speaker, text = excluded.text, final = excluded.final, cut = excluded.cut
        """,
        {
            "call_id": turn.call_id,
            "place": turn.place,
            "speaker": str(turn.speaker),
            "text": turn.text,
            "final": int(turn.final),
            "cut": int(turn.cut),
            "at": turn.at,
        },
    )


def of_call(db: Connection, call_id: str) -> list[TurnRow]:
    """The turns of a call, in order."""
    rows = db.execute(
        """
        SELECT call_id, place, speaker, text, final, cut, at
        FROM transcript WHERE call_id = ? ORDER BY place
        """,
        (call_id,),
    )
    return [
        TurnRow(
            call_id=row["call_id"],
            place=row["place"],
            speaker=Speaker(row["speaker"]),
            text=row["text"],
            final=bool(row["final"]),
            cut=bool(row["cut"]),
            at=row["at"],
        )
        for row in rows
    ]
