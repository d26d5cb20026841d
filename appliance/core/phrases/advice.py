"""Finds questions for medical advice in a caller's words: no document and no model answers them.

A question asks for it by the patterns of each language's `answers.toml`; what is asked of the office (prices,
appointments, how to prepare) is none, though it may use the same words. May import: the standard library,
appliance.core, appliance.languages.
"""

from collections.abc import Mapping, Set
from functools import cache
from typing import Any

from appliance.core.phrases.patterns import PatternBook, classes, compiled
from appliance.core.phrases.words import Plainness, runs_of
from appliance.languages.tables import having, table

ALWAYS, ASKS, OFFICE = "always", "asks", "office"
SORTS = (ALWAYS, ASKS, OFFICE)


class _Questions:
    """The patterns of one language."""

    def __init__(
        self, told: Mapping[str, Any], phrases: Mapping[str, Any], spellings: Mapping[str, Any]
    ) -> None:
        named = classes(told["class"])
        self._book = PatternBook([(compiled(text, named), what) for what in SORTS for text in told[what]])
        self._plain = Plainness(
            _listed(phrases["hesitations"]), _listed(phrases["fillers"]), spellings["rewrite"], (), ()
        )

    def asks(self, text: str) -> bool:
        """Whether advice is asked for, in one sentence of it at least."""
        return any(
            self._asked({hit.meaning for hit in self._book.hits(self._plain.spoken([run]))})
            for run in runs_of(text)
        )

    @staticmethod
    def _asked(found: Set[str]) -> bool:
        return ALWAYS in found or (ASKS in found and OFFICE not in found)


def asks_advice(text: str) -> bool:
    """Whether somebody asks for medical advice, in any language that knows such questions."""
    return any(_questions(code).asks(text) for code in having("answers"))


@cache
def _questions(language: str) -> _Questions:
    told = table(language, "answers").get("medical")
    if told is None:
        return _Questions(
            {"class": {}, **dict.fromkeys(SORTS, ())}, {"hesitations": "", "fillers": ""}, {"rewrite": {}}
        )
    return _Questions(told, table(language, "phrases"), table(language, "spellings"))


def _listed(text: str) -> list[str]:
    return [word.strip() for word in text.replace("\n", " ").split(",") if word.strip()]
