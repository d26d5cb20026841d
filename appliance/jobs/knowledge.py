"""Documents of the knowledge base: read, cut into passages, embedded, and put into the index.

What was read before goes on being told until the next is ready. May import: the standard library,
appliance.core, appliance.languages, appliance.store, appliance.jobs, kb.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import partial
from pathlib import Path
from typing import Protocol

from appliance.core.errors import EmbedderFailed
from appliance.core.ports import Embedder
from appliance.jobs.errand import Change, Errand
from appliance.jobs.kinds import JobFailed, Kind, Nothing, Payload
from appliance.jobs.timetable import Daily, Schedule
from appliance.languages.folders import code_of, codes
from appliance.store import documents, jobs, knowledge, office, times
from appliance.store.database import Connection
from appliance.store.documents import Entry, Source, State
from appliance.store.jobs import Wanted
from appliance.store.knowledge import Chunk
from kb import ingest
from kb.documents import apart, kinds, markdown
from kb.documents.blocks import DocumentRefused
from kb.documents.kinds import Format
from kb.ingest import Had
from kb.passages import Count, estimated
from kb.uploads import Uploads
from kb.web import Page, PageFailed, Web

READ, INDEX, PAGES = "read document", "index knowledge", "read pages again"
NIGHTLY = Schedule(PAGES, PAGES, Daily(time(2, 40)))
READ_S = 180.0
INDEX_S = 7200.0
NO_SIZE = 8
"""Of embeddings, where there are none."""
PORTION = 32
"""Passages that are embedded between two commits."""
TRIES = 6


class ToRead(Payload):
    """Which document, and its file that waits. `stored`: what is kept of it is cut into passages again."""

    doc: int
    upload: str = ""
    stored: bool = False


class Counting(Protocol):
    """An embedder that says how many tokens a text is to it."""

    def count(self, text: str) -> int:
        """The number of tokens."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where documents wait and the index is, what makes embeddings, and from where pages may come."""

    uploads: Uploads
    index: Path
    embedder: Callable[[], Embedder]
    """Loaded when it is first wanted."""
    count: Callable[[], Count] = lambda: estimated
    private_hosts: tuple[str, ...] = ()
    ca_file: Path | None = None


def to_read(entry: Entry, now: datetime, *, stored: bool = False) -> Wanted:
    """The job that reads a document as it stands now."""
    again = entry.upload or times.written(now)
    payload = ToRead(doc=entry.id, upload=entry.upload, stored=stored)
    return Wanted(READ, f"{READ}:{entry.id}:{again}", payload.model_dump(mode="json"), tries=TRIES)


def to_index(db: Connection, again: str = "") -> Wanted:
    """The job that makes the index of what is known now; `again` where there was one for the same before."""
    return Wanted(INDEX, f"{INDEX}:{knowledge.generation(db)}{again}", tries=TRIES)


def kinds_of(place: Place) -> list[Kind[ToRead] | Kind[Nothing]]:
    """All kinds of the knowledge base."""
    return [reading(place), indexing(place), reading_pages()]


def reading(place: Place) -> Kind[ToRead]:
    """The kind that reads one document."""

    def run(errand: Errand, wanted: ToRead) -> Change | None:
        entry = errand.read(lambda db: documents.of_id(db, wanted.doc))
        if entry is None or entry.upload != wanted.upload:
            return None  # It was removed, or given anew: that has a job of its own.
        place.uploads.tidy(errand.read(documents.uploads))
        try:
            had = _had(errand, entry, wanted, place)
            if had is None:
                return lambda db: documents.unchanged(db, entry.id, at=times.utc_now())
            languages, usual = codes(), errand.read(lambda db: office.load(db).staff.language)
            reading, chunks = ingest.kept(entry, had, place.count(), languages, code_of(usual))
        except DocumentRefused as exc:
            return _refusing(entry, str(exc))
        except PageFailed as exc:
            if exc.again and errand.job.attempts < errand.job.tries:
                raise JobFailed(str(exc), again=True, after_s=exc.after_s) from exc
            return _refusing(entry, str(exc))
        return _keeping(entry, reading, chunks, stored=wanted.stored)

    return Kind(READ, ToRead, run, READ_S, tries=TRIES)


def _had(errand: Errand, entry: Entry, wanted: ToRead, place: Place) -> Had | None:
    """The document as it comes from where it is; None when it is still what it was."""
    if wanted.stored or entry.source is Source.TEXT:
        text = errand.read(lambda db: documents.content(db, entry.id))
        if not text.strip():
            raise DocumentRefused("There is no text in the document.")
        return Had(markdown.read(text), entry.sha256, entry.etag, entry.last_modified)
    if entry.source is Source.PAGE:
        return _of_page(errand, entry, place)
    file = place.uploads.path(entry.upload)
    try:
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        supposed = kinds.known(entry.file_name)
        return Had(apart.read(file, supposed, errand.check), digest)
    except FileNotFoundError as exc:
        raise DocumentRefused("The file that was given is lost: give it again.") from exc


def _of_page(errand: Errand, entry: Entry, place: Place) -> Had | None:
    known = entry.state is State.READY
    page = errand.awaited(_fetched(entry, place, known=known))
    if page is None:
        return None
    digest = hashlib.sha256(page.data).hexdigest()
    if known and digest == entry.sha256:
        return None
    file = place.uploads.write(page.data)
    try:
        read = apart.read(file, page.format or Format.PAGE, errand.check)
    finally:
        file.unlink(missing_ok=True)
    return Had(read, digest, page.etag, page.last_modified)


async def _fetched(entry: Entry, place: Place, *, known: bool) -> Page | None:
    async with Web(place.private_hosts, place.ca_file) as web:
        if known:
            return await web.fetch(entry.url, etag=entry.etag, last_modified=entry.last_modified)
        return await web.fetch(entry.url)


def _refusing(entry: Entry, problem: str) -> Change:
    def change(db: Connection) -> None:
        if _still(db, entry):
            before = documents.content(db, entry.id)
            told = f"{problem} What was read of it before is still told." if before.strip() else problem
            documents.failed(db, entry.id, told)

    return change


def _keeping(entry: Entry, reading: documents.Reading, chunks: list[Chunk], *, stored: bool) -> Change:
    def change(db: Connection) -> None:
        if _still(db, entry):
            before = knowledge.generation(db)
            documents.read(db, entry.id, reading, chunks, at=times.utc_now())
            if stored and entry.state is State.FAILED:
                # What was given last still cannot be read.
                documents.failed(db, entry.id, entry.problem)
            if knowledge.generation(db) != before:
                jobs.owe(db, to_index(db), now=datetime.now(UTC))

    return change


def _still(db: Connection, entry: Entry) -> bool:
    """Whether a document is the one that was looked at: nobody removed it or gave it anew meanwhile."""
    now = documents.of_id(db, entry.id)
    return now is not None and (now.upload, now.changed_at) == (entry.upload, entry.changed_at)


def indexing(place: Place) -> Kind[Nothing]:
    """The kind that embeds what is not embedded yet, and makes the index that the store asks for."""

    def run(errand: Errand, _: Nothing) -> None:
        model, size, failed = None, NO_SIZE, None
        try:
            embedder = place.embedder()
            model, size = embedder.model_id, embedder.size
            _embed(errand, embedder)
        except EmbedderFailed as exc:
            failed = exc
        # Without embeddings passages are found by their words, which is better than not at all.
        _index(errand, place.index, model, size)
        if failed is not None:
            raise JobFailed(str(failed), again=failed.again, after_s=failed.after_s) from failed

    return Kind(INDEX, Nothing, run, INDEX_S, tries=TRIES)


def _index(errand: Errand, path: Path, model: str | None, size: int) -> None:
    """Make the index, unless it is what the store has."""
    if errand.read(lambda db: ingest.is_current(db, path, model)):
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    errand.read(lambda db: ingest.build(db, path, model, size, lambda _: errand.check()))


def _embed(errand: Errand, embedder: Embedder) -> None:
    """Embed in portions, each of which stays done whatever happens to the next."""
    last = None
    while some := errand.read(partial(_next_portion, model=embedder.model_id, after=last)):
        titles = errand.read(knowledge.titles)
        made = ingest.embeddings(embedder, [(chunk, titles.get(chunk.doc_id, "")) for chunk in some])
        errand.write(partial(knowledge.embed_all, made=made, model=embedder.model_id))
        last = some[-1]
        errand.check()


def _next_portion(db: Connection, *, model: str, after: Chunk | None) -> list[Chunk]:
    return knowledge.unembedded(db, model, PORTION, after=after)


def reading_pages() -> Kind[Nothing]:
    """The kind that has every page of the website looked at again, and the index made where it is missing."""

    def run(errand: Errand, _: Nothing) -> Change:
        now = datetime.now(UTC)

        def change(db: Connection) -> None:
            for entry in documents.entries(db, source=Source.PAGE):
                jobs.owe(db, to_read(entry, now), now=now)
            jobs.owe(db, to_index(db, again=f":{times.written(now)}"), now=now)

        return change

    return Kind(PAGES, Nothing, run, deadline_s=60, tries=3)
