"""Texts (SMS): what is sent and heard, and the ports to the carrier that takes them and to whom it tells.

May import: the standard library.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class TextKind(StrEnum):
    """What a text is about."""

    LINK = "link"
    CONFIRMATION = "confirmation"
    MOVE = "move"
    CANCELLATION = "cancellation"
    REMINDER = "reminder"
    CUT_OFF = "cut_off"
    """To a caller whose call broke off."""
    OVERDUE = "overdue"
    """To staff: that callers wait."""


class TextState(StrEnum):
    """How far a text has come."""

    OWED = "owed"
    ASKED = "asked"
    """The carrier was given it, and nobody knows yet whether it took it."""
    SENT = "sent"
    """The carrier took it."""
    DELIVERED = "delivered"
    FAILED = "failed"
    """It did not arrive, or there was no time for it any more."""
    REFUSED = "refused"
    """It was not to be sent: the number wants no texts, or what it was about is no more."""


@dataclass(frozen=True, slots=True)
class SentText:
    """A text as the carrier's books have it; `code` is its error, or 0."""

    sid: str
    body: str
    status: str
    code: int = 0


@dataclass(frozen=True, slots=True)
class TextReceived:
    """Somebody has sent us a text. `answered`: the carrier itself has answered it (an opt-out)."""

    sid: str
    sender: str
    body: str
    pictures: int = 0
    answered: bool = False


@dataclass(frozen=True, slots=True)
class TextReported:
    """What became of a text of ours; `key` is what we called it, `code` the carrier's error or 0."""

    key: str
    sid: str
    status: str
    code: int = 0


class TextCarrier(Protocol):
    """Takes texts. Every verb raises CarrierFailed."""

    async def text(self, to: str, body: str, report_to: str = "") -> str:
        """Send a text, once, and return its id; what becomes of it is told to `report_to`."""

    async def texted(self, to: str, since: datetime) -> list[SentText]:
        """The texts that were sent to a number since then."""


class TextDesk(Protocol):
    """To whom a carrier tells of texts. Every verb raises StoreError or StoreRefused."""

    async def received(self, text: TextReceived) -> str:
        """Take a text; on disk when this returns the answer to it, or nothing."""

    async def reported(self, report: TextReported) -> None:
        """Take note of what became of a text of ours; on disk when this returns."""


def state_of(status: str) -> TextState | None:
    """How far a text has come by the carrier's word for it; None for a word that says nothing."""
    return _STATES.get(status)


_STATES = {
    "accepted": TextState.SENT,
    "queued": TextState.SENT,
    "sending": TextState.SENT,
    "sent": TextState.SENT,
    "delivered": TextState.DELIVERED,
    "read": TextState.DELIVERED,
    "undelivered": TextState.FAILED,
    "failed": TextState.FAILED,
    "canceled": TextState.FAILED,
}
