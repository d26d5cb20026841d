"""How a document comes to be read: given by staff, waiting, read or not, and read again.

What was read of it before goes on being told while it waits, and when it cannot be read.
May import: the standard library, appliance.store.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import StrEnum

from appliance.store import knowledge
from appliance.store.database import Connection
from appliance.store.errors import NoSuchRow
from appliance.store.knowledge import Chunk, Kept


class Source(StrEnum):
    """Where a document comes from."""

    FILE = "file"
    PAGE = "page"
    TEXT = "text"
    """Written by staff, here."""


class State(StrEnum):
    """How far a document has come."""

    QUEUED = "queued"
    """To be read."""
    READY = "ready"
    FAILED = "failed"
    """What was given last cannot be read; what was read before still holds."""


@dataclass(frozen=True, slots=True)
class Given:
    """A document as staff give it. What they do not say of it is taken from it."""

    slug: str
    source: Source
    url: str = ""
    file_name: str = ""
    upload: str = ""
    """The file's name among those that wait."""
    content: str = ""
    """Of what is written here: Markdown."""
    title: str | None = None
    language: str | None = None
    reviewed_on: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A document, without what stands in it."""

    id: int
    slug: str
    title: str
    language: str
    source: Source
    url: str
    file_name: str
    upload: str
    sha256: str
    etag: str
    last_modified: str
    reviewed_on: str | None
    state: State
    problem: str
    version: int
    read_at: str | None
    changed_at: str
    given_title: str | None
    given_language: str | None
    given_reviewed: str | None


@dataclass(frozen=True, slots=True)
class Overview:
    """A document with the number of its passages, of those that are embedded, and by which model."""

    entry: Entry
    passages: int
    embedded: int
    model: str | None


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read; `content` is Markdown that reads as the same."""

    title: str
    language: str
    content: str
    reviewed_on: str | None
    sha256: str = ""
    etag: str = ""
    last_modified: str = ""


_COLUMNS = ", ".join(field.name for field in fields(Entry))


def give(db: Connection, given: Given, *, at: str) -> Entry:
    """Take a document to be read, in place of the one of its slug; what staff said before is forgotten."""
    row = db.execute(
        f"""
        INSERT INTO knowledge_doc (slug, title, language, content, changed_at, source, url, file_name, upload,
            given_title, given_language, given_reviewed)
        VALUES (:slug, :shown, :spoken, :content, :at, :source, :url, :file_name, :upload,
            :title, :language, :reviewed_on)
        ON CONFLICT (slug) DO UPDATE
        SET source = excluded.source, url = excluded.url, file_name = excluded.file_name,
            upload = excluded.upload, changed_at = excluded.changed_at, state = 'queued', problem = '',
            etag = '', last_modified = '', given_title = excluded.given_title,
            given_language = excluded.given_language, given_reviewed = excluded.given_reviewed,
            content = iif(excluded.source = 'text', excluded.content, content)
        RETURNING {_COLUMNS}
        """,  # noqa: S608 -- the names of our own columns
        {
            "slug": given.slug,
            "shown": given.title or given.file_name or given.url or given.slug,
            # Until it is read; SQL wants a word.
            "spoken": given.language or "und",
            "content": given.content,
            "at": at,
            "source": given.source,
            "url": given.url,
            "file_name": given.file_name,
            "upload": given.upload,
            "title": given.title,
            "language": given.language,
            "reviewed_on": given.reviewed_on,
        },
    ).fetchone()
    return _entry(row)


def entry(db: Connection, slug: str) -> Entry:
    """The document of this slug. Raises NoSuchRow."""
    row = db.execute(f"SELECT {_COLUMNS} FROM knowledge_doc WHERE slug = ?", (slug,)).fetchone()  # noqa: S608
    if row is None:
        raise NoSuchRow(f"There is no document {slug!r}: `attendant kb list` names them.")
    return _entry(row)


def of_id(db: Connection, doc_id: int) -> Entry | None:
    """The document of this id; None when it was removed."""
    row = db.execute(f"SELECT {_COLUMNS} FROM knowledge_doc WHERE id = ?", (doc_id,)).fetchone()  # noqa: S608
    return None if row is None else _entry(row)


def content(db: Connection, doc_id: int) -> str:
    """What stands in a document, as Markdown. Raises NoSuchRow."""
    row = db.execute("SELECT content FROM knowledge_doc WHERE id = ?", (doc_id,)).fetchone()
    if row is None:
        raise NoSuchRow("The document was removed.")
    return str(row[0])


def lengths(db: Connection) -> dict[int, int]:
    """How many letters stand in each document, by its id."""
    return {row[0]: row[1] for row in db.execute("SELECT id, length(content) FROM knowledge_doc")}


def entries(db: Connection, *, source: Source | None = None) -> list[Entry]:
    """All documents, or those from there, by title."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM knowledge_doc WHERE :source IN ('', source) ORDER BY title, id",  # noqa: S608
        {"source": source or ""},
    )
    return [_entry(row) for row in rows]


def overview(db: Connection) -> list[Overview]:
    """All documents with their passages in numbers, by title."""
    rows = {
        row["doc_id"]: row
        for row in db.execute(
            """
            SELECT doc_id, count(*) AS passages, count(embedding) AS embedded, max(model) AS model
            FROM knowledge_chunk GROUP BY doc_id
            """
        )
    }
    shown = []
    for each in entries(db):
        row = rows.get(each.id)
        numbers = (0, 0, None) if row is None else (row["passages"], row["embedded"], row["model"])
        shown.append(Overview(each, *numbers))
    return shown


def one_of(db: Connection, found: Entry) -> Overview:
    """A document with its passages in numbers."""
    row = db.execute(
        "SELECT count(*), count(embedding), max(model) FROM knowledge_chunk WHERE doc_id = ?", (found.id,)
    ).fetchone()
    return Overview(found, *row)


def uploads(db: Connection) -> set[str]:
    """The names of the files that wait to be read."""
    return {row[0] for row in db.execute("SELECT upload FROM knowledge_doc WHERE upload <> ''")}


def review(db: Connection, slug: str, day: str) -> Entry:
    """Note when staff said that a document is right; told from its next reading on. Raises NoSuchRow."""
    db.execute("UPDATE knowledge_doc SET given_reviewed = ? WHERE slug = ?", (day, slug))
    return entry(db, slug)


def read(db: Connection, doc_id: int, reading: Reading, chunks: Sequence[Chunk], *, at: str) -> Kept:
    """Keep what was read of a document in place of what was, and take a number for it when that differs."""
    before = db.execute(
        "SELECT title, language, reviewed_on FROM knowledge_doc WHERE id = ?", (doc_id,)
    ).fetchone()
    kept = knowledge.set_chunks(db, doc_id, chunks)
    told = tuple(before) != (reading.title, reading.language, reading.reviewed_on)
    if told and not kept.changed:
        knowledge.changed(db)
    db.execute(
        """
        UPDATE knowledge_doc
        SET title = :title, language = :language, content = :content, reviewed_on = :reviewed_on,
            sha256 = :sha256, etag = :etag, last_modified = :last_modified, upload = '', state = 'ready',
            problem = '', read_at = :at, version = version + :more
        WHERE id = :id
        """,
        {
            "title": reading.title,
            "language": reading.language,
            "content": reading.content,
            "reviewed_on": reading.reviewed_on,
            "sha256": reading.sha256,
            "etag": reading.etag,
            "last_modified": reading.last_modified,
            "at": at,
            "more": kept.changed or told,
            "id": doc_id,
        },
    )
    return kept


def unchanged(db: Connection, doc_id: int, *, at: str) -> None:
    """Note that a document is still what was read of it."""
    db.execute(
        "UPDATE knowledge_doc SET state = 'ready', problem = '', upload = '', read_at = ? WHERE id = ?",
        (at, doc_id),
    )


def failed(db: Connection, doc_id: int, problem: str) -> None:
    """Note why what was given cannot be read; nothing waits any more."""
    db.execute(
        "UPDATE knowledge_doc SET state = 'failed', problem = ?, upload = '' WHERE id = ?", (problem, doc_id)
    )


def _entry(row: object) -> Entry:
    values = list(row)  # type: ignore[call-overload]
    values[4], values[12] = Source(values[4]), State(values[12])
    return Entry(*values)
