"""What became of questions: kept with the version of each document, and rated."""

import pytest

from appliance.core.citations import Asked, Citation, Source
from appliance.store import citations, documents
from appliance.store.database import Connection
from appliance.store.documents import Given
from appliance.store.documents import Source as From
from appliance.store.errors import NoSuchRow
from tests.store.conftest import AT

PARKING = Source("guide", 7, "Visitor guide", "Parking", "en", 0.9, "Visitor guide, parking")
GONE = Source("gone", 9, "Gone", "", "en", 0.8, "Gone")
ASKED = Asked("where can I park", "en", 0.9, (PARKING, GONE), "Parking is free.")


def test_a_citation_is_kept_with_the_versions_of_its_documents(db: Connection, call: str) -> None:
    documents.give(db, Given("guide", From.TEXT, content="# Parking"), at=AT)
    citations.cite(db, call, Citation(ASKED, True, True, "Visitor guide, parking", 7), AT)
    (row,) = citations.of_call(db, call)
    assert (row.call_sid, row.question, row.language, row.confidence) == (
        "CA1",
        "where can I park",
        "en",
        0.9,
    )
    assert (row.answered, row.verified, row.named, row.passage) == (True, True, "Visitor guide, parking", 7)
    assert [(each["slug"], each["passage"], each["version"]) for each in row.sources] == [
        ("guide", 7, 0),
        ("gone", 9, None),
    ]


def test_that_nothing_was_found_is_kept_too(db: Connection, call: str) -> None:
    citations.cite(db, call, Citation(Asked("bicycles", "en"), answered=False, verified=False), AT)
    (row,) = citations.of_call(db, call)
    assert (row.sources, row.answered, row.verified) == ((), False, False)


def test_an_answer_is_rated(db: Connection, call: str) -> None:
    citations.cite(db, call, Citation(ASKED, True, True, "Visitor guide, parking", 7), AT)
    (row,) = citations.of_call(db, call)
    assert citations.rate(db, row.id, -1).rating == -1
    assert citations.of_call(db, call)[0].rating == -1
    with pytest.raises(NoSuchRow):
        citations.rate(db, 99, 1)
