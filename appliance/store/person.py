"""Everything about one telephone number: as it is, to be given out, and its end.

Functions that write run in a transaction of their caller. May import: the standard library, orjson,
appliance.store.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from appliance.store import holds, remains, retention, times, voicemail
from appliance.store.database import Connection
from appliance.store.retention import Recording

_CALLS = "SELECT id FROM call_log WHERE from_number = :number"
_SIDS = "SELECT call_sid FROM call_log WHERE from_number = :number"
_MESSAGES = f"SELECT id FROM message WHERE :number IN {holds.NUMBERS} OR call_id IN ({_CALLS})"
_BOOKINGS = f"SELECT id FROM booking WHERE phone = :number OR call_id IN ({_CALLS})"
_CALLBACKS = (
    "SELECT id FROM callback WHERE number = :number OR into_id IN"
    " (SELECT id FROM callback WHERE number = :number)"
    " OR (number = '' AND id IN (SELECT callback_id FROM callback_cause"
    f" WHERE call_id IN ({_CALLS}) OR message_id IN ({_MESSAGES})))"
)
_PARTS: Mapping[str, str] = {
    "calls": "SELECT * FROM call_log WHERE from_number = :number ORDER BY started_at",
    "turns": f"SELECT * FROM transcript WHERE call_id IN ({_CALLS}) ORDER BY call_id, place",
    "events": f"SELECT * FROM call_event WHERE call_id IN ({_CALLS}) ORDER BY call_id, seq",
    "timings": f"SELECT * FROM call_timing WHERE call_id IN ({_CALLS}) ORDER BY call_id, seq",
    "wishes": f"SELECT * FROM intent_log WHERE call_id IN ({_CALLS}) ORDER BY id",
    "what they wanted": f"SELECT * FROM call_wish WHERE call_id IN ({_CALLS}) ORDER BY call_id, wish",
    "languages": f"SELECT * FROM language_log WHERE call_sid IN ({_SIDS}) ORDER BY id",
    "sources of answers": f"SELECT * FROM citations_log WHERE call_id IN ({_CALLS}) ORDER BY id",
    "questions sent to be embedded": f"""
        SELECT * FROM question_sent WHERE call_id IN ({_CALLS}) ORDER BY call_id
    """,
    "numbers outside that were rung": f"SELECT * FROM rung_outside WHERE call_id IN ({_CALLS}) ORDER BY id",
    "usage of the cloud": f"SELECT * FROM usage WHERE call_id IN ({_CALLS}) ORDER BY id",
    "messages": f"SELECT * FROM message WHERE id IN ({_MESSAGES}) ORDER BY id",
    "texts of messages": f"SELECT * FROM message_text WHERE message_id IN ({_MESSAGES}) ORDER BY message_id",
    "corrections of messages": f"""
        SELECT * FROM message_correction WHERE message_id IN ({_MESSAGES}) ORDER BY id
    """,
    "questions without an answer": f"""
        SELECT call_id, question, why, at FROM unanswered_question WHERE call_id IN ({_CALLS}) ORDER BY id
    """,
    "callbacks": f"SELECT * FROM callback WHERE id IN ({_CALLBACKS}) ORDER BY id",
    "causes of callbacks": f"SELECT * FROM callback_cause WHERE callback_id IN ({_CALLBACKS}) ORDER BY id",
    "history of callbacks": f"SELECT * FROM callback_event WHERE callback_id IN ({_CALLBACKS}) ORDER BY id",
    "appointments": f"SELECT * FROM booking WHERE id IN ({_BOOKINGS}) ORDER BY starts_at",
    "own calendar": f"""
        SELECT * FROM own_event
        WHERE event_id IN (SELECT event_id FROM booking WHERE id IN ({_BOOKINGS})) ORDER BY starts_at
    """,
    "texts": """
        SELECT kind, call_sid, booking_key, number, language, state, sid, problem, tries, due_at, owed_at,
            changed_at
        FROM text WHERE number = :number ORDER BY id
    """,
    "tries to find appointments": """
        SELECT * FROM identity_try WHERE :number IN (caller, told) ORDER BY id
    """,
    "links": "SELECT number, language, expires_at, told, used_at FROM booking_link WHERE number = :number",
    "wishes about texts": "SELECT * FROM texting WHERE number = :number",
    "legal holds": f"""
        SELECT * FROM legal_hold WHERE number = :number OR call_id IN ({_CALLS}) ORDER BY id
    """,
}
"""What is given out; secrets of links and texts are not among it."""

_OVER = f"id IN ({_BOOKINGS}) AND ends_at <= :now"
_ERASED: tuple[tuple[str, str], ...] = (
    ("callbacks", f"DELETE FROM callback WHERE id IN ({_CALLBACKS}) RETURNING name"),
    ("messages", f"DELETE FROM message WHERE id IN ({_MESSAGES}) RETURNING body"),
    (
        "own calendar",
        f"""
        DELETE FROM own_event WHERE event_id IN (SELECT event_id FROM booking WHERE {_OVER}) RETURNING title
        """,
    ),
    ("appointments", f"DELETE FROM booking WHERE {_OVER} RETURNING patient"),
    (
        "texts",
        "DELETE FROM text WHERE number = :number AND state NOT IN ('owed', 'asked') RETURNING sid",
    ),
    (
        "calls",
        "DELETE FROM call_log WHERE from_number = :number AND ended_at IS NOT NULL RETURNING call_sid",
    ),
    (
        "tries to find appointments",
        "DELETE FROM identity_try WHERE :number IN (caller, told) RETURNING ''",
    ),
    (
        "wishes about texts",
        "DELETE FROM texting WHERE number = :number AND stopped_at IS NULL RETURNING ''",
    ),
)
"""What is deleted, in this order: what says whose it is goes last."""


@dataclass(frozen=True, slots=True)
class Stays:
    """What is not erased with the rest: calls that go on, appointments ahead, texts on their way.

    `wants_no_texts`: the number stays in the list of those that get none. `mentioned` counts calls of others
    in whose transcripts the number stands, `was_held` the legal holds that were released.
    """

    live: int
    ahead: int
    texts: int
    wants_no_texts: bool
    mentioned: int
    was_held: int


_STAYING: Mapping[str, tuple[str, ...]] = {
    "ahead": ("booking", "own_event"),
    "texts": ("text", "booking_link"),
    "wants_no_texts": ("texting",),
    "mentioned": ("transcript", "call_event"),
    "was_held": ("legal_hold",),
}
"""The tables in which each of these stays; a call that goes on may stand in any."""


def about(db: Connection, number: str) -> dict[str, list[dict[str, object]]]:
    """All rows about a number (E.164), by what they are; read it in a snapshot."""
    return {
        name: [{key: row[key] for key in row.keys()} for row in db.execute(query, {"number": number})]  # noqa: SIM118
        for name, query in _PARTS.items()
    }


def calls_of(db: Connection, number: str) -> list[str]:
    """The ids of the calls from a number."""
    return [row[0] for row in db.execute(_CALLS, {"number": number})]


def recordings(db: Connection, number: str) -> list[Recording]:
    """The recordings of a number; of one that is not fetched yet the carrier's name for it."""
    rows = db.execute(
        f"""
        SELECT 'message', id, COALESCE(recording_path, recording_sid) FROM message
        WHERE id IN ({_MESSAGES}) AND COALESCE(recording_path, recording_sid) IS NOT NULL
        UNION ALL SELECT 'booking', id, recording FROM booking WHERE id IN ({_BOOKINGS}) AND recording <> ''
        """,
        {"number": number},
    )
    return [Recording(*row) for row in rows]


def stays(db: Connection, number: str, now: datetime) -> Stays:
    """What is left when the rest is erased."""
    row = db.execute(
        f"""
        SELECT
            (SELECT count(*) FROM call_log WHERE from_number = :number AND ended_at IS NULL),
            (SELECT count(*) FROM booking WHERE id IN ({_BOOKINGS}) AND ends_at > :now),
            (SELECT count(*) FROM text WHERE number = :number AND state IN ('owed', 'asked')),
            EXISTS (SELECT 1 FROM texting WHERE number = :number AND stopped_at IS NOT NULL),
            (SELECT count(DISTINCT call_id) FROM transcript
             WHERE instr(text, :number) AND call_id NOT IN ({_CALLS})),
            (SELECT count(*) FROM legal_hold WHERE number = :number AND released_at IS NOT NULL)
        """,
        {"number": number, "now": times.written(now)},
    ).fetchone()
    return Stays(row[0], row[1], row[2], bool(row[3]), row[4], row[5])


def left(db: Connection, number: str, now: datetime) -> dict[str, int]:
    """How many rows hold a number that was erased, by table, but for what `stays`."""
    staying = stays(db, number, now)
    if staying.live:
        return {}
    told = {table for name, tables in _STAYING.items() if getattr(staying, name) for table in tables}
    return {table: count for table, count in remains.holding(db, number).items() if table not in told}


def erase(db: Connection, number: str, run: str, *, now: datetime) -> None:
    """Delete all rows about a number, but for what `stays`, and keep witnesses of some.

    Its recordings are to be deleted before; the carrier's copies are owed to be, and are not taken anew.
    """
    values = {"number": number, "now": times.written(now)}
    there = f"SELECT recording_sid FROM message WHERE id IN ({_MESSAGES}) AND recording_sid IS NOT NULL"
    for (sid,) in db.execute(there, values).fetchall():
        voicemail.let_go(db, sid, delete=True, now=now)
    for name, statement in _ERASED:
        rows = db.execute(statement, values).fetchall()
        if rows:
            retention.counted(db, run, name, len(rows))
            retention.witnessed(db, run, name, (row[0] for row in rows if row[0]))
