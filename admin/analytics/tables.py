"""Tables of numbers: what a chart is drawn from, what is read instead of it, and what its file holds.

Pure. May import: the standard library, admin.analytics.span, appliance.store.tallies.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from admin.analytics import span as spans
from admin.analytics.span import Span, Step
from appliance.store.tallies import Tally

SLOWEST_MS = 12_500
"""What is shown of an answer that took longer than anything that is told apart."""


@dataclass(frozen=True, slots=True)
class Column:
    """Numbers of one kind: in calls or questions, milliseconds (`ms`) or US dollars (`usd`)."""

    label: str
    values: tuple[float | None, ...]
    unit: str = ""

    @property
    def total(self) -> float:
        """All together."""
        return sum(value or 0 for value in self.values)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows with a name each, and columns."""

    head: str
    names: tuple[str, ...]
    columns: tuple[Column, ...]

    def __bool__(self) -> bool:
        return any(column.total for column in self.columns)


def counted(tallies: Iterable[Tally], span: Span, step: Step) -> dict[str, list[int]]:
    """How often each name, column by column of a chart."""
    place = spans.columns(span, step)
    found: dict[str, list[int]] = {}
    for each in tallies:
        row = found.setdefault(each.name, [0] * (place[span.until] + 1))
        row[place[each.day]] += each.count
    return found


def columns(found: Mapping[str, Sequence[int]], labels: Mapping[str, str], places: int) -> tuple[Column, ...]:
    """A column for each of these names, in this order; what never happened has none but the first."""
    made = [Column(label, tuple(found.get(name, [0] * places))) for name, label in labels.items()]
    return tuple(each for number, each in enumerate(made) if each.total or not number)


def together(found: Mapping[str, Sequence[int]], names: Iterable[str], places: int) -> list[float | None]:
    """The sums of some names."""
    rows = [found[name] for name in names if name in found]
    return [float(sum(row[place] for row in rows)) for place in range(places)]


def totals(tallies: Iterable[Tally]) -> Counter[str]:
    """How often each name in all of the days."""
    found: Counter[str] = Counter()
    for each in tallies:
        found[each.name] += each.count
    return found


def within(answers: Mapping[str, Sequence[int]], share: float, places: int) -> tuple[float | None, ...]:
    """In how many milliseconds this share of the answers came, column by column; None without any."""
    return tuple(
        _within({name: row[place] for name, row in answers.items() if row[place]}, share)
        for place in range(places)
    )


def _within(answers: Mapping[str, int], share: float) -> float | None:
    wanted, seen = share * sum(answers.values()), 0
    for name in sorted(answers):
        seen += answers[name]
        if seen >= wanted:
            return min(float(name), SLOWEST_MS)
    return None


def names(span: Span, step: Step, said: Callable[[date], str]) -> tuple[str, ...]:
    """What the columns of a chart are called."""
    return tuple(said(first) for first in span.places(step))
