"""The knowledge base as a whole: what staff give it, how far it is, and doing it without a worker.

May import: everything below appliance.cli.
"""

import logging
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from appliance.core.errors import EmbedderFailed, SettingsError
from appliance.core.settings import Settings
from appliance.jobs import giving
from appliance.jobs import knowledge as job_kinds
from appliance.jobs.crew import Crew
from appliance.jobs.giving import Said
from appliance.jobs.kinds import registry
from appliance.jobs.knowledge import Place
from appliance.service import embedding
from appliance.service.jobs.lock import LOCK, only_one
from appliance.service.process import become_owner
from appliance.store import database, documents, jobs, knowledge, times
from appliance.store.database import Connection
from appliance.store.documents import Entry
from appliance.store.errors import StoreError
from appliance.store.jobs import State
from appliance.store.migrations import migrate
from kb import ingest, web
from kb.documents import kinds
from kb.documents.blocks import DocumentRefused
from kb.passages import Count, estimated
from kb.uploads import FOLDER, Uploads

SWEEP_S = 1.0
LOOK_S = 0.1
MANY = 1_000_000
FORGET_AT_ONCE = 500

log = logging.getLogger(__name__)


def place(settings: Settings) -> Place:
    """Where the documents of this box are, and what makes their embeddings."""
    lazy = embedding.Lazy(lambda: embedding.embedder(settings, bulk=True))

    def count() -> Count:
        try:
            return getattr(lazy(), "count", estimated)
        except EmbedderFailed:
            return estimated

    return Place(
        Uploads(settings.knowledge_dir / FOLDER),
        settings.knowledge_index,
        lazy,
        count,
        settings.knowledge.private_hosts,
        settings.knowledge.ca_file,
    )


def owe_missing(settings: Settings) -> None:
    """Owe the index where it is lost, or made by another model. Raises StoreError."""
    db = database.connect(settings.database)
    try:
        if not knowledge.generation(db):
            return  # Nobody has given a document yet, and nothing needs to be loaded.
        model = _model(settings)
        with database.immediate(db):
            if not ingest.is_current(db, settings.knowledge_index, model):
                now = datetime.now(UTC)
                jobs.owe(db, job_kinds.to_index(db, again=f":{times.written(now)}"), now=now)
    finally:
        db.close()


def _model(settings: Settings) -> str | None:
    """The model in use; None when it cannot be used."""
    try:
        return embedding.embedder(settings).model_id
    except EmbedderFailed:
        return None


# What staff give -----------------------------------------------------------------------------------------


def add_file(settings: Settings, file: Path, said: Said) -> Entry:
    """Take a file to be read: it is on disk, and its job owed, when this returns.

    Raises DocumentRefused for one that is too large or of no kind that is read, OSError, StoreError.
    """
    if kinds.known(file.name) is None:
        raise DocumentRefused(f"{file.name}: files of this kind are not read. What is read: {kinds.READ}.")
    migrate(settings.database)
    upload = Uploads(settings.knowledge_dir / FOLDER).keep(file)
    return _changed(settings, lambda db, now: giving.file(db, file.name, upload, said, now))


def add_page(settings: Settings, url: str, said: Said) -> Entry:
    """Take a page of a website to be fetched. Raises PageFailed for no address of one, StoreError."""
    address = str(web.checked(url, settings.knowledge.private_hosts))
    migrate(settings.database)
    return _changed(settings, lambda db, now: giving.page(db, address, said, now))


def remove(settings: Settings, slug: str) -> Entry:
    """Forget a document; searches stop finding it when the index was made anew. Raises NoSuchRow."""
    migrate(settings.database)
    return _changed(settings, lambda db, now: giving.remove(db, slug, now))


def answer(settings: Settings, group_id: int, text: str, question: str = "") -> Entry:
    """Write the answer to a group of questions; on disk, and owed to be read, when this returns.

    `question` is how it is to be asked, in place of the caller's words. Raises NoSuchRow, NoAnswer or
    StoreError.
    """
    migrate(settings.database)
    return _changed(settings, lambda db, now: giving.answer(db, group_id, text, question, now))


def _changed(settings: Settings, change: Callable[[Connection, datetime], Entry]) -> Entry:
    db = database.connect(settings.database)
    try:
        with database.immediate(db):
            entry = change(db, datetime.now(UTC))
    finally:
        db.close()
    giving.ring(settings)
    return entry


def read_again(settings: Settings) -> int:
    """Have all that is kept cut into passages and embedded anew; return how many documents those are."""
    migrate(settings.database)
    db = database.connect(settings.database)
    try:
        for model in _models(db):
            while _forgotten(db, model) == FORGET_AT_ONCE:
                continue
        with database.immediate(db):
            now = datetime.now(UTC)
            known = documents.entries(db)
            for entry in known:
                # What waits to be read is read as it is; of what could never be read nothing is kept.
                if not entry.upload and documents.content(db, entry.id).strip():
                    jobs.owe(db, job_kinds.to_read(entry, now, stored=True), now=now)
            knowledge.changed(db)
            jobs.owe(db, job_kinds.to_index(db), now=now)
    finally:
        db.close()
    giving.ring(settings)
    return len(known)


def _models(db: Connection) -> list[str]:
    with database.snapshot(db):
        return knowledge.models(db)


def _forgotten(db: Connection, model: str) -> int:
    with database.immediate(db):
        return knowledge.forget_embeddings(db, model, FORGET_AT_ONCE)


# How far it is -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the knowledge base is behind what staff gave it."""

    to_read: int
    """Documents that are about to be read."""
    passages: int
    embedded: int
    to_index: int
    """Indexes that are about to be made."""
    later: int
    """Jobs that failed and are tried again by and by."""
    problems: tuple[str, ...]
    """Why jobs are tried again, or were given up since it was begun."""

    @property
    def done(self) -> bool:
        """Whether nothing is about to be done."""
        return not self.to_read and not self.to_index


def _standing(db: Connection, model: str, since: str) -> Standing:
    kinds_ = (job_kinds.READ, job_kinds.INDEX)
    soon = [len(jobs.page(db, (State.QUEUED, State.RUNNING), kind=kind, limit=MANY)) for kind in kinds_]
    failed = [
        job for kind in kinds_ for job in jobs.page(db, (State.WAITING, State.DEAD), kind=kind, limit=MANY)
    ]
    waiting = [job for job in failed if job.state is State.WAITING]
    told = [job.error for job in failed if job.state is State.WAITING or (job.ended_at or "") >= since]
    passages, embedded = knowledge.count(db, model)
    return Standing(soon[0], passages, embedded, soon[1], len(waiting), tuple(dict.fromkeys(told)))


@contextmanager
def doing(settings: Settings) -> Iterator[bool]:
    """Have what is owed done meanwhile: by the worker if one runs, else here; whether it is here.

    The process belongs to the owner of the box from then on: what it makes can be read by all parts.
    """
    become_owner(settings.box.data_dir)
    try:
        lock = only_one(settings.box.data_dir / LOCK)
    except SettingsError:
        yield False
        return
    with ExitStack() as stack:
        stack.callback(os.close, lock)
        kinds_ = registry(job_kinds.kinds_of(place(settings)))
        crew = Crew(settings.database, kinds_, secrets.token_hex(6), threads=1)
        crew.start()
        stack.callback(crew.stop, 0)
        stop = threading.Event()
        sweeper = threading.Thread(target=_sweep, args=(crew, settings.database, stop), daemon=True)
        sweeper.start()
        stack.callback(sweeper.join)
        stack.callback(stop.set)
        yield True


def _sweep(crew: Crew, path: Path, stop: threading.Event) -> None:
    """What the worker does each second: leases are extended, and what waited becomes due."""
    while not stop.wait(SWEEP_S):
        try:
            db = database.connect(path)
            try:
                crew.sweep(db)
            finally:
                db.close()
        except StoreError as exc:
            log.warning("the sweep of jobs failed", extra={"problem": str(exc)})


def followed(settings: Settings, since: datetime) -> Iterator[Standing]:
    """How far it is, again and again until nothing is about to be done. Raises StoreError."""
    model = _model(settings) or ""
    db = database.connect_readonly(settings.database)
    try:
        while True:
            with database.snapshot(db):
                found = _standing(db, model, times.written(since))
            yield found
            if found.done:
                return
            # Another thread or process writes it; nothing can tell us but the file.
            time.sleep(LOOK_S)
    finally:
        db.close()
