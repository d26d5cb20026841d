"""Texts as terms: what is found by what, and what is spelt alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.words import gaps, number, one_off, terms

TELLING = st.text(alphabet="abcd", min_size=1, max_size=6)


def _distance(one: str, other: str) -> int:
    """The optimal string alignment distance, by the book."""
    table = [[max(i, j) if not i or not j else 0 for j in range(len(other) + 1)] for i in range(len(one) + 1)]
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            wrong = one[i - 1] != other[j - 1]
            table[i][j] = min(table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + wrong)
            if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
                table[i][j] = min(table[i][j], table[i - 2][j - 2] + 1)
    return table[-1][-1]


@given(TELLING, TELLING)
def test_one_off_is_a_distance_of_at_most_one(one: str, other: str) -> None:
    assert one_off(one, other) == (_distance(one, other) <= 1)


@given(TELLING, TELLING)
def test_what_is_one_off_shares_a_gap(one: str, other: str) -> None:
    assert not one_off(one, other) or set(gaps(one)) & set(gaps(other))


@given(st.text(), st.sampled_from(["en", "es", "fr", "xx", ""]))
def test_any_text_has_terms_that_are_words(text: str, language: str) -> None:
    for term in terms(text, language):
        assert term
        assert term.isalnum()
        assert 0 <= number(term) < 1 << 32


@pytest.mark.parametrize(
    ("language", "said", "written"),
    [
        ("en", "twenty-four hours", "24 hour"),
        ("en", "fifteen hundred dollars", "1,500 dollars"),
        ("en", "a hundred and five", "a 105"),
        ("en", "two thousand and twenty six", "2026"),
        ("en", "at nine thirty p.m.", "at 9:30 PM"),
        ("en", "refills", "refill"),
        ("en", "parking", "parked"),
        ("en", "vaccination", "vaccinations"),
        ("en", "policies", "policy"),
        ("es", "treinta y dos dólares", "32 dolares"),
        ("es", "doscientos cincuenta", "250"),
        ("es", "mil quinientos", "1500"),
        ("es", "las vacunas", "la vacuna"),
        ("es", "estacionar", "estaciono"),
    ],
)
def test_what_is_said_finds_what_is_written(language: str, said: str, written: str) -> None:
    assert set(terms(said, language)) >= set(terms(written, language)) - {"a", "la"}


def test_words_that_are_numbers_only_sometimes_stay_words() -> None:
    assert "one" in terms("which one", "en")
    assert "un" in terms("un momento", "es")
