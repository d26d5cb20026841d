"""What of a call went to others and is in no other row: questions to be embedded, numbers outside that rang.

Functions that write run in a transaction of their caller. May import: the standard library, appliance.core,
appliance.store.
"""

from appliance.core.events import PhonesRang
from appliance.core.phones import outside
from appliance.store import office
from appliance.store.database import Connection

ANSWERED = "answered"
FRONT_DESK = ("front-desk", "desk-first")
"""How the PBX calls those who ring when a caller wants a person, or before anybody else answers."""


def question_asked(db: Connection, call_id: str, model: str) -> None:
    """A question of a call is about to be sent to a model; of a call without a row nothing is kept."""
    db.execute(
        """
        INSERT INTO question_sent (call_id, model, asked)
        SELECT id, :model, 1 FROM call_log WHERE id = :call_id
        ON CONFLICT (call_id, model) DO UPDATE SET asked = asked + 1
        """,
        {"call_id": call_id, "model": model},
    )


def question_answered(db: Connection, call_id: str, model: str) -> None:
    """The model made something of a question: it has it for certain."""
    db.execute(
        "UPDATE question_sent SET answered = answered + 1 WHERE call_id = ? AND model = ?", (call_id, model)
    )


def phones_rang(db: Connection, call_id: str, rang: PhonesRang) -> None:
    """Phones that the PBX rang are done: note it if some of them are outside, as they are decided now."""
    rung = _numbers(db, rang.department)
    count = len(outside(rung))
    if count:
        db.execute(
            """
            INSERT INTO rung_outside (call_id, numbers, mixed, answered)
            SELECT id, ?, ?, ? FROM call_log WHERE id = ? AND carrier <> 'twilio'
            """,
            (count, count < len(rung), rang.result == ANSWERED, call_id),
        )


def _numbers(db: Connection, slug: str) -> tuple[str, ...]:
    """Who rings for a department, or for the front desk; nobody for another place."""
    if slug in FRONT_DESK:
        return office.staff(db).people
    return {each.slug: each.numbers for each in office.departments(db)}.get(slug, ())
