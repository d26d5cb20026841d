"""Which language a caller asks for, once it is known that one is asked for. Pure.

The words are data (each language's `language.toml`). May import: the standard library, appliance.core,
appliance.languages.
"""

from collections.abc import Sequence
from functools import cache

from appliance.core.tongue import called
from appliance.languages.folders import codes
from appliance.languages.tables import words_of_all

_OTHERS = """
french frances chinese chino mandarin cantonese russian ruso arabic arabe portuguese portugues creole
vietnamese vietnamita korean coreano german aleman italian italiano hindi tagalog polish polaco quechua
catalan
"""
OTHERS = frozenset(_OTHERS.split())
"""Languages that are asked for and that we may not have."""


@cache
def _refusing(kind: str) -> frozenset[str]:
    """The words of this kind that go with a language that is not spoken, in all languages."""
    return words_of_all("language", "refused", kind)


def wanted(words: Sequence[str], spoken: str | None) -> str | None:
    """Its code; None for a language that we do not have, or when it cannot be told."""
    named, denied, start = list[str](), set[str](), 0
    for place, word in enumerate(words):
        for tongue in codes():
            if word in called(tongue):
                if _refused(words[start:place], words[place + 1 : place + 5]):
                    denied.add(tongue)
                else:
                    named.append(tongue)
                start = place + 1
    fitting = [tongue for tongue in named if tongue != spoken] or named
    if fitting:
        return fitting[-1]
    if len(denied) == 1:
        return _other_than(denied.pop(), spoken)
    return None if OTHERS.intersection(words) or spoken is None else _other_than(spoken)


def _refused(before: Sequence[str], after: Sequence[str]) -> bool:
    """`I don't speak English`, `my English is not good`."""
    mine = bool(before) and before[-1] in _refusing("mine")
    denied = not _refusing("denied").isdisjoint(before[-4:])
    return denied or (mine and not _refusing("poor").isdisjoint(after))


def _other_than(tongue: str, spoken: str | None = None) -> str | None:
    """The other one; where there are more, that which is spoken already, or none."""
    others = [code for code in codes() if code != tongue]
    return others[0] if len(others) == 1 else spoken if spoken in others else None
