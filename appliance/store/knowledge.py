"""The knowledge base: documents as the staff gave them, and their passages with embeddings.

May import: the standard library, appliance.store.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from appliance.store.database import Connection
from appliance.store.errors import NoSuchRow


@dataclass(frozen=True, slots=True)
class Document:
    """A document, known by its slug."""

    id: int
    slug: str
    title: str
    language: str
    content: str
    changed_at: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage of a document, counted from 0; its embedding is float32 in bytes, with the model's name."""

    doc_id: int
    idx: int
    text: str
    embedding: bytes | None = None
    model: str | None = None


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
    return int(row[0])


def remove(db: Connection, slug: str) -> None:
    """Forget a document and its passages. Raises NoSuchRow."""
    if db.execute("DELETE FROM knowledge_doc WHERE slug = ? RETURNING id", (slug,)).fetchone() is None:
        raise NoSuchRow(f"There is no document {slug!r}.")


def documents(db: Connection) -> list[Document]:
    """All documents, by title."""
    rows = db.execute(
        "SELECT id, slug, title, language, content, changed_at FROM knowledge_doc ORDER BY title, id"
    )
    return [Document(*row) for row in rows]


def document(db: Connection, slug: str) -> Document | None:
    """A document by its slug."""
    row = db.execute(
        "SELECT id, slug, title, language, content, changed_at FROM knowledge_doc WHERE slug = ?", (slug,)
    ).fetchone()
    return None if row is None else Document(*row)


def set_chunks(db: Connection, doc_id: int, chunks: Sequence[Chunk]) -> None:
    """Set the passages of a document, in place of those it had."""
    db.execute("DELETE FROM knowledge_chunk WHERE doc_id = ?", (doc_id,))
    for chunk in chunks:
        db.execute(
            "INSERT INTO knowledge_chunk (doc_id, idx, text, embedding, model) VALUES (?, ?, ?, ?, ?)",
            (doc_id, chunk.idx, chunk.text, chunk.embedding, chunk.model),
        )


def embed(db: Connection, doc_id: int, idx: int, embedding: bytes, model: str) -> None:
    """Set the embedding of a passage, and the model that made it. Raises NoSuchRow."""
    row = db.execute(
        "UPDATE knowledge_chunk SET embedding = ?, model = ? WHERE doc_id = ? AND idx = ? RETURNING idx",
        (embedding, model, doc_id, idx),
    ).fetchone()
    if row is None:
        raise NoSuchRow("There is no such passage.")


def chunks(db: Connection, doc_id: int) -> list[Chunk]:
    """The passages of a document, in order."""
    rows = db.execute(
        "SELECT doc_id, idx, text, embedding, model FROM knowledge_chunk WHERE doc_id = ? ORDER BY idx",
        (doc_id,),
    )
    return [Chunk(*row) for row in rows]


def unembedded(db: Connection, model: str, limit: int = 100) -> list[Chunk]:
    """Passages that this model has not embedded yet."""
    rows = db.execute(
        """
        SELECT doc_id, idx, text, embedding, model FROM knowledge_chunk
        WHERE model IS NOT ? ORDER BY doc_id, idx LIMIT ?
        """,
        (model, limit),
    )
    return [Chunk(*row) for row in rows]
