"""Fetches recorded voicemails from the carrier, as long as it takes: the store says which are missing.

May import: appliance.core, appliance.store, appliance.service, twilio_bridge.
"""

import asyncio
import logging
from pathlib import Path
from typing import Protocol

from appliance.core.errors import AttendantError
from appliance.service.records import BridgeRecords
from appliance.store import messages
from appliance.store.reader import Reader

log = logging.getLogger(__name__)

AGAIN_S = 60.0


class Fetch(Protocol):
    """What a carrier's REST adapter offers."""

    async def fetch_recording(self, recording_sid: str, path: Path) -> int:
        """Download a recording into a file; on disk when this returns. Raises CarrierFailed."""


class RecordingFetcher:
    """Runs beside the calls; `ring` when a recording can be fetched."""

    def __init__(self, fetch: Fetch, reader: Reader, records: BridgeRecords, folder: Path) -> None:
        self._fetch = fetch
        self._reader = reader
        self._records = records
        self._folder = folder
        self._bell = asyncio.Event()

    def ring(self) -> None:
        """There may be something to fetch."""
        self._bell.set()

    async def run(self) -> None:
        """Fetch what is missing, at every ring and once a minute, until cancelled."""
        while True:
            try:
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                await self._fetch_missing()
            except (AttendantError, OSError) as exc:
                log.warning("recordings not fetched", extra={"problem": str(exc)})
            try:
                async with asyncio.timeout(AGAIN_S):
                    await self._bell.wait()
            except TimeoutError:
                continue
            finally:
                self._bell.clear()

    async def _fetch_missing(self) -> None:
        for message in await self._reader.run(messages.unfetched):
            sid = message.recording_sid
            if not sid:
                continue
            path = self._folder / f"{sid}.wav"
            try:
                await self._fetch.fetch_recording(sid, path)
            except AttendantError as exc:
                log.warning("recording not fetched", extra={"recording": sid, "problem": str(exc)})
                continue
            await self._records.recording_kept(sid, path)
