"""The call log: one row for each call, from the offer to how it was filed.

May import: the standard library, appliance.core, appliance.store.
"""

from dataclasses import dataclass
from typing import Any

from appliance.core.dispositions import Disposition, Outcome
from appliance.core.steps import CallOffered
from appliance.store import (
    callback_calls,
    citations,
    events,
    intents,
    languages,
    messages,
    times,
    timings,
    transcripts,
    usage,
)
from appliance.store.database import Connection
from appliance.store.errors import NoSuchRow

SWEPT = "the process that held the call ended"
UNKNOWN = "the carrier does not say how it ended"


@dataclass(frozen=True, slots=True)
class Call:
    """A call. While it lasts `ended_at`, `duration_s` and `outcome` are None.

    `disposition` is None when none was left. `cost_complete` is False when a part of the cost is unknown.
    `ask_at` is when the carrier is asked how the call ended, None when it need not be; `asked` counts how
    often in vain.
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
    asked: int = 0
    ask_at: str | None = None


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A call of which the carrier has not said how it ended, and whether it left voicemail."""

    call: Call
    voicemail: bool


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
    """Begin a call, held by a process; begun again under the same id, only a lost offer is filled in.

    Raises the engine's constraint error when the carrier's id belongs to another call.
    """
    db.execute(
        """
        INSERT INTO call_log (id, call_sid, carrier, from_number, to_number, started_at, process)
        VALUES (:id, :call_sid, :carrier, :caller, :called, :at, :process)
        ON CONFLICT (id) DO UPDATE
        SET carrier = excluded.carrier, from_number = excluded.from_number,
            to_number = excluded.to_number, started_at = MIN(started_at, excluded.started_at)
        WHERE carrier = ''
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


def numbers(db: Connection, carrier: str) -> set[str]:
    """The numbers at which calls of a carrier were taken."""
    rows = db.execute(
        "SELECT DISTINCT to_number FROM call_log WHERE carrier = ? AND to_number <> ''", (carrier,)
    )
    return {row[0] for row in rows}


def end(
    db: Connection,
    call_id: str,
    at: str,
    outcome: Outcome,
    reason: str,
    *,
    seconds: int | None = None,
    ask_at: str | None = None,
) -> None:
    """File a call; filed again, the later word counts. Derives its timings. Raises NoSuchRow.

    `seconds` is the carrier's own count of its length, `ask_at` when the carrier is to be asked for that.
    What was left and says nothing is no voicemail.
    """
    row = db.execute(
        """
        UPDATE call_log
        SET ended_at = MAX(:at, started_at), outcome = :outcome, reason = :reason, ask_at = :ask_at,
            duration_s = COALESCE(
                :seconds, MAX(0, ROUND(unixepoch(:at, 'subsec') - unixepoch(started_at, 'subsec'), 3))
            )
        WHERE id = :id RETURNING id
        """,
        {
            "id": call_id,
            "at": at,
            "outcome": str(_of_what_was_left(db, call_id, outcome)),
            "reason": reason,
            "seconds": seconds,
            "ask_at": ask_at,
        },
    ).fetchone()
    _there(row)
    timings.settle(db, call_id)
    callback_calls.filed(db, call_id, times.read(at))


def went(db: Connection, call_id: str, outcome: Outcome) -> None:
    """File a call that is filed already under another outcome, as there. Raises NoSuchRow."""
    row = db.execute(
        "UPDATE call_log SET outcome = ? WHERE id = ? AND ended_at IS NOT NULL RETURNING ended_at",
        (str(_of_what_was_left(db, call_id, outcome)), call_id),
    ).fetchone()
    _there(row)
    callback_calls.filed(db, call_id, times.read(row[0]))


def _of_what_was_left(db: Connection, call_id: str, outcome: Outcome) -> Outcome:
    """The outcome; where it would be voicemail and nobody speaks in any, that of a call without one."""
    left = messages.of_call(db, call_id) if outcome is Outcome.VOICEMAIL else []
    if not left or not all(each.hang_up for each in left):
        return outcome
    return Outcome.UNANSWERED if events.rang_in_vain(db, call_id) else Outcome.ABANDONED


def unsettled(db: Connection, at: str, begun_before: str, carrier: str, limit: int = 50) -> list[Unsettled]:
    """The calls that the carrier is to be asked about, the longest due first.

    They are those that were marked for this time, and open ones of this carrier that began before the other.
    """
    rows = db.execute(
        """
        SELECT *, EXISTS (
            SELECT 1 FROM message WHERE message.call_sid = call_log.call_sid AND kind = 'voicemail'
        ) AS voicemail
        FROM call_log
        WHERE (ask_at IS NOT NULL AND ask_at <= :at)
           OR (ended_at IS NULL AND ask_at IS NULL AND started_at <= :begun_before
               AND carrier IN (:carrier, ''))
        ORDER BY COALESCE(ask_at, started_at), id LIMIT :limit
        """,
        {"at": at, "begun_before": begun_before, "carrier": carrier, "limit": limit},
    )
    return [Unsettled(_call(row), bool(row["voicemail"])) for row in rows]


def ask_later(db: Connection, call_id: str, at: str, *, asked: int) -> None:
    """Have the carrier asked again at a later time; it was asked in vain so often. Raises NoSuchRow."""
    _there(
        db.execute(
            "UPDATE call_log SET ask_at = ?, asked = ? WHERE id = ? RETURNING id", (at, asked, call_id)
        ).fetchone()
    )


def ask_no_more(db: Connection, call_id: str) -> None:
    """What is known here is all that will be: one still open is filed by that. Raises NoSuchRow."""
    _there(db.execute("UPDATE call_log SET ask_at = NULL WHERE id = ? RETURNING id", (call_id,)).fetchone())
    row = db.execute(
        """
        SELECT strftime(
            '%Y-%m-%dT%H:%M:%fZ', started_at, (COALESCE(MAX(0, MAX(at_ms)), 0) / 1000.0) || ' seconds'
        )
        FROM call_log LEFT JOIN call_event ON call_event.call_id = call_log.id
        WHERE call_log.id = ? AND ended_at IS NULL GROUP BY call_log.id
        """,
        (call_id,),
    ).fetchone()
    if row is not None:
        end(db, call_id, row[0], Outcome.ABANDONED, UNKNOWN)


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

    Such a call ended, as far as anybody knows, with its last event; the carrier is asked about it. Run it
    before the first call.
    """
    rows = db.execute(
        """
        UPDATE call_log
        SET ended_at = strftime('%Y-%m-%dT%H:%M:%fZ', started_at, last.s || ' seconds'),
            duration_s = last.s, outcome = :outcome, reason = :reason,
            ask_at = COALESCE(ask_at, started_at)
        FROM (
            SELECT call_log.id AS call_id, COALESCE(MAX(0, MAX(at_ms)), 0) / 1000.0 AS s
            FROM call_log LEFT JOIN call_event ON call_event.call_id = call_log.id
            WHERE ended_at IS NULL GROUP BY call_log.id
        ) AS last
        WHERE call_log.id = last.call_id AND ended_at IS NULL AND process <> :process
        RETURNING call_log.id, ended_at
        """,
        {"process": process, "outcome": str(Outcome.INTERRUPTED), "reason": SWEPT},
    ).fetchall()
    for row in rows:
        timings.settle(db, row[0])
        usage.broken_off(db, row[0])
        callback_calls.filed(db, row[0], times.read(row[1]))
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
    # Named, because the planner would rather walk through all calls there ever were, in their order.
    rows = db.execute(
        "SELECT * FROM call_log INDEXED BY call_log_open WHERE ended_at IS NULL ORDER BY started_at, id"
    )
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
        asked=row["asked"],
        ask_at=row["ask_at"],
    )
