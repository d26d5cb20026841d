"""What can be booked: visit types, and the providers whom patients see.

Both are rows in the store and are edited by staff. May import: pydantic, appliance.core.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from appliance.core.booking.agreeing import without
from appliance.core.hours import DAYS, WeeklyHours
from appliance.core.menu import named, plain

Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]
Name = Annotated[str, Field(min_length=1, max_length=60)]
OWN = "own"
CalendarName = Annotated[str, Field(pattern=r"^(own|(google|microsoft):[^\s:]{1,200})$")]
"""`own` for the box's own calendar, or `google:` or `microsoft:` and the calendar's id there."""


def _closed_unless_told(hours: Any) -> Any:
    """The hours of somebody: a day that is not named is a day off."""
    return {**dict.fromkeys(DAYS, ()), **hours} if isinstance(hours, dict) else hours


class Provider(BaseModel):
    """Somebody, or a room, with a calendar and hours."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    slug: Slug
    """Its name for ever, in small letters, such as `dr-lee`."""

    name: Name
    """As it is told to callers, such as `Dr. Lee`."""

    calendar: CalendarName = OWN
    """Where its appointments are kept."""

    busy_too: tuple[CalendarName, ...] = Field((), max_length=5)
    """Further calendars: when one of these is busy, so is the provider."""

    hours: Annotated[WeeklyHours | None, BeforeValidator(_closed_unless_told)] = None
    """When patients are seen; a day that is left out is a day off. Without any, the clinic's hours count.

    They stand instead of the clinic's week, and are narrowed to the hours of a special day; a holiday or a
    closed day is one for everybody."""

    away: tuple[date, ...] = Field((), max_length=200)
    """Days off."""

    @property
    def called(self) -> tuple[str, ...]:
        """What callers may say for it: the name, or its last word where that is no number."""
        last = self.name.split()[-1]
        return (self.name,) if last.isdecimal() else (self.name, last)

    @property
    def calendars(self) -> tuple[str, ...]:
        """All of its calendars, each by its service and its id: the box's own one is `own:dr-lee`."""
        names = (self.calendar, *self.busy_too)
        return tuple(f"{OWN}:{self.slug}" if name == OWN else name.casefold() for name in names)


class VisitType(BaseModel):
    """A kind of appointment."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    slug: Slug
    """Its name for ever, such as `cleaning`."""

    name: Name
    """As it is told to callers, in the clinic's language."""

    aliases: tuple[Name, ...] = Field((), max_length=20)
    """What callers may call it too, in any language."""

    minutes: int = Field(30, ge=5, le=480)
    """How long the patient is there."""

    buffer_minutes: int = Field(0, ge=0, le=240)
    """Time behind it in which its provider is not free yet."""

    notice_hours: int = Field(2, ge=0, le=720)
    """How long before its start it has to be booked."""

    ahead_days: int = Field(60, ge=1, le=366)
    """How far ahead it can be booked."""

    step_minutes: Literal[5, 10, 15, 20, 30, 60] = 15
    """Its starts are so far apart, from the full hour on."""

    who: Literal["anyone", "known", "staff"] = "anyone"
    """Who may book it on the telephone: anyone, patients who were here before, or nobody but staff."""

    providers: tuple[Slug, ...] = Field((), max_length=50)
    """Whom it can be with; empty is everybody."""

    colour: str = Field("", pattern=r"^(#[0-9a-f]{6})?$")
    """How calendars show it, such as #0b8043: Google and Microsoft 365 in the nearest that they have."""

    @property
    def called(self) -> tuple[str, ...]:
        """What callers may say for it."""
        return (self.name, *self.aliases, self.slug.replace("-", " "))

    @property
    def length(self) -> timedelta:
        """How long the patient is there."""
        return timedelta(minutes=self.minutes)

    @property
    def taken(self) -> timedelta:
        """How long its provider is not free."""
        return timedelta(minutes=self.minutes + self.buffer_minutes)


class Bookable(BaseModel):
    """All that can be booked, in the order in which it is offered; without a provider or a visit, nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    provider: tuple[Provider, ...] = Field((), max_length=50)
    visit: tuple[VisitType, ...] = Field((), max_length=50)

    @model_validator(mode="after")
    def _consistent(self) -> "Bookable":
        for kind, slugs in (("provider", self._slugs(self.provider)), ("visit", self._slugs(self.visit))):
            twice = [slug for slug, times in Counter(slugs).items() if times > 1]
            if twice:
                raise ValueError(f"there are two of the {kind} {twice[0]!r}: each needs a slug of its own")
        self._apart()
        known = self._slugs(self.provider)
        for visit in self.visit:
            unknown = [slug for slug in visit.providers if slug not in known]
            if unknown:
                raise ValueError(f"the visit {visit.slug!r} names the provider {unknown[0]!r}: there is none")
        return self

    def _apart(self) -> None:
        """See that each provider's appointments have a calendar of their own. Raises ValueError.

        What is promised is kept apart by provider: in a calendar of two, both could be promised one time.
        """
        keepers: dict[str, str] = {}
        for each in self.provider:
            calendar = each.calendar.casefold()
            other = keepers.setdefault(calendar, each.slug)
            if calendar != OWN and other != each.slug:
                raise ValueError(
                    f"the providers {other!r} and {each.slug!r} have one calendar, {each.calendar}: give each"
                    " its own, or make one provider of them"
                )

    @staticmethod
    def _slugs(rows: Sequence[Provider | VisitType]) -> list[str]:
        return [row.slug for row in rows]

    @property
    def offered(self) -> tuple[VisitType, ...]:
        """The visits that callers may book, in order."""
        return tuple(each for each in self.visit if each.who != "staff" and self.providers_of(each))

    def providers_of(self, visit: VisitType) -> tuple[Provider, ...]:
        """Whom a visit can be with."""
        return tuple(each for each in self.provider if not visit.providers or each.slug in visit.providers)

    def visit_of(self, slug: str) -> VisitType | None:
        """The visit of this slug."""
        return next((each for each in self.visit if each.slug == slug), None)

    def provider_of(self, slug: str) -> Provider | None:
        """The provider of this slug."""
        return next((each for each in self.provider if each.slug == slug), None)

    def visits_called(self, words: str) -> tuple[VisitType, ...]:
        """The visits that these words of a caller name; all that name it equally well."""
        return _best(self.offered, words)

    def providers_called(self, words: str, among: Sequence[Provider]) -> tuple[Provider, ...]:
        """The providers that these words name: by the whole name, or by its last word; all that are named."""
        found: tuple[Provider, ...] = ()
        left = plain(words)
        while best := _best([each for each in among if each not in found], left):
            found += best
            for each in best:
                left = without(left, [plain(name) for name in each.called])
        return found


Row = TypeVar("Row", Provider, VisitType)


def _best(rows: Sequence[Row], words: str) -> tuple[Row, ...]:
    said = plain(words)
    marks = [(named(row.called, said), row) for row in rows]
    most = max((mark for mark, _ in marks), default=0)
    return tuple(row for mark, row in marks if mark == most) if most else ()
