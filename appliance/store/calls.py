"""The call log: one row for each call, from the offer to how it was filed.

May import: the standard library, appliance.core, appliance.store.
"""

from dataclasses import dataclass
from typing import Any

from appliance.core.dispositions import Disposition, Outcome
from appliance.core.steps import CallOffered
from appliance.store import citations, events, intents, languages, messages, timings, transcripts, usage
from appliance.store.database import Connection
from appliance.store.errors import NoSuchRow

SWEPT = "the process that held the call ended"


@dataclass(frozen=True, slots=True)
class Call:
    """A call. While it lasts `ended_at`, `duration_s` and `outcome` are None.

    `disposition` is None when none was left. `cost_complete` is False when a part of the cost is unknown.
    """

    id: str
    call_sid: str
    carrier: str
    from_number: str
    to_number: str
    started_at: str
    ended_at: str | None
    duration_s: float | None
    outcome: Outcome | None
    reason: str
    disposition: Disposition | None
    menu_path: tuple[str, ...]
    cost_usd: float
    cost_complete: bool
    process: str


@dataclass(frozen=True, slots=True)
class WholeCall:
    """A call and all that is kept of it."""

    call: Call
    turns: list[transcripts.TurnRow]
    events: list[events.EventRow]
    timings: list[timings.Timing]
    usage: list[usage.UsageRow]
    messages: list[messages.Message]
    intents: list[intents.IntentRow]
    languages: list[languages.LanguageRow]
    citations: list[citations.CitationRow]


def begin(db: Connection, call_id: str, offer: CallOffered, at: str, process: str = "") -> None:
    """Begin a call, held by a process; begun again under the same id, nothing changes.

    Raises the engine's constraint error when the carrier's id belongs to another call.
    """
    db.execute(
        """
        INSERT INTO call_log (id, call_sid, carrier, from_number, to_number, started_at, process)
        VALUES (:id, :call_sid, :carrier, :caller, :called, :at, :process)
        ON CONFLICT (id) DO NOTHING
        """,
        {
            "id": call_id,
            "call_sid": offer.call_sid,
            "carrier": offer.carrier,
            "caller": offer.caller,
            "called": offer.called_number,
            "at": at,
            "process": process,
        },
    )


def end(db: Connection, call_id: str, at: str, outcome: Outcome, reason: str) -> None:
    """File a call; filed again, the later word counts. Derives its timings. Raises NoSuchRow."""
    row = db.execute(
        """
        UPDATE call_log
        SET ended_at = :at, outcome = :outcome, reason = :reason,
            duration_s = MAX(0, ROUND(unixepoch(:at, 'subsec') - unixepoch(started_at, 'subsec'), 3))
        WHERE id = :id RETURNING id
        """,
        {"id": call_id, "at": at, "outcome": str(outcome), "reason": reason},
    ).fetchone()
    _there(row)
    timings.settle(db, call_id)


def leave(db: Connection, call_id: str, disposition: Disposition) -> None:
    """Keep where the call goes when our leg ends. Raises NoSuchRow."""
    _there(
        db.execute(
            "UPDATE call_log SET disposition = ? WHERE id = ? RETURNING id", (str(disposition), call_id)
        ).fetchone()
    )


def disposition_of(db: Connection, call_sid: str) -> Disposition | None:
    """The disposition that was left for a call, by the carrier's id; None when there is none."""
    row = db.execute("SELECT disposition FROM call_log WHERE call_sid = ?", (call_sid,)).fetchone()
    return None if row is None or row[0] is None else Disposition.parse(row[0])


def add_menu_step(db: Connection, call_sid: str, step: str) -> None:
    """Put a step, such as `main:3`, behind the caller's way through the menus. Raises NoSuchRow."""
    _there(
        db.execute(
            """
            UPDATE call_log
            SET menu_path = CASE menu_path WHEN '' THEN :step ELSE menu_path || ' ' || :step END
            WHERE call_sid = :call_sid RETURNING id
            """,
            {"call_sid": call_sid, "step": "".join(step.split())},
        ).fetchone()
    )


def sweep(db: Connection, process: str) -> list[str]:
    """File the calls that other, dead processes left open as interrupted; return their ids.

    Such a call ended, as far as anybody knows, with its last event. Run it before the first call.
    """
    rows = db.execute(
        """
        UPDATE call_log
        SET ended_at = strftime('%Y-%m-%dT%H:%M:%fZ', started_at, last.s || ' seconds'),
            duration_s = last.s, outcome = :outcome, reason = :reason
        FROM (
            SELECT call_log.id AS call_id, COALESCE(MAX(0, MAX(at_ms)), 0) / 1000.0 AS s
            FROM call_log LEFT JOIN call_event ON call_event.call_id = call_log.id
            WHERE ended_at IS NULL GROUP BY call_log.id
        ) AS last
        WHERE call_log.id = last.call_id AND ended_at IS NULL AND process <> :process
        RETURNING call_log.id
        """,
        {"process": process, "outcome": str(Outcome.INTERRUPTED), "reason": SWEPT},
    ).fetchall()
    for row in rows:
        timings.settle(db, row[0])
    return [row[0] for row in rows]


def one(db: Connection, call_id: str) -> Call | None:
    """A call by our id."""
    row = db.execute("SELECT * FROM call_log WHERE id = ?", (call_id,)).fetchone()
    return None if row is None else _call(row)


def by_sid(db: Connection, call_sid: str) -> Call | None:
    """A call by the carrier's id."""
    row = db.execute("SELECT * FROM call_log WHERE call_sid = ?", (call_sid,)).fetchone()
    return None if row is None else _call(row)


def page(
    db: Connection, *, before: Call | None = None, limit: int = 50, outcome: Outcome | None = None
) -> list[Call]:
    """Calls, the newest first, from behind `before` on; all of them or those filed so."""
    rows = db.execute(
        """
        SELECT * FROM call_log
        WHERE (:started_at IS NULL OR (started_at, id) < (:started_at, :id))
          AND (:outcome IS NULL OR outcome = :outcome)
        ORDER BY started_at DESC, id DESC LIMIT :limit
        """,
        {
            "started_at": before.started_at if before else None,
            "id": before.id if before else None,
            "outcome": str(outcome) if outcome else None,
            "limit": limit,
        },
    )
    return [_call(row) for row in rows]


def live(db: Connection) -> list[Call]:
    """The calls that are going on, the oldest first."""
    rows = db.execute("SELECT * FROM call_log WHERE ended_at IS NULL ORDER BY started_at, id")
    return [_call(row) for row in rows]


def outcomes(db: Connection, since: str) -> dict[Outcome, int]:
    """How many calls that began since a time were filed how."""
    rows = db.execute(
        """
        SELECT outcome, COUNT(*) FROM call_log
        WHERE started_at >= ? AND outcome IS NOT NULL GROUP BY outcome ORDER BY outcome
        """,
        (since,),
    )
    return {Outcome(row[0]): row[1] for row in rows}


def whole(db: Connection, call_id: str) -> WholeCall | None:
    """A call with everything that is kept of it; read it in a snapshot."""
    call = one(db, call_id)
    if call is None:
        return None
    return WholeCall(
        call=call,
        turns=transcripts.of_call(db, call_id),
        events=events.of_call(db, call_id),
        timings=timings.of_call(db, call_id),
        usage=usage.of_call(db, call_id),
        messages=messages.of_call(db, call_id),
        intents=intents.of_call(db, call_id),
        languages=languages.of_call(db, call.call_sid),
        citations=citations.of_call(db, call_id),
    )


def _there(row: Any) -> None:
    if row is None:
        raise NoSuchRow("There is no such call.")


def _call(row: Any) -> Call:
    return Call(
        id=row["id"],
        call_sid=row["call_sid"],
        carrier=row["carrier"],
        from_number=row["from_number"],
        to_number=row["to_number"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        duration_s=row["duration_s"],
        outcome=None if row["outcome"] is None else Outcome(row["outcome"]),
        reason=row["reason"],
        disposition=None if row["disposition"] is None else Disposition.parse(row["disposition"]),
        menu_path=tuple(row["menu_path"].split()),
        cost_usd=row["cost_usd"],
        cost_complete=bool(row["cost_complete"]),
        process=row["process"],
    )
