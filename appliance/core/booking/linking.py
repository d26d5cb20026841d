"""The port to links that are texted to callers, to book by themselves, as the tools of a call know them.

May import: the standard library, appliance.core.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from appliance.core.errors import AttendantError

NO_TEXT = "no_text"
"""Why nothing was sent: this number gets no text."""
ASK = "ask"
"""Why nothing was sent: the caller has to be asked first."""


class About(StrEnum):
    """What a link leads to."""

    APPOINTMENT = "appointment"
    CLINIC = "clinic"


class NotTexted(AttendantError):
    """Nothing was sent. Its text tells the assistant what to do next; `asked` is for the caller."""

    def __init__(self, problem: str, why: str, asked: str = "") -> None:
        super().__init__(problem)
        self.why = why
        self.asked = asked


@dataclass(frozen=True, slots=True)
class Texted:
    """What became of it. `sure`: the carrier took it; `said` says so."""

    sure: bool
    said: str


class LinkDesk(Protocol):
    """The links of one call."""

    def offer(self) -> str:
        """The number (E.164) to which a link may be offered from here on; empty for none of the caller's."""

    async def text(
        self, phone: str, language: str, *, asked: bool = False, about: About = About.APPOINTMENT
    ) -> Texted:
        """Text a link to a number that the caller told, or calls from when none is told. Once a number.

        `asked`: our own dialogue has had the yes. Raises NotTexted or StoreRefused.
        """
