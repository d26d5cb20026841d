"""Documents from given to read: what was read before stays until then, and only what changed is made anew."""

from collections.abc import Iterable

import pytest

from appliance.store import database, documents, errors, knowledge
from appliance.store.database import Connection
from appliance.store.documents import Entry, Given, Reading, Source, State
from appliance.store.knowledge import Chunk, Kept
from tests.store.conftest import AT

LATER = "2026-11-25T09:00:00.000Z"


def give(db: Connection, **more: str) -> Entry:
    given = {"slug": "parking", "file_name": "parking.md", "upload": "u1.md", **more}
    with database.immediate(db):
        return documents.give(db, Given(source=Source.FILE, **given), at=AT)


def read(db: Connection, entry: Entry, texts: Iterable[str], title: str = "Parking") -> Kept:
    chunks = [Chunk(entry.id, place, text, hash=f"#{text}") for place, text in enumerate(texts)]
    reading = Reading(title, "en", " ".join(texts), "2026-05-01", "abc", "tag", "Mon")
    with database.immediate(db):
        return documents.read(db, entry.id, reading, chunks, at=LATER)


def embed_all(db: Connection, model: str = "m") -> int:
    waiting = knowledge.unembedded(db, model)
    with database.immediate(db):
        return knowledge.embed_all(db, [(chunk, b"\0\0\0\0") for chunk in waiting], model)


def texts(db: Connection, entry: Entry) -> list[tuple[str, bool]]:
    return [(chunk.text, chunk.embedding is not None) for chunk in knowledge.chunks(db, entry.id)]


def test_a_document_waits_is_read_and_waits_again(db: Connection) -> None:
    entry = give(db, title="Where to park")
    assert (entry.state, entry.title, entry.language, entry.upload) == (
        State.QUEUED, "Where to park", "und", "u1.md",
    )  # fmt: skip
    assert documents.uploads(db) == {"u1.md"}
    read(db, entry, ["One.", "Two."])
    now = documents.entry(db, "parking")
    assert (now.state, now.version, now.language, now.reviewed_on) == (State.READY, 1, "en", "2026-05-01")
    assert (now.upload, now.sha256, now.etag, now.read_at) == ("", "abc", "tag", LATER)
    again = give(db, upload="u2.md")
    assert (again.id, again.state, again.version, again.etag) == (entry.id, State.QUEUED, 1, "")
    assert texts(db, again) == [("One.", False), ("Two.", False)]
    assert documents.content(db, entry.id) == "One. Two."


def test_only_what_changed_is_embedded_again_and_ids_stay(db: Connection) -> None:
    entry = give(db)
    assert read(db, entry, ["One.", "Two.", "Three.", "Two."]) == Kept(0, 4, 0)
    assert embed_all(db) == 4
    before = {chunk.id: chunk.text for chunk in knowledge.chunks(db, entry.id)}
    assert read(db, entry, ["Zero.", "Two.", "One.", "Two."]) == Kept(3, 1, 1, 1)
    assert texts(db, entry) == [("Zero.", False), ("Two.", True), ("One.", True), ("Two.", True)]
    after = {chunk.id: chunk.text for chunk in knowledge.chunks(db, entry.id)}
    assert {key: before[key] for key in before.keys() & after.keys()} == {
        key: after[key] for key in before.keys() & after.keys()
    }
    assert len(before.keys() & after.keys()) == 3
    assert [chunk.idx for chunk in knowledge.chunks(db, entry.id)] == [0, 1, 2, 3]
    assert embed_all(db) == 1
    assert documents.entry(db, "parking").version == 2


def test_an_id_is_never_given_to_another(db: Connection) -> None:
    entry = give(db)
    read(db, entry, ["One."])
    (first,) = knowledge.chunks(db, entry.id)
    read(db, entry, ["Two."])
    (second,) = knowledge.chunks(db, entry.id)
    with database.immediate(db):
        knowledge.remove(db, "parking")
    entry = give(db)
    read(db, entry, ["One."])
    (third,) = knowledge.chunks(db, entry.id)
    assert len({first.id, second.id, third.id}) == 3


def test_reading_the_same_again_changes_nothing_that_is_told(db: Connection) -> None:
    entry = give(db)
    read(db, entry, ["One."])
    before = knowledge.generation(db)
    read(db, entry, ["One."])
    assert (documents.entry(db, "parking").version, knowledge.generation(db)) == (1, before)
    read(db, entry, ["One."], title="Where to park")
    assert documents.entry(db, "parking").version == 2
    assert knowledge.generation(db) > before


def test_an_embedding_of_a_text_that_changed_meanwhile_is_not_kept(db: Connection) -> None:
    entry = give(db)
    read(db, entry, ["One."])
    waiting = knowledge.unembedded(db, "m")
    read(db, entry, ["Two."])
    with database.immediate(db):
        assert knowledge.embed_all(db, [(waiting[0], b"\0\0\0\0")], "m") == 0
    assert texts(db, entry) == [("Two.", False)]


def test_what_is_not_embedded_is_gone_through_in_portions(db: Connection) -> None:
    entry = give(db)
    read(db, entry, [f"{number}." for number in range(7)])
    seen: list[str] = []
    last: Chunk | None = None
    while some := knowledge.unembedded(db, "m", 3, after=last):
        seen += [chunk.text for chunk in some]
        last = some[-1]
    assert seen == [f"{number}." for number in range(7)]
    assert knowledge.count(db, "m") == (7, 0)


def test_embeddings_are_forgotten_in_portions(db: Connection) -> None:
    entry = give(db)
    read(db, entry, ["One.", "Two.", "Three."])
    embed_all(db)
    assert knowledge.models(db) == ["m"]
    with database.immediate(db):
        assert knowledge.forget_embeddings(db, "m", 2) == 2
    assert knowledge.count(db, "m") == (3, 1)


def test_all_passages_with_what_their_documents_are_called(db: Connection) -> None:
    entry = give(db)
    chunk = Chunk(
        entry.id, 0, "Yes.", heading=("Guide", "Cars"), kind="pair", question="Free?", language="en", hash="h"
    )
    reading = Reading("Parking", "en", "Yes.", None)
    with database.immediate(db):
        documents.read(db, entry.id, reading, [chunk], at=LATER)
    ((told),) = knowledge.told(db)
    assert (told.slug, told.title, told.reviewed_on) == ("parking", "Parking", None)
    assert (told.chunk.heading, told.chunk.kind, told.chunk.question) == (("Guide", "Cars"), "pair", "Free?")
    assert knowledge.titles(db) == {entry.id: "Parking"}


def test_what_cannot_be_read_is_told_and_what_was_read_stays(db: Connection) -> None:
    entry = give(db)
    read(db, entry, ["One."])
    give(db, upload="u2.md")
    with database.immediate(db):
        documents.failed(db, entry.id, "The PDF has a password.")
    (shown,) = documents.overview(db)
    assert (shown.entry.state, shown.entry.problem, shown.passages) == (
        State.FAILED,
        "The PDF has a password.",
        1,
    )
    assert documents.uploads(db) == set()
    with database.immediate(db):
        documents.unchanged(db, entry.id, at=LATER)
    assert documents.entry(db, "parking").state is State.READY


def test_pages_are_found_by_where_they_come_from(db: Connection) -> None:
    give(db)
    with database.immediate(db):
        documents.give(db, Given("hours", Source.PAGE, url="https://clinic.example/hours"), at=AT)
    assert [entry.slug for entry in documents.entries(db, source=Source.PAGE)] == ["hours"]
    assert [entry.slug for entry in documents.entries(db)] == ["hours", "parking"]


def test_what_is_not_there_is_told(db: Connection) -> None:
    with pytest.raises(errors.NoSuchRow, match="There is no document 'x'"):
        documents.entry(db, "x")
    with pytest.raises(errors.NoSuchRow):
        documents.content(db, 5)
    assert documents.of_id(db, 5) is None
