"""What staff do with questions that nobody could answer: they write the answer, and callers are told it.

May import: everything below appliance.cli.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from appliance.core.errors import AttendantError
from appliance.core.settings import Settings
from appliance.jobs import knowledge as job_kinds
from appliance.languages.folders import LanguageProblem
from appliance.languages.tables import table
from appliance.service import knowledge
from appliance.store import database, documents, jobs, office, times, unanswered
from appliance.store.database import Connection
from appliance.store.documents import Entry, Given, Source
from appliance.store.errors import NoSuchRow
from appliance.store.migrations import migrate
from appliance.store.unanswered import State
from kb.written import slug_of, with_answer

OWN = "Answers of our team"
ANSWER_MOST = 2000


class NoAnswer(AttendantError):
    """There is nothing in the answer, or too much."""


def answer(settings: Settings, group_id: int, text: str, question: str = "") -> Entry:
    """Write the answer to a group of questions; on disk, and owed to be read, when this returns.

    `question` is how it is to be asked, in place of the caller's words. Raises NoSuchRow, NoAnswer or
    StoreError.
    """
    if not text.strip() or len(text) > ANSWER_MOST:
        raise NoAnswer(f"An answer has 1 to {ANSWER_MOST:,} letters.")
    migrate(settings.database)
    db = database.connect(settings.database)
    try:
        with database.immediate(db):
            entry = _written(db, group_id, text, question)
    finally:
        db.close()
    knowledge.ring(settings)
    return entry


def _written(db: Connection, group_id: int, text: str, question: str) -> Entry:
    now = datetime.now(UTC)
    group = unanswered.settle(db, group_id, State.ANSWERED, now)
    slug, zone = slug_of(group.language), ZoneInfo(office.load(db).staff.time_zone)
    content = with_answer(_content(db, slug), question or group.question, text)
    given = Given(
        slug,
        Source.TEXT,
        content=content,
        title=_title(group.language),
        language=group.language,
        reviewed_on=now.astimezone(zone).date().isoformat(),
    )
    entry = documents.give(db, given, at=times.written(now))
    jobs.owe(db, job_kinds.to_read(entry, now), now=now)
    return entry


def _content(db: Connection, slug: str) -> str:
    try:
        return documents.content(db, documents.entry(db, slug).id)
    except NoSuchRow:
        return ""


def _title(language: str) -> str:
    """How these answers are called aloud."""
    try:
        return str(table(language, "answers")["source"].get("own", OWN))
    except LanguageProblem:
        return OWN
