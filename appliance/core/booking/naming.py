"""Whether words name this one of several visits or providers, or another of them. Pure.

May import: the standard library, appliance.core, appliance.languages.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from appliance.core.booking import agreeing
from appliance.core.booking.visits import Provider, VisitType
from appliance.languages.tables import words_of_all


@dataclass(frozen=True, slots=True)
class Naming:
    """By which words it is named, and by which the others are."""

    own: frozenset[str]
    others: frozenset[str] = frozenset()
    known: bool = False
    """Whether the caller has named it: then it may be left out."""

    def said(self, text: str) -> bool | None:
        """Whether a text names it; None where it names neither it nor another."""
        if not self.own or self.within(text):
            return True
        return False if agreeing.within(text, self.others) else None

    def within(self, text: str) -> bool:
        """Whether a text names it; in "sports physical" there is no physical."""
        if not agreeing.within(text, self.own):
            return False
        longer = [each for each in self.others if agreeing.within(each, self.own)]
        return bool(agreeing.within(agreeing.without(text, longer), self.own))


def naming(row: Provider | VisitType, rows: Iterable[Provider | VisitType]) -> Naming:
    """How this one of these is named. What two of them are called names neither."""
    own = _spellings(row.called)
    others = [_spellings(each.called) for each in rows if each.slug != row.slug]
    theirs = frozenset[str]().union(*others)
    return Naming(own - theirs, theirs - own)


@lru_cache(500)
def _spellings(names: tuple[str, ...]) -> frozenset[str]:
    """As plain words, without titles, and in one: "dr ana lee", "ana lee"; "check up", "checkup"."""
    titles = words_of_all("language", "names", "titles")
    plain = [agreeing.plain_words(each) for each in names]
    bare = [[word for word in words if word not in titles] for words in plain]
    return frozenset(join.join(words) for words in (*plain, *bare) for join in (" ", "") if words)
