"""What Asterisk keeps of a call that is over, until we have filed it: a row of its own database, read. Pure.

The dialplan writes the row as the call ends, and tells the same by an event: so what was told while nobody
listened, of a phone that was answered as of one that was not, is found out later.
May import: the standard library, appliance.core, ari_bridge.arrival.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from appliance.core.errors import WireError
from appliance.core.steps import CallEnded, CallOffered, RingEnded
from ari_bridge.arrival import CARRIER, RESULTS, number

FAMILY = "attendant-past"
"""The family of Asterisk's database that holds the rows, each by the name of its call."""
_ROW = re.compile(r"([0-9]{1,12})/([0-9]{1,9})/([0-9+]*)/([0-9+]*)/([A-Za-z0-9:. _-]*)")
_RING = re.compile(r"([a-z0-9-]+):([A-Z]+):([0-9]*)")


@dataclass(frozen=True, slots=True)
class Past:
    """A call that is over: who rang whom, how each phone did that rang, in order, and when it ended."""

    offer: CallOffered
    rang: tuple[RingEnded, ...]
    ended: CallEnded

    @property
    def began(self) -> datetime | None:
        """When it began, if it is known when it ended."""
        at = self.ended.at
        return None if at is None else at - timedelta(seconds=self.ended.seconds or 0)


def went(call_sid: str, text: str) -> tuple[RingEnded, ...]:
    """How the phones did, as the dialplan writes it: `billing:BUSY:0 front-desk:ANSWER:42`."""
    found = [_RING.fullmatch(each) for each in text.split()]
    return tuple(
        RingEnded(call_sid, RESULTS.get(each[2], "failed"), int(each[3] or 0), each[1])
        for each in found
        if each is not None
    )


def read(call_sid: str, row: str, country_code: str = "1") -> Past:
    """A row. Raises WireError for what the dialplan would never write."""
    found = _ROW.fullmatch(row)
    if found is None:
        raise WireError("no row of a call that is over", row)
    at, seconds, caller, called, rang = found.groups()
    offer = CallOffered(call_sid, number(caller, country_code), number(called, country_code), CARRIER)
    ended = CallEnded(call_sid, "completed", int(seconds), datetime.fromtimestamp(int(at), UTC))
    return Past(offer, went(call_sid, rang), ended)
