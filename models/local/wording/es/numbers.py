"""Spanish numbers as words. Pure. May import: the standard library, models.local.wording."""

from models.local.wording.grammar import Form

DIGITS = [
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
_TENS = ["-", "-", "-", "treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa"]
_HUNDREDS = [
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
_ORDERED = [
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
_TENTHS = [
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


def counted(number: int, form: Form = "") -> str:
    """A number in words."""
    parts = []
    millions, number = divmod(number, 1_000_000)
    if millions:
        parts.append("un millón" if millions == 1 else f"{counted(millions, 'm')} millones")
    thousands, number = divmod(number, 1000)
    if thousands:
        parts.append("mil" if thousands == 1 else f"{counted(thousands, 'f' if form == 'f' else 'm')} mil")
    if number or not parts:
        parts.append(_below_thousand(number, form))
    return " ".join(parts)


def year(number: int) -> str:
    """A year is a number like others."""
    return counted(number)


def ordered(number: int, *, feminine: bool = False) -> str:
    """The number of a place in a row; from 100 on counted plainly, as speakers do."""
    if not 1 <= number <= 99:
        return counted(number, "f" if feminine else "")
    tens, ones = divmod(number, 10)
    words = [_ORDERED[number]] if number < 20 else [_TENTHS[tens], *_ORDERED[ones : ones + 1][: ones > 0]]
    return " ".join(word[:-1] + "a" if feminine else word for word in words)


def _below_thousand(number: int, form: Form) -> str:
    if number == 100:
        return "cien"
    hundreds, rest = divmod(number, 100)
    parts = [_HUNDREDS[hundreds]] if hundreds else []
    if form == "f" and hundreds > 1:
        parts = [f"{parts[0][:-2]}as"]
    if rest >= 30:
        tens, ones = divmod(rest, 10)
        parts.append(_TENS[tens])
        if ones:
            parts += ["y", _end(DIGITS[ones], form)]
    elif rest or not hundreds:
        parts.append(_end(DIGITS[rest], form))
    return " ".join(parts)


def _end(word: str, form: Form) -> str:
    if form == "" or not word.endswith("uno"):
        return word
    if form == "f":
        return word[:-1] + "a"
    return "veintiún" if word == "veintiuno" else "un"
