"""What words mean and sound like, as the model of likeness takes them."""

import zlib

import pytest

from appliance.core.phrases import LANGUAGES, meanings, sounds
from appliance.core.phrases.meanings import Vocabulary
from appliance.languages.tables import table


def number(trait: str) -> int:
    return zlib.crc32(trait.encode())


def test_a_word_has_the_meanings_of_its_longest_stem() -> None:
    words = Vocabulary({"breath": "breath*, air", "calm": "breathless*", "body": "air"})
    assert words.of("breathing") == ("breath",)
    assert words.of("breathlessly") == ("calm",)
    assert words.of("air") == ("body", "breath")
    assert words.of("brea") == ()


def test_any_digits_are_a_number() -> None:
    assert Vocabulary({}).of("28") == ("number",)


def test_what_is_said_of_other_kin_in_another_language_means_the_same() -> None:
    english = meanings.traits(("my", "grandma", "fell"), LANGUAGES)
    spanish = meanings.traits(("mi", "abuela", "cayo"), LANGUAGES)
    assert number("@kin_fall") in english & spanish


def test_words_without_a_meaning_are_passed_over_and_order_counts() -> None:
    found = meanings.traits(("grandma", "qqq", "fell"), LANGUAGES)
    assert number("@kin_fall") in found
    assert number("@fall_kin") not in found


def test_nothing_means_nothing_but_its_ends() -> None:
    assert meanings.traits((), LANGUAGES) == {number("@<_>")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tables_are_written_plainly_and_share_their_meanings(language: str) -> None:
    listed = table(language, "meanings")
    words = [word.strip() for each in listed.values() for word in each.replace("\n", " ").split(",")]
    assert all(
        word.removesuffix("*").isalnum() and word.isascii() and word == word.casefold() for word in words
    )
    assert listed.keys() == table("en", "meanings").keys()


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (("oparator",), ("operator",)),
        (("op", "er", "ator"), ("operator",)),
        (("see", "sure"), ("seizure",)),
        (("rrespirar",), ("respirar",)),
        (("corason",), ("corazon",)),
        (("hambulancia",), ("ambulancia",)),
    ],
)
def test_misheard_words_sound_like_what_was_meant(said: tuple[str, ...], meant: tuple[str, ...]) -> None:
    assert sounds.traits(meant) <= sounds.traits(said)


def test_other_words_sound_otherwise() -> None:
    assert not sounds.traits(("operator",)) & sounds.traits(("seizure",))
