"""The words of each language that stand for signs, units, money, months and days.

Data. May import: models.local.wording.
"""

from dataclasses import dataclass

from models.local.wording.numbers import Language


@dataclass(frozen=True, slots=True)
class Noun:
    """A counted thing: one of it, several of it, and whether it is feminine (Spanish)."""

    one: str
    many: str
    feminine: bool = False


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency and its hundredth part."""

    whole: Noun
    part: Noun


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """How a language says what is written with signs."""

    language: Language
    plus: str
    minus: str
    to: str
    over: str
    per: str
    times: str
    equals: str
    percent: str
    decimal: dict[str, str]
    and_cents: str
    number: str
    either: str
    both: str
    star: str
    pound: str
    extension: str
    address: dict[str, str]
    fractions: dict[str, str]
    always_open: str
    months: tuple[str, ...]
    days: tuple[str, ...]
    scales: dict[str, str]
    currencies: dict[str, Currency]
    units: dict[str, Noun]


def _nouns(*rows: tuple[str, str, str]) -> dict[str, Noun]:
    """Units by each of their signs; a third word that ends in "a" is the feminine's mark of Spanish."""
    return {
        sign: Noun(one, many, feminine=one.partition(" ")[0] in _FEMININE_UNITS)
        for signs, one, many in rows
        for sign in signs.split()
    }


_FEMININE_UNITS = {"hora", "libra", "onza", "milla", "pulgada", "yarda", "caloría", "unidad", "cucharada"}

_CENT, _CENTAVO = Noun("cent", "cents"), Noun("centavo", "centavos")
_PESO_EN = Currency(Noun("peso", "pesos"), Noun("centavo", "centavos"))
_EN_DOLLAR = Currency(Noun("dollar", "dollars"), _CENT)
_EN_EURO = Currency(Noun("euro", "euros"), _CENT)
_EN_POUND = Currency(Noun("pound", "pounds"), Noun("penny", "pence"))
_ES_DOLLAR = Currency(Noun("dólar", "dólares"), _CENTAVO)
_ES_EURO = Currency(Noun("euro", "euros"), Noun("céntimo", "céntimos"))
_ES_POUND = Currency(Noun("libra", "libras", feminine=True), Noun("penique", "peniques"))

ENGLISH = Vocabulary(
    language="en",
    plus="plus",
    minus="minus",
    to="to",
    over="over",
    per="per",
    times="times",
    equals="equals",
    percent="percent",
    decimal={".": "point", ",": "point"},
    and_cents="and",
    number="number",
    either="or",
    both="and",
    star="star",
    pound="pound",
    extension="extension",
    address={"@": "at", ".": "dot", "/": "slash", "-": "dash", "_": "underscore", "+": "plus"},
    fractions={
        "1/2": "one half",
        "1/3": "one third",
        "2/3": "two thirds",
        "1/4": "one quarter",
        "3/4": "three quarters",
    },
    always_open="twenty-four seven",
    months=(
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    days=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    scales={
        "k": "thousand",
        "thousand": "thousand",
        "m": "million",
        "million": "million",
        "billion": "billion",
    },
    currencies={
        "$": _EN_DOLLAR,
        "€": _EN_EURO,
        "£": _EN_POUND,
        "USD": _EN_DOLLAR,
        "EUR": _EN_EURO,
        "GBP": _EN_POUND,
        "MXN": _PESO_EN,
    },
    units=_nouns(
        ("mg", "milligram", "milligrams"),
        ("mcg µg μg ug", "microgram", "micrograms"),
        ("g gr", "gram", "grams"),
        ("kg", "kilogram", "kilograms"),
        ("ml mL cc", "milliliter", "milliliters"),
        ("dl dL", "deciliter", "deciliters"),
        ("l L", "liter", "liters"),
        ("mm", "millimeter", "millimeters"),
        ("cm", "centimeter", "centimeters"),
        ("m", "meter", "meters"),
        ("km", "kilometer", "kilometers"),
        ("mi", "mile", "miles"),
        ("ft", "foot", "feet"),
        ("lb lbs", "pound", "pounds"),
        ("oz", "ounce", "ounces"),
        ("yd", "yard", "yards"),
        ("tsp", "teaspoon", "teaspoons"),
        ("tbsp", "tablespoon", "tablespoons"),
        ("IU", "international unit", "international units"),
        ("mmol", "millimole", "millimoles"),
        ("mmHg", "millimeter of mercury", "millimeters of mercury"),
        ("kcal", "kilocalorie", "kilocalories"),
        ("cal", "calorie", "calories"),
        ("bpm", "beat per minute", "beats per minute"),
        ("mph", "mile per hour", "miles per hour"),
        ("h hr hrs", "hour", "hours"),
        ("min mins", "minute", "minutes"),
        ("sec secs", "second", "seconds"),
        ("yr yrs", "year", "years"),
        ("wk wks", "week", "weeks"),
        ("°F ºF", "degree Fahrenheit", "degrees Fahrenheit"),
        ("°C ºC", "degree Celsius", "degrees Celsius"),
        ("° º", "degree", "degrees"),
    ),
)

SPANISH = Vocabulary(
    language="es",
    plus="más",
    minus="menos",
    to="a",
    over="sobre",
    per="por",
    times="por",
    equals="igual a",
    percent="por ciento",
    decimal={".": "punto", ",": "coma"},
    and_cents="con",
    number="número",
    either="o",
    both="y",
    star="asterisco",
    pound="numeral",
    extension="extensión",
    address={"@": "arroba", ".": "punto", "/": "barra", "-": "guion", "_": "guion bajo", "+": "más"},
    fractions={
        "1/2": "un medio",
        "1/3": "un tercio",
        "2/3": "dos tercios",
        "1/4": "un cuarto",
        "3/4": "tres cuartos",
    },
    always_open="las veinticuatro horas, los siete días de la semana",
    months=(
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ),
    days=("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
    scales={
        "mil": "mil",
        "millón": "millones",
        "millones": "millones",
        "k": "mil",
        "thousand": "mil",
        "million": "millones",
        "m": "millones",
        "billion": "mil millones",
    },
    currencies={
        "$": _ES_DOLLAR,
        "€": _ES_EURO,
        "£": _ES_POUND,
        "USD": _ES_DOLLAR,
        "EUR": _ES_EURO,
        "GBP": _ES_POUND,
        "MXN": Currency(Noun("peso", "pesos"), _CENTAVO),
    },
    units=_nouns(
        ("mg", "miligramo", "miligramos"),
        ("mcg µg μg ug", "microgramo", "microgramos"),
        ("g gr", "gramo", "gramos"),
        ("kg", "kilogramo", "kilogramos"),
        ("ml mL cc", "mililitro", "mililitros"),
        ("dl dL", "decilitro", "decilitros"),
        ("l L", "litro", "litros"),
        ("mm", "milímetro", "milímetros"),
        ("cm", "centímetro", "centímetros"),
        ("m", "metro", "metros"),
        ("km", "kilómetro", "kilómetros"),
        ("mi", "milla", "millas"),
        ("ft", "pie", "pies"),
        ("lb lbs", "libra", "libras"),
        ("oz", "onza", "onzas"),
        ("yd", "yarda", "yardas"),
        ("UI IU", "unidad internacional", "unidades internacionales"),
        ("mmol", "milimol", "milimoles"),
        ("mmHg", "milímetro de mercurio", "milímetros de mercurio"),
        ("kcal", "kilocaloría", "kilocalorías"),
        ("cal", "caloría", "calorías"),
        ("lpm bpm", "latido por minuto", "latidos por minuto"),
        ("mph", "milla por hora", "millas por hora"),
        ("h hr hrs hs", "hora", "horas"),
        ("min mins", "minuto", "minutos"),
        ("seg s", "segundo", "segundos"),
        ("°F ºF", "grado Fahrenheit", "grados Fahrenheit"),
        ("°C ºC", "grado Celsius", "grados Celsius"),
        ("°", "grado", "grados"),
    ),
)


KNOWN = {"en": ENGLISH, "es": SPANISH}


def of(language: Language) -> Vocabulary:
    """The vocabulary of a language that has one."""
    return KNOWN[language]
