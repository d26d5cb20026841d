"""How Spanish says what is written with digits and signs, as `models.local.wording.grammar` asks it.

Pure. May import: the standard library, models.local.wording.
"""

from models.local.wording.es.abbreviations import ABBREVIATIONS
from models.local.wording.es.amounts import (
    GROUPED,
    PAIRS_OF_FOUR,
    form_before,
    fraction,
    joint,
    mixed,
    place_rules,
    scaled,
)
from models.local.wording.es.calendar import MONTH_FIRST, date_rules, dated
from models.local.wording.es.clock import clock_rules
from models.local.wording.es.numbers import DIGITS, counted, ordered, year

__all__ = [
    "ABBREVIATIONS",
    "DIGITS",
    "GROUPED",
    "MONTH_FIRST",
    "PAIRS_OF_FOUR",
    "clock_rules",
    "counted",
    "date_rules",
    "dated",
    "form_before",
    "fraction",
    "joint",
    "mixed",
    "ordered",
    "place_rules",
    "scaled",
    "year",
]
