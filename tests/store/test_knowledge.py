"""The knowledge base: documents, passages, and which model made which embedding."""

from dataclasses import replace

import pytest

from appliance.store import database, errors, knowledge
from appliance.store.database import Connection
from appliance.store.knowledge import Chunk
from tests.store.conftest import AT


def save(db: Connection, slug: str = "parking", content: str = "Behind the house.") -> int:
    return knowledge.save(db, slug=slug, title=slug.title(), language="en-US", content=content, at=AT)


def test_a_document_is_kept_and_replaced_by_its_slug(db: Connection) -> None:
    doc_id = save(db)
    knowledge.set_chunks(db, doc_id, [Chunk(doc_id, 0, "Behind the house.")])
    assert save(db, content="In front of it.") == doc_id
    (document,) = knowledge.documents(db)
    assert document == knowledge.document(db, "parking")
    assert document.content == "In front of it."
    assert knowledge.chunks(db, doc_id) == []


def test_passages_wait_for_an_embedding_of_the_model_in_use(db: Connection) -> None:
    doc_id = save(db)
    passages = [Chunk(doc_id, 0, "One."), Chunk(doc_id, 1, "Two.", b"\0\0\x80?", "minilm")]
    knowledge.set_chunks(db, doc_id, passages)
    kept = knowledge.chunks(db, doc_id)
    assert [replace(chunk, id=None) for chunk in kept] == passages
    assert knowledge.unembedded(db, "minilm") == kept[:1]
    knowledge.embed(db, doc_id, 0, b"\0\0\0\0", "minilm")
    assert knowledge.unembedded(db, "minilm") == []
    assert len(knowledge.unembedded(db, "later-model")) == 2


def test_an_embedding_needs_its_model(db: Connection) -> None:
    doc_id = save(db)
    with pytest.raises(errors.RowRefused), database.immediate(db):
        knowledge.set_chunks(db, doc_id, [Chunk(doc_id, 0, "One.", b"\0\0\0\0")])


def test_a_removed_document_takes_its_passages_along(db: Connection) -> None:
    doc_id = save(db)
    knowledge.set_chunks(db, doc_id, [Chunk(doc_id, 0, "One.")])
    knowledge.remove(db, "parking")
    assert knowledge.chunks(db, doc_id) == []
    assert knowledge.documents(db) == []
    assert knowledge.document(db, "parking") is None
    with pytest.raises(errors.NoSuchRow):
        knowledge.remove(db, "parking")
    with pytest.raises(errors.NoSuchRow):
        knowledge.embed(db, doc_id, 0, b"", "minilm")
