"""What a key or a spoken word chooses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.menu import Choice, MenuEntry, chosen, chosen_department, plain, spoken_digit, spoken_key
from appliance.core.staff import DEFAULT_MENU
from tests.core.office import BILLING, NURSES

LINES = (BILLING, NURSES)


@pytest.mark.parametrize(
    ("digits", "speech", "choice"),
    [
        ("1", "", Choice.HOURS),
        ("12", "", Choice.HOURS),
        ("0", "", Choice.PEOPLE),
        ("2", "", None),
        ("*", "", None),
        ("", "", None),
        ("", "When are you open?", Choice.HOURS),
        ("", "OPENING HOURS", Choice.HOURS),
        ("", "nine", Choice.ASSISTANT),
        ("", "press nine", Choice.ASSISTANT),
        ("", "option 5", Choice.DEPARTMENTS),
        ("", "zero", Choice.PEOPLE),
        ("", "I want to leave a message for a person", Choice.VOICEMAIL),
        ("", "let me talk to a human", Choice.PEOPLE),
        ("", "a bagel please", None),
        ("", "personality", None),
        ("3", "hours", Choice.VOICEMAIL),
    ],
)
def test_a_key_goes_before_words_and_the_longest_name_wins(
    digits: str, speech: str, choice: Choice | None
) -> None:
    assert chosen(DEFAULT_MENU, digits, speech) is choice


@given(st.text(max_size=4), st.text(max_size=60))
def test_anything_may_be_said(digits: str, speech: str) -> None:
    assert chosen(DEFAULT_MENU, digits, speech) in (None, *Choice)
    assert chosen_department(LINES, digits if digits.isascii() else "", speech) in (None, *LINES)


def test_zero_is_a_person_even_in_an_empty_menu() -> None:
    assert chosen((), "0", "") is Choice.PEOPLE
    assert chosen((), "", "zero") is Choice.PEOPLE
    assert chosen((), "1", "hours") is None


def test_an_entry_of_the_staff_has_its_own_words() -> None:
    entry = MenuEntry(digit="4", choice=Choice.VOICEMAIL, words=("Señal", ""), said="")
    assert chosen((entry,), "", "una senal por favor") is Choice.VOICEMAIL
    assert chosen((entry,), "", "something else") is None


@pytest.mark.parametrize(
    ("digits", "speech", "slug"),
    [
        ("1", "", "billing"),
        ("2", "", "nurses"),
        ("3", "", None),
        ("0", "", None),
        ("*", "", None),
        ("", "billing please", "billing"),
        ("", "it is about an invoice", "billing"),
        ("", "Triage", "nurses"),
        ("", "nurses and accounts", "billing"),
        ("", "cardiology", None),
        ("", "", None),
    ],
)
def test_departments_by_key_name_and_alias(digits: str, speech: str, slug: str | None) -> None:
    line = chosen_department(LINES, digits, speech)
    assert (line.slug if line else None) == slug


@pytest.mark.parametrize(
    ("speech", "digit"),
    [
        ("nine", "9"),
        ("Press nine.", "9"),
        ("number 4", "4"),
        ("press number one", "1"),
        ("opción dos", "2"),
        ("oprima el tres por favor", "3"),
        ("Won.", "1"),
        ("to", "2"),
        ("four please", "4"),
        ("oh", ""),
        ("for my mother", ""),
        ("ninety", ""),
        ("", ""),
        ("9 9", ""),
    ],
)
def test_a_spoken_digit(speech: str, digit: str) -> None:
    assert spoken_digit(speech) == digit


@given(st.text())
def test_plain_text_has_no_accents_and_single_spaces(text: str) -> None:
    once = plain(text)
    assert once == " ".join(once.split())
    assert all(c.isalnum() or c == " " for c in once)
    assert plain("  Crème   BRÛLÉE! ") == "creme brulee"


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ("nine", "9"),
        ("press one please", "1"),
        ("Help!", "*"),
        ("go back, please", "*"),
        ("ayuda", "*"),
        ("menú principal", "*"),
        ("press star", "*"),
        ("pound", "#"),
        ("help my father he fell", ""),
        ("can I get my money back", ""),
        ("", ""),
    ],
)
def test_words_are_as_good_as_a_key(said: str, key: str) -> None:
    assert spoken_key(said) == key
