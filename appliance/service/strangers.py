"""Takes messages of calls of which the box never heard: the carrier answered by itself, as the box was dead.

The account may serve others too, so the number that was called decides. May import: appliance.core,
appliance.store, appliance.service.
"""

import logging
from collections import Counter
from dataclasses import dataclass

from appliance.core import about
from appliance.core.errors import CarrierFailed, UnknownToCarrier
from appliance.core.steps import LookedUp, VoicemailTaken
from appliance.service.books import Board, Books
from appliance.store import calls
from appliance.store.reader import Reader

log = logging.getLogger(__name__)

CARRIER = "twilio"
FAILURES_MOST = 3
"""After so many in one round the carrier is left alone until the next."""
TRIES_MOST = 300
"""For one call: about a day with the pauses between them."""


class Strangers:
    """Remembers, as long as the process lives, which calls are not ours."""

    def __init__(self, books: Books, board: Board, reader: Reader) -> None:
        self._books = books
        self._board = board
        self._reader = reader
        self._not_ours: set[str] = set()
        self._in_vain: Counter[str] = Counter()

    async def take(self, recorded: list[VoicemailTaken]) -> bool:
        """Take those of these messages that are for us; False when of some it could not be told."""
        by_call: dict[str, list[VoicemailTaken]] = {}
        for each in recorded:
            by_call.setdefault(each.call_sid, []).append(each)
        self._not_ours &= by_call.keys()
        left = sorted(by_call.keys() - self._not_ours, key=lambda call_sid: self._in_vain[call_sid])
        try:
            ours = await self._numbers() if left else Numbers({}, set())
        except CarrierFailed as exc:
            log.warning("the account's numbers not listed", extra={"problem": str(exc)})
            return False
        failures = 0
        for call_sid in left:
            if failures < FAILURES_MOST:
                with about.call(call_sid=call_sid):
                    failures += not await self._judged(by_call[call_sid], ours)
        return failures == 0

    async def _numbers(self) -> "Numbers":
        """Which numbers are ours. Raises CarrierFailed when asking again can help."""
        taken_at = await self._reader.run(lambda db: calls.numbers(db, CARRIER))
        try:
            return Numbers(await self._books.numbers(), taken_at)
        except CarrierFailed as exc:
            if exc.retry:
                raise
            log.warning("the account's numbers cannot be listed", extra={"problem": str(exc)})
            return Numbers({}, taken_at)

    async def _judged(self, recorded: list[VoicemailTaken], ours: "Numbers") -> bool:
        """Take the messages of a call, or leave them alone for good; False when that is not known yet."""
        call_sid = recorded[0].call_sid
        try:
            found = await self._books.look_up(call_sid)
        except UnknownToCarrier:
            self._not_ours.add(call_sid)
            return True
        except CarrierFailed as exc:
            return self._given_up(call_sid, str(exc))
        if found.offered is None or not ours.has(found.offered.called_number):
            self._not_ours.add(call_sid)
            return True
        await self._take(recorded, found)
        return True

    def _given_up(self, call_sid: str, problem: str) -> bool:
        """Whether it was asked often enough for whom a message is."""
        self._in_vain[call_sid] += 1
        if self._in_vain[call_sid] < TRIES_MOST:
            log.warning("not told whose a recorded message is", extra={"problem": problem})
            return False
        del self._in_vain[call_sid]
        self._not_ours.add(call_sid)
        log.error("a recorded message may be lost: not told whose it is", extra={"problem": problem})
        return True

    async def _take(self, recorded: list[VoicemailTaken], found: LookedUp) -> None:
        log.info("a message of a call that the box never heard of is found with the carrier")
        for each in recorded:
            await self._board.found(each)
        await self._board.settle(found, voicemail=True)


@dataclass(frozen=True, slots=True)
class Numbers:
    """The account's numbers, whether their calls come to us, and the numbers at which we took calls."""

    set_up: dict[str, bool]
    taken_at: set[str]

    def has(self, number: str) -> bool:
        """Whether it is one of ours: as it is set up at the carrier, or else as calls came to us."""
        return self.set_up.get(number, number in self.taken_at)
