"""The phrases of several languages as one book. Pure, but for reading the tables.

May import: the standard library, appliance.core, appliance.languages.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache

from appliance.core.errors import AttendantError
from appliance.core.phrases.lexicon import Lexicon
from appliance.core.phrases.reading import Finding
from appliance.languages.tables import TableMissing, table

LANGUAGES = ("en", "es")
"""Looked for together: a caller in danger falls back to a first language."""


class NoPhrases(AttendantError):
    """A language has no phrases."""


class PhraseBook:
    """Finds wishes for help or for a person in what was said, in any of its languages."""

    def __init__(self, lexicons: Mapping[str, Lexicon]) -> None:
        self._lexicons = dict(lexicons)

    def find(self, text: str, *, whole: bool = True) -> Finding | None:
        """The gravest finding: an emergency goes before a person.

        A text that is not `whole` is what was recognised so far, and only what is certain by now is found.
        """
        findings = [
            replace(finding, language=language)
            for language, lexicon in self._lexicons.items()
            if (finding := lexicon.find(text, whole=whole)) is not None
        ]
        return min(findings, key=lambda finding: finding.what, default=None)


def load(languages: Iterable[str] = LANGUAGES) -> PhraseBook:
    """The book of these languages. Raises NoPhrases."""
    return PhraseBook({language: _lexicon(language) for language in languages})


@cache
def _lexicon(language: str) -> Lexicon:
    try:
        return Lexicon(table(language, "phrases"))
    except TableMissing as exc:
        raise NoPhrases(str(exc)) from exc
