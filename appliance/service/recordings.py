"""Fetches recorded voicemails from the carrier, as long as it takes: the store says which are missing.

One that cannot be had is tried less and less often, then given up with a word for the front desk; it holds up
no other. May import: appliance.core, appliance.store, appliance.service, twilio_bridge.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from appliance.core import about
from appliance.core.errors import AttendantError
from appliance.service.records import BridgeRecords
from appliance.store import messages, times
from appliance.store.messages import Message
from appliance.store.reader import Reader

log = logging.getLogger(__name__)

AGAIN_S = 60.0
AT_ONCE = 4
TRIES_MOST = 20
"""Some three days with the pauses between them: the clinic's line may be down over a weekend."""
PAUSE = timedelta(minutes=1)
PAUSE_MOST = timedelta(hours=6)


def pause(tries: int) -> timedelta:
    """How long to wait after so many tries in vain."""
    return min(PAUSE_MOST, PAUSE * (1 << min(tries, 16)))


class Fetch(Protocol):
    """What a carrier's REST adapter offers."""

    async def fetch_recording(self, recording_sid: str, path: Path) -> int:
        """Download a recording into a file; on disk when this returns. Raises CarrierFailed."""


class RecordingFetcher:
    """Runs beside the calls; `ring` when a recording can be fetched."""

    def __init__(
        self,
        fetch: Fetch,
        reader: Reader,
        records: BridgeRecords,
        folder: Path,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._fetch = fetch
        self._reader = reader
        self._records = records
        self._folder = folder
        self._now = now
        self._bell = asyncio.Event()
        self._seats = asyncio.Semaphore(AT_ONCE)

    def ring(self) -> None:
        """There may be something to fetch."""
        self._bell.set()

    async def run(self) -> None:
        """Fetch what is missing, at every ring and once a minute, until cancelled."""
        await self._begin()
        while True:
            try:
                await self.fetch_missing()
            except (AttendantError, OSError) as exc:
                log.warning("recordings not fetched", extra={"problem": str(exc)})
            try:
                async with asyncio.timeout(AGAIN_S):
                    await self._bell.wait()
            except TimeoutError:
                continue
            finally:
                self._bell.clear()

    async def _begin(self) -> None:
        """Whoever starts the box again may have mended what was in the way."""
        try:
            if count := await self._records.recordings_once_more():
                log.info("recordings that were given up are tried once more", extra={"count": count})
        except AttendantError as exc:
            log.warning("recordings not tried once more", extra={"problem": str(exc)})

    async def fetch_missing(self) -> None:
        """Fetch what is due now, some at a time. Raises StoreError or OSError."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        now = times.written(self._now())
        due = await self._reader.run(lambda db: messages.unfetched(db, now))
        async with asyncio.TaskGroup() as tasks:
            for message in due:
                tasks.create_task(self._one(message), name=f"recording {message.recording_sid}")

    async def _one(self, message: Message) -> None:
        sid = message.recording_sid or ""
        with about.call(call_sid=message.call_sid, call_id=message.call_id or ""):
            async with self._seats:
                try:
                    await self._fetch.fetch_recording(sid, self._folder / f"{sid}.wav")
                    await self._records.recording_kept(sid, f"{sid}.wav")
                except (AttendantError, OSError) as exc:
                    await self._failed(message, sid, str(exc))
                except Exception as exc:
                    # A fault of ours is put off like any other, so that the others have their turn before it.
                    await self._failed(message, sid, type(exc).__name__)
                    raise

    async def _failed(self, message: Message, sid: str, problem: str) -> None:
        said = {"recording": sid, "tries": message.fetch_tries + 1, "problem": problem}
        try:
            if message.fetch_tries + 1 >= TRIES_MOST:
                log.error("a recording is given up", extra=said)
                await self._records.recording_given_up(sid, problem)
            else:
                log.warning("recording not fetched", extra=said)
                await self._records.recording_later(sid, self._now() + pause(message.fetch_tries))
        except AttendantError as exc:
            log.warning("not noted that a recording was not fetched", extra={"problem": str(exc)})
