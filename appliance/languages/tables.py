"""Reads the tables of a language: one TOML file for each subject, in the language's folder.

What each has to hold is declared in `appliance.languages.complete`. May import: the standard library,
appliance.languages.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources.abc import Traversable
from typing import Any

from appliance.languages.folders import LanguageProblem, codes, folder


class TableMissing(LanguageProblem):
    """A language has no such table."""


def table(language: str, name: str) -> dict[str, Any]:
    """The table of this name, such as `phrases`, of the language `en` or `en-US`. Raises LanguageProblem."""
    # Which folders there are may change, as the box's own are looked into; a file is read once.
    place: Any = folder(language)
    return _within(place, language, name)


@cache
def _within(place: Traversable, language: str, name: str) -> dict[str, Any]:
    path = place / f"{name}.toml"
    if not path.is_file():
        raise TableMissing(f"The language {language!r} has no {name}.toml.")
    return read(path)


def read(path: Traversable) -> dict[str, Any]:
    """The table in this file. Raises LanguageProblem."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise LanguageProblem(f"{path} is not valid TOML: {exc}.") from exc


def having(name: str) -> tuple[str, ...]:
    """The languages that have this table: some are left out where nothing is known of callers' words."""
    return tuple(code for code in codes() if (folder(code) / f"{name}.toml").is_file())


def words(table: Mapping[str, Any], *path: str) -> frozenset[str]:
    """The words of a list that is written as one text, with spaces between them; none where it is missing."""
    found: Any = table
    for name in path:
        found = found.get(name, {})
    return frozenset(found.split() if isinstance(found, str) else ())


def words_of_all(name: str, *path: str) -> frozenset[str]:
    """The words of such a list in the tables of this name of all languages: callers mix them."""
    return frozenset().union(*(words(table(code, name), *path) for code in codes()))
