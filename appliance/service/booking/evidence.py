"""What the caller has really said and keyed in, against which is held what a model writes.

May import: the standard library, appliance.core, appliance.tools.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime
from typing import Protocol

from appliance.core import telephone
from appliance.core.booking import agreeing, answering, backing
from appliance.core.booking.answering import Answer, Told
from appliance.core.booking.calling_from import NumberFrom
from appliance.core.booking.wanted import Wanted
from appliance.core.story import Turn
from appliance.core.telephone import USUAL_REGION
from appliance.tools import heard
from appliance.tools.born import born_said


class Proof(Protocol):
    """What was really told, by whoever books: in a call, or on the page."""

    @property
    def place(self) -> int:
        """How many turns there are so far."""

    async def wanted(self, given: Wanted, now: datetime) -> Wanted:
        """A time as given if it was really told; else the one that was, or the doubt."""

    async def answer(
        self, since: int, told: Sequence[Told], place: int, now: datetime, also: Collection[str] = ()
    ) -> Answer:
        """What was said to the time at this place of these, as far as they were read out since then."""

    async def agreed(self, since: int) -> bool:
        """Whether something was told since that place, and there was a yes behind it."""

    async def answered(self, since: int) -> bool:
        """Whether there was anything since that place."""

    async def number(self, told: str) -> str:
        """The number, when it was really told; nothing told is that of whoever books."""

    async def number_from(self, number: str) -> NumberFrom:
        """How a number is known that was told."""

    async def numbers_told(self, text: str) -> bool:
        """Whether each telephone number in a text was told."""

    async def name(self, told: str) -> bool:
        """Whether a name was told."""

    async def somebody(self, who: str, others: Sequence[str]) -> bool:
        """Whether it was said that it is to be with this one, and not with one of the others."""

    async def born(self, told: str) -> bool:
        """Whether a day of birth was told."""

    async def insisted(self, what: str) -> bool:
        """Whether a name that was not heard, or a number, was asked for once more, and was answered."""

    async def words(self) -> str | None:
        """What was said, in the own words of whoever books; None where all that is given is their own."""


class Evidence:
    """The evidence of one call. `caller` is E.164, or empty when withheld.

    `story` is all turns so far, each in its place; `said` the same, with the words that were still to come.
    `region` is the country in which numbers are dialled.
    """

    def __init__(
        self,
        caller: str,
        story: Callable[[], Sequence[Turn]],
        said: Callable[[], Awaitable[Sequence[Turn]]],
        region: str = USUAL_REGION,
    ) -> None:
        self._caller = caller
        self._story = story
        self._said = said
        self._region = region
        self._doubted: dict[str, int] = {}

    @property
    def place(self) -> int:
        """How many turns the call has so far: what is said from here on comes after them."""
        return len(self._story())

    async def wanted(self, given: Wanted, now: datetime) -> Wanted:
        """A time as given if the caller has named it; else the one that they did name, or the doubt."""
        if given.start is None and given.day is None:
            return given
        return await asyncio.to_thread(backing.as_said, given, await self._said(), now)

    async def answer(
        self, since: int, told: Sequence[Told], place: int, now: datetime, also: Collection[str] = ()
    ) -> Answer:
        """What the caller has said to the time at this place of these, as far as they heard it since then."""
        turns = (await self._said())[since:]
        return await asyncio.to_thread(answering.answer, turns, told, place, now, also)

    async def agreed(self, since: int) -> bool:
        """Whether the caller was told something since that place, and has agreed behind it.

        For our own questions, which are asked one at a time. The caller's last words are waited for. What was
        said or keyed in before that is no yes to it.
        """
        return agreeing.agreed(agreeing.since_told((await self._said())[since:]))

    async def consents(self, since: int) -> bool:
        """Whether the caller was told something since that place, and their last word is a clear yes."""
        return agreeing.consents(agreeing.since_told((await self._said())[since:]))

    async def answered(self, since: int) -> bool:
        """Whether the caller has said or keyed anything since that place."""
        return heard.answered(await self._said(), since)

    async def number(self, told: str) -> str:
        """The number, in E.164 if it is whole, when it is the caller's own or was said or keyed in.

        Empty when it was not. Nothing told is the number that the caller calls from.
        """
        if not told or (self._caller and telephone.e164(told, self._region) == self._caller):
            return self._caller
        return await asyncio.to_thread(heard.number_said, told, await self._said(), self._region)

    async def told_since(self, number: str, since: int) -> bool:
        """Whether the caller has said or keyed in this number since that place."""
        turns = (await self._said())[since:]
        return bool(await asyncio.to_thread(heard.number_said, number, turns, self._region))

    async def number_from(self, number: str) -> NumberFrom:
        """How a number is known: whether the caller has confirmed it, or said it, or only calls from it."""
        return await asyncio.to_thread(heard.number_from, number, self._caller, await self._said())

    async def numbers_told(self, text: str) -> bool:
        """Whether each telephone number in a text is the caller's own or was said."""
        return all([await self.number(each) for each in heard.numbers_written(text)])

    async def name(self, told: str) -> bool:
        """Whether a name is in the caller's words, as far as they were heard."""
        return await asyncio.to_thread(heard.name_said, told, await self._said())

    async def somebody(self, who: str, others: Sequence[str]) -> bool:
        """Whether the caller has named this one, or said yes to it."""
        return await asyncio.to_thread(heard.somebody_named, who, others, await self._said())

    async def born(self, told: str) -> bool:
        """Whether a day of birth (1980-03-09) is in the caller's words or keys."""
        return await asyncio.to_thread(born_said, told, await self._said())

    async def insisted(self, what: str) -> bool:
        """Whether a name that was not heard, or a number, was asked for once more, and was answered."""
        since = self._doubted.setdefault(what, self.place)
        return await self.answered(since)

    async def words(self) -> str | None:
        """What the caller was heard to say."""
        return heard.own_words(await self._said())
