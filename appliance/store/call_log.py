"""The call log as a call knows it: core's port, on the writer.

May import: the standard library, appliance.core, appliance.store.
"""

from collections.abc import Callable

from appliance.core.dispositions import Disposition, Outcome
from appliance.core.errors import StoreRefused
from appliance.core.events import Event, HeardPart, UsageReported
from appliance.core.steps import CallOffered
from appliance.core.story import Speaker
from appliance.store import calls, events, intents, times, transcripts, usage
from appliance.store.database import Connection
from appliance.store.errors import StoreError
from appliance.store.writer import Writer


class StoredCallLog:
    """Writes calls down by a writer; `process` names ours, for the sweep after its death."""

    def __init__(self, writer: Writer, process: str, now: Callable[[], str] = times.utc_now) -> None:
        self._writer = writer
        self._process = process
        self._now = now

    def opened(self, call_id: str, offer: CallOffered, at: str) -> None:
        """A call began at `at` (UTC, ISO 8601)."""
        process = self._process
        self._writer.submit(lambda db: calls.begin(db, call_id, offer, times.normal(at), process))

    def happened(self, call_id: str, at_ms: int, event: Event) -> None:
        """An event of the call's stream, `at_ms` after its beginning."""

        def job(db: Connection) -> None:
            events.add(db, call_id, at_ms, event)
            if isinstance(event, UsageReported):
                usage.add(db, call_id, at_ms, event)

        self._writer.submit(job, partial=isinstance(event, HeardPart))

    def turn(self, call_id: str, place: int, speaker: Speaker, text: str, *, final: bool, cut: bool) -> None:
        """A turn of the transcript; a later one with the same place replaces it."""
        turn = transcripts.TurnRow(call_id, place, speaker, text, final, cut, self._now())
        self._writer.submit(lambda db: transcripts.write(db, turn), partial=not final)

    def wished(self, call_id: str, what: str, topic: str) -> None:
        """What was found in the caller's words."""
        row = intents.IntentRow(call_id, what, {"topic": topic}, self._now())
        self._writer.submit(lambda db: intents.add(db, row))

    async def leave(self, call_id: str, disposition: Disposition) -> None:
        """Keep the disposition; on disk when this returns. Raises StoreRefused."""
        try:
            await self._writer.promise(lambda db: calls.leave(db, call_id, disposition))
        except StoreError as exc:
            raise StoreRefused(f"The disposition was not kept: {exc}") from exc

    def closed(self, call_id: str, at: str, outcome: Outcome, reason: str) -> None:
        """The call is over."""
        self._writer.submit(lambda db: calls.end(db, call_id, times.normal(at), outcome, reason))
