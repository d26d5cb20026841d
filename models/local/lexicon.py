"""What the languages' folders say of callers' words: phrases that decide alone, and names of departments.

May import: the standard library, appliance.core, appliance.languages.
"""

import functools
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from appliance.core import traits
from appliance.core.wishes import Intent
from appliance.languages import tables
from appliance.languages.folders import folder

LANGUAGES = ("en", "es")
"""Those whose examples the classifier learnt from; of others their whole phrases and names count alone."""


@dataclass(frozen=True, slots=True)
class Concept:
    """A kind of department: what means it, and what leads to it."""

    names: tuple[str, ...]
    topics: tuple[str, ...]


def table(language: str, name: str) -> Mapping[str, Any]:
    """One table of a language's folder."""
    return tables.table(language, name)


def digest() -> str:
    """The SHA-256 of all that the classifier learns from: other words need other weights."""
    read = hashlib.sha256()
    for language in LANGUAGES:
        for name in ("intents", "departments"):
            read.update((folder(language) / f"{name}.toml").read_bytes())
    return read.hexdigest()


def plain(text: str) -> str:
    """A phrase as the words of an utterance are written."""
    return " ".join(traits.words(text))


@functools.cache
def concepts() -> dict[str, Concept]:
    """The kinds of departments, their words in all languages together."""
    made: dict[str, Concept] = {}
    for language in tables.having("departments"):
        for key, told in table(language, "departments").items():
            before = made.get(key, Concept((), ()))
            made[key] = Concept(
                (*before.names, *map(plain, told["names"])), (*before.topics, *map(plain, told["topics"]))
            )
    return made


@functools.cache
def whole() -> dict[str, frozenset[Intent]]:
    """Phrases that decide when nothing else is said, each with its wish; two, if the languages differ."""
    made: dict[str, frozenset[Intent]] = {}
    for language in tables.having("intents"):
        for name, told in table(language, "intents")["intents"].items():
            for phrase in map(plain, told["whole"]):
                made[phrase] = made.get(phrase, frozenset()) | {Intent(name)}
    return made


@functools.cache
def fillers() -> frozenset[str]:
    """Words that change nothing where they stand before or after a wish."""
    found: set[str] = set()
    for language in tables.having("intents"):
        found.update(map(plain, table(language, "intents")["around"]["fillers"]))
    return frozenset(found)


def sentences(language: str) -> Iterator[str]:
    """Every sentence and word of a language's examples."""
    told = table(language, "intents")
    for each in told["intents"].values():
        yield from each.get("examples", ())
        yield from each["whole"]
    for fillings in told.get("words", {}).values():
        yield from fillings


@functools.cache
def known_words() -> frozenset[str]:
    """Words that callers use for what they are: not to be taken for a department's misheard name."""
    return frozenset(
        word
        for language in tables.having("intents")
        for sentence in sentences(language)
        for word in traits.words(sentence)
    )
