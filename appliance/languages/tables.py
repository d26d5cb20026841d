"""Reads the tables of a language: one TOML file for each subject, in the language's folder.

May import: the standard library.
"""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


class TableMissing(LookupError):
    """A language has no such table."""


@cache
def table(language: str, name: str) -> dict[str, Any]:
    """The table of this name, such as `phrases`, of the language `en` or `en-US`. Raises TableMissing."""
    folder = files("appliance.languages") / language.partition("-")[0].casefold()
    path = folder / f"{name}.toml"
    if not path.is_file():
        raise TableMissing(f"The language {language!r} has no {name}.toml.")
    return tomllib.loads(path.read_text("utf-8"))
