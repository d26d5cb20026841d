"""What Spanish makes of written numbers and of what they count: its nouns have a gender. Pure.

May import: the standard library, models.local.wording.
"""

import re
from collections.abc import Callable

from models.local.wording.es.numbers import ordered
from models.local.wording.grammar import Form
from models.local.wording.rules import Rule

GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:(?:\.[0-9]{3})+(?:,[0-9]+)?|(?:,[0-9]{3})+(?:\.[0-9]+)?)")
PAIRS_OF_FOUR = True
"""Two groups of four digits are a telephone number."""
_WARM = 32
"""From here on, "º" behind a number is meant as degrees and not as a place in a row."""
_PLACE = re.compile(r"([0-9]{1,4})\.?(º|ª|er\b|r[oa]\b|d[oa]\b|t[oa]\b|v[oa]\b|n[oa]\b|m[oa]\b)")
_PLAIN_WORDS = frozenset(
    [
        "para",
        "si",
        "o",
        "u",
        "y",
        "e",
        "a",
        "al",
        "de",
        "del",
        "en",
        "por",
        "con",
        "que",
        "es",
        "son",
        "más",
        "menos",
        "hasta",
        "desde",
        "ahora",
        "como",
        "cuando",
        "pero",
        "ni",
        "no",
        "se",
        "le",
        "lo",
        "la",
        "las",
        "los",
        "el",
        "un",
        "una",
        "sin",
        "sobre",
        "entre",
        "ya",
        "otra",
        "favor",
        "punto",
        "coma",
        "está",
        "están",
    ]
)
_FEMININE = frozenset(
    [
        "vez",
        "veces",
        "dosis",
        "tarde",
        "tardes",
        "noche",
        "noches",
        "persona",
        "clase",
        "mujer",
        "mujeres",
        "sucursal",
        "sucursales",
        "señal",
        "señales",
        "llave",
        "llaves",
        "calle",
        "calles",
        "clave",
        "claves",
        "edad",
        "edades",
        "mitad",
        "sesión",
    ]
)
_MASCULINE_IN_A = frozenset(
    [
        "día",
        "días",
        "problema",
        "problemas",
        "programa",
        "programas",
        "síntoma",
        "síntomas",
        "sistema",
        "sistemas",
    ]
)


def joint(number: int) -> str:
    """What stands between a number and what it counts."""
    return " de " if number and number % 1_000_000 == 0 else " "


def scaled(written: str, scale: str, said: str) -> str:
    """A scale such as "millones" as it is said behind this number, with what joins it to what is counted."""
    joins = " " if scale.lower() in ("mil", "k") else " de "
    return ("millón" if said == "millones" and written == "1" else said) + joins


def form_before(article: str | None, after: str | None) -> Form:
    """How a number ends before this word."""
    if article:
        return "f"
    if after is None or after.lower() in _PLAIN_WORDS:
        return ""
    return "f" if _feminine(after) else "m"


def _feminine(noun: str) -> bool:
    """Whether a noun is most likely feminine."""
    noun = noun.lower()
    if noun in _MASCULINE_IN_A:
        return False
    return noun in _FEMININE or noun.endswith(("a", "as", "ción", "ciones", "dad", "dades"))


def mixed(whole: Callable[[Form], str], part: str, written: str, after: str | None) -> str:
    """A number and a half, or another part."""
    feminine = after is not None and _feminine(after)
    half = "media" if feminine else "medio"
    return f"{whole('f' if feminine else '')} y {half if written == '1/2' else part}"


def fraction(part: str, written: str, after: str | None) -> str:
    """A part of what follows."""
    if written == "1/2" and after:
        return "media" if _feminine(after) else "medio"
    return part


def place_rules(degrees: Callable[[str], str]) -> list[Rule]:
    """Places in a row; `degrees` says so many of those."""

    def place(found: re.Match[str]) -> str:
        if found[2] == "º" and int(found[1]) >= _WARM:
            return degrees(found[1])
        row = ordered(int(found[1]), feminine=found[2][-1] in "aª")
        return f"{row[:-1] if found[2] == 'er' and row.endswith('ero') else row} "

    return [(_PLACE, place)]
