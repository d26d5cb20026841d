"""Numbers that are spoken or written out, as digits: "twenty four" is 24, "fifteen hundred" 1500. Pure.

Unlike telephone numbers (appliance.core.numbers) these are amounts, ages, hours. May import: the standard
library, appliance.core.
"""

from collections.abc import Iterator, Sequence

from appliance.core.numbers import Spelling, spellings

MEANS_ONE_TOO = frozenset({0, 1})
"""Their words are others as well: "un", "one", "oh"."""


def in_digits(words: Sequence[str], language: str) -> Iterator[str]:
    """The words, with digits in place of those that make a number in this language."""
    spelling = spellings().get(language)
    if spelling is None:
        yield from words
        return
    place = 0
    while place < len(words):
        value, used = _number(words[place : place + 10], spelling)
        if used and not (used == 1 and value in MEANS_ONE_TOO):
            yield str(value)
            place += used
        else:
            yield words[place]
            place += 1


def _number(words: Sequence[str], spelling: Spelling) -> tuple[int, int]:
    """The number at the beginning of these words, and how many of them it takes; none for none."""
    value, used = _below_thousand(words, spelling)
    if used < len(words) and words[used] == spelling.thousand and (used or spelling.thousand_alone):
        joined = used + 1 + (used + 1 < len(words) and words[used + 1] in spelling.joins)
        rest, more = _below_thousand(words[joined:], spelling)
        return (value if used else 1) * 1000 + rest, joined + more if more else used + 1
    return value, used


def _below_thousand(words: Sequence[str], spelling: Spelling) -> tuple[int, int]:
    value, used = _below_hundred(words, spelling)
    hundreds = spelling.hundreds.get(words[used], 0) if used < len(words) else 0
    if hundreds == 1 and used:
        value, used = value * 100, used + 1
    elif hundreds and not used:
        value, used = 100 if hundreds == 1 else hundreds, 1
    else:
        return value, used
    joined = used + (used < len(words) and words[used] in spelling.joins)
    rest, more = _below_hundred(words[joined:], spelling)
    return (value + rest, joined + more) if more else (value, used)


def _below_hundred(words: Sequence[str], spelling: Spelling) -> tuple[int, int]:
    first = words[0] if words else ""
    if first in spelling.tens:
        joined = 1 + (spelling.joins_units and len(words) > 1 and words[1] in spelling.joins)
        unit = spelling.units.get(words[joined], 0) if joined < len(words) else 0
        return spelling.tens[first] + unit, joined + 1 if unit else 1
    for table in (spelling.teens, spelling.units):
        if first in table:
            return table[first], 1
    return 0, 0
