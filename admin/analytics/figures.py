"""What is shown, one function for each chart: from counts to a table and the shapes that are drawn of it.

May import: the standard library, admin, appliance.core, appliance.store.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from admin.analytics import charts, tables
from admin.analytics import span as spans
from admin.analytics.charts import Chart
from admin.analytics.span import Span, Step
from admin.analytics.tables import Column, Table
from admin.tongue import later
from admin.words import OUTCOMES, Words
from appliance.core.dispositions import Outcome
from appliance.core.staff import Office
from appliance.store import tallies
from appliance.store.database import Connection
from appliance.store.tallies import Tally, What

GROUPS: Mapping[str, tuple[str, tuple[Outcome, ...]]] = {
    later("Spoke with the assistant"): ("series-a", (Outcome.HANDLED, Outcome.HOURS)),
    later("Put through to a person"): ("series-b", (Outcome.TRANSFERRED,)),
    later("Reached nobody, or left a voicemail"): ("series-c", (Outcome.UNANSWERED, Outcome.VOICEMAIL)),
    later("Hung up early"): ("series-d", (Outcome.ABANDONED,)),
    later("Trouble of the box, or all lines busy"): (
        "series-e",
        (Outcome.BUSY, Outcome.FAILED, Outcome.INTERRUPTED),
    ),
}
MISSED: Mapping[Outcome, str] = {
    Outcome.ABANDONED: "series-d",
    Outcome.UNANSWERED: "series-c",
    Outcome.VOICEMAIL: "series-a",
    Outcome.BUSY: "series-e",
}  # fmt: skip
FATES: Mapping[str, tuple[str, str]] = {
    "sure": (later("Answered from the documents"), "series-a"),
    "unsure": (later("Answered; no source that holds"), "series-c"),
    "unknown": (later("Not answered"), "series-d"),
}
MISSING: Mapping[str, tuple[str, str]] = {
    "not known": (later("The documents do not say it"), "series-c"),
    "bad answer": (later("Somebody called the answer bad"), "series-e"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is wanted: which days, in which steps, for whom."""

    db: Connection
    span: Span
    step: Step
    office: Office
    words: Words
    filed: bool = False
    """Whether it is for a file."""
    known: dict[What, list[Tally]] = field(default_factory=dict)
    """What was read already."""

    @property
    def places(self) -> int:
        """How many columns a chart has."""
        return spans.columns(self.span, self.step)[self.span.until] + 1

    def tallies(self, what: What) -> list[Tally]:
        """The counts of these days."""
        if what not in self.known:
            self.known[what] = tallies.by_day(self.db, what, self.span.since, self.span.until)
        return self.known[what]

    def over_time(self, columns: tuple[Column, ...]) -> Table:
        """A table with a row for each step."""
        tongue = self.words.tongue
        heads = {Step.DAY: tongue("Day"), Step.WEEK: tongue("Week from"), Step.MONTH: tongue("Month")}
        return Table(heads[self.step], tables.names(self.span, self.step, self.said), columns)

    def said(self, first: date) -> str:
        """What a step is called; in files by its date, as machines read it too."""
        if self.filed:
            return first.isoformat()
        return self.words.month(first) if self.step is Step.MONTH else self.words.short_day(first)


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart and its table. `legend` says which colour is what; with one series there is none."""

    table: Table
    chart: Chart | None = None
    legend: tuple[tuple[str, str], ...] = ()
    says: str = ""
    unit: str = ""
    bars: tuple[tuple[tuple[str, float], ...], ...] = field(default=())
    """Instead of a chart: for each row of the table its bar, as pieces of a colour and a share of 100."""


def calls(asked: Asked) -> Figure:
    """Calls, and what became of them."""
    found = tables.counted(asked.tallies(What.OUTCOME), asked.span, asked.step)
    tongue = asked.words.tongue
    every = {str(outcome): tongue(said) for outcome, said in OUTCOMES.items()}
    series = [
        (tone, tables.together(found, map(str, those), asked.places)) for tone, those in GROUPS.values()
    ]
    grouped = tuple(Column(tongue(said), tuple(row)) for said, (_, row) in zip(GROUPS, series, strict=True))
    return Figure(
        asked.over_time(tables.columns(found, every, asked.places) if asked.filed else grouped),
        charts.columns(series),
        tuple((tone, tongue(said)) for said, (tone, _) in GROUPS.items()),
    )


def outcomes(asked: Asked) -> Figure:
    """How calls were filed."""
    tongue = asked.words.tongue
    names = {str(outcome): tongue(said) for outcome, said in OUTCOMES.items()}
    return _ranked(asked, What.OUTCOME, tongue("What became of it"), tongue("Calls"), names.__getitem__)


def missed(asked: Asked) -> Figure:
    """Calls in which nobody was reached."""
    found = tables.counted(asked.tallies(What.OUTCOME), asked.span, asked.step)
    labels = {str(outcome): asked.words.tongue(OUTCOMES[outcome]) for outcome in MISSED}
    return _stacked(asked, found, labels, {str(outcome): tone for outcome, tone in MISSED.items()})


def wishes(asked: Asked) -> Figure:
    """What callers wanted."""
    tongue = asked.words.tongue
    return _ranked(asked, What.WISH, tongue("Wish"), tongue("Calls"), asked.words.wish)


def languages(asked: Asked) -> Figure:
    """The languages in which the assistant spoke."""
    tongue = asked.words.tongue
    return _ranked(asked, What.LANGUAGE, tongue("Language"), tongue("Calls"), asked.words.language)


def documents(asked: Asked) -> Figure:
    """The documents on which answers rested."""
    tongue, titles = asked.words.tongue, tallies.titles(asked.db)
    return _ranked(
        asked, What.DOCUMENT, tongue("Document"), tongue("Answers"), lambda slug: titles.get(slug, slug)
    )


def transfers(asked: Asked) -> Figure:
    """Where callers were put through to, and whether somebody picked up."""
    tongue = asked.words.tongue
    found: dict[str, dict[str, int]] = {}
    for name, count in tables.totals(asked.tallies(What.LED)).items():
        led, _, outcome = name.rpartition(" ")
        found.setdefault(_department(asked, led), {})[outcome] = count
    rows = sorted(found.items(), key=lambda row: (-sum(row[1].values()), row[0]))
    columns = [
        (tongue("Put through"), [those.get("transferred", 0) for _, those in rows]),
        (tongue("Nobody picked up"), [those.get("unanswered", 0) for _, those in rows]),
        (tongue("Left a voicemail"), [those.get("voicemail", 0) for _, those in rows]),
    ]
    sums = [sum(those.values()) for _, those in rows]
    rest = [whole - sum(values[place] for _, values in columns) for place, whole in enumerate(sums)]
    columns.append((tongue("Otherwise"), rest))
    most = max(sums, default=0) or 1
    return Figure(
        Table(
            tongue("Led on to"),
            tuple(name for name, _ in rows),
            tuple(Column(label, tuple(map(float, values))) for label, values in columns),
        ),
        bars=tuple(
            (
                ("series-b", 100 * columns[0][1][place] / most),
                ("series-c", 100 * (whole - columns[0][1][place]) / most),
            )
            for place, whole in enumerate(sums)
        ),
        legend=(("series-b", tongue("Put through")), ("series-c", tongue("Not put through"))),
    )


def questions(asked: Asked) -> Figure:
    """Questions to the documents, and what became of them."""
    return _fates(asked, What.QUESTION, FATES)


def unanswered(asked: Asked) -> Figure:
    """Questions that were asked in vain."""
    return _fates(asked, What.UNANSWERED, MISSING)


def speed(asked: Asked) -> Figure:
    """How long callers waited for the assistant's answers."""
    tongue = asked.words.tongue
    found = tables.counted(asked.tallies(What.ANSWER), asked.span, asked.step)
    half, most = (tables.within(found, share, asked.places) for share in (0.5, 0.95))
    answers = tuple(tables.together(found, found, asked.places))
    columns = (
        Column(tongue("Half of the answers within"), half, "ms"),
        Column(tongue("95 % within"), most, "ms"),
        Column(tongue("Answers"), answers),
    )
    chart = charts.lines([("series-a", half), ("series-c dashed", most)])
    legend = (("series-a", columns[0].label), ("series-c dashed", columns[1].label))
    return Figure(asked.over_time(columns), chart, legend, unit="ms")


def cost(asked: Asked) -> Figure:
    """What the cloud cost."""
    tongue = asked.words.tongue
    place = spans.columns(asked.span, asked.step)
    sums, partly = [0.0] * asked.places, [0.0] * asked.places
    for each in asked.tallies(What.COST):
        sums[place[each.day]] += each.usd
        partly[place[each.day]] += each.count if each.name == "part" else 0
    columns = (
        Column(tongue("US dollars"), tuple(sums), "usd"),
        Column(tongue("Calls not wholly known"), tuple(partly)),
    )
    unknown = int(columns[1].total)
    says = (
        tongue("Calls of which a part of the cost is not known: {count}.", count=unknown) if unknown else ""
    )
    return Figure(asked.over_time(columns), charts.columns([("series-a", sums)]), says=says, unit="usd")


def hours(asked: Asked) -> Figure:
    """When calls come: a row for each hour, a column for each weekday."""
    found = tallies.by_weekday(asked.db, asked.span.since, asked.span.until)
    tongue, busy = asked.words.tongue, sorted({hour for _, hour in found})
    between = range(busy[0], busy[-1] + 1) if busy else range(0)
    return Figure(
        Table(
            tongue("Hour"),
            tuple(asked.words.hour(hour) for hour in between),
            tuple(
                Column(asked.words.weekday(day), tuple(float(found.get((day, hour), 0)) for hour in between))
                for day in range(7)
            ),
        )
    )


FIGURES: Mapping[str, tuple[str, Callable[[Asked], Figure]]] = {
    "calls": (later("Calls, and what became of them"), calls),
    "outcomes": (later("What became of calls"), outcomes),
    "hours": (later("When calls come"), hours),
    "missed": (later("Callers who reached nobody"), missed),
    "wishes": (later("What callers wanted"), wishes),
    "transfers": (later("Callers who were put through"), transfers),
    "languages": (later("Languages"), languages),
    "questions": (later("Questions to your documents"), questions),
    "documents": (later("Documents that answered"), documents),
    "unanswered": (later("Questions without an answer"), unanswered),
    "speed": (later("How quick the answers were"), speed),
    "cost": (later("What the cloud cost"), cost),
}
"""In the order of the page, by the names of their files."""


def _fates(asked: Asked, what: What, fates: Mapping[str, tuple[str, str]]) -> Figure:
    found = tables.counted(asked.tallies(what), asked.span, asked.step)
    labels = {name: asked.words.tongue(said) for name, (said, _) in fates.items()}
    return _stacked(asked, found, labels, {name: tone for name, (_, tone) in fates.items()})


def _stacked(
    asked: Asked, found: Mapping[str, list[int]], labels: Mapping[str, str], tones: Mapping[str, str]
) -> Figure:
    series = [(tones[name], tables.together(found, [name], asked.places)) for name in labels]
    legend = tuple((tones[name], said) for name, said in labels.items())
    return Figure(
        asked.over_time(tables.columns(found, labels, asked.places)), charts.columns(series), legend
    )


def _ranked(asked: Asked, what: What, head: str, unit: str, said: Callable[[str], str]) -> Figure:
    """How often each name, the most frequent first."""
    rows = tables.totals(asked.tallies(what)).most_common()
    most, whole = (rows[0][1], sum(count for _, count in rows)) if rows else (1, 1)
    return Figure(
        Table(
            head,
            tuple(said(name) for name, _ in rows),
            (
                Column(unit, tuple(float(count) for _, count in rows)),
                Column("%", tuple(round(100 * count / whole, 1) for _, count in rows)),
            ),
        ),
        bars=tuple((("series-a", 100 * count / most),) for _, count in rows),
    )


def _department(asked: Asked, led: str) -> str:
    """What a disposition leads to, in words; a department that is gone by its old name."""
    slug = led.partition(":")[2]
    line = asked.office.department(slug) if slug else None
    return line.name if line is not None else slug or asked.words.tongue("The front desk")
