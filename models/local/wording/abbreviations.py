"""Abbreviations and signs that stand for words.

Pure. May import: the standard library, models.local.wording.
"""

import re
from collections.abc import Callable

from models.local.wording.rules import Rule
from models.local.wording.vocabulary import Vocabulary

_SAINTS = (
    "Agnes|Albans|Andrew|Anne|Ann|Anthony|Augustine|Bernard|Catherine|Charles|Clair|Clare|Cloud|Croix|David|Elizabeth"
    "|Francis|George|Helena|James|John|Johns|Joseph|Jude|Lawrence|Louis|Lucie|Luke|Mark|Martin|Mary|Matthew|Michael"
    "|Nicholas|Patrick|Paul|Peter|Petersburg|Rita|Stephen|Thomas|Vincent"
)
_BEFORE_STREET = r"(?<=[a-z0-9] )"
_PER = "hour|day|week|month|year|visit|person|hora|día|semana|mes|año|persona|visita"
_SENTENCE_GOES_ON = r"(?:\.(?!\s+[A-Z¿¡]|\s*$))?"
"""The full stop of the abbreviation, unless it ends the sentence as well."""


def _becomes(words: str) -> Callable[[re.Match[str]], str]:
    return lambda found: words


def _kept(pattern: str, words: str, flags: int = 0) -> Rule:
    """An abbreviation whose full stop may end the sentence too, and then stays."""
    return re.compile(f"(?:{pattern}){_SENTENCE_GOES_ON}", flags), _becomes(words)


def _title(pattern: str, words: str) -> Rule:
    return re.compile(rf"\b{pattern}\.(?=\s?[A-ZÁÉÍÓÚÑ\"'])|\b{pattern}(?=\s[A-ZÁÉÍÓÚÑ])"), _becomes(words)


def _prefix(pattern: str, words: str) -> Rule:
    """One that stands before a name or a number always: its full stop ends nothing."""
    return re.compile(rf"\b{pattern}\.|\b{pattern}(?=\s[A-ZÁÉÍÓÚÑ])"), _becomes(words)


def _dotted(pattern: str, words: str) -> Rule:
    """One that has its full stop always; without it it is another word."""
    return re.compile(rf"\b{pattern}\.(?:(?=\s*$|\s+[A-Z¿¡])|)"), lambda found: words + _ends(found)


def _introducing(pattern: str, words: str) -> Rule:
    """One that says what the next word is: its full stop ends nothing, and without it it is another word."""
    return re.compile(rf"\b{pattern}\."), _becomes(words)


def _ends(found: re.Match[str]) -> str:
    rest = found.string[found.end() :]
    return "." if not rest.strip() or re.match(r"\s+[A-Z¿¡]", rest) else ""


_ENGLISH: tuple[Rule, ...] = (
    (re.compile(rf"\bSt\.?\s(?={_SAINTS})(?<![0-9] )"), _becomes("Saint ")),
    (re.compile(r"([0-9]\s(?:[A-Z][\w']{0,30}\s){1,3})Dr\b\.?"), lambda m: f"{m[1]}Drive" + _ends(m)),
    _title("Dr", "Doctor"),
    _prefix("Mr", "Mister"),
    _prefix("Mrs", "Missus"),
    _prefix("Ms", "Miz"),
    _title("Prof", "Professor"),
    _title("Rev", "Reverend"),
    _dotted("Dr", "Doctor"),
    _dotted("Jr", "Junior"),
    _dotted("Sr", "Senior"),
    _kept(_BEFORE_STREET + r"St\b", "Street"),
    (re.compile(r"\bSt\.\s?(?=[A-Z])"), _becomes("Saint ")),
    _kept(_BEFORE_STREET + r"Ave\b", "Avenue"),
    _kept(_BEFORE_STREET + r"Blvd\b", "Boulevard"),
    _kept(_BEFORE_STREET + r"Rd\b", "Road"),
    _kept(_BEFORE_STREET + r"Ln\b", "Lane"),
    _kept(_BEFORE_STREET + r"Pkwy\b", "Parkway"),
    _kept(_BEFORE_STREET + r"Hwy\b|\bHwy(?=\.?\s[0-9])", "Highway"),
    _dotted("[Mm]ax", "maximum"),
    *(
        (re.compile(rf"(?<=[0-9] ){letter}\b\.?(?=\s[A-Z])"), _becomes(name))
        for letter, name in zip("NSEW", ("North", "South", "East", "West"), strict=True)
    ),
    _dotted("Ct", "Court"),
    _dotted("Pl", "Place"),
    (re.compile(r"\b[Aa]pt\b\.?(?=\s?#?[0-9A-Z])"), _becomes("apartment")),
    _dotted("[Aa]pt", "apartment"),
    (re.compile(r"\bSte\b\.?(?=\s?#?[0-9])"), _becomes("Suite")),
    (re.compile(r"\b[Rr]m\b\.?(?=\s?#?[0-9])"), _becomes("room")),
    _kept(r"\b[Bb]ldg\b", "building"),
    _kept(r"\b[Dd]ept\b", "department"),
    _kept(r"\b[Aa]ppts\b", "appointments"),
    _kept(r"\b[Aa]ppt\b", "appointment"),
    _kept(r"\b[Aa]pprox\b", "approximately"),
    _kept(r"\b[Ee]tc\b", "et cetera"),
    _kept(r"\bvs\b", "versus"),
    _dotted("[Tt]el", "telephone"),
    _dotted("[Mm]ed", "medical"),
    _dotted("Inc", "Incorporated"),
    _dotted("[Mm]in", "minutes"),
    _dotted("[Hh]rs", "hours"),
    (re.compile(r"\b[Ee]\.\s?g\.,?"), _becomes("for example,")),
    (re.compile(r"\b[Ii]\.\s?e\.,?"), _becomes("that is,")),
    (re.compile(r"\bM\.\s?D\b\.?"), lambda m: "M D" + _ends(m)),
    (re.compile(r"\bPh\.\s?D\b\.?"), lambda m: "P H D" + _ends(m)),
    (re.compile(r"\bU\.\s?S\.(?:\s?A\.)?"), lambda m: ("U S A" if "A" in m[0] else "U S") + _ends(m)),
    (re.compile(r"\b[Nn]os?\.\s{0,2}(?=[0-9])|#\s?(?=[0-9])"), _becomes("number ")),
    (re.compile(r"(?<!\w)[Ww]/o(?!\w)"), _becomes("without")),
    (re.compile(r"(?<!\w)[Ww]/\s?(?=\w)"), _becomes("with ")),
    (re.compile(r"(?<!\w)[Nn]/[Aa](?!\w)"), _becomes("not applicable")),
)

_SPANISH: tuple[Rule, ...] = (
    _title("Dr", "doctor"),
    _title("Dra", "doctora"),
    _title("Dres", "doctores"),
    _title("Sr", "señor"),
    _title("Sra", "señora"),
    _title("Srta", "señorita"),
    _title("Sres", "señores"),
    _title("Lic", "licenciado"),
    _title("Licda", "licenciada"),
    _title("Ing", "ingeniero"),
    _title("Prof", "profesor"),
    _title("Profa", "profesora"),
    _title("Enf", "enfermera"),
    _title("Sto", "Santo"),
    _title("Sta", "Santa"),
    *(
        (re.compile(rf"\b{short}\.", re.IGNORECASE), _becomes(words))
        for short, words in (
            ("dr", "doctor"),
            ("dra", "doctora"),
            ("sr", "señor"),
            ("sra", "señora"),
            ("srta", "señorita"),
        )
    ),
    _kept(r"\b[Uu]ds\b", "ustedes"),
    _kept(r"\b[UV]d\b", "usted"),
    _dotted("ud", "usted"),
    _kept(r"\b[Aa]vda\b", "avenida"),
    _introducing("[Aa]ve?", "avenida"),
    _introducing("[Bb]lvd", "bulevar"),
    (re.compile(r"\b[Cc]/\s?(?=[A-ZÁÉÍÓÚÑ])"), _becomes("calle ")),
    _introducing("[Cc]alz", "calzada"),
    _introducing("[Cc]ol", "colonia"),
    _introducing("[Ee]sq", "esquina"),
    _dotted("[Dd]e?pto", "departamento"),
    _dotted("[Dd]epto", "departamento"),
    _dotted("[Aa]pto", "apartamento"),
    _dotted("[Cc]ons", "consultorio"),
    _introducing("[Tt]els?", "teléfono"),
    _dotted("[Cc]el", "celular"),
    _dotted("[Mm][áa]x", "máximo"),
    _dotted("[Mm]ín", "mínimo"),
    (re.compile(r"\bC\.\s?P\.(?=\s?[0-9])"), _becomes("código postal")),
    (re.compile(r"\bc/\s?(?=[0-9])"), _becomes("cada ")),
    _dotted("[Aa]prox", "aproximadamente"),
    _introducing("[Pp][áa]g", "página"),
    _dotted("[Ii]zq", "izquierda"),
    _dotted("[Dd]cha", "derecha"),
    _kept(r"\betc\b", "etcétera"),
    (re.compile(r"\b[Pp]\.\s?ej\.,?"), _becomes("por ejemplo,")),
    (re.compile(r"\bEE\.?\s?UU\b\.?"), lambda m: "Estados Unidos" + _ends(m)),
    (
        re.compile(r"\b[Nn](?:\.\s?º|º|\.\s?°|°|[úu]m\.|os?\.)\s{0,2}(?=[0-9])|#\s?(?=[0-9])|№\s?"),
        _becomes("número "),
    ),
    (re.compile(r"\bc/u\b"), _becomes("cada uno")),
    (re.compile(r"\bs/n\b"), _becomes("sin número")),
)


def rules(words: Vocabulary) -> list[Rule]:
    """Abbreviations; before numbers, which some of them introduce."""
    table = _ENGLISH if words.language == "en" else _SPANISH
    return list(table)


def sign_rules(words: Vocabulary) -> list[Rule]:
    """What signs between words say; after numbers."""
    return [
        (re.compile(r"\b(and/or|y/o)\b", re.IGNORECASE), lambda m: m[0].replace("/", " ")),
        (re.compile(rf"(?<=[^\W\d_])\s?/\s?(?=(?:{_PER})\b)"), _becomes(f" {words.per} ")),
        (re.compile(r"(?<=[^\W\d_])\s?/\s?(?=[^\W\d_])"), _becomes(f" {words.either} ")),
        (re.compile(r"\s?&\s?"), _becomes(f" {words.both} ")),
        (re.compile(r"\s\+\s|(?<=\w)\+(?=\w)"), _becomes(f" {words.plus} ")),
        (re.compile(r"\s?×\s?"), _becomes(f" {words.times} ")),
        (re.compile(r"\s?=\s?"), _becomes(f" {words.equals} ")),
        (re.compile(r"(?<!\w)@\s?"), _becomes(f" {words.address['@']} ")),
    ]
