"""What stands behind a call: where that is kept which is done in it, and how patiently it is held.

A call of a patient has the box's own; a rehearsal has one of a room apart, from which nothing else can be
reached. May import: the standard library, appliance.core, appliance.service, models.
"""

from collections.abc import Callable
from dataclasses import dataclass

from appliance.core.conversation import Conversation
from appliance.core.phase import Patience
from appliance.core.ports import CallLog
from appliance.service.answers import Answers
from appliance.service.booking.part import Bookings
from appliance.service.records import BridgeRecords
from appliance.service.texts.part import Texts
from models.breaker import Breaker
from models.local.brain import Faculties


def _as_ever(patience: Patience) -> Patience:
    return patience


def _shared(breaker: Breaker) -> Breaker:
    return breaker


def _as_it_is(able: Faculties) -> Faculties:
    return able


@dataclass(frozen=True, slots=True)
class Backing:
    """What stands behind a call.

    `typed` gives what was typed at a time of the call instead of being said, where that is done at all: then
    turns are ended by whoever types, and nobody listens for them.
    """

    records: BridgeRecords
    bookings: Bookings
    texts: Texts | None
    answers: Answers
    log: CallLog
    conversation: Callable[..., Conversation] = Conversation
    patience: Callable[[Patience], Patience] = _as_ever
    faculties: Callable[[Faculties], Faculties] = _as_it_is
    typed: Callable[[int], str] | None = None
    breaker: Callable[[Breaker], Breaker] = _shared
