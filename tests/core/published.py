"""Public holidays from 2025 to 2028 as the authorities publish them; tests/data/holidays tells their origin.

May import: the standard library.
"""

import tomllib
from collections.abc import Collection
from datetime import date
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent.parent / "data" / "holidays" / "published.toml"
BEGINS, ENDS = date(2025, 1, 1), date(2028, 12, 31)


@cache
def countries() -> dict[str, dict[str, dict[str, list[date]]]]:
    """For each country the days of each holiday, and those that are off in their stead."""
    return tomllib.loads(FILE.read_text("utf-8"))


def names(country: str) -> tuple[str, ...]:
    """The holidays of a country."""
    return tuple(countries()[country]["days"])


@cache
def closed_on(country: str, kept: Collection[str]) -> dict[date, str]:
    """The days on which a clinic that keeps these is closed, and why."""
    parts = (countries()[country].get(part, {}) for part in ("days", "observed"))
    return {day: name for part in parts for name, days in part.items() if name in kept for day in days}
