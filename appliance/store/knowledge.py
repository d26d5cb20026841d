"""The knowledge base: documents as the staff gave them, and their passages with embeddings.

How a document comes to be read is in `documents`. Every change takes a number of one sequence: the index that
searches the passages says by it whether it is up to date. May import: the standard library, orjson,
appliance.store.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from appliance.store.database import Connection
from appliance.store.errors import NoSuchRow

ASIDE = 1 << 40
"""Passages that move are put so far behind all others first."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document, known by its slug; `version` counts what was changed of what callers are told."""

    id: int
    slug: str
    title: str
    language: str
    content: str
    changed_at: str
    version: int = 0
    reviewed_on: str | None = None


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage of a document, counted from 0; its embedding is float32 in bytes, with the model's name.

    `hash` is of what is embedded: a passage of the same hash keeps its `id`, which is never given to
    another, and its embedding.
    """

    doc_id: int
    idx: int
    text: str
    embedding: bytes | None = None
    model: str | None = None
    heading: tuple[str, ...] = ()
    kind: str = "text"
    question: str | None = None
    language: str = ""
    hash: str = ""
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A passage with what its document is called."""

    chunk: Chunk
    slug: str
    title: str
    reviewed_on: str | None


@dataclass(frozen=True, slots=True)
class Kept:
    """How many passages stayed as they were, and how many came and went."""

    same: int
    added: int
    removed: int
    moved: int = 0

    @property
    def changed(self) -> bool:
        """Whether there is anything else to be told than before."""
        return bool(self.added or self.removed or self.moved)


_DOCUMENT = "SELECT id, slug, title, language, content, changed_at, version, reviewed_on FROM knowledge_doc"
_CHUNK = """
    SELECT doc_id, idx, text, embedding, model, heading, kind, question, language, hash, id
    FROM knowledge_chunk
"""


def generation(db: Connection) -> int:
    """The number of the latest change of what is known."""
    return int(db.execute("SELECT last FROM knowledge_sequence").fetchone()[0])


def changed(db: Connection, numbers: int = 1) -> int:
    """Take a number for a change, or so many, and return the last of them."""
    row = db.execute("UPDATE knowledge_sequence SET last = last + ? RETURNING last", (numbers,)).fetchone()
    return int(row[0])


def save(db: Connection, *, slug: str, title: str, language: str, content: str, at: str) -> int:
    """Keep a document, in place of one with the same slug, and return its id; its passages go."""
    row = db.execute(
        """
        INSERT INTO knowledge_doc (slug, title, language, content, changed_at)
        VALUES (:slug, :title, :language, :content, :at)
        ON CONFLICT (slug) DO UPDATE
        SET title = excluded.title, language = excluded.language, content = excluded.content,
            changed_at = excluded.changed_at
        RETURNING id
        """,
        {"slug": slug, "title": title, "language": language, "content": content, "at": at},
    ).fetchone()
    db.execute("DELETE FROM knowledge_chunk WHERE doc_id = ?", (row[0],))
    changed(db)
    return int(row[0])


def remove(db: Connection, slug: str) -> None:
    """Forget a document and its passages. Raises NoSuchRow."""
    if db.execute("DELETE FROM knowledge_doc WHERE slug = ? RETURNING id", (slug,)).fetchone() is None:
        raise NoSuchRow(f"There is no document {slug!r}.")
    changed(db)


def documents(db: Connection) -> list[Document]:
    """All documents, by title."""
    return [Document(*row) for row in db.execute(f"{_DOCUMENT} ORDER BY title, id")]


def document(db: Connection, slug: str) -> Document | None:
    """A document by its slug."""
    row = db.execute(f"{_DOCUMENT} WHERE slug = ?", (slug,)).fetchone()
    return None if row is None else Document(*row)


def set_chunks(db: Connection, doc_id: int, chunks: Sequence[Chunk]) -> Kept:
    """Set the passages of a document: those of the same hash keep their id and their embedding.

    One without a hash is always a new one. Of an embedding that a new one brings along, nothing is lost.
    """
    known = _known(db, doc_id)
    places: dict[int, Chunk] = {}
    new: list[Chunk] = []
    for chunk in chunks:
        if chunk.hash and known[chunk.hash]:
            kept = known[chunk.hash].pop(0)
            places[kept.idx] = chunk
            if (kept.kind, kept.language, kept.text) != (chunk.kind, chunk.language, chunk.text):
                _tell_anew(db, kept, chunk)
        else:
            new.append(chunk)
    gone = [left.idx for chunks_left in known.values() for left in chunks_left]
    for idx in gone:
        db.execute("DELETE FROM knowledge_chunk WHERE doc_id = ? AND idx = ?", (doc_id, idx))
    moved = {old: chunk.idx for old, chunk in places.items() if old != chunk.idx}
    _move(db, doc_id, moved)
    _insert(db, doc_id, new)
    found = Kept(len(places), len(new), len(gone), len(moved))
    if found.changed:
        changed(db)
    return found


def _known(db: Connection, doc_id: int) -> defaultdict[str, list[Chunk]]:
    """A document's passages by their hashes, without their embeddings."""
    known: defaultdict[str, list[Chunk]] = defaultdict(list)
    for row in db.execute(
        "SELECT idx, text, kind, language, hash FROM knowledge_chunk WHERE doc_id = ? ORDER BY idx", (doc_id,)
    ):
        known[row["hash"]].append(
            Chunk(doc_id, row["idx"], row["text"], kind=row["kind"], language=row["language"])
        )
    return known


def _tell_anew(db: Connection, kept: Chunk, chunk: Chunk) -> None:
    """Note what is told of a passage beside what is embedded."""
    db.execute(
        "UPDATE knowledge_chunk SET text = ?, kind = ?, language = ? WHERE doc_id = ? AND idx = ?",
        (chunk.text, chunk.kind, chunk.language, kept.doc_id, kept.idx),
    )
    changed(db)


def _move(db: Connection, doc_id: int, moved: dict[int, int]) -> None:
    steps = [(old, old + ASIDE) for old in moved] + [(old + ASIDE, to) for old, to in moved.items()]
    for old, to in steps:
        db.execute("UPDATE knowledge_chunk SET idx = ? WHERE doc_id = ? AND idx = ?", (to, doc_id, old))


def _insert(db: Connection, doc_id: int, chunks: Sequence[Chunk]) -> None:
    first = changed(db, len(chunks)) - len(chunks) + 1
    for number, chunk in enumerate(chunks, first):
        db.execute(
            """
            INSERT INTO knowledge_chunk
                (doc_id, idx, text, embedding, model, heading, kind, question, language, hash, id)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            (
                doc_id,
                chunk.idx,
                chunk.text,
                chunk.embedding,
                chunk.model,
                orjson.dumps(chunk.heading).decode(),
                chunk.kind,
                chunk.question,
                chunk.language,
                chunk.hash,
                number,
            ),
        )


def embed(db: Connection, doc_id: int, idx: int, embedding: bytes, model: str) -> None:
    """Set the embedding of a passage, and the model that made it. Raises NoSuchRow."""
    row = db.execute(
        "UPDATE knowledge_chunk SET embedding = ?, model = ? WHERE doc_id = ? AND idx = ? RETURNING idx",
        (embedding, model, doc_id, idx),
    ).fetchone()
    if row is None:
        raise NoSuchRow("There is no such passage.")


def embed_all(db: Connection, made: Iterable[tuple[Chunk, bytes]], model: str) -> int:
    """Set the embeddings of passages that are still what they were; return how many those are."""
    return sum(
        db.execute(
            """
            UPDATE knowledge_chunk SET embedding = ?, model = ? WHERE id = ? AND hash = ? RETURNING idx
            """,
            (embedding, model, chunk.id, chunk.hash),
        ).fetchone()
        is not None
        for chunk, embedding in made
    )


def chunks(db: Connection, doc_id: int) -> list[Chunk]:
    """The passages of a document, in order."""
    return [_chunk(row) for row in db.execute(f"{_CHUNK} WHERE doc_id = ? ORDER BY idx", (doc_id,))]


def first(db: Connection, doc_id: int, limit: int) -> list[Chunk]:
    """The first passages of a document, without their embeddings."""
    rows = db.execute(
        """
        SELECT doc_id, idx, text, NULL AS embedding, NULL AS model, heading, kind, question, language,
            hash, id
        FROM knowledge_chunk WHERE doc_id = ? ORDER BY idx LIMIT ?
        """,
        (doc_id, limit),
    )
    return [_chunk(row) for row in rows]


def unembedded(db: Connection, model: str, limit: int = 100, *, after: Chunk | None = None) -> list[Chunk]:
    """Passages that this model has not embedded yet, in order; `after` is the last one of those before."""
    place = (-1, -1) if after is None else (after.doc_id, after.idx)
    rows = db.execute(
        f"{_CHUNK} WHERE (doc_id, idx) > (?, ?) AND model IS NOT ? ORDER BY doc_id, idx LIMIT ?",
        (*place, model, limit),
    )
    return [_chunk(row) for row in rows]


def models(db: Connection) -> list[str]:
    """The models that made embeddings which are kept."""
    rows = db.execute("SELECT DISTINCT model FROM knowledge_chunk WHERE model IS NOT NULL ORDER BY model")
    return [row[0] for row in rows]


def titles(db: Connection) -> dict[int, str]:
    """What each document is called, by its id."""
    return {row[0]: row[1] for row in db.execute("SELECT id, title FROM knowledge_doc")}


def told(db: Connection) -> Iterator[Told]:
    """All passages with their documents, in the order of their ids; within one transaction."""
    for row in db.execute(
        """
        SELECT c.doc_id, c.idx, c.text, c.embedding, c.model, c.heading, c.kind, c.question, c.language,
            c.hash, c.id, d.slug, d.title, d.reviewed_on
        FROM knowledge_chunk AS c JOIN knowledge_doc AS d ON d.id = c.doc_id
        WHERE c.id IS NOT NULL ORDER BY c.id
        """
    ):
        yield Told(_chunk(row[:11]), *row[11:])


def forget_embeddings(db: Connection, model: str, limit: int) -> int:
    """Have some passages embedded anew that this model has embedded; return how many."""
    rows = db.execute(
        """
        UPDATE knowledge_chunk SET embedding = NULL, model = NULL WHERE rowid IN (
            SELECT rowid FROM knowledge_chunk WHERE model = ? LIMIT ?
        ) RETURNING idx
        """,
        (model, limit),
    )
    return len(rows.fetchall())


def count(db: Connection, model: str) -> tuple[int, int]:
    """How many passages there are, and how many of them this model has embedded."""
    row = db.execute(
        "SELECT count(*), coalesce(sum(model IS ?), 0) FROM knowledge_chunk", (model,)
    ).fetchone()
    return int(row[0]), int(row[1])


def _chunk(row: Any) -> Chunk:
    made = Chunk(*row)
    return replace(made, heading=tuple(orjson.loads(made.heading)))  # type: ignore[arg-type]
