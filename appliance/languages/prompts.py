"""The box's own sentences of each language: what they say, which of them are recorded, and filling them.

May import: the standard library, appliance.languages.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources.abc import Traversable

from appliance.languages.folders import code_of, codes, folder
from appliance.languages.tables import table

__all__ = ["Prompts", "codes", "prompts"]

PLACE = re.compile(r"\{([a-z_]+)\}")
_PLACE_AND_STOP = re.compile(rf"{PLACE.pattern}(\.?)")


@dataclass(frozen=True, slots=True)
class Prompts:
    """A language's sentences by name. `filled` have places to fill in; `recorded` is µ-law at 8 kHz.

    `asks_for_person` is what a caller says who wants one: the box says it when it rings itself.
    """

    voice: str
    asks_for_person: str
    sentences: Mapping[str, str]
    filled: Mapping[str, str]
    recorded: Mapping[str, bytes]

    def said(self, name: str, **words: str) -> str:
        """A sentence with these words in its places. Raises KeyError for a name or a word that is missing."""
        text = self.sentences.get(name)
        if text is not None:
            return text
        # A time such as `2 p.m.` ends in a full stop already.
        return _PLACE_AND_STOP.sub(
            lambda place: words[place[1]] + ("" if words[place[1]].endswith(".") else place[2]),
            self.filled[name],
        )

    def places(self, name: str) -> frozenset[str]:
        """What is to be filled into a sentence. Raises KeyError for a name that is missing."""
        return frozenset(PLACE.findall(self.filled[name])) if name in self.filled else frozenset()


@cache
def prompts(language: str) -> Prompts:
    """The sentences of a language such as `en` or `en-US`; those of English for one that has none."""
    code = code_of(language)
    code = code if code in codes() else "en"
    told = table(code, "prompts")
    recorded = _recorded(folder(code) / "prompts", told["sentences"])
    return Prompts(told["voice"], told["asks_for_person"], told["sentences"], told["filled"], recorded)


def _recorded(folder: Traversable, names: Mapping[str, str]) -> dict[str, bytes]:
    """The recordings by name; one whose file is missing is left out."""
    found = {name: folder / f"{name}.ulaw" for name in names}
    return {name: path.read_bytes() for name, path in found.items() if path.is_file()}
