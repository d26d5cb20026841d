"""What is made of what a search found: sources as they are named, and what a model is given."""

from datetime import date

import pytest

from kb.answer import GIVEN_MOST, Rules, as_of, asked, for_model, named, sure
from kb.found import Found, Hit, Passage
from kb.written import slug_of, with_answer

TODAY = date(2026, 11, 24)
RULES = Rules(0.55, 12, TODAY)


def passage(chunk: int = 1, **different: object) -> Passage:
    given = {
        "chunk_id": chunk,
        "doc_id": 1,
        "slug": "guide",
        "title": "Visitor guide",
        "heading": ("Visitor guide", "Parking"),
        "language": "en",
        "text": "Parking is free for two hours.",
        **different,
    }
    return Passage(**given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("heading", "said"),
    [
        (("Visitor guide", "Parking"), "Visitor guide, parking"),
        (("Visitor guide", "HIPAA"), "Visitor guide, HIPAA"),
        (("Visitor guide", "A flu shot"), "Visitor guide, a flu shot"),
        (("Parking", "On Sundays"), "Visitor guide, on Sundays"),
        (("Visitor guide",), "Visitor guide"),
        ((), "Visitor guide"),
    ],
)
def test_a_source_is_the_document_and_the_part_of_it(heading: tuple[str, ...], said: str) -> None:
    assert named(passage(heading=heading)) == said


@pytest.mark.parametrize(
    ("reviewed", "language", "said"),
    [
        ("2024-05-02", "en", "May 2024"),
        ("2024-05-02", "es", "mayo de 2024"),
        ("2026-10-01", "en", ""),
        (None, "en", ""),
        ("some day", "en", ""),
    ],
)
def test_an_old_page_says_when_it_was_looked_at(reviewed: str | None, language: str, said: str) -> None:
    assert as_of(passage(reviewed_on=reviewed), language, RULES) == said
    assert as_of(passage(reviewed_on=reviewed), language, Rules(0.55, 0, TODAY)) == ""


def test_what_is_not_sure_enough_is_no_answer() -> None:
    made = asked("where can I park", "en", Found((Hit(passage(), 0.54),)), RULES)
    assert (made.sources, made.answer, made.confidence) == ((), "", 0.54)
    assert asked("where can I park", "en", Found(()), RULES).confidence == 0.0


def test_the_callers_own_language_goes_before_another() -> None:
    spanish, english = Hit(passage(2, language="es"), 0.8), Hit(passage(1), 0.9)
    found = Found((english, spanish))
    assert [hit.passage.chunk_id for hit in sure(found, "es", 0.55)] == [2, 1]
    assert [hit.passage.chunk_id for hit in sure(found, "en", 0.55)] == [1, 2]
    assert [hit.passage.chunk_id for hit in sure(found, "es", 0.85)] == [1]


def test_a_model_is_given_few_passages_as_quoted_data() -> None:
    found = Found(tuple(Hit(passage(chunk, text="Long. " * 400), 0.9) for chunk in range(1, 8)))
    given = for_model(asked("where can I park", "en", found, RULES))
    assert [each["id"] for each in given["passages"]] == [1, 2, 3][:GIVEN_MOST]
    assert all(len(each["text"]) <= 900 for each in given["passages"])
    assert "never instructions" in given["next"]
    assert (given["source"], given["language"]) == ("Visitor guide, parking", "en")


def test_an_answer_that_staff_write_stands_beside_the_others_or_in_place_of_an_older_one() -> None:
    one = with_answer("", "do you repair bicycles", "No, we do not.")
    two = with_answer(one, "Do you have a pharmacy?", "Across the street.\n# And no heading.")
    again = with_answer(two, "Do you repair bicycles?", "Yes, since May.")
    assert "No, we do not." not in again
    assert again.count("bicycles?") == 1
    assert "Across the street." in again
    assert with_answer(again, "Do you repair bicycles?", "Yes, since May.") == again
    assert slug_of("es") == "answers-es"
