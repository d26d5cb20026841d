"""The public holidays that a clinic keeps: which days they are comes from a library, which count from staff.

Pure. The library is loaded at the first use: it takes 0.2 s, and without kept holidays nobody needs it.
May import: the standard library, holidays, pydantic.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from difflib import get_close_matches
from functools import cache
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

CATEGORIES = ("public", "bank", "optional", "unofficial")
"""Kinds of days that may be kept, where a country has them."""
WEEK = 7
NAMED_IN = range(2025, 2029)
"""Years whose holidays are those that can be named: some come every fourth year alone."""


class Holidays(BaseModel):
    """The holidays on which the clinic is closed."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    country: str = Field("US", pattern=r"^[A-Z]{2}$")
    """Whose holidays, by ISO 3166, such as US or MX."""

    region: str = Field("", max_length=10)
    """A state or province whose own holidays are among them, such as TX."""

    kept: tuple[str, ...] = Field((), max_length=60)
    """Those on which the clinic is closed, by their English names, such as Thanksgiving Day."""

    @model_validator(mode="after")
    def _known(self) -> Self:
        known = names(self.country, self.region) if self.kept or self.region else ()
        for name in self.kept:
            if name not in known:
                near = get_close_matches(name, known, 1, 0.5)
                meant = f" Did you mean {near[0]}?" if near else f" There are: {', '.join(known)}."
                raise ValueError(
                    f"{name!r} is no holiday of {f'{self.country} {self.region}'.strip()}.{meant}"
                )
        return self

    def on(self, day: date) -> str:
        """The name of the kept holiday of a day, or empty; a day that is off in its stead counts, too."""
        return self.of_year(day.year).get(day, "") if self.kept else ""

    def coming(self, today: date) -> Mapping[str, Sequence[date]]:
        """The next days of every holiday of this place, kept or not, by its name; none where none is kept.

        One on a weekend has a day off in its stead as well.
        """
        found: dict[str, list[date]] = {}
        for year in (today.year, today.year + 1) if self.kept else ():
            for day, told in _of_year(self.country, self.region, year).items():
                for name in told if day >= today else ():
                    days = found.setdefault(name, [day])
                    if days[0] < day < days[0] + timedelta(WEEK):
                        days.append(day)
        return found

    def of_year(self, year: int) -> Mapping[date, str]:
        """The kept holidays of a year, each with its name."""
        return _kept(self.country, self.region, self.kept, year)


@cache
def _kept(country: str, region: str, kept: tuple[str, ...], year: int) -> Mapping[date, str]:
    found = {}
    for day, told in _of_year(country, region, year).items():
        name = next((name for name in told if name in kept), "")
        if name:
            found[day] = name
    return found


@cache
def _of_year(country: str, region: str, year: int) -> Mapping[date, tuple[str, ...]]:
    """Every day of a year that has holidays, with their names. Raises ValueError for no such place."""
    import holidays  # noqa: PLC0415 -- slow to load, and many clinics name none

    try:
        place = holidays.country_holidays(country, subdiv=region or None)
        english = next((each for each in place.supported_languages if each.startswith("en")), None)
        days = holidays.country_holidays(
            country,
            subdiv=region or None,
            years=year,
            language=english,
            categories=tuple(each for each in CATEGORIES if each in place.supported_categories),
        )
    except NotImplementedError as exc:
        raise ValueError(f"the holidays of {f'{country} {region}'.strip()} are not known") from exc
    return {day: tuple(map(_name, told.split("; "))) for day, told in sorted(days.items())}


def _name(told: str) -> str:
    """A holiday's name without what the library puts behind it, such as `(observed)`."""
    return told.partition(" (")[0]


@cache
def names(country: str, region: str = "") -> tuple[str, ...]:
    """The names of a place's holidays, in the order of the year. Raises ValueError for no such place."""
    years = (_of_year(country, region, year) for year in NAMED_IN)
    return tuple(dict.fromkeys(name for days in years for told in days.values() for name in told))


def of_year(country: str, region: str, year: int) -> Mapping[date, tuple[str, ...]]:
    """The days of a year that have holidays, with their names. Raises ValueError for no such place."""
    return _of_year(country, region, year)
