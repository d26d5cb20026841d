"""Charts as plain shapes: numbers become paths of an SVG, which stretches with its page.

Pure. What is written on a chart stands beside it as text, which does not stretch.
May import: the standard library.
"""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 1000, 200
GAP = 0.28
"""So much of a column's room is left free."""
Values = Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Shape:
    """One series: its path, and the class that gives it its colour."""

    path: str
    tone: str


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn: the series, how high the chart reaches, and where its lines across are."""

    shapes: tuple[Shape, ...]
    top: float
    lined: bool = False
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def steps(self) -> tuple[float, float, float]:
        """The numbers beside it, from the top down."""
        return self.top, self.top / 2, 0


def columns(series: Sequence[tuple[str, Values]]) -> Chart:
    """Columns in which the series stand on each other, the first at the bottom."""
    places = max((len(values) for _, values in series), default=0)
    sums = [sum(values[place] or 0 for _, values in series) for place in range(places)]
    top, below = rounded_up(max(sums, default=0)), [0.0] * places
    shapes = []
    for tone, values in series:
        shapes.append(Shape("".join(_column(place, places, below[place], values[place] or 0, top)
                                    for place in range(places)), tone))  # fmt: skip
        below = [under + (value or 0) for under, value in zip(below, values, strict=True)]
    return Chart(tuple(shapes), top)


def lines(series: Sequence[tuple[str, Values]]) -> Chart:
    """Lines; where a value is missing a line is broken, and one alone is a dash."""
    top = rounded_up(max((value or 0 for _, values in series for value in values), default=0))
    return Chart(tuple(Shape(_line(values, top), tone) for tone, values in series), top, lined=True)


def rounded_up(value: float) -> float:
    """The next round number of which half is round, too: 2, 4, 10, 20, 40, 100, and so on."""
    if value <= 0:
        return 1
    size = 1.0
    while size * 10 < value:
        size *= 10
    while size >= value:
        size /= 10
    return next(size * factor for factor in (2, 4, 6, 8, 10) if size * factor >= value)


def _column(place: int, places: int, below: float, value: float, top: float) -> str:
    if not value:
        return ""
    room = WIDTH / places
    x, wide = place * room + room * GAP / 2, room * (1 - GAP)
    y, high = HEIGHT * (1 - (below + value) / top), HEIGHT * value / top
    return f"M{x:.1f} {y:.1f}h{wide:.1f}v{high:.1f}h-{wide:.1f}z"


def _line(values: Values, top: float) -> str:
    room, parts, joined = WIDTH / max(1, len(values)), [], False
    for place, value in enumerate(values):
        if value is None:
            joined = False
            continue
        x, y = (place + 0.5) * room, HEIGHT * (1 - value / top)
        dash = min(6.0, room / 3)
        parts.append(f"{'L' if joined else 'M'}{x - dash:.1f} {y:.1f}h{2 * dash:.1f}")
        joined = True
    return "".join(parts)
