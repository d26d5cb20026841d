"""The sentences of a passage that answer, in its own words, as long as can be listened to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.extract import SPOKEN_MOST, extract
from kb.found import Passage


def passage(text: str, *, question: str | None = None, heading: tuple[str, ...] = ("Parking",)) -> Passage:
    return Passage(1, 1, "guide", "Visitor guide", heading, "en", text, question)


GUIDE = (
    "The clinic is at the corner of River Street. The bus 12 stops in front of it."
    " Parking is free for two hours. Each further hour costs 3 dollars. Bicycles stand behind the house."
)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (
            "what does another hour cost",
            "Each further hour costs 3 dollars. Bicycles stand behind the house.",
        ),
        ("which bus stops there", "The bus 12 stops in front of it. Parking is free for two hours."),
        ("where do bicycles go", "Bicycles stand behind the house."),
    ],
)
def test_the_sentence_that_shares_most_with_the_question_comes_first(question: str, said: str) -> None:
    assert extract(question, passage(GUIDE)) == said


def test_one_that_points_back_comes_with_the_one_before_it() -> None:
    told = passage("Parking is free. It costs 3 dollars after two hours. Trees grow there.")
    assert extract("what does it cost after two hours", told) == (
        "Parking is free. It costs 3 dollars after two hours."
    )


def test_a_short_answer_to_a_question_is_told_whole() -> None:
    told = passage(
        "No. There is one across the street. It closes at six.", question="Do you have a pharmacy?"
    )
    assert extract("pharmacy", told) == "No. There is one across the street. It closes at six."


def test_a_list_is_told_with_what_leads_to_it() -> None:
    told = passage(
        "Please bring:\nyour card\na list of medicines.\nan identification\nWe look forward to it."
    )
    assert extract("what do I bring", told) == (
        "Please bring: your card, a list of medicines, an identification, We look forward to it."
    )


def test_what_is_too_long_ends_at_a_clause() -> None:
    long = "We are open " + ", ".join(f"on day number {day} of the month" for day in range(1, 40)) + "."
    said = extract("when are you open", passage(long))
    assert len(said) <= SPOKEN_MOST
    assert said.endswith("of the month.")


def test_an_empty_passage_says_nothing() -> None:
    assert extract("anything", passage("")) == ""


@given(st.text(max_size=60), st.text(max_size=1500))
def test_whatever_stands_there_it_is_short_enough(question: str, text: str) -> None:
    assert len(extract(question, passage(text))) <= SPOKEN_MOST + 1


def test_of_a_table_the_row_is_told_that_was_asked_for() -> None:
    blood, travel = "Service: Blood test; Price: $40; When: every day", "Service: Travel clinic; Price: $110"
    told = Passage(1, 1, "prices", "Prices", (), "en", f"{blood}\n{travel}")
    assert extract("how much is the blood test", told) == f"{blood}."
    assert extract("what does the travel clinic cost", told) == f"{travel}."
