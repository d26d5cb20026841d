"""What the bridge writes and reads beside the call log: voicemails, messages, steps, dispositions.

May import: appliance.core, appliance.store.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from appliance.core.errors import AttendantError, StoreRefused
from appliance.core.steps import VoicemailTaken
from appliance.store import calls, intents, messages
from appliance.store.database import Connection
from appliance.store.reader import Reader
from appliance.store.writer import Writer

log = logging.getLogger(__name__)

# The carrier waits for 4 s, and other reads come before this.
VOICEMAIL_S = 2.0
CALL_READ_S = 0.5
# A tool is given up after 5 s: before that the writer has withdrawn its promise.
MESSAGE_S = 3.0


def utc_now() -> str:
    """The time as the store keeps it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class BridgeRecords:
    """The bridge's own records."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader
        self.recording_ready: Callable[[], None] | None = None

    def fetch(self) -> None:
        """Have the recordings that are missing fetched."""
        if self.recording_ready is not None:
            self.recording_ready()

    async def voicemail(self, taken: VoicemailTaken) -> None:
        """Keep a voicemail, once; on disk when this returns.

        Raises StoreRefused within the carrier's time; then it is written as soon as the disk lets us.
        """
        at = utc_now()

        def keep(db: Connection) -> None:
            messages.add_voicemail(
                db,
                call_sid=taken.call_sid,
                recording_sid=taken.recording_sid,
                seconds=taken.seconds,
                at=at,
            )

        try:
            await self._writer.promise(keep, within_s=VOICEMAIL_S)
        except AttendantError as exc:
            self._writer.submit(keep)
            raise StoreRefused(f"The voicemail is not kept yet: {exc}") from exc

    async def message(self, call_sid: str, subject: str, body: str, recording: str = "") -> None:
        """Keep a message for the staff, with the name of its recording; on disk when this returns."""
        at, path = utc_now(), recording or None
        await self._writer.promise(
            lambda db: messages.add(
                db, call_sid=call_sid, subject=subject, body=body, at=at, recording_path=path
            ),
            within_s=MESSAGE_S,
        )

    def menu_step(self, call_sid: str, step: str) -> None:
        """Note a step of the caller's way through the menus."""
        self._writer.submit(lambda db: calls.add_menu_step(db, call_sid, step))

    def intent(self, call_id: str, name: str, meta: dict[str, object]) -> None:
        """Note what a caller wanted."""
        row = intents.IntentRow(call_id, name, meta, utc_now())
        self._writer.submit(lambda db: intents.add(db, row))

    async def call(self, call_sid: str) -> calls.Call | None:
        """A call as it is kept, also of a process before this one; None when it cannot be told."""
        try:
            return await self._reader.run(lambda db: calls.by_sid(db, call_sid), within_s=CALL_READ_S)
        except AttendantError as exc:
            log.warning("call not read", extra={"problem": str(exc)})
            return None

    async def recording_kept(self, recording_sid: str, path: Path) -> None:
        """Note where a voicemail's recording is; on disk when this returns."""
        await self._writer.promise(lambda db: messages.keep_recording(db, recording_sid, str(path)))
