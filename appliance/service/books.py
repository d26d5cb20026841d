"""The carrier's own books, and the switchboard as those know it who read them.

May import: the standard library, appliance.core.
"""

from datetime import datetime
from typing import Protocol

from appliance.core.steps import LookedUp, VoicemailTaken


class Books(Protocol):
    """A carrier's own books."""

    async def look_up(self, call_sid: str) -> LookedUp:
        """How a call ended. Raises UnknownToCarrier or another CarrierFailed."""

    async def voicemail_since(self, since: datetime) -> list[VoicemailTaken]:
        """The recorded messages begun since then. Raises CarrierFailed."""

    async def numbers(self) -> dict[str, bool]:
        """The account's numbers, and whether calls to them come to this box. Raises CarrierFailed."""


class Board(Protocol):
    """What is asked of the switchboard."""

    def quiet(self, call_sid: str) -> bool:
        """Whether a call is neither held here nor was heard of lately."""

    def goes_on(self, call_sid: str) -> None:
        """The call is not over."""

    def give_up(self, call_sid: str) -> None:
        """How the call ended will never be known."""

    async def settle(self, found: LookedUp, *, voicemail: bool) -> None:
        """The call ended so."""

    async def found(self, taken: VoicemailTaken) -> None:
        """The recording of a message can be fetched now."""
