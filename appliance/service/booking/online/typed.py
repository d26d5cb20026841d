"""What a visitor of the page has typed, in place of what a caller has said: it is the visitor's own.

May import: the standard library, appliance.core.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from appliance.core.booking.answering import Answer, Told
from appliance.core.booking.calling_from import NumberFrom
from appliance.core.booking.wanted import Wanted


class Typed:
    """Whoever presses a button has agreed; what stands in a form was told; the number is that of the link."""

    place = 0

    def __init__(self, number: str) -> None:
        self._number = number

    async def wanted(self, given: Wanted, now: datetime) -> Wanted:
        """The visitor has picked it."""
        return given

    async def answer(
        self, since: int, told: Sequence[Told], place: int, now: datetime, also: Collection[str] = ()
    ) -> Answer:
        """A button was pressed beside the time."""
        return Answer.YES if await self.agreed(since) else Answer.OPEN

    async def agreed(self, since: int) -> bool:
        """A button was pressed."""
        return since == self.place

    async def answered(self, since: int) -> bool:
        """A button was pressed."""
        return since == self.place

    async def number(self, told: str) -> str:
        """The number to which the link was texted; no other counts."""
        return "" if told else self._number

    async def number_from(self, number: str) -> NumberFrom:
        """Who opens the link has the telephone to which it was texted."""
        return NumberFrom.CONFIRMED if number == self._number else NumberFrom.HEARD

    async def numbers_told(self, text: str) -> bool:
        """All that stands in the form is the visitor's."""
        return bool(text)

    async def name(self, told: str) -> bool:
        """The visitor has written it."""
        return bool(told)

    async def somebody(self, who: str, others: Sequence[str]) -> bool:
        """The visitor has picked them."""
        return bool(who)

    async def born(self, told: str) -> bool:
        """The visitor has written it."""
        return bool(told)

    async def insisted(self, what: str) -> bool:
        """The visitor has written it."""
        return bool(what)

    async def words(self) -> str | None:
        """All that stands in the form is in the visitor's own words."""
        return None
