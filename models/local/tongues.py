"""Which language a caller asks for, once it is known that one is asked for. Pure.

May import: the standard library.
"""

from collections.abc import Sequence

NAMES = {
    "en": frozenset(("english", "ingles", "inglesa", "gringo")),
    "es": frozenset(
        ("spanish", "espanol", "espanola", "castellano", "latino", "hispanic", "spanol", "espaniol")
    ),
}


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


OTHERS = _words(
    "french frances chinese chino mandarin cantonese russian ruso arabic arabe portuguese portugues creole"
    " vietnamese vietnamita korean coreano german aleman italian italiano hindi tagalog polish polaco quechua"
    " catalan"
)
DENIED = _words("no not dont doesnt cant cannot isnt didnt never without ni nada nunca sin tampoco")
POOR = _words("not isnt bad poor terrible no malo mal poco little")


def wanted(words: Sequence[str], spoken: str | None) -> str | None:
    """`en` or `es`; None for a language that we do not have, or when it cannot be told."""
    named, denied, start = list[str](), set[str](), 0
    for place, word in enumerate(words):
        for tongue, names in NAMES.items():
            if word in names:
                if _refused(words[start:place], words[place + 1 : place + 5]):
                    denied.add(tongue)
                else:
                    named.append(tongue)
                start = place + 1
    fitting = [tongue for tongue in named if tongue != spoken] or named
    if fitting:
        return fitting[-1]
    if len(denied) == 1:
        return _other(denied.pop())
    return None if OTHERS.intersection(words) or spoken is None else _other(spoken)


def _refused(before: Sequence[str], after: Sequence[str]) -> bool:
    """`I don't speak English`, `my English is not good`."""
    mine = bool(before) and before[-1] in ("my", "mi", "her", "his", "su")
    return bool(DENIED.intersection(before[-4:])) or (mine and bool(POOR.intersection(after)))


def _other(tongue: str) -> str | None:
    return {"en": "es", "es": "en"}.get(tongue)
