"""The words of each language that stand for signs, units, money, months and days: its `wording.toml`.

May import: the standard library, appliance.languages, models.local.wording.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache

from appliance.languages.folders import code_of
from appliance.languages.tables import table
from appliance.languages.tables import words as listed
from models.local.wording.grammar import Language


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
    never_ends: frozenset[str]
    """Abbreviations of which the full stop ends no sentence."""


def _noun(told: Sequence[str], feminine: frozenset[str] = frozenset()) -> Noun:
    one, many, *marks = told
    return Noun(one, many, feminine=bool(marks) or one.partition(" ")[0] in feminine)


@cache
def of(language: Language) -> Vocabulary:
    """The vocabulary of a language that has one (`wording.toml`)."""
    given = dict(table(language, "wording"))
    feminine = listed(given, "feminine")
    given["currencies"] = {
        sign: Currency(_noun(whole), _noun(part)) for sign, (whole, part) in given["currencies"].items()
    }
    given["units"] = {
        sign: _noun(told, feminine) for signs, told in given["units"].items() for sign in signs.split()
    }
    named = {name: given[name] for name in _GIVEN}
    return Vocabulary(
        language=code_of(language),
        **{**named, "months": tuple(given["months"]), "days": tuple(given["days"])},
        never_ends=listed(given, "never_ends"),
    )


_GIVEN = tuple(field.name for field in fields(Vocabulary) if field.name not in ("language", "never_ends"))
