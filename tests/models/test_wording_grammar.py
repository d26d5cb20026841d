"""The grammar of each language is a module that is found by the code, and has all that is asked of it."""

import pytest

from appliance.languages.tables import having
from models.local.wording import vocabulary
from models.local.wording.grammar import Grammar, grammar, known


@pytest.mark.parametrize("language", having("wording"))
def test_a_language_with_words_for_signs_has_its_grammar(language: str) -> None:
    assert known(language)
    asked = {name for name in [*vars(Grammar), *Grammar.__annotations__] if not name.startswith("_")}
    assert {name for name in asked if not hasattr(grammar(language), name)} == set()
    assert len(grammar(language).DIGITS) >= 10
    assert grammar(language).GROUPED.fullmatch("1,234,567")
    words = vocabulary.of(language)
    assert words.language == language
    assert {"$", "€"} <= words.currencies.keys()
    for rules in (grammar(language).date_rules(words), grammar(language).clock_rules(words)):
        assert rules


@pytest.mark.parametrize("language", ["xx", "numbers", "grammar", "fr"])
def test_a_module_that_is_no_language_is_none(language: str) -> None:
    assert not known(language)
