"""Years of calls as rows: so many that a page which reads too much of them is seen to.

May import: the standard library, orjson, appliance.store.
"""

import random
from datetime import datetime, timedelta

import orjson

from appliance.store import database, times
from appliance.store.database import Connection

OUTCOMES = {
    "handled": 46, "hours": 14, "transferred": 16, "unanswered": 7, "voicemail": 9, "abandoned": 6, "busy": 1,
    "failed": 1,
}  # fmt: skip
TOOLS = {"handled": "answer_question", "hours": "get_business_hours", "transferred": "transfer_to_department"}
SOURCES = """[
    {"slug": "guide", "passage": 7, "title": "Visitor guide", "heading": "Parking", "version": 1,
     "confidence": 0.9}
]"""
EVENTS = 10
"""Events of each call."""
A_YEAR = timedelta(days=365)
SAID = "I would like to know whether my prescription is ready and when you are open this week please"


def fill(db: Connection, calls: int, now: datetime) -> None:
    """So many calls of the last year, each with what belongs to it; every third with a message."""
    chance = random.Random(1)
    with database.immediate(db):
        for number in range(calls):
            _call(db, f"y{number}", times.written(now - A_YEAR * chance.random()), chance)
        db.execute(
            """
            INSERT INTO message
                (call_id, call_sid, kind, subject, body, caller, created_at, handled_at, handled_by)
            SELECT id, call_sid, 'message', 'Refill', 'It is about a refill.', from_number, started_at,
                CASE WHEN rowid % 100 THEN started_at END, CASE WHEN rowid % 100 THEN 'Ana' ELSE '' END
            FROM call_log WHERE id GLOB 'y*' AND rowid % 3 = 0
            """
        )


def _call(db: Connection, call: str, at: str, chance: random.Random) -> None:
    (outcome,) = chance.choices([*OUTCOMES], [*OUTCOMES.values()])
    leads = {"transferred": "transfer:billing", "unanswered": "transfer:nurses", "voicemail": "voicemail"}
    number = f"+1212555{chance.randrange(10_000):04}"
    db.execute(
        """
        INSERT INTO call_log (id, call_sid, carrier, from_number, to_number, started_at)
        VALUES (?, ?, 'twilio', ?, '+12125550100', ?)
        """,
        (call, f"CA{call}", number, at),
    )
    for seq in range(1, EVENTS):
        db.execute(_EVENT, (call, seq, seq * 1000, "SpeechStarted", "{}"))
    tool = {"tool_call_id": "t", "name": TOOLS.get(outcome, ""), "arguments": "{}"}
    kind = "ToolsAsked" if outcome in TOOLS else "SpeechStarted"
    db.execute(_EVENT, (call, EVENTS, 9000, kind, orjson.dumps({"calls": [tool]}).decode()))
    for place, speaker in enumerate(("attendant", "caller", "attendant", "caller")):
        db.execute(_TURN, (call, place, speaker, " ".join(chance.choices(SAID.split(), k=12)), at))
    db.execute(
        "INSERT INTO call_timing (call_id, seq, name, at_ms, ms) VALUES (?, 1, 'response', 0, ?)",
        (call, round(chance.lognormvariate(6.75, 0.35))),
    )
    if outcome == "handled":
        db.execute(_CITATION, (call, f"CA{call}", SOURCES, at))
    db.execute(
        """
        UPDATE call_log SET ended_at = ?, duration_s = 60, outcome = ?, disposition = ?, cost_usd = ?
        WHERE id = ?
        """,
        (at, outcome, leads.get(outcome, ""), chance.uniform(0.01, 0.12), call),
    )


_EVENT = "INSERT INTO call_event (call_id, seq, at_ms, kind, data) VALUES (?, ?, ?, ?, ?)"
_TURN = "INSERT INTO transcript (call_id, place, speaker, text, final, cut, at) VALUES (?, ?, ?, ?, 1, 0, ?)"
_CITATION = """
    INSERT INTO citations_log
        (call_id, call_sid, question, language, sources, at, confidence, answered, verified, named, passage)
    VALUES (?, ?, 'Where can I park?', 'en', ?, ?, 0.9, 1, 1, '', 7)
"""
