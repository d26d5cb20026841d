"""The language of the pages: sentences stand in English where they are used, in Spanish in `es.toml` files.

A sentence that is shown elsewhere than where it stands goes through `later`, so that a test finds it. A
folder keeps the Spanish of its own sentences. May import: the standard library.
"""

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

CODES = ("en", "es")
NAMES = {"en": "English", "es": "Español"}


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language; called with an English sentence, it gives its own."""

    code: str = CODES[0]

    def __call__(self, sentence: str, **values: object) -> str:
        """The sentence in this language, with values where it has names in braces."""
        found = table(self.code).get(sentence, sentence)
        return found.format(**values) if values else found


def later(sentence: str) -> str:
    """A sentence that is put into the reader's language where it is shown."""
    return sentence


@functools.cache
def table(code: str) -> Mapping[str, str]:
    """The sentences of a language by the English ones; English needs none."""
    files = sorted(Path(__file__).parent.rglob(f"{code}.toml"))
    return {english: own for file in files for english, own in tomllib.loads(file.read_text("utf-8")).items()}


ENGLISH = Tongue()
