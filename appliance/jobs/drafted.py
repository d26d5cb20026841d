"""Documents of drafts: the index in which rehearsals find them, and having them read once they are decided.

An index is made for the documents of a draft as they are, and for what is known beside them: when either
changes, another one is. May import: the standard library, appliance.core, appliance.languages,
appliance.store, appliance.jobs, kb.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from appliance.core.errors import AttendantError, EmbedderFailed
from appliance.jobs import giving
from appliance.jobs.errand import Errand
from appliance.jobs.giving import Said
from appliance.jobs.kinds import Kind, Nothing
from appliance.jobs.knowledge import NO_SIZE, Place
from appliance.languages.folders import code_of, codes
from appliance.store import documents, drafted, drafts, jobs, knowledge, office, rehearsals, times
from appliance.store.database import Connection
from appliance.store.documents import Entry, Source, State
from appliance.store.drafts import Draft
from appliance.store.jobs import Wanted
from kb import ingest
from kb.documents import markdown
from kb.embedding import embedded
from kb.index import Row
from kb.ingest import Had

NAME = "index drafts"
FILES = "draft-{}.db"
DEADLINE_S = 1800.0
TRIES = 5


class DraftClashes(AttendantError):
    """Something that a draft would change was changed meanwhile: somebody has to say which it should be."""


def index_of(knowledge_dir: Path, values: Mapping[str, Any], generation: int) -> Path | None:
    """The index in which a draft's documents are found, beside what is known; None without any."""
    if not (told := drafted.documents_of(values)):
        return None
    return knowledge_dir / FILES.format(drafted.digest([generation, told])[:40])


def missing(db: Connection, knowledge_dir: Path, values: Mapping[str, Any]) -> bool:
    """Whether a draft's documents cannot be searched yet."""
    path = index_of(knowledge_dir, values, knowledge.generation(db))
    return path is not None and not path.exists()


def owe(db: Connection, *, now: datetime) -> None:
    """Have the indexes of drafts made that are missing, and those deleted that no draft has."""
    jobs.owe(db, Wanted(NAME, f"{NAME} {times.written(now)}", tries=TRIES), now=now)


def decide(db: Connection, draft: Draft, *, now: datetime, by: str) -> None:
    """Decide what a draft says, and forget it; its documents are read. Raises DraftClashes, SettingsError."""
    if clashing := [each.key for each in drafts.items(db, draft) if each.clashes]:
        raise DraftClashes(f"This was changed meanwhile: {', '.join(clashing)}.")
    changing = {each.key: each.wanted for each in drafts.items(db, draft) if each.changes}
    drafted.decide(db, changing, at=times.written(now), by=by)
    for slug, value in drafted.documents_of(changing).items():
        if value is None:
            giving.remove(db, slug, now)
        else:
            giving.text(db, value["content"], Said(slug, value["title"], value["language"] or None), now)
    drafts.forget(db, draft.id)
    owe(db, now=now)


# Making indexes ------------------------------------------------------------------------------------------


def indexing(place: Place) -> Kind[Nothing]:
    """The kind that makes them."""

    def run(errand: Errand, _: Nothing) -> None:
        folder = place.index.parent
        needed = {
            path: values
            for values in errand.read(_values)
            if (path := index_of(folder, values, errand.read(knowledge.generation)))
        }
        for path, values in needed.items():
            if not path.exists():
                _make(errand, place, path, drafted.documents_of(values))
        kept = {name for path in needed for name in (path.name, f"{path.name}.lock")}
        for file in folder.glob(FILES.format("*") + "*"):
            if file.name not in kept:
                file.unlink(missing_ok=True)

    return Kind(NAME, Nothing, run, DEADLINE_S, urgent=True, tries=TRIES)


def _values(db: Connection) -> list[Mapping[str, Any]]:
    """What drafts say, and what rehearsals are played with that are not over."""
    return [*(each.values for each in drafts.every(db)), *(each.draft for each in rehearsals.unended(db))]


def _make(errand: Errand, place: Place, path: Path, told: Mapping[str, Any]) -> None:
    """Make the index of what is known with these documents in the place of those of their slugs."""
    more: list[Row] = []
    for slug, value in told.items():
        if value is not None:
            more += errand.read(partial(_passages, place=place, slug=slug, value=value, behind=len(more)))
        errand.check()
    model, size = None, NO_SIZE
    try:
        embedder = place.embedder()
        if more:
            vectors = embedded(embedder, [row.passage for row in more])
            more = [Row(row.passage, each.tobytes()) for row, each in zip(more, vectors, strict=True)]
        model, size = embedder.model_id, embedder.size
    except EmbedderFailed:
        # Without embeddings passages are found by their words.
        more = [Row(row.passage) for row in more]
    errand.read(
        lambda db: ingest.build(db, path, model, size, lambda _: errand.check(), without=told, more=more)
    )


def _passages(db: Connection, *, place: Place, slug: str, value: Mapping[str, Any], behind: int) -> list[Row]:
    """The passages of one document, numbered behind all that the store has and so many others."""
    first = knowledge.generation(db) + behind + 1
    known = next((each.id for each in documents.entries(db) if each.slug == slug), first)
    entry, had = _entry(known, slug, value), Had(markdown.read(value["content"]))
    _, chunks = ingest.kept(entry, had, place.count(), codes(), code_of(office.staff(db).language))
    return [
        Row(ingest.told(replace(chunk, id=number), title=entry.title, slug=slug))
        for number, chunk in enumerate(chunks, first)
    ]


def _entry(doc_id: int, slug: str, value: Mapping[str, Any]) -> Entry:
    """A document that is in a draft, as one that staff gave."""
    title, language = str(value["title"]), str(value["language"]) or None
    return Entry(
        doc_id, slug, title, language or "und", Source.TEXT, "", "", "", "", "", "", None, State.READY, "", 0,
        None, "", title, language, None,
    )  # fmt: skip
