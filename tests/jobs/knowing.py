"""A knowledge base for tests: its place, an embedder that counts, and all its jobs done at once.

May import: the standard library, numpy, appliance, kb, models, tests.jobs.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from appliance.core.errors import EmbedderFailed
from appliance.jobs import drafted, work
from appliance.jobs import knowledge as kinds
from appliance.jobs.errand import Errand
from appliance.jobs.kinds import registry
from appliance.jobs.knowledge import Place
from appliance.jobs.turns import Turns
from appliance.store import database, documents, job_leases, jobs
from appliance.store.database import Connection
from appliance.store.documents import Entry, Given, Source
from appliance.store.job_leases import Moment
from appliance.store.jobs import Job
from kb.index import Index
from kb.uploads import Uploads
from models.embed import Embedder

HERE = ("127.0.0.1",)


@cache
def shipped() -> Embedder:
    """The embedder that ships, loaded once."""
    return Embedder()


class Counted:
    """The shipped embedder, which keeps what it was asked for; it fails while `failure` is set."""

    def __init__(self, model_id: str = "") -> None:
        self.model_id = model_id or shipped().model_id
        self.size = shipped().size
        self.texts: list[str] = []
        self.failure: EmbedderFailed | None = None

    def embed(self, texts: Sequence[str], *, asked: bool = False) -> NDArray[np.float32]:
        """As the shipped one does. Raises EmbedderFailed."""
        if self.failure is not None:
            raise self.failure
        self.texts += texts
        return shipped().embed(texts, asked=asked)


class Base:
    """The knowledge base beside a database."""

    def __init__(self, path: Path) -> None:
        folder = path.parent / "knowledge"
        self.embedder = Counted()
        self.uploads = Uploads(folder / "uploads")
        self.index = folder / "index.db"
        self.place = Place(
            self.uploads, self.index, lambda: self.embedder, lambda: shipped().count, private_hosts=HERE
        )
        self.kinds = registry([*kinds.kinds_of(self.place), drafted.indexing(self.place)])

    def give(self, db: Connection, file: Path, slug: str = "guide", **more: str) -> Entry:
        """Give a file as staff do."""
        upload = self.uploads.keep(file)
        return self._given(db, Given(slug, Source.FILE, file_name=file.name, upload=upload, **more))

    def page(self, db: Connection, url: str, slug: str = "page") -> Entry:
        """Give the address of a page."""
        return self._given(db, Given(slug, Source.PAGE, url=url))

    def write(self, db: Connection, content: str, slug: str = "answers") -> Entry:
        """Write a document here."""
        return self._given(db, Given(slug, Source.TEXT, content=content))

    def _given(self, db: Connection, given: Given) -> Entry:
        now = datetime.now(UTC)
        with database.immediate(db):
            entry = documents.give(db, given, at=now.isoformat(timespec="milliseconds")[:23] + "Z")
            jobs.owe(db, kinds.to_read(entry, now), now=now)
        return entry

    def work(self, db: Connection, *only: str) -> list[Job]:
        """Do all that is due, one after the other, and return it as it ended."""
        done: list[Job] = []
        while True:
            with database.immediate(db):
                found = job_leases.claim(
                    db, [*(only or self.kinds)], worker=f"w{len(done)}", moment=Moment.now(), lease_s=60
                )
            if found is None:
                return done
            deadline_s = self.kinds[found[0].kind].deadline_s
            work.do(self.kinds, Errand(*found, db, Turns(), deadline_s), Moment.now, lambda _: True)
            done.append(jobs.get(db, found[0].id))

    def told(self) -> list[str]:
        """The texts in the index, in the order of their ids."""
        with Index(self.index) as index:
            return [each.text for _, each in sorted(index.passages(range(1, 10_000)).items())]

    def made_of(self) -> tuple[str | None, int, int]:
        """By which model the index was made, of how many passages, and how many of them are embedded."""
        with Index(self.index) as index:
            return index.facts.model_id, index.facts.passages, index.facts.embedded
