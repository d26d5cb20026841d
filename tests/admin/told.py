"""Documents, questions, jobs and rehearsals of a clinic as rows, beside those of its morning.

May import: appliance, tests.admin.rows.
"""

from dataclasses import replace
from datetime import timedelta

from appliance.core.calendar import Span
from appliance.core.citations import Asked, Citation, Source
from appliance.core.examined import missing, note, well
from appliance.core.rehearsal import Key, Line, Outline, Part
from appliance.core.self_call import Check, Finding, State
from appliance.store import (
    backups,
    bookings,
    citations,
    database,
    documents,
    drafts,
    health_looks,
    jobs,
    phones,
    rehearsals,
    self_calls,
    times,
    unanswered,
    visits,
)
from appliance.store.database import Connection
from appliance.store.documents import Given, Reading
from appliance.store.documents import Source as From
from appliance.store.jobs import Wanted
from appliance.store.knowledge import Chunk
from appliance.store.rehearsals import Rehearsal
from appliance.store.unanswered import Missed, Why
from tests.admin import rows

PARKING = Source("guide", 7, "Visitor guide", "Parking", "en", 0.91, "Visitor guide, parking")
GONE = Source("gone", 9, "Old price list", "", "en", 0.62, "Old price list")


def fill(db: Connection) -> None:
    """All of it."""
    with database.immediate(db):
        _documents(db)
        _questions(db)
        _jobs(db)
        _box(db)
        book(db)
        _rehearsals(db)


def _rehearsals(db: Connection) -> None:
    """Two that are kept, a draft, and a run with it in which one comes out differently."""
    said = (("attendant", "Thank you for calling. How can I help you?"), ("caller", "When are you open?"),
            ("attendant", "We are open Monday to Friday, from 8 to 5."), ("keypad", "0"))  # fmt: skip
    expected = Outline(
        {
            Part.TOOLS: ("get_business_hours",),
            Part.ENDING: ("people",),
            Part.SENTENCES: ("how_can_i_help", "anything_else"),
        },
        said,
    )
    steps = (Line("When are you open?"), Key("0"))
    kept = [
        rehearsals.keep(
            db, Rehearsal(0, name, "", steps, expected, frozenset(Part)), at=rows.at(30), by="Ana Ruiz"
        )
        for name in ("The hours", "A refill, and then a person")
    ]
    billing = {"name": "Bills", "numbers": ["+12125550111"], "aliases": ["accounts"], "hours": "always"}
    price = {"title": "Flu shots", "language": "en", "content": "A flu shot costs 30 dollars."}
    draft = {
        "greeting": "Good day.", "front_door": "assistant", "department:billing": billing,
        "document:flu-shots": price,
    }  # fmt: skip
    winter = drafts.one(db, drafts.keep(db, "Winter", draft, at=rows.at(20), by="Ana Ruiz"))
    mark = drafts.mark(db, winter)
    run_id = rehearsals.begin(db, "Winter", winter.values, at=rows.at(10), by="Ana Ruiz", mark=mark)
    changed = Outline({**expected.parts, Part.TOOLS: (), Part.ENDING: ("transfer:billing",)}, said[:2])
    rehearsals.add(db, run_id, kept[0], expected)
    rehearsals.add(db, run_id, kept[1], changed)
    rehearsals.end(db, run_id, at=rows.at(9))
    later = {"greeting": "Happy holidays."}
    drafts.keep(db, "Holidays", later, at=rows.at(8), by="Ana Ruiz")
    db.execute("""UPDATE rehearsal_draft SET before = '{"greeting": "Hello."}' WHERE name = 'Holidays'""")


def _box(db: Connection) -> None:
    """What the doctor found, how the box reached itself, and its telephones."""
    found = [
        well("database", "/var/lib/attendant/attendant.db is up to date"),
        well("disk", "48210 MB are free"),
        missing("bridge", "it does not answer at http://127.0.0.1:8081: start attendant-bridge."),
        note("worker", "it does not answer at http://127.0.0.1:8083; nothing is due now."),
    ]
    health_looks.add(db, rows.at(40), 1380, found)
    self_calls.add(db, rows.at(95), 4200, [Finding(Check.GATE, State.OK), Finding(Check.KEYS, State.OK)])
    late = Finding(Check.RECOGNITION, State.DEGRADED, "the speech program took 2.4 s")
    self_calls.add(db, rows.at(35), 6100, [Finding(Check.GATE, State.OK), late])
    kept = backups.Result("4f1c", 1204, 238_000_000, 36_000_000)
    backups.add(db, backups.What.BACKUP, rows.at(420), 9700, kept)
    full = backups.Result(problem="The place /mnt/backup/attendant is full.")
    backups.add(db, backups.What.VERIFICATION, rows.at(360), 400, full)
    phones.add(db, "101", "Front desk", at=rows.at(9000))
    phones.add(db, "201", "Waiting room", at=rows.at(9000), staff=False)


def ask(
    db: Connection,
    question: str,
    *sources: Source,
    call_id: str = "talk",
    language: str = "en",
    verified: bool = True,
    named: str = "",
) -> None:
    """A question that a caller asked; with sources it was answered."""
    sure = sources[0].confidence if sources else 0.12
    said = named or (sources[0].said if sources else "")
    asked = Asked(question, language, sure, sources, "It is free." if sources else "")
    citations.cite(
        db, call_id, Citation(asked, bool(sources), verified and bool(sources), said, 7), rows.at(18)
    )


def book(db: Connection) -> None:
    """A day with appointments in every state, and what can be booked."""
    bookable = visits.checked(
        {
            "provider": [{"slug": "lee", "name": "Dr. Lee"}, {"slug": "ruiz", "name": "Dr. Ruiz"}],
            "visit": [{"slug": "cleaning", "name": "Cleaning", "minutes": 30}],
        }
    )
    now = times.read(rows.NOW)
    visits.replace(db, bookable, now=now)
    ana = bookings.Patient("Ana Ruiz", "+12125550188", "1980-03-09")
    for place, (key, patient) in enumerate(
        (("b1", ana), ("b2", replace(ana, name=rows.HOSTILE)), ("b3", None))
    ):
        start = now + timedelta(hours=1, minutes=30 * place)
        span = Span(start, start + timedelta(minutes=30))
        want = bookings.Wanted(key, "CAtalk", "cleaning", "lee", span, span, "America/New_York")
        bookings.hold(db, want, now=now, until=now + timedelta(minutes=3))
        if patient is not None:
            bookings.promise(db, key, patient, now=now)
    bookings.booked(db, "b1", event_id="e1", link="", now=now)


def dead(db: Connection, kind: str, error: str, *, state: str = "dead") -> int:
    """A job that failed: given up, or tried again later."""
    job_id = jobs.owe(db, Wanted(kind, f"{kind}:{error}"), now=times.read(rows.at(90)))
    ended = rows.at(30) if state == "dead" else None
    lease = (None, None) if state == "dead" else ("boot", 1)
    db.execute(
        "UPDATE job SET state = ?, error = ?, attempts = 3, started_at = ?, ended_at = ?, boot = ?,"
        " until_ms = ? WHERE id = ?",
        (state, error, rows.at(31), ended, *lease, job_id),
    )
    return job_id


def _documents(db: Connection) -> None:
    given = (
        Given("guide", From.FILE, file_name="Visitor guide.docx", reviewed_on="2026-05-01"),
        Given("clinic-example-prices", From.PAGE, url="https://clinic.example/prices", title="Prices"),
        Given("fees", From.FILE, file_name="Fees 2024.pdf", upload="a.pdf"),
        Given("leaflet", From.FILE, file_name="Leaflet about preparing for a blood test.pdf"),
    )
    guide, prices, _, leaflet = (documents.give(db, each, at=rows.at(200)) for each in given)
    chunks = [
        Chunk(guide.id, 0, "Parking is free in front of the house.", heading=("Parking",), language="en"),
        Chunk(guide.id, 1, "Yes, before noon.", question="Do you take walk-ins?", kind="pair", language="en"),
    ]
    reading = Reading("Visitor guide", "en", "# Visitor guide", "2026-05-01")
    documents.read(db, guide.id, reading, chunks, at=rows.at(190))
    for idx in (0, 1):
        db.execute(
            "UPDATE knowledge_chunk SET embedding = x'00', model = 'm' WHERE doc_id = ? AND idx = ?",
            (guide.id, idx),
        )
    priced = [Chunk(prices.id, 0, "A visit costs 120 dollars.", language="en")]
    old = Reading("Prices", "en", "# Prices", "2024-02-01")
    documents.read(db, prices.id, old, priced, at=rows.at(20))
    documents.failed(
        db, leaflet.id, "The PDF holds pictures of pages and no text: have them recognised first."
    )


def _questions(db: Connection) -> None:
    ask(db, "where can I park", PARKING, GONE)
    ask(db, "do you repair bicycles")
    ask(db, "what does a visit cost", PARKING, verified=False, named="Price list of last year")
    ask(db, "¿dónde puedo estacionar?", PARKING, language="es", call_id="billing")
    for place, question in enumerate(
        ("do you sell bread", "do you repair bicycles", "do you repair bicycles please")
    ):
        at = times.read(rows.NOW) - timedelta(minutes=60 - place)
        unanswered.keep(db, Missed(question, "en", Why.NOT_KNOWN, 0.1), at)


def _jobs(db: Connection) -> None:
    dead(db, "fetch_recording", "The carrier does not have the recording RE2 any more (status 404).")
    dead(db, "text_confirmation", "Twilio does not answer: timed out.", state="waiting")
    jobs.owe(db, Wanted("index knowledge", "index knowledge:1"), now=times.read(rows.at(0.5)))
