"""The sentences of the local assistant, by language and name, with their places filled in.

May import: the standard library, appliance.languages.
"""

import tomllib
from functools import cache
from importlib.resources import files

OTHERWISE = "en"


@cache
def table(language: str) -> dict[str, str]:
    """The sentences of a language, by name; those of English for a language that has none."""
    folder = files("appliance.languages") / language.partition("-")[0]
    path = folder / "dialogue.toml"
    if not path.is_file():
        return table(OTHERWISE)
    sentences: dict[str, str] = tomllib.loads(path.read_text("utf-8"))["sentences"]
    return sentences


def text(sentence: str, language: str, fields: tuple[tuple[str, str], ...] = ()) -> str:
    """A sentence as it is to be spoken; one that a language lacks is taken from English."""
    said = table(language).get(sentence) or table(OTHERWISE)[sentence]
    for place, value in fields:
        said = said.replace("{" + place + "}", value)
    return said
