"""What staff give to the knowledge base: files, pages, answers, reviews; and what they take away.

A function that takes a connection runs in a transaction of its caller, who rings the bell once that is
committed. May import: the standard library, appliance.core, appliance.languages, appliance.store,
appliance.jobs, kb.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from appliance.core import slugs
from appliance.core.errors import AttendantError
from appliance.core.settings import Settings
from appliance.jobs import knowledge as job_kinds
from appliance.jobs.bell import Bell
from appliance.languages.folders import LanguageProblem
from appliance.languages.tables import table
from appliance.store import documents, jobs, knowledge, office, times, unanswered
from appliance.store.database import Connection
from appliance.store.documents import Entry, Given, Source
from appliance.store.errors import NoSuchRow
from appliance.store.jobs import State as JobState
from appliance.store.unanswered import State
from kb import written

SLUG_LENGTH = 60
OWN = "Answers of our team"
ANSWER_MOST = 2000


class NoAnswer(AttendantError):
    """There is nothing in the answer, or too much."""


@dataclass(frozen=True, slots=True)
class Said:
    """What staff say of a document; what they do not say is taken from it."""

    slug: str | None = None
    title: str | None = None
    language: str | None = None
    reviewed_on: str | None = None


def file(db: Connection, name: str, upload: str, said: Said, now: datetime) -> Entry:
    """Have a file read that waits among the uploads: a new document, or another version of one."""
    slug = said.slug or _slug(db, Path(name).stem, lambda entry: entry.file_name == name)
    given = Given(slug, Source.FILE, "", name, upload, "", said.title, said.language, said.reviewed_on)
    return _given(db, given, now)


def page(db: Connection, address: str, said: Said, now: datetime) -> Entry:
    """Have a page of a website read, whose address was checked."""
    name = re.sub(r"^https?://(www\.)?|\.html?$|[?#].*$", "", address)
    slug = said.slug or _slug(db, name, lambda entry: entry.url == address)
    given = Given(slug, Source.PAGE, address, "", "", "", said.title, said.language, said.reviewed_on)
    return _given(db, given, now)


def text(db: Connection, content: str, said: Said, now: datetime) -> Entry:
    """Have a document read that staff wrote here: a new one, or in place of the one of its slug."""
    slug = said.slug or _slug(db, said.title or "", lambda entry: entry.title == said.title)
    given = Given(slug, Source.TEXT, "", "", "", content, said.title, said.language, _today(db, now))
    return _given(db, given, now)


def answer(db: Connection, group_id: int, text: str, question: str, now: datetime) -> Entry:
    """Write the answer to a group of questions; `question` is how it is asked, in place of their words.

    Raises NoSuchRow, NoAnswer.
    """
    if not text.strip() or len(text) > ANSWER_MOST:
        raise NoAnswer(f"An answer has 1 to {ANSWER_MOST:,} letters.")
    group = unanswered.settle(db, group_id, State.ANSWERED, now)
    slug = written.slug_of(group.language)
    given = Given(
        slug,
        Source.TEXT,
        content=written.with_answer(_content(db, slug), question or group.question, text),
        title=_own(group.language),
        language=group.language,
        reviewed_on=_today(db, now),
    )
    return _given(db, given, now)


def reviewed(db: Connection, slug: str, day: date, now: datetime) -> Entry:
    """Somebody said on that day that what was read of a document is right. Raises NoSuchRow."""
    entry = documents.review(db, slug, day.isoformat())
    # What waits to be read takes it along; of what could never be read nothing is kept.
    if entry.state is not documents.State.QUEUED and documents.content(db, entry.id).strip():
        jobs.owe(db, job_kinds.to_read(entry, now, stored=True), now=now)
    return entry


def remove(db: Connection, slug: str, now: datetime) -> Entry:
    """Forget a document; searches stop finding it when the index was made anew. Raises NoSuchRow."""
    entry = documents.entry(db, slug)
    knowledge.remove(db, slug)
    jobs.owe(db, job_kinds.to_index(db), now=now)
    return entry


def troubles(db: Connection) -> list[str]:
    """Why something is tried again, or was given up and nothing of its kind was done since."""
    told: list[str] = []
    for kind in (job_kinds.READ, job_kinds.INDEX):
        told += [job.error for job in jobs.page(db, (JobState.WAITING,), kind=kind)]
        dead, done = (jobs.page(db, (state,), kind=kind, limit=1) for state in (JobState.DEAD, JobState.DONE))
        told += [job.error for job in dead if not done or done[0].id < job.id]
    return list(dict.fromkeys(told))


def ring(settings: Settings) -> None:
    """Tell the worker that something is owed."""
    bell = Bell(settings)
    bell.ring()
    bell.close()


def slug_of(name: str) -> str:
    """A name as it is typed: small letters, digits and dashes."""
    return slugs.slug(name, SLUG_LENGTH) or "document"


def _today(db: Connection, now: datetime) -> str:
    """The office's day: what staff write is right on it."""
    return now.astimezone(ZoneInfo(office.staff(db).time_zone)).date().isoformat()


def _given(db: Connection, given: Given, now: datetime) -> Entry:
    entry = documents.give(db, given, at=times.written(now))
    jobs.owe(db, job_kinds.to_read(entry, now), now=now)
    return entry


def _slug(db: Connection, name: str, same: Callable[[Entry], bool]) -> str:
    """The slug of a document that was given before, or one that is free."""
    known = {entry.slug: entry for entry in documents.entries(db)}
    for entry in known.values():
        if same(entry):
            return entry.slug
    return slugs.free(slug_of(name), known)


def _content(db: Connection, slug: str) -> str:
    try:
        return documents.content(db, documents.entry(db, slug).id)
    except NoSuchRow:
        return ""


def _own(language: str) -> str:
    """How these answers are called aloud."""
    try:
        return str(table(language, "answers")["source"].get("own", OWN))
    except LanguageProblem:
        return OWN
