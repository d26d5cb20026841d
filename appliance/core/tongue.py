"""Which language a caller speaks, by the small words that only one of them has. Pure.

Says nothing where it is not plain: one word, a name or a number is no language. The words are data (each
language's `language.toml`). May import: the standard library, appliance.core, appliance.languages.
"""

from collections.abc import Sequence
from functools import cache

from appliance.core.menu import plain
from appliance.languages.folders import codes
from appliance.languages.tables import table, words

LEAST, AGAINST = 2, 3
"""So many small words make a language, and so many times as many as of the other."""
NAMED_AMONG = 5
"""A language is asked for by its name among no more words than these."""


@cache
def _small_words(languages: tuple[str, ...]) -> dict[str, frozenset[str]]:
    """The small words of each of these; what two of them have tells nothing."""
    told = {code: words(table(code, "language"), "small_words") for code in languages}
    return {
        code: own.difference(*(others for other, others in told.items() if other != code))
        for code, own in told.items()
    }


def spoken(text: str, languages: Sequence[str] = ()) -> str:
    """Which of these languages a text is in, of all when none are given; empty when that is not plain."""
    said = set(plain(text.replace("'", "").replace("’", "")).split())
    small = _small_words(tuple(languages) or codes())
    counts = {language: len(own & said) for language, own in small.items()}
    language = max(counts, key=lambda each: counts[each])
    others = sum(counts.values()) - counts[language]
    return language if counts[language] >= max(LEAST, AGAINST * others) else ""


def named(text: str, languages: Sequence[str]) -> str:
    """The one of these languages that little more is said than the name of; empty for none, or several."""
    said = plain(text).split()
    found = [code for code in languages if not called(code).isdisjoint(said)]
    return found[0] if len(found) == 1 and len(said) <= NAMED_AMONG else ""


@cache
def called(language: str) -> frozenset[str]:
    """The words by which callers call a language, in whatever language."""
    return words(table(language, "language"), "called")
