"""Whole numbers as words, in English and Spanish: counted, ordered, spelled digit by digit, as a year.

Pure. May import: the standard library.
"""

from typing import Literal

Language = str
"""The code of a language, such as `en`."""
Form = Literal["", "m", "f"]
"""How a Spanish number ends: by itself (uno), before a masculine noun (un), before a feminine one (una)."""

MOST = 999_999_999
"""The largest number that is read as one; what is longer is read digit by digit."""

_EN = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_EN_TENS = ["-", "-", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_EN_ORDERED = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
_ES = [
    "cero",
    "uno",
    "dos",
    "tres",
    "cuatro",
    "cinco",
    "seis",
    "siete",
    "ocho",
    "nueve",
    "diez",
    "once",
    "doce",
    "trece",
    "catorce",
    "quince",
    "dieciséis",
    "diecisiete",
    "dieciocho",
    "diecinueve",
    "veinte",
    "veintiuno",
    "veintidós",
    "veintitrés",
    "veinticuatro",
    "veinticinco",
    "veintiséis",
    "veintisiete",
    "veintiocho",
    "veintinueve",
]
_ES_TENS = ["-", "-", "-", "treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa"]
_ES_HUNDREDS = [
    "-",
    "ciento",
    "doscientos",
    "trescientos",
    "cuatrocientos",
    "quinientos",
    "seiscientos",
    "setecientos",
    "ochocientos",
    "novecientos",
]
_ES_ORDERED = [
    "-",
    "primero",
    "segundo",
    "tercero",
    "cuarto",
    "quinto",
    "sexto",
    "séptimo",
    "octavo",
    "noveno",
    "décimo",
    "undécimo",
    "duodécimo",
    "decimotercero",
    "decimocuarto",
    "decimoquinto",
    "decimosexto",
    "decimoséptimo",
    "decimoctavo",
    "decimonoveno",
]
_ES_TENTHS = [
    "-",
    "-",
    "vigésimo",
    "trigésimo",
    "cuadragésimo",
    "quincuagésimo",
    "sexagésimo",
    "septuagésimo",
    "octogésimo",
    "nonagésimo",
]


def counted(number: int, language: Language, form: Form = "") -> str:
    """A number from 0 to MOST in words."""
    return _en(number) if language == "en" else _es(number, form)


def spelled(digits: str, language: Language) -> str:
    """Digits one by one."""
    names = _EN if language == "en" else _ES
    return " ".join(names[int(digit)] for digit in digits)


def year(number: int, language: Language) -> str:
    """A year as it is said: "twenty twenty-five", "two thousand six"; in Spanish a number like others."""
    high, low = divmod(number, 100)
    if language == "es" or not 1000 <= number <= 2999 or (high % 10 == 0 and low < 10):
        return counted(number, language)
    if low == 0:
        return f"{_en(high)} hundred"
    return f"{_en(high)} {'oh ' if low < 10 else ''}{_en(low)}"


def ordered(number: int, language: Language, *, feminine: bool = False) -> str:
    """The number of a place in a row; Spanish counts plainly from 100 on, as speakers do."""
    if language == "en":
        head, joint, last = _last_word(_en(number))
        return (
            head + joint + (_EN_ORDERED.get(last) or (last[:-1] + "ie" if last[-1] == "y" else last) + "th")
        )
    if not 1 <= number <= 99:
        return _es(number, "f" if feminine else "")
    tens, ones = divmod(number, 10)
    words = (
        [_ES_ORDERED[number]]
        if number < 20
        else [_ES_TENTHS[tens], *_ES_ORDERED[ones : ones + 1][: ones > 0]]
    )
    return " ".join(word[:-1] + "a" if feminine else word for word in words)


def _last_word(words: str) -> tuple[str, str, str]:
    joint = max(words.rfind(" "), words.rfind("-"))
    return words[: max(joint, 0)], words[joint : joint + 1] if joint >= 0 else "", words[joint + 1 :]


def _en(number: int) -> str:
    parts = []
    for size, name in ((1_000_000, "million"), (1000, "thousand")):
        count, number = divmod(number, size)
        if count:
            parts.append(f"{_en(count)} {name}")
    hundreds, rest = divmod(number, 100)
    if hundreds:
        parts.append(f"{_EN[hundreds]} hundred")
    if rest >= 20:
        tens, ones = divmod(rest, 10)
        parts.append(_EN_TENS[tens] + (f"-{_EN[ones]}" if ones else ""))
    elif rest or not parts:
        parts.append(_EN[rest])
    return " ".join(parts)


def _es(number: int, form: Form) -> str:
    parts = []
    millions, number = divmod(number, 1_000_000)
    if millions:
        parts.append("un millón" if millions == 1 else f"{_es(millions, 'm')} millones")
    thousands, number = divmod(number, 1000)
    if thousands:
        parts.append("mil" if thousands == 1 else f"{_es(thousands, 'f' if form == 'f' else 'm')} mil")
    if number or not parts:
        parts.append(_es_below_thousand(number, form))
    return " ".join(parts)


def _es_below_thousand(number: int, form: Form) -> str:
    if number == 100:
        return "cien"
    hundreds, rest = divmod(number, 100)
    parts = [_ES_HUNDREDS[hundreds]] if hundreds else []
    if form == "f" and hundreds > 1:
        parts = [f"{parts[0][:-2]}as"]
    if rest >= 30:
        tens, ones = divmod(rest, 10)
        parts.append(_ES_TENS[tens])
        if ones:
            parts += ["y", _es_end(_ES[ones], form)]
    elif rest or not hundreds:
        parts.append(_es_end(_ES[rest], form))
    return " ".join(parts)


def _es_end(word: str, form: Form) -> str:
    if form == "" or not word.endswith("uno"):
        return word
    if form == "f":
        return word[:-1] + "a"
    return "veintiún" if word == "veintiuno" else "un"
