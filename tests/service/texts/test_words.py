"""The words of texts: complete in each language, short, and read as they are meant."""

import re

import pytest

from appliance.languages.tables import table
from appliance.service.texts import words

PLACE = re.compile(r"\{([a-z]+)\}")


@pytest.mark.parametrize("part", ["texts", "said", "page", "keywords"])
def test_each_language_has_all_words_with_the_same_places(part: str) -> None:
    english, spanish = table("en", "texts")[part], table("es", "texts")[part]
    assert list(english) == list(spanish)
    if part != "keywords":
        places = {name: set(PLACE.findall(text)) for name, text in english.items()}
        assert {name: set(PLACE.findall(text)) for name, text in spanish.items()} == places


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_text_says_how_to_stop(language: str) -> None:
    stop = {"en": "STOP", "es": "BAJA"}[language]
    for name, text in table(language, "texts")["texts"].items():
        assert stop in text or name in ("stopped", "unread")
        assert text.startswith("{clinic}: ")


def test_a_language_without_texts_has_english_ones() -> None:
    assert words.table_of("fr") == table("en", "texts")


@pytest.mark.parametrize(
    ("body", "asks", "language"),
    [
        ("STOP", "stop", "en"),
        ("Stop.", "stop", "en"),
        ("baja", "stop", "es"),
        ("No más", "stop", "es"),
        ("START", "start", "en"),
        ("alta", "start", "es"),
        ("help!", "help", "en"),
        ("AYUDA", "help", "es"),
        ("please stop by", "", "en"),
        ("", "", "en"),
    ],
)
def test_known_words_are_known(body: str, asks: str, language: str) -> None:
    assert words.keyword(body) == asks
    assert words.language_of(body, "en") == language
    assert words.language_of("hello", "es") == "es"
