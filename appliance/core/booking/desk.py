"""The port to the appointments of one call, as its tools and the local assistant know them.

What is offered is held; only what was offered in this call can be booked, and only what was found in it, by
somebody who may know of it, can be moved or cancelled. May import: the standard library, appliance.core.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from appliance.core.booking.identity import Identity
from appliance.core.errors import AttendantError


class Why(StrEnum):
    """Why nothing was done, beside the doubts about a time (`core.when.Doubt`, by the same words)."""

    WHICH_VISIT = "which_visit"
    WHICH_PROVIDER = "which_provider"
    NOTHING_FREE = "nothing_free"
    NO_MORE = "no_more"
    """Nothing is free behind what was offered."""
    NO_CALENDAR = "no_calendar"
    """No calendar can be reached: a request can be written down."""
    NO_SUCH_OFFER = "no_such_offer"
    NOT_AGREED = "not_agreed"
    """The caller has not said yes since it was offered, or found."""
    TAKEN = "taken"
    WHO = "who"
    """A name, or a number that the caller has told, is missing."""
    NUMBER = "number"
    """The caller has not said yet whether the number that they call from is right."""
    NOT_KNOWN = "not_known"
    """Nothing is told to this caller."""
    MORE = "more"
    """All three of number, name and day of birth are needed for that, and the caller has told two."""
    STAFF = "staff"
    """Only staff may do that."""
    TRIES = "tries"
    """Somebody was taken for another too often: a person has to go on."""


class NotBooked(AttendantError):
    """Nothing was done. Its text tells the assistant what to do next; `asked` is what the caller is asked."""

    def __init__(self, problem: str, why: str, asked: str = "") -> None:
        super().__init__(problem)
        self.why = why
        self.asked = asked


@dataclass(frozen=True, slots=True)
class SlotsWanted:
    """What the caller would like: words as said, or empty. `minutes` is 0 when no length was said.

    `earlier` is what was said of when before that, and `behind` an offer: what is wanted is later than that.
    """

    when: str = ""
    visit: str = ""
    provider: str = ""
    minutes: int = 0
    language: str = "en"
    earlier: tuple[str, ...] = ()
    behind: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """A time that is held for this call; `said` is in the caller's language."""

    offer_id: str
    said: str


@dataclass(frozen=True, slots=True)
class Offers:
    """Some times; `exact` when the one is there that was asked for, as long as that.

    `visit` is its name. `lead` is what `said` begins with where they are not when somebody asked for.
    `unnamed` was asked for and is nobody whom the caller has named: the times are with anybody.
    """

    visit: str
    offers: tuple[Offer, ...]
    exact: bool
    said: str
    lead: str = ""
    unnamed: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """What became of it. `sure`: the calendar has it; else it is a request for staff. `said` says so."""

    sure: bool
    said: str


@dataclass(frozen=True, slots=True)
class Standing:
    """An appointment of this caller's; `sure` as in Done.

    `start` is its time in words, and nothing more; `visit` and `provider` are names.
    """

    appointment_id: str
    said: str
    sure: bool
    start: str = ""
    visit: str = ""
    provider: str = ""


class BookingDesk(Protocol):
    """The appointments of one call. Every verb raises NotBooked or StoreRefused."""

    async def find_slots(self, wanted: SlotsWanted, *, ours: bool = False) -> Offers:
        """Times that are free, held for this call for some minutes.

        A time that the caller has not named is none; our own dialogue passes on their words (`ours`).
        """

    async def book(
        self, offer_id: str, patient: Identity, language: str, recording: str = "", *, ours: bool = False
    ) -> Done:
        """Book what was offered, read out and agreed to. Asked again, it is done once.

        `recording` is the name of a recording in which the patient says who it is, for staff. `ours`: our own
        dialogue has had the yes, and asked who comes; by keys alone a day of birth will do for a name.
        """

    async def request(self, wanted: SlotsWanted, patient: Identity) -> Done:
        """Write down for the staff what the caller would like."""

    async def appointments(self, who: Identity, language: str) -> tuple[Standing, ...]:
        """What stands for this caller."""

    async def cancel(self, appointment_id: str, language: str, *, ours: bool = False) -> Done:
        """Cancel what was found, read out and agreed to. Asked again, it is done once. `ours`: as above."""

    async def move(self, appointment_id: str, offer_id: str, language: str, *, ours: bool = False) -> Done:
        """Have what was offered instead of what was found; until that stands, the old one does.

        Both were read out, and the offer agreed to. `ours`: as above.
        """
