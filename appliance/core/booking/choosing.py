"""Which of the free times are offered: the one that was asked for, else a few that are near or apart. Pure.

May import: the standard library, appliance.core.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from appliance.core.booking import birthday
from appliance.core.booking.wanted import Wanted
from appliance.core.menu import plain
from appliance.core.numbers import runs

OFFERS_MOST = 3
"""More of them nobody keeps in mind on the telephone."""
APART = timedelta(hours=1)
ONE = "one"
BESIDE_PLACES = frozenset(("the", "number", "please", "el", "la", "numero", "por", "favor", ONE))
"""What stands beside a number that says which: `the second one`."""
NUMBERED = frozenset(("number", "numero"))
ARTICLES = frozenset(("the", "el", "la"))
BESIDE_TIMES = frozenset(("o", "clock", ONE))


@dataclass(frozen=True, slots=True, order=True)
class Opening:
    """A free start, in the office's zone, with a provider (its slug)."""

    start: datetime
    provider: str


def chosen(openings: Sequence[Opening], wanted: Wanted) -> list[Opening]:
    """Those to be offered, best first for trying; more than are offered, should some be lost meanwhile."""
    free = _one_each(sorted(openings))
    if wanted.start is not None:
        start = wanted.start
        return sorted(free, key=lambda each: (abs(each.start - start), each.start))
    fitting = [each for each in free if wanted.fits(each.start)] or free
    spread = _spread(fitting, wanted.behind)
    return [*spread, *(each for each in fitting if each not in spread)]


def one_meant(choices: Sequence[str], words: str) -> int | None:
    """The place of the one that a caller means: by its number alone, or by words no other has; or None."""
    place = number_meant(len(choices), words)
    if place is not None:
        return place
    said, told = _tokens(words), [_tokens(each) for each in choices]
    shared = set.intersection(*told) if told else set[str]()
    marks = [len((each - shared) & said) for each in told]
    most = max(marks, default=0)
    return marks.index(most) if most and marks.count(most) == 1 else None


def number_meant(count: int, words: str) -> int | None:
    """The place of the one of so many that a caller means by its number alone: "two", "the second one"."""
    word = number_word(words)
    place = counted(word) - 1 if word else -1
    return place if 0 <= place < count else None


def number_word(words: str) -> str:
    """The word for a number that is all there is, or for a place that is named as one; or empty.

    "Two", "number two please", "the second one", "I will take the second one".
    """
    said = plain(words).split()
    rest = [word for word in said if word not in BESIDE_PLACES]
    if len(rest) == 1 or (not rest and ONE in said):
        return (rest or [ONE])[0]
    named = zip(said, said[1:], [*said[2:], ""], strict=False)
    found = {word for before, word, after in named if before in ARTICLES and after in ("", ONE) and nth(word)}
    return found.pop() if len(found) == 1 else ""


def nth(word: str) -> bool:
    """Whether this word is for a place: "second", "2nd"."""
    return birthday.figure(word) != word


def numbered(words: str) -> bool:
    """Whether a number in these words is for a place: "number two"."""
    return not NUMBERED.isdisjoint(plain(words).split())


def counted(word: str) -> int:
    """The number that a word is for; 0 for one that is for none."""
    found = runs(birthday.figure(word))
    return int(found[0]) if found else 0


def _tokens(text: str) -> set[str]:
    """The words of a text, its numbers as they are counted."""
    words = [birthday.figure(word) for word in plain(text).split() if word not in BESIDE_TIMES]
    return {*words, *runs(" ".join(words))}


def _one_each(openings: Sequence[Opening]) -> list[Opening]:
    """The first provider for each start."""
    return list({each.start: each for each in reversed(openings)}.values())[::-1]


def _spread(openings: Sequence[Opening], last: datetime | None) -> list[Opening]:
    """Some that are not next to each other, nor to the last that was offered before."""
    made: list[Opening] = []
    for each in openings:
        if last is None or each.start - last >= APART:
            made.append(each)
            last = each.start
    return made
