"""Words beside a day or a time that nothing explains: what they make of it is not known, so it is asked.

A language names its plain words, which change no time, those that open a name ("with Dr. Hill", "for a
cleaning") and those with which another thing begins ("and my husband drives me"). A language that names none
is not looked into. May import: the standard library, appliance.core.when, appliance.languages.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from appliance.core.when.items import Item
from appliance.languages.tables import having, table, words

REACH = 4
"""Words on each side of a day or a time that can change it."""
NAME = 2
"""Words that a name has, with its article, at most."""


@dataclass(frozen=True, slots=True)
class Plain:
    """The words of a language that change no time; and those behind which others do not, or begin anew."""

    words: Collection[str]
    opens: Collection[str]
    turns: Collection[str]
    asks: Collection[str]

    @staticmethod
    @cache
    def of(language: str) -> "Plain":
        """Those of a language, such as `en`."""
        given = table(language, "when")
        lent = [words(table(other, "when"), "plain") for other in having("when") if other != language]
        opens, turns, asks = (words(given, name) for name in ("opens", "turns", "asks"))
        plain = words(given, "plain")
        return Plain(plain.union(opens, turns, asks, *lent) if plain else plain, opens, turns, asks)

    def explain(
        self, atoms: Sequence[str], items: Sequence[Item], kept: Sequence[Item], breaks: Sequence[int] = ()
    ) -> bool:
        """Whether no word beside what counts is strange, up to a comma."""
        if not self.words:
            return True
        ends = {place: item.form for item in items for place in range(item.start, item.end)}
        return not any(
            self._strange(atoms, place)
            for item in kept
            for places, last, over in (
                (range(item.start - 1, _last(breaks, item.start) - 1, -1), self.asks, ""),
                (range(item.end, _next(breaks, item.end, len(atoms))), self.turns, "or"),
            )
            for place in self._beside(atoms, places, ends, last, over)
        )

    def _beside(
        self, atoms: Sequence[str], places: range, ends: Mapping[int, str], last: Collection[str], over: str
    ) -> Iterator[int]:
        """The places on one side that nothing was found at, up to where something else begins."""
        for place in places[:REACH]:
            if ends.get(place, over) != over or atoms[place] in last:
                break
            if place not in ends:
                yield place

    def _strange(self, atoms: Sequence[str], place: int) -> bool:
        return atoms[place] not in self.words and not any(
            before in self.opens for before in atoms[max(place - NAME, 0) : place]
        )


def _last(breaks: Sequence[int], place: int) -> int:
    return max((each for each in breaks if each <= place), default=0)


def _next(breaks: Sequence[int], place: int, end: int) -> int:
    return min((each for each in breaks if each >= place), default=end)
