"""What the rules ask of a language beside its words: a module here that is named by its code.

A language that has none is spoken all the same: its voice reads numbers and signs itself. Pure.
May import: the standard library, appliance.languages, models.local.wording.
"""

import re
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal, Protocol, cast

from appliance.languages.tables import having
from models.local.wording.rules import Rule

if TYPE_CHECKING:
    from models.local.wording.vocabulary import Vocabulary

Language = str
"""The code of a language, such as `en`."""
Form = Literal["", "m", "f"]
"""How a number ends: by itself (uno), before a masculine noun (un), before a feminine one (una)."""


class Grammar(Protocol):
    """The module of a language."""

    DIGITS: Sequence[str]
    """The names of the digits, and perhaps of more numbers."""
    GROUPED: re.Pattern[str]
    """A number in groups of three digits."""
    MONTH_FIRST: bool
    """Whether 3/4 is in March."""
    PAIRS_OF_FOUR: bool
    """Whether two groups of four digits are a telephone number."""
    ABBREVIATIONS: tuple[Rule, ...]

    def counted(self, number: int, form: Form = "", /) -> str:
        """A number in words."""

    def ordered(self, number: int, /, *, feminine: bool = False) -> str:
        """The number of a place in a row."""

    def year(self, number: int, /) -> str:
        """A year as it is said."""

    def dated(self, words: "Vocabulary", day: int, month: int, its_year: int | None, /) -> str:
        """A date in words."""

    def date_rules(self, words: "Vocabulary", /) -> list[Rule]:
        """Dates in which the month has its name, and weekdays."""

    def clock_rules(self, words: "Vocabulary", /) -> list[Rule]:
        """Times of the day."""

    def place_rules(self, degrees: Callable[[str], str], /) -> list[Rule]:
        """Places in a row; `degrees` says so many of those."""

    def joint(self, number: int, /) -> str:
        """What stands between a number and what it counts."""

    def scaled(self, written: str, scale: str, said: str, /) -> str:
        """A scale such as "million" as it is said behind a number, with what joins it to what is counted."""

    def form_before(self, article: str | None, after: str | None, /) -> Form:
        """How a number ends behind this article and before this word."""

    def mixed(self, whole: Callable[[Form], str], part: str, written: str, after: str | None, /) -> str:
        """A number and a half, or another part."""

    def fraction(self, part: str, written: str, after: str | None, /) -> str:
        """A part of what follows."""


@cache
def known(language: Language) -> bool:
    """Whether there are rules for a language: its module, and its words."""
    return find_spec(f"{__package__}.{language}") is not None and language in having("wording")


@cache
def grammar(language: Language) -> Grammar:
    """The module of a language that is known."""
    return cast(Grammar, import_module(f"{__package__}.{language}"))
