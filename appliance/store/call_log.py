"""The call log as a call knows it: core's port, on the writer.

May import: the standard library, appliance.core, appliance.store.
"""

import logging
from collections.abc import Callable

from appliance.core.citations import Citation
from appliance.core.dispositions import Disposition, Outcome
from appliance.core.errors import AttendantError, StoreRefused
from appliance.core.events import Event, HeardPart, PhonesRang, UsageMissed, UsageReported
from appliance.core.steps import CallOffered
from appliance.core.story import Speaker
from appliance.store import (
    calls,
    citations,
    events,
    intents,
    languages,
    messages,
    sent_out,
    times,
    transcripts,
    usage,
)
from appliance.store.database import Connection
from appliance.store.errors import StoreError
from appliance.store.writer import Writer

log = logging.getLogger(__name__)

OPENED_S = 0.3
"""The caller hears it ring meanwhile; a disk that is slower than this keeps nobody waiting."""
LEFT_S = 0.4
"""Nothing is heard meanwhile: a disk that is slower than this keeps nobody waiting either."""


class StoredCallLog:
    """Writes calls down by a writer; `process` names ours, for the sweep after its death."""

    def __init__(self, writer: Writer, process: str, now: Callable[[], str] = times.utc_now) -> None:
        self._writer = writer
        self._process = process
        self._now = now

    async def opened(self, call_id: str, offer: CallOffered, at: str) -> None:
        """A call began at `at` (UTC, ISO 8601); on disk when this returns, or as soon as the disk lets us.

        One that is kept already without its offer gets it, and its messages their caller.
        """
        process = self._process

        def begin(db: Connection) -> None:
            calls.begin(db, call_id, offer, times.normal(at), process)
            messages.name_caller(db, call_id, offer.caller)

        try:
            await self._writer.promise(begin, within_s=OPENED_S)
        except AttendantError as exc:
            self._writer.submit(begin)
            log.warning("a call begins before it is on disk", extra={"call_id": call_id, "problem": str(exc)})

    def happened(self, call_id: str, at_ms: int, event: Event | PhonesRang) -> None:
        """An event of the call's stream, `at_ms` after its beginning."""

        def job(db: Connection) -> None:
            events.add(db, call_id, at_ms, event)
            if isinstance(event, UsageReported):
                usage.add(db, call_id, at_ms, event)
            elif isinstance(event, UsageMissed):
                usage.missed(db, call_id)
            elif isinstance(event, PhonesRang):
                sent_out.phones_rang(db, call_id, event)

        self._writer.submit(job, partial=isinstance(event, HeardPart))

    def turn(self, call_id: str, place: int, speaker: Speaker, text: str, *, final: bool, cut: bool) -> None:
        """A turn of the transcript; a later one with the same place replaces it."""
        turn = transcripts.TurnRow(call_id, place, speaker, text, final, cut, self._now())
        self._writer.submit(lambda db: transcripts.write(db, turn), partial=not final)

    def wished(self, call_id: str, what: str, topic: str) -> None:
        """What was found in the caller's words."""
        row = intents.IntentRow(call_id, what, {"topic": topic}, self._now())
        self._writer.submit(lambda db: intents.add(db, row))

    def cited(self, call_id: str, citation: Citation) -> None:
        """What became of a question to the office's documents."""
        at = self._now()
        self._writer.submit(lambda db: citations.cite(db, call_id, citation, at))

    def spoken(self, call_id: str, language: str) -> None:
        """From now on the call goes on in this language."""
        at = self._now()
        self._writer.submit(lambda db: languages.add(db, call_id, language, at))

    async def leave(self, call_id: str, disposition: Disposition) -> None:
        """Keep the disposition; on disk when this returns.

        Raises StoreRefused when it is not; then it is written as soon as the disk lets us.
        """
        try:
            await self._writer.promise(lambda db: calls.leave(db, call_id, disposition), within_s=LEFT_S)
        except StoreRefused:
            self._writer.submit(lambda db: calls.leave(db, call_id, disposition))
            raise
        except StoreError as exc:
            raise StoreRefused(f"The disposition was not kept: {exc}") from exc

    def closed(
        self,
        call_id: str,
        at: str,
        outcome: Outcome,
        reason: str,
        *,
        seconds: int | None = None,
        settled: bool = True,
    ) -> None:
        """The call is over; one that is not settled the carrier is asked about from now on."""
        ask_at = None if settled else self._now()
        self._writer.submit(
            lambda db: calls.end(
                db, call_id, times.normal(at), outcome, reason, seconds=seconds, ask_at=ask_at
            )
        )

    def went(self, call_id: str, outcome: Outcome) -> None:
        """Later word of how a call went that is filed already."""
        self._writer.submit(lambda db: calls.went(db, call_id, outcome))
