"""How callers ask, as each language tells it in `asking.toml`: what carries no meaning, and endings of words.

A language without the file is searched by its words as they are. May import: the standard library,
appliance.core, appliance.languages.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from appliance.core.menu import plain
from appliance.languages.folders import LanguageProblem
from appliance.languages.tables import table
from appliance.languages.tables import words as listed

Steps = tuple[tuple[tuple[str, str], ...], ...]


@dataclass(frozen=True, slots=True)
class Asking:
    """What one language tells. `openings` and `closings` are words each, the longest first."""

    silent: frozenset[str] = frozenset()
    openings: tuple[tuple[str, ...], ...] = ()
    closings: tuple[tuple[str, ...], ...] = ()
    endings: Steps = ()
    """For each step of cutting a word: endings, the longest first, and what takes their place."""
    glossary: Mapping[str, str] = field(default_factory=dict)
    """Words of the trade, and the English for them."""

    def core(self, text: str) -> str:
        """The text without what callers say before and behind a question; all of it if nothing is left."""
        spoken = text.split()
        said = [plain(word.replace("'", "").replace("’", "")) for word in spoken]
        start, end = 0, len(said)
        while used := next((len(each) for each in self.openings if _at(said, start, end, each)), 0):
            start += used
        while used := next((len(each) for each in self.closings if _at(said, end - len(each), end, each)), 0):
            end -= used
        return " ".join(spoken[start:end]) or text


def _at(said: list[str], start: int, end: int, phrase: tuple[str, ...]) -> bool:
    return start >= 0 and start + len(phrase) <= end and tuple(said[start : start + len(phrase)]) == phrase


@cache
def asking(language: str) -> Asking:
    """What this language tells; nothing where it has no such file."""
    try:
        given = table(language, "asking")
    except LanguageProblem:
        return Asking()
    return Asking(
        silent=listed(given, "silent"),
        openings=_phrases(given["openings"]),
        closings=_phrases(given["closings"]),
        endings=tuple(_step(step) for step in given["endings"]),
        glossary=given.get("glossary", {}),
    )


def _phrases(given: str) -> tuple[tuple[str, ...], ...]:
    phrases = {tuple(phrase.split()) for phrase in given.split(",")}
    return tuple(sorted(phrases - {()}, key=lambda each: (-len(each), each)))


def _step(given: str) -> tuple[tuple[str, str], ...]:
    pairs = [(ending, instead) for ending, _, instead in (each.partition("=") for each in given.split())]
    return tuple(sorted(pairs, key=lambda each: (-len(each[0]), each)))
