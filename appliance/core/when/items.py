"""Finds days, times and what bears on them in a row of atoms, by the patterns of a language.

A pattern is a regular expression over atoms with a space between them, in which words in capitals stand for
what is shared: `HOUR`, `MIN`, `WD`... May import: the standard library, appliance.core.when,
appliance.languages.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any

from appliance.languages.tables import table

SHARED = {
    "HOUR": r"n(?P<h>[01]?\d|2[0-4])",
    "MIN": r"n(?P<m>\d{1,2})",
    "CLOCK": r"c(?P<h>\d+)\.(?P<m>\d+)",
    "RUN": r"n(?P<run>0?[1-9]\d{2}|[1-9]\d{3})",
    "HALF": r"(?P<half>am|pm)",
    "PART": r"(?P<part>morning|noonish|afternoon|evening|night|dawn)",
    "WD": r"wd(?P<wd>\d)",
    "MONTH": r"mo(?P<mo>\d+)",
    "DOM": r"[now](?P<dom>\d{1,2})",
    "ORD": r"o(?P<dom>\d{1,2})",
    "NTH": r"[ow](?P<nth>\d)",
    "YEAR": r"n(?P<year>(?:19|20)\d\d)",
    "COUNT": r"(?:a|an|n(?P<n>\d{1,99}))",
    "NUM": r"[now]\d+",
}
_NAME = re.compile(rf"\b({'|'.join(sorted(SHARED, key=len, reverse=True))})\b")

_GROUP = re.compile(r"\(\?P<(\w+)>")
"""A name may stand more than once in a pattern, in its alternatives; each place is a group of its own."""


class Kind(StrEnum):
    """What an item bears on."""

    DAY = "day"
    TIME = "time"
    PART = "part"
    MARK = "mark"
    """A word that says how to take the others."""
    BESIDE = "beside"
    """A number or a span that is neither day nor time."""


@dataclass(frozen=True, slots=True)
class Item:
    """What was found at `start` to `end` of the atoms. `form` says which pattern, `values` what was in it."""

    kind: Kind
    form: str
    start: int
    end: int
    values: Mapping[str, str] = field(default_factory=dict)

    def number(self, name: str, default: int = 0) -> int:
        """A value as a number."""
        return int(self.values.get(name) or default)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A kind of item, and how it looks."""

    kind: Kind
    form: str
    looks: re.Pattern[str]
    fixed: Mapping[str, str]


class Patterns:
    """All patterns of a language."""

    def __init__(self, given: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        self._patterns = [_pattern(Kind(kind), line) for kind, lines in given.items() for line in lines]

    @staticmethod
    @cache
    def of(language: str) -> "Patterns":
        """Those of a language, such as `en`."""
        return Patterns(table(language, "when").get("found", {}))

    def items(self, atoms: Sequence[str]) -> Iterator[Item]:
        """What is found from left to right: at each place the longest, none over another."""
        at = 0
        while at < len(atoms):
            found = self._longest(atoms, at)
            if found is None:
                at += 1
                continue
            yield found
            at = found.end

    def _longest(self, atoms: Sequence[str], at: int) -> Item | None:
        text = " ".join(atoms[at:])
        best: Item | None = None
        for pattern in self._patterns:
            match = pattern.looks.match(text)
            if match and match.end():
                end = at + len(match[0].split())
                if best is None or end > best.end:
                    named = {
                        name.partition("__")[0]: value
                        for name, value in match.groupdict().items()
                        if value is not None
                    }
                    best = Item(pattern.kind, pattern.form, at, end, {**pattern.fixed, **named})
        return best


def _pattern(kind: Kind, line: Mapping[str, Any]) -> Pattern:
    looks = _NAME.sub(lambda name: SHARED[name[0]], str(line["looks"]))
    looks = _GROUP.sub(lambda name: f"(?P<{name[1]}__{name.start()}>", looks)
    fixed = {name: str(value) for name, value in line.items() if name not in ("form", "looks")}
    return Pattern(kind, line.get("form", ""), re.compile(rf"(?:{looks})(?= |$)"), fixed)
