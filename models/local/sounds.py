"""Names by their sound: finds what a recogniser may have made of a name, and little else. Pure.

Two spellings are alike when they sound alike in English or Spanish spelling, or differ from that by one slip
(two in a long name). Short names have to be right. May import: the standard library.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

SHORTEST = 5
LONG = 9
LONGEST = 26

RULES = [
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"ph", "f"),
        (r"sch", "sk"),
        (r"ch", "1"),
        (r"h", ""),
        (r"c(?=[eiy])", "s"),
        (r"qu|ck|[cq]", "k"),
        (r"z", "s"),
        (r"v", "b"),
        (r"y", "i"),
        (r"(.)\1+", r"\1"),
    )
]


def sound(name: str) -> str:
    """How a name sounds, roughly, without its spaces."""
    heard = name.replace(" ", "")
    for pattern, made in RULES:
        heard = pattern.sub(made, heard)
    return heard


def slips(one: str, other: str, most: int) -> int:
    """How many letters are wrong, missing, too many or swapped between two spellings; `most` + 1 for more."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, 1):
        last, before, row = before, row, [i]
        for j, right in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (left != right))
            if i > 1 and j > 1 and left == other[j - 2] and one[i - 2] == right:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return min(row[-1], most + 1)


def _without(name: str, times: int) -> Iterator[str]:
    yield name
    if times:
        for place in range(len(name)):
            yield from _without(name[:place] + name[place + 1 :], times - 1)


def _allowed(length: int) -> int:
    return 0 if length < SHORTEST else 1 if length < LONG else 2


@dataclass(slots=True)
class Sounds:
    """Names to be found by their sound. An index of the names with letters left out keeps it quick."""

    _index: dict[str, set[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, names: Iterable[str]) -> "Sounds":
        """The names, as plain text."""
        made = cls()
        for name in names:
            heard = sound(name)
            for short in _without(heard, _allowed(len(heard))):
                made._index.setdefault(short, set()).add(name)
        return made

    def like(self, spoken: str) -> list[tuple[int, str]]:
        """The names that sound like this, with the slips between them; the nearest first."""
        heard = sound(spoken)
        if not SHORTEST <= len(heard) <= LONGEST:
            return []
        found: set[str] = set()
        for short in set(_without(heard, _allowed(len(heard)))):
            found |= self._index.get(short, set())
        return sorted(self._judged(heard, found))

    def _judged(self, heard: str, names: Iterable[str]) -> Iterator[tuple[int, str]]:
        for name in names:
            meant = sound(name)
            # A first letter is seldom misheard, and `filling` is not `billing`.
            if meant[:1] == heard[:1]:
                most = min(_allowed(len(meant)), _allowed(len(heard)))
                wrong = slips(heard, meant, most)
                if wrong <= most:
                    yield wrong, name
