"""The words for a time that is offered, and what has to be named with it for a yes to be a yes to that.

May import: the standard library, appliance.core.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from appliance.core.booking.answering import Told
from appliance.core.booking.choosing import Opening
from appliance.core.booking.naming import Naming, naming
from appliance.core.booking.saying import sentence, time_said
from appliance.core.booking.visits import Bookable, VisitType


@dataclass(frozen=True, slots=True)
class Telling:
    """The words in a language, at a time by the office's clock."""

    bookable: Bookable
    now: datetime
    language: str

    def time(self, opening: Opening) -> str:
        """A time, with the provider where there are several."""
        provider = self.bookable.provider_of(opening.provider)
        several = provider is not None and len(self.bookable.provider) > 1
        name = provider.name if provider and several else ""
        return time_said(opening.start, self.now, self.language, name)

    def whole(self, visit: VisitType, said: str) -> str:
        """What was said of a time, with the visit where several are offered."""
        return sentence(self.language, "visit_at", visit=visit.name, offer=said) if self._visits else said

    def offers(self, visit: VisitType, said: str) -> str:
        """The sentence about times, with the visit where several are offered."""
        return sentence(self.language, "offers_of", visit=visit.name, offers=said) if self._visits else said

    def wished(self, words: str) -> frozenset[str]:
        """The visits, by slug, that the caller has named in these words, where several are offered.

        It reads for milliseconds: not on the loop that carries the calls.
        """
        visits = self._visits
        return frozenset(each.slug for each in visits if naming(each, visits).within(words))

    def told(self, visit: VisitType, opening: Opening, wished: Collection[str]) -> Told:
        """What has to be told of an offer; the one visit that is wished may be left out."""
        said, names = self.time(opening), list[Naming]()
        provider = self.bookable.provider_of(opening.provider)
        if provider is not None and len(self.bookable.provider) > 1:
            names.append(naming(provider, self.bookable.provider))
        if visits := self._visits:
            names.append(replace(naming(visit, visits), known={*wished} == {visit.slug}))
        return Told(opening.start, said, tuple(names), self.whole(visit, said))

    @property
    def _visits(self) -> Sequence[VisitType]:
        """What is offered, where that is several."""
        offered = self.bookable.offered
        return offered if len(offered) > 1 else ()
