"""What became of questions: kept with the version of each document, and rated."""

import pytest

from appliance.core.citations import Asked, Citation, Source
from appliance.store import citations, documents
from appliance.store.citations import Fate, Wanted
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


def asked(db: Connection, call: str, question: str, language: str = "en", *, answered: bool = True) -> None:
    told = Asked(question, language, 0.9, (PARKING,), "Yes.")
    citations.cite(db, call, Citation(told, answered, answered, "Visitor guide", 7), AT)


def test_questions_are_listed_the_newest_first_and_in_parts(db: Connection, call: str) -> None:
    for number in range(5):
        asked(db, call, f"question {number}")
    first = citations.page(db, Wanted(), limit=3)
    assert [row.question for row in first] == ["question 4", "question 3", "question 2"]
    rest = citations.page(db, Wanted(), before_id=first[-1].id)
    assert [row.question for row in rest] == ["question 1", "question 0"]
    some = citations.page(db, Wanted(words="question"), before_id=first[-1].id, limit=1)
    assert [row.question for row in some] == ["question 1"]


def test_questions_are_found_by_what_became_of_them(db: Connection, call: str) -> None:
    asked(db, call, "100 % sure?")
    asked(db, call, "100 or so?", "es", answered=False)
    found = {
        wanted: [row.question for row in citations.page(db, wanted)]
        for wanted in (
            Wanted(words="100 %"), Wanted(language="es"), Wanted(fate=Fate.ANSWERED),
            Wanted(fate=Fate.NOT_KNOWN),
            Wanted(fate=Fate.UNVERIFIED), Wanted(words="SURE", language="en", fate=Fate.ANSWERED),
        )
    }  # fmt: skip
    assert [*found.values()] == [
        ["100 % sure?"], ["100 or so?"], ["100 % sure?"], ["100 or so?"], [], ["100 % sure?"],
    ]  # fmt: skip
    assert citations.languages(db) == ["en", "es"]


def test_without_questions_there_is_no_language(db: Connection) -> None:
    assert citations.languages(db) == []
    assert citations.page(db, Wanted()) == []


def test_wide_rows_are_not_read_to_choose_among_them(db: Connection) -> None:
    plan = db.execute(f"EXPLAIN QUERY PLAN {citations.FOUND}", citations.values(Wanted(words="a"), None, 50))
    steps = [str(row["detail"]) for row in plan]
    assert any("USING COVERING INDEX citations_log_shown" in step for step in steps), steps
