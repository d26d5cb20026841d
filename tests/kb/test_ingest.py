"""What the store keeps of a document: what it is called, its language, its passages, not too many of them."""

import pytest

from appliance.store.documents import Entry, Source, State
from kb import ingest
from kb.documents import markdown
from kb.documents.blocks import DocumentRefused, Pair, Read
from kb.ingest import PASSAGES_MOST, Had
from kb.passages import estimated


def entry(**more: str | None) -> Entry:
    told = {
        "given_title": None,
        "given_language": None,
        "given_reviewed": None,
        "file_name": "price_list.csv",
        **more,
    }
    return Entry(
        id=1, slug="price-list", title="", language="und", source=Source.FILE, url="", upload="", sha256="",
        etag="", last_modified="", reviewed_on=None, state=State.QUEUED, problem="", version=0, read_at=None,
        changed_at="",
        **told,  # type: ignore[arg-type]
    )  # fmt: skip


def kept(read: Read, **more: str | None) -> tuple[str, str]:
    reading, _ = ingest.kept(entry(**more), Had(read), estimated, ("en", "es"), "en")
    return reading.title, reading.language


def test_a_document_is_called_by_staff_itself_its_heading_or_its_file() -> None:
    read = markdown.read("# Parking\n\nIt is free.")
    assert kept(read, given_title="Cars")[0] == "Cars"
    assert kept(read.model_copy(update={"title": "Own"}))[0] == "Own"
    assert kept(read)[0] == "Parking"
    assert kept(markdown.read("It is free."))[0] == "Price list"
    assert kept(markdown.read("It is free."), file_name="")[0] == "Price list"


def test_its_language_is_what_staff_say_or_it_says_or_its_words_or_its_program() -> None:
    spanish = markdown.read("El estacionamiento es gratis para usted y está en la parte de atrás.")
    assert kept(spanish, given_language="en")[1] == "en"
    assert kept(spanish.model_copy(update={"perhaps": "en"}))[1] == "es"
    unclear = markdown.read("HillGuest / 555-0100")
    assert kept(unclear.model_copy(update={"perhaps": "es"}))[1] == "es"
    assert kept(unclear.model_copy(update={"perhaps": "xx"}))[1] == "en"


def test_what_is_embedded_has_its_own_hash() -> None:
    def hashes(text: str) -> list[str]:
        _, chunks = ingest.kept(entry(), Had(markdown.read(text)), estimated, ("en",), "en")
        return [chunk.hash for chunk in chunks]

    assert hashes("# A\n\nOne.") == hashes("# A\n\nOne.")
    assert hashes("# A\n\nOne.") != hashes("# B\n\nOne.")
    assert len(set(hashes("# A\n\nOne.\n\n## C\n\nOne."))) == 2


def test_too_many_passages_are_refused() -> None:
    pairs = tuple(Pair(question=f"Is it {n}?", answer="Yes.") for n in range(PASSAGES_MOST + 1))
    with pytest.raises(DocumentRefused, match="has 20,001 passages; 20,000 are the most"):
        kept(Read(blocks=pairs))
