"""Who is told when a callback is due and nobody has touched it, and who is rung after hours. Pure.

May import: the standard library, pydantic, appliance.core.
"""

from datetime import datetime, time, timedelta
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from appliance.core.callbacks import Urgency
from appliance.core.hours import DAYS
from appliance.core.opening import Opening

Number = Annotated[str, Field(pattern=r"^\+[1-9][0-9]{6,14}$")]
Address = Annotated[str, Field(pattern=r"^[^@\s<>,;]+@[^@\s<>,;]+$", max_length=254)]
DayName = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

_LEAST = {"all": Urgency.NORMAL, "urgent": Urgency.URGENT, "emergency": Urgency.EMERGENCY}


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Step(_Model):
    """One step of the escalation."""

    after_minutes: int = Field(0, ge=0, le=10_080)
    """How long after an entry is due."""

    by: Literal["email", "text", "webhook", "rota"]
    """How; `rota` rings who is on call, and only while the clinic is closed."""

    to: tuple[Annotated[str, Field(max_length=254)], ...] = Field((), max_length=10)
    """The addresses of an `email`, or the numbers of a `text` such as +14155550100."""

    which: Literal["all", "urgent", "emergency"] = "all"
    """Which entries: `urgent` are those and emergencies."""

    @model_validator(mode="after")
    def _addressed(self) -> Self:
        kind = {"email": Address, "text": Number}.get(self.by)
        if (kind is not None) != bool(self.to):
            told = "needs somebody in `to`" if kind is not None else "needs nobody in `to`"
            raise ValueError(f"a step by {self.by} {told}")
        if kind is not None:
            _Checked.model_validate({self.by: self.to})
        return self

    @property
    def key(self) -> str:
        """By what it is known which entries it has told of."""
        return f"{self.by} {self.which} {self.after_minutes} {','.join(self.to)}"

    def takes(self, urgency: Urgency) -> bool:
        """Whether it is about an entry that presses so much."""
        return urgency <= _LEAST[self.which]


class _Checked(_Model):
    email: tuple[Address, ...] = ()
    text: tuple[Number, ...] = ()


class OnCall(_Model):
    """Somebody who can be on call."""

    name: str = Field(min_length=1, max_length=60)
    """By what the callback list names who took an entry."""

    number: Number
    """Where to ring."""


class Shift(_Model):
    """When who is on call. One that ends before it begins, such as 17:00 to 08:00, ends on the day after."""

    days: tuple[DayName, ...] = DAYS  # type: ignore[assignment]
    """The days on which it begins."""

    begins: time = time(0)
    """When, by the office's clock."""

    ends: time = time(0)
    """Until when; the same time as it begins is the day after."""

    people: tuple[OnCall, ...] = Field(min_length=1, max_length=10)
    """Who is rung, one after the other."""

    @model_validator(mode="after")
    def _local(self) -> Self:
        if self.begins.tzinfo or self.ends.tzinfo:
            raise ValueError("times of a day are the office's own, without a time zone")
        return self


Rota = Annotated[tuple[Shift, ...], Field(max_length=50)]


def on_call(rota: tuple[Shift, ...], at: datetime, opening: Opening) -> tuple[OnCall, ...]:
    """Who is on call at a time, in the order in which they are rung; the first shift that it is in counts."""
    local = opening.local(at)
    face = local.time().replace(tzinfo=None)
    today, yesterday = DAYS[local.weekday()], DAYS[(local - timedelta(days=1)).weekday()]
    for shift in rota:
        overnight = shift.ends <= shift.begins
        begun_today = today in shift.days and shift.begins <= face and (overnight or face < shift.ends)
        if begun_today or (overnight and yesterday in shift.days and face < shift.ends):
            return shift.people
    return ()


def told_at(at: datetime, opening: Opening, from_hour: int, until_hour: int) -> bool:
    """Whether staff are told of what does not press at a time: by the office's clock."""
    return from_hour <= opening.local(at).hour < until_hour
