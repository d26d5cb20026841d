"""What the model used in a call, in tokens by kind, and what that cost.

May import: the standard library, appliance.core.events, appliance.store.
"""

from dataclasses import asdict, dataclass

from appliance.core.events import UsageReported
from appliance.store.database import Connection


@dataclass(frozen=True, slots=True)
class UsageRow:
    """One answer's tokens and cost in US dollars; the cost is None when no price was known."""

    call_id: str
    at_ms: int
    model: str
    text_in: int
    text_cached: int
    audio_in: int
    audio_cached: int
    text_out: int
    audio_out: int
    cost_usd: float | None
    prompt: str = ""
    """The version of the instructions that the model had."""


def add(db: Connection, call_id: str, at_ms: int, used: UsageReported) -> None:
    """Keep an answer's usage and add its cost to the call; one without a price leaves that incomplete."""
    db.execute(
        """
        INSERT INTO usage (call_id, at_ms, model, text_in, text_cached, audio_in, audio_cached,
                           text_out, audio_out, cost_usd, prompt)
        VALUES (:call_id, :at_ms, :model, :text_in, :text_cached, :audio_in, :audio_cached,
                :text_out, :audio_out, :cost_usd, :prompt)
        """,
        {"call_id": call_id, "at_ms": at_ms, **asdict(used)},
    )
    db.execute(
        """
        UPDATE call_log
        SET cost_usd = cost_usd + COALESCE(:cost_usd, 0),
            cost_complete = cost_complete AND :cost_usd IS NOT NULL
        WHERE id = :call_id
        """,
        {"call_id": call_id, "cost_usd": used.cost_usd},
    )


def missed(db: Connection, call_id: str) -> None:
    """What a part of the call used was never told: its cost is not known as a whole."""
    db.execute("UPDATE call_log SET cost_complete = 0 WHERE id = ?", (call_id,))


def broken_off(db: Connection, call_id: str) -> None:
    """The process of a call ended: its cost is known as a whole only if every answer had come to its end."""
    db.execute(
        """
        UPDATE call_log SET cost_complete = 0
        WHERE id = :call_id AND EXISTS (
            SELECT data ->> 'response_id' FROM call_event WHERE call_id = :call_id AND kind = 'ReplyBegan'
            EXCEPT
            SELECT data ->> 'response_id' FROM call_event WHERE call_id = :call_id AND kind = 'ReplyEnded'
        )
        """,
        {"call_id": call_id},
    )


def of_call(db: Connection, call_id: str) -> list[UsageRow]:
    """The usage of a call, answer by answer."""
    rows = db.execute(
        """
        SELECT call_id, at_ms, model, text_in, text_cached, audio_in, audio_cached, text_out, audio_out,
               cost_usd, prompt
        FROM usage WHERE call_id = ? ORDER BY id
        """,
        (call_id,),
    )
    return [UsageRow(*row) for row in rows]


def cost_since(db: Connection, at: str) -> float:
    """The cost of all calls and rehearsals since a time, in US dollars, as far as prices are known."""
    row = db.execute(
        """
        SELECT (SELECT COALESCE(SUM(cost_usd), 0) FROM call_log WHERE started_at >= :at)
            + (SELECT COALESCE(SUM(cost_usd), 0) FROM rehearsal_spent WHERE at >= :at)
        """,
        {"at": at},
    ).fetchone()
    return float(row[0])
