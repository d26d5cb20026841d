"""What English makes of written numbers and of what they count. Pure.

May import: the standard library, models.local.wording.
"""

import re
from collections.abc import Callable

from models.local.wording.en.numbers import ordered
from models.local.wording.grammar import Form
from models.local.wording.rules import Rule

GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?")
PAIRS_OF_FOUR = False
_PLACE = re.compile(r"(?<![A-Za-z])([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,6})\s?(?:st|nd|rd|th)\b", re.IGNORECASE)


def joint(_number: int) -> str:
    """What stands between a number and what it counts."""
    return " "


def scaled(_written: str, _scale: str, said: str) -> str:
    """A scale such as "million" as it is said behind this number, with what joins it to what is counted."""
    return f"{said} "


def form_before(_article: str | None, _after: str | None) -> Form:
    """How a number ends before this word."""
    return ""


def mixed(whole: Callable[[Form], str], part: str, written: str, _after: str | None) -> str:
    """A number and a half, or another part."""
    return f"{whole('')} and {'a half' if written == '1/2' else part}"


def fraction(part: str, _written: str, _after: str | None) -> str:
    """A part of what follows."""
    return part


def place_rules(_degrees: Callable[[str], str]) -> list[Rule]:
    """Places in a row."""
    return [(_PLACE, lambda found: f"{ordered(int(found[1].replace(',', '')))} ")]
