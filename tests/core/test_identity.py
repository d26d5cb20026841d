"""By how many things somebody is known, and names as they are spelled by ear."""

import pytest

from appliance.core.booking.identity import Identity, name_within, same_name

BOOKED = Identity("+15550100002", "Katherine O'Brien-Vázquez", "1980-03-09")


@pytest.mark.parametrize(
    ("told", "same"),
    [
        ("Catherine O'Brien Vasquez", True),
        ("katerine vazquez", True),
        ("Vázquez, Katherine", True),
        ("Katherine", False),
        ("", False),
        ("Katherine Smith", False),
        ("Kate Vazquez", False),
    ],
)
def test_names_that_sound_alike_are_the_same(told: str, *, same: bool) -> None:
    assert same_name(told, BOOKED.name) is same


def test_names_in_one_family_are_not() -> None:
    assert not same_name("Juana Pérez", "Juan Pérez")
    assert not same_name("Juan", "Juan Pérez")
    assert same_name("Cher", "Cher")
    assert not same_name("anybody", "")


@pytest.mark.parametrize(
    ("told", "booked"),
    [
        ("name is", "My name is Ana Ruiz"),
        ("my name is", "my name is Ana Ruiz"),
        ("de la", "Ana de la Cruz"),
        ("Ana Ruiz Eva Cruz Pia Diaz Juan Gomez", "Ana Ruiz"),
        ("Ana Ruiz, Eva Cruz, Pia Diaz", "Eva Cruz"),
        ("for my name", "it's for Ana, please"),
    ],
)
def test_words_around_a_name_and_lists_of_names_match_nobody(told: str, booked: str) -> None:
    assert not same_name(told, booked)


def test_a_name_in_a_sentence_is_the_name() -> None:
    assert same_name("Ana Ruiz", "Yes, my name is Ana Ruiz, thank you.")
    assert same_name("me llamo Ana de la Cruz", "Ana Cruz")


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("My name is Ana Ruiz.", "Ana Ruiz"),
        ("Hi, this is Katherine O'Brien-Vázquez, thank you", "Katherine O'Brien-Vázquez"),
        ("sí, me llamo José Pérez, por favor", "José Pérez"),
        ("Ana Ruiz", "Ana Ruiz"),
        ("", ""),
    ],
)
def test_what_is_said_around_a_name_is_left_out(said: str, name: str) -> None:
    assert name_within(said) == name


@pytest.mark.parametrize("known", range(8))
def test_each_thing_that_matches_counts(known: int) -> None:
    told = Identity(
        BOOKED.phone if known & 1 else "+15550109999",
        BOOKED.name if known & 2 else "Kate Smith",
        BOOKED.born if known & 4 else "",
    )
    assert told.matching(BOOKED) == known.bit_count()


def test_nothing_matches_nothing() -> None:
    assert Identity().matching(Identity()) == 0
