"""Written numbers: how they are read, and said, and what a Spanish noun makes of them.

Pure. May import: the standard library, models.local.wording.
"""

import re

from models.local.wording.numbers import MOST, Form, Language, counted, spelled
from models.local.wording.vocabulary import Noun, Vocabulary

NUMBER = r"(?<![0-9])[0-9]{1,15}(?:[.,][0-9]{1,15}){0,5}"
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_GROUPED_ES = re.compile(r"[1-9][0-9]{0,2}(?:(?:\.[0-9]{3})+(?:,[0-9]+)?|(?:,[0-9]{3})+(?:\.[0-9]+)?)")
_DECIMAL = re.compile(r"[0-9]+[.,][0-9]+")
_LONG = 7
"""From so many digits on, a number without separators is an identification, unless it is round."""

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


def read(written: str, language: Language) -> tuple[str, str, str] | None:
    """A written number as (whole digits, digits behind the sign, the sign); None for a list of numbers."""
    grouped = (_GROUPED if language == "en" else _GROUPED_ES).fullmatch(written)
    if grouped:
        last = max(written.rfind("."), written.rfind(","))
        sign = written[last]
        if written.count(sign) == 1 and (len(written) - last != 4 or len(set(written) & {".", ","}) == 2):
            return re.sub("[.,]", "", written[:last]), written[last + 1 :], sign
        return re.sub("[.,]", "", written), "", ""
    if _DECIMAL.fullmatch(written):
        sign = "." if "." in written else ","
        whole, _, part = written.partition(sign)
        return whole, part, sign
    return (written, "", "") if written.isdigit() else None


def said(written: str, words: Vocabulary, form: Form = "") -> str:
    """A written number in words."""
    found = read(written, words.language)
    if found is None:
        parts = [part for part in re.split("([.,])", written) if part]
        return "".join(
            {",": ", ", ".": f" {words.decimal['.']} "}.get(part) or _whole(part, words, "") for part in parts
        )
    whole, part, sign = found
    separated = not written.isdigit() and not part
    if not part:
        return (
            counted(int(whole), words.language, form)
            if separated and fits(whole)
            else _whole(whole, words, form)
        )
    return f"{_whole(whole, words, '')} {words.decimal[sign]} {spelled(part, words.language)}"


def fits(digits: str) -> bool:
    """Whether these digits are one number that can be said."""
    return len(digits) <= len(str(MOST))


def _whole(digits: str, words: Vocabulary, form: Form) -> str:
    named = digits == "0" or digits[0] != "0"
    short = len(digits) < _LONG or (fits(digits) and digits.endswith("000"))
    if named and short:
        return counted(int(digits), words.language, form)
    return in_groups(digits, words.language)


def in_groups(digits: str, language: Language) -> str:
    """Digits one by one, with pauses where a telephone number has them."""
    cuts = {7: (3, 4), 10: (3, 3, 4), 11: (1, 3, 3, 4)}.get(len(digits))
    if cuts is None:
        cuts = (3,) * (len(digits) // 3 - (len(digits) % 3 == 1 and len(digits) > 3))
    groups, at = [], 0
    for cut in cuts:
        groups.append(digits[at : at + cut])
        at += cut
    return ", ".join(spelled(group, language) for group in [*groups, digits[at:]] if group)


def count(number: int, noun: Noun, words: Vocabulary) -> str:
    """So many of a thing."""
    named = noun.one if number == 1 else noun.many
    joint = " de " if words.language == "es" and number and number % 1_000_000 == 0 else " "
    return counted(number, words.language, "f" if noun.feminine else "m") + joint + named


def form_before(after: str | None) -> Form:
    """How a Spanish number ends before this word."""
    if after is None or after.lower() in _PLAIN_WORDS:
        return ""
    return "f" if feminine(after) else "m"


def feminine(noun: str) -> bool:
    """Whether a Spanish noun is most likely feminine."""
    noun = noun.lower()
    if noun in _MASCULINE_IN_A:
        return False
    return noun in _FEMININE or noun.endswith(("a", "as", "ción", "ciones", "dad", "dades"))
