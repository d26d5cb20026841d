"""Files calls and voicemails of which word was lost: the carrier's own books are read, again and again.

A call is asked about that was left open or filed on what was known here; a recording is taken whose callback
found nobody, also one of a call to a number of ours of which the box never heard.
May import: appliance.core, appliance.store, appliance.service.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from appliance.core import about
from appliance.core.errors import AttendantError, CarrierFailed, UnknownToCarrier
from appliance.service.books import Board, Books
from appliance.service.strangers import Strangers
from appliance.service.switchboard import QUIET_S
from appliance.store import bookmarks, calls, messages, times
from appliance.store.calls import Unsettled
from appliance.store.reader import Reader
from appliance.store.writer import Writer

log = logging.getLogger(__name__)

LOOK_S = 30.0
LIST_EVERY = timedelta(hours=1)
LIST_AGAIN = timedelta(minutes=5)
# A recording is listed by its beginning: this is longer than one may take to be ready.
OVERLAP = timedelta(hours=3)
FIRST_LOOK_BACK = timedelta(days=7)
BOOKMARK = "twilio recordings"
FIRST_LOOK = "twilio first look"
CARRIER = "twilio"

TRIES_MOST = 16
"""Some two days with the pauses between them."""
PAUSE = timedelta(minutes=1)
PAUSE_MOST = timedelta(hours=6)
STILL_ON = timedelta(minutes=2)
CALL_LONGEST = timedelta(hours=25)
FAILURES_MOST = 3
"""After so many in one round the carrier is left alone until the next."""


class Filing:
    """Runs beside the calls."""

    def __init__(
        self,
        books: Books,
        board: Board,
        reader: Reader,
        writer: Writer,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._books = books
        self._board = board
        self._reader = reader
        self._writer = writer
        self._now = now
        self._list_at = now()
        self._strangers = Strangers(books, board, reader)

    async def run(self) -> None:
        """Read the books until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_S)

    async def look(self) -> None:
        """Take the voicemail that is due to be listed, then settle the calls that are due."""
        try:
            if self._now() >= self._list_at:
                await self._take_voicemail()
            await self._settle_calls()
        except AttendantError as exc:
            log.warning("the carrier's books were not read", extra={"problem": str(exc)})

    # Calls ---------------------------------------------------------------------------------------------

    async def _settle_calls(self) -> None:
        at = times.written(self._now())
        quiet_since = times.written(self._now() - timedelta(seconds=QUIET_S))
        due = await self._reader.run(lambda db: calls.unsettled(db, at, quiet_since, CARRIER))
        failures = 0
        for each in due:
            call = each.call
            if failures < FAILURES_MOST and self._board.quiet(call.call_sid):
                with about.call(call_sid=call.call_sid, call_id=call.id):
                    failures += not await self._settled(each)

    async def _settled(self, each: Unsettled) -> bool:
        """Ask about one call; False when the carrier did not answer."""
        call = each.call
        # A call whose offer was lost does not say whose it is.
        if call.carrier not in (CARRIER, "") or call.asked >= TRIES_MOST:
            await self._give_up(each)
            return True
        # Put off before it is asked about: whatever goes wrong then, the others have their turn first.
        await self._later(each, min(PAUSE_MOST, PAUSE * (1 << call.asked)), asked=call.asked + 1)
        try:
            found = await self._books.look_up(call.call_sid)
        except UnknownToCarrier:
            log.warning("the carrier does not know a call")
            await self._give_up(each)
            return True
        except CarrierFailed as exc:
            log.warning("not told how a call ended", extra={"tries": call.asked + 1, "problem": str(exc)})
            if call.asked + 1 >= TRIES_MOST:
                await self._give_up(each)
            return False
        if found.ended is None:
            await self._still_on(each)
        else:
            await self._board.settle(found, voicemail=each.voicemail)
        return True

    async def _still_on(self, each: Unsettled) -> None:
        if times.read(each.call.started_at) < self._now() - CALL_LONGEST:
            await self._give_up(each)
            return
        self._board.goes_on(each.call.call_sid)
        await self._later(each, STILL_ON, asked=each.call.asked)

    async def _later(self, each: Unsettled, pause: timedelta, *, asked: int) -> None:
        at = times.written(self._now() + pause)
        await self._writer.promise(lambda db: calls.ask_later(db, each.call.id, at, asked=asked))

    async def _give_up(self, each: Unsettled) -> None:
        self._board.give_up(each.call.call_sid)
        await self._writer.promise(lambda db: calls.ask_no_more(db, each.call.id))

    # Voicemail -----------------------------------------------------------------------------------------

    async def _take_voicemail(self) -> None:
        """Take each message once that was recorded for a caller of ours while nobody was told of it."""
        now = self._now()
        self._list_at = now + LIST_AGAIN
        began = await self._first_look(now)
        read_to = await self._reader.run(lambda db: bookmarks.read(db, BOOKMARK))
        since = times.read(read_to) - OVERLAP if read_to else now - FIRST_LOOK_BACK
        try:
            found = {each.recording_sid: each for each in await self._books.voicemail_since(since)}
        except CarrierFailed as exc:
            log.warning("recordings not listed", extra={"problem": str(exc)})
            return
        whose = {sid: each.call_sid for sid, each in found.items()}
        new = await self._reader.run(lambda db: messages.untaken(db, whose))
        for taken in (found[sid] for sid in reversed(new) if new[sid]):
            with about.call(call_sid=taken.call_sid):
                log.info("a recorded message is found with the carrier")
                await self._board.found(taken)
        strange = [found[sid] for sid in reversed(new) if not new[sid]]
        if not await self._strangers.take([each for each in strange if (each.at or now) >= began]):
            return
        at = times.written(now)
        await self._writer.promise(lambda db: bookmarks.put(db, BOOKMARK, at))
        self._list_at = now + LIST_EVERY

    async def _first_look(self, now: datetime) -> datetime:
        """When the box first looked into the books, in the carrier's whole seconds.

        Calls before that were not for it, unless they are in the call log.
        """
        began = await self._reader.run(lambda db: bookmarks.read(db, FIRST_LOOK))
        if began is not None:
            return times.read(began)
        first = now.replace(microsecond=0)
        at = times.written(first)
        await self._writer.promise(lambda db: bookmarks.put(db, FIRST_LOOK, at))
        return first
