"""What a caller has to have heard and answered before anything is booked, moved or cancelled for them.

Our own dialogue asks one thing at a time, and waits for the answer; a model says what it likes, so that what
it read out, and what was answered, is looked for in the call's story. All raise NotBooked.
May import: the standard library, appliance.core, appliance.service.
"""

from collections.abc import Sequence
from datetime import datetime

from appliance.core.booking import agreeing
from appliance.core.booking.answering import Answer, Told
from appliance.core.booking.desk import NotBooked, Why
from appliance.service.booking.doubting import doubt
from appliance.service.booking.evidence import Proof

ASK = "The caller has not said yes to it since: ask, and wait for a yes. "
ASK_TO = 'The caller has not said yes to it since: ask whether it shall be "{said}", and wait for a yes. '
UNREAD = 'The caller was not told of it since. Read it out ("{said}"), ask, and wait for a yes. '
TRIES_MOST = 3
IN_VAIN = "There is no yes to it so far: offer a request (request_appointment), or a person. "


async def answered(evidence: Proof, since: int, language: str) -> None:
    """Our own dialogue has had the yes; a no since was to something else."""
    if not await evidence.answered(since):
        raise doubt(Why.NOT_AGREED, language, ASK)


async def agreed(evidence: Proof, since: int, language: str) -> None:
    """Our own dialogue has told it, and the caller has agreed."""
    if not await evidence.agreed(since):
        raise doubt(Why.NOT_AGREED, language, ASK)


async def taken(
    evidence: Proof, since: int, told: Sequence[Told], place: int, now: datetime, language: str, tries: int
) -> None:
    """The time at this place of all that may be told was read out, and the caller has taken it.

    `tries` is how often it was asked for so far: who is asked in vain is offered another way.
    """
    found = await evidence.answer(since, told, place, now)
    if found is Answer.YES:
        return
    if tries >= TRIES_MOST:
        raise doubt(Why.NOT_AGREED, language, IN_VAIN)
    raise _open(found, told[place], language)


async def cancelled(evidence: Proof, since: int, told: Told, now: datetime, language: str) -> None:
    """The appointment was read out, and the caller wants it cancelled."""
    found = await evidence.answer(since, (told,), 0, now, agreeing.cancels())
    if found is not Answer.YES:
        raise _open(found, told, language)


async def read_out(evidence: Proof, since: int, told: Told, now: datetime, language: str) -> None:
    """The appointment was read out."""
    found = await evidence.answer(since, (told,), 0, now)
    if found is Answer.UNREAD:
        raise _open(found, told, language)


def _open(found: Answer, told: Told, language: str) -> NotBooked:
    told_so = UNREAD if found is Answer.UNREAD else ASK_TO
    return doubt(Why.NOT_AGREED, language, told_so.format(said=told.whole or told.said))
