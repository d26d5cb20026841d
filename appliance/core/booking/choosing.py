"""Which of the free times are offered: the one that was asked for, else a few that are near or apart. Pure.

May import: the standard library, appliance.core.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from appliance.core.booking.wanted import Wanted

OFFERS_MOST = 3
"""More of them nobody keeps in mind on the telephone."""
APART = timedelta(hours=1)


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
    spread = _spread(fitting)
    return [*spread, *(each for each in fitting if each not in spread)]


def _one_each(openings: Sequence[Opening]) -> list[Opening]:
    """The first provider for each start."""
    return list({each.start: each for each in reversed(openings)}.values())[::-1]


def _spread(openings: Sequence[Opening]) -> list[Opening]:
    """Some that are not next to each other."""
    made: list[Opening] = []
    for each in openings:
        if not made or each.start - made[-1].start >= APART:
            made.append(each)
    return made
