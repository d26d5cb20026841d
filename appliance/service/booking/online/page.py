"""The pages as HTML, from what they are to show. Whatever comes from outside is escaped here.

Pure. May import: the standard library, appliance.core, appliance.languages, appliance.service.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from itertools import groupby
from urllib.parse import urlencode

from appliance.core.booking.choosing import Opening
from appliance.core.booking.saying import question
from appliance.core.booking.visits import Provider, VisitType
from appliance.core.when import date_said
from appliance.service.booking.online.asked import NAME_MOST, WISH_MOST, Asked, Picked
from appliance.service.booking.online.look import STYLE
from appliance.service.texts.words import table_of

UNBROKEN = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class Paper:
    """What all pages of a link have in common. `today` is the office's day."""

    language: str
    clinic: str
    phone: str
    emergency: str
    today: date

    def word(self, name: str, **words: str) -> str:
        """A sentence of the page by its name, escaped with what is put into it."""
        text: str = table_of(self.language)["page"][name]
        return escape(text.format(**words))

    def said(self, why: str) -> str:
        """What is said of appointments for this reason, escaped."""
        return escape(question(self.language, why))

    def whole(self, body: str) -> str:
        """A whole page around this."""
        title, at = self.word("title"), self.word("at", clinic=self.clinic)
        calls = self.word("call_us", phone=self.phone)
        help_ = self.word("emergency", number=self.emergency)
        return (
            f'<!DOCTYPE html><html lang="{escape(self.language)}"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>{title} {at}</title><style>{STYLE}</style></head><body><main>"
            f"<header><p>{escape(self.clinic)}</p><h1>{title}</h1></header>{body}"
            f"<footer><p>{calls}</p><p>{help_}</p></footer></main></body></html>"
        )

    def told(self, kind: str, head: str, *more: str) -> str:
        """What became of something, to be seen first and read out; both are escaped already."""
        role = "alert" if kind == "bad" else "status"
        lines = "".join(f"<p>{each}</p>" for each in more if each)
        return f'<div class="told {kind}" role="{role}"><strong>{head}</strong>{lines}</div>'

    def day(self, day: date) -> str:
        """A day as a heading."""
        said = date_said(day, self.today, self.language)
        return said[:1].upper() + said[1:]

    def clock(self, start: datetime) -> str:
        """A time of the day as a label."""
        half = ("a.m.", "p.m.") if self.language == "en" else ("a. m.", "p. m.")
        time = f"{start.hour % 12 or 12}:{start.minute:02} {half[start.hour >= 12]}"
        return time.replace(" ", UNBROKEN)


def visits(paper: Paper, offered: Iterable[VisitType]) -> str:
    """What the appointment may be for."""
    picks = "".join(
        f'<li><a class="pick" href="{_address(visit=each.slug)}"><span>{escape(each.name)}</span>'
        f"<small>{paper.word('minutes', minutes=str(each.minutes))}</small></a></li>"
        for each in offered
    )
    return paper.whole(f'<h2>{paper.word("what")}</h2><ul class="picks">{picks}</ul>')


@dataclass(frozen=True, slots=True)
class Choice:
    """The times of a visit. `provider` is the slug of the one that was picked, `several` all there are."""

    visit: VisitType
    several: Sequence[Provider]
    provider: str = ""
    others: bool = False
    """Whether there are other visits."""

    def query(self, **more: str) -> str:
        """The query of this choice."""
        whom = {"with": self.provider} if self.provider else {}
        return f"?{urlencode({'visit': self.visit.slug, **whom, **more})}"

    def address(self, **more: str) -> str:
        """The same, to be written into a page."""
        return escape(self.query(**more))


def times(
    paper: Paper, choice: Choice, free: Sequence[Opening], asked: Asked, *, unknown: bool, news: str = ""
) -> str:
    """The free times of some days, each a button that holds it."""
    names = {each.slug: each.name for each in choice.several}
    shows_whom = len(names) > 1 and not choice.provider
    days = [
        _day(paper, day, list(group), names if shows_whom else {}, first=place == 0)
        for place, (day, group) in enumerate(groupby(sorted(free), key=lambda each: each.start.date()))
    ]
    hidden = _hidden(do="hold", visit=choice.visit.slug, **({"with": choice.provider}))
    form = f'<form method="post">{hidden}{"".join(days)}</form>' if days else ""
    told = "" if days else f'<p class="card">{paper.word("nothing_free")}</p>'
    unsure = f'<p class="soft">{paper.word("some_unknown")}</p>' if unknown else ""
    body = (
        f"{news}{_what(paper, choice)}{_whom(paper, choice)}<h2>{paper.word('when')}</h2>"
        f'<p class="soft">{paper.word("zone")}</p>{unsure}{told}{form}{_further(paper, choice, free, asked)}'
    )
    return paper.whole(body)


def _day(paper: Paper, day: date, free: Sequence[Opening], names: dict[str, str], *, first: bool) -> str:
    buttons = "".join(
        f'<button name="at" value="{Picked(each.start, each.provider).value}">{paper.clock(each.start)}'
        f"{_small(names.get(each.provider, ''))}</button>"
        for each in free
    )
    opened, told = " open" if first else "", escape(paper.day(day))
    times = f'<div class="times">{buttons}</div>'
    return f"<details{opened}><summary>{told}</summary>{times}</details>"


def _small(text: str) -> str:
    return f"<small>{escape(text)}</small>" if text else ""


def _what(paper: Paper, choice: Choice) -> str:
    minutes = paper.word("minutes", minutes=str(choice.visit.minutes))
    back = f'<p class="back"><a href="?">{paper.word("other_visit")}</a></p>' if choice.others else ""
    return f'<div class="card"><strong>{escape(choice.visit.name)}</strong><br>{minutes}{back}</div>'


def _whom(paper: Paper, choice: Choice) -> str:
    if len(choice.several) < 2:
        return ""
    everybody = [("", paper.word("anybody")), *((each.slug, escape(each.name)) for each in choice.several)]
    current = ' aria-current="true"'
    links = "".join(
        f'<a href="{_address(visit=choice.visit.slug, **({"with": slug} if slug else {}))}"'
        f"{current if slug == choice.provider else ''}>{name}</a>"
        for slug, name in everybody
    )
    whom = paper.word("whom")
    return f'<h2>{whom}</h2><nav class="who" aria-label="{whom}">{links}</nav>'


def _further(paper: Paper, choice: Choice, free: Sequence[Opening], asked: Asked) -> str:
    """To the days before and after."""
    last = max((each.start.date() for each in free), default=None)
    later = (
        f'<a href="{choice.address(**{"from": date.fromordinal(last.toordinal() + 1).isoformat()})}">'
        f"{paper.word('later')}</a>"
        if last
        else ""
    )
    first = f'<a href="{choice.address()}">{paper.word("sooner")}</a>' if asked.since else "<span></span>"
    return f'<p class="more">{first}{later}</p>'


def confirm(paper: Paper, choice: Choice, picked: Opening, asked: Asked, held_until: datetime | None) -> str:
    """The time that was picked, held until then if at all, and who comes."""
    provider = next((each.name for each in choice.several if each.slug == picked.provider), "")
    whom = f"<br>{paper.word('with', provider=provider)}" if provider else ""
    held = paper.word("held", time=paper.clock(held_until)) if held_until else paper.word("not_held")
    card = (
        f'<div class="card"><p class="soft">{paper.word("chosen")}</p>'
        f"<strong>{escape(paper.day(picked.start.date()))}, {paper.clock(picked.start)}</strong><br>"
        f'{escape(choice.visit.name)}{whom}<p class="soft">{held}</p>'
        f'<p class="back"><a href="{choice.address()}">{paper.word("other_time")}</a></p></div>'
    )
    hidden = _hidden(
        do="book",
        visit=choice.visit.slug,
        at=Picked(picked.start, picked.provider).value,
        **{"with": choice.provider},
    )
    fields = f"{_name(paper, asked)}{_born(paper, asked)}"
    button = f'<button class="main">{paper.word("book")}</button>'
    return paper.whole(f'{_problem(paper, asked)}{card}<form method="post">{hidden}{fields}{button}</form>')


def request(paper: Paper, asked: Asked) -> str:
    """No calendar can be seen: what the patient would like is written down."""
    told = paper.told("wait", paper.word("no_calendar"))
    wish = (
        f'<label for="wish">{paper.word("wish")}</label><textarea id="wish" name="wish" rows="2"'
        f' maxlength="{WISH_MOST}">{escape(asked.wish)}</textarea>'
    )
    hidden = _hidden(do="request", visit=asked.visit, **{"with": asked.provider})
    button = f'<button class="main">{paper.word("send")}</button>'
    form = f'<form method="post">{hidden}{wish}{_name(paper, asked)}{button}</form>'
    return paper.whole(f"{_problem(paper, asked)}{told}{form}")


def outcome(paper: Paper, said: str, head: str) -> str:
    """What became of it: `booked`, `requested` or `cancelled`."""
    kind = "good" if head == "booked" else "wait"
    return paper.whole(paper.told(kind, paper.word(head), escape(said), paper.word("done")))


def news(paper: Paper, name: str, *more: str) -> str:
    """A page with nothing but a sentence, and others behind it."""
    return paper.whole(paper.told("bad", paper.word(name), *(paper.word(each) for each in more)))


def _problem(paper: Paper, asked: Asked) -> str:
    return paper.told("bad", paper.word(asked.problem)) if asked.problem else ""


def _name(paper: Paper, asked: Asked) -> str:
    wrong = ' aria-invalid="true"' if asked.problem == "name_missing" else ""
    return (
        f'<label for="name">{paper.word("name")}</label><input id="name" name="name" required'
        f' autocomplete="name" maxlength="{NAME_MOST}" value="{escape(asked.name)}"{wrong}>'
    )


def _born(paper: Paper, asked: Asked) -> str:
    wrong = ' aria-invalid="true"' if asked.problem == "born_wrong" else ""
    return (
        f'<label for="born">{paper.word("born")}</label><input id="born" name="born" type="date"'
        f' autocomplete="bday" max="{paper.today.isoformat()}" value="{escape(asked.born)}"'
        f' aria-describedby="born-hint"{wrong}><p class="soft" id="born-hint">{paper.word("born_hint")}</p>'
    )


def _hidden(**fields: str) -> str:
    return "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">'
        for name, value in fields.items()
        if value
    )


def _address(**fields: str) -> str:
    return escape(f"?{urlencode(fields)}")
