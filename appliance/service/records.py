"""What the bridge writes and reads beside the call log: voicemails, messages, steps, dispositions.

May import: the standard library, appliance.core, appliance.store, appliance.tools.
"""

import hashlib
import logging
from collections.abc import Callable
from datetime import UTC, datetime

from appliance.core.errors import AttendantError, StoreRefused
from appliance.core.self_call import Finding
from appliance.core.steps import RingEnded, VoicemailTaken
from appliance.store import calls, events, intents, messages, self_calls, times, usage, voicemail
from appliance.store.backlog import Job
from appliance.store.database import Connection
from appliance.store.reader import Reader
from appliance.store.self_calls import SelfCall
from appliance.store.writer import Writer
from appliance.tools.tool import Note

log = logging.getLogger(__name__)

# The carrier waits for 4 s, and other reads come before this.
VOICEMAIL_S = 2.0
CALL_READ_S = 0.5
# A tool is given up after 5 s: before that the writer has withdrawn its promise.
MESSAGE_S = 3.0


def utc_now() -> str:
    """The time as the store keeps it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _told(note: Note) -> messages.Told:
    return messages.Told(
        note.name,
        note.number,
        note.name_heard,
        note.urgent,
        note.call_back,
        number_from=note.number_from,
        words=note.words,
        unheard=note.unheard,
    )


def once_of(call_sid: str, note: Note) -> str:
    """By what a message is known: told again in a call it is the same one."""
    return hashlib.sha256(repr((call_sid, note.content)).encode()).hexdigest()


def taking_back(once: str) -> Callable[[Connection], bool]:
    """What has a message stand no more that was kept in a call; whether it was open until then."""
    now = datetime.now(UTC)
    return lambda db: messages.take_back(db, once, now=now)


def keeping(call_sid: str, note: Note) -> Callable[[Connection], None]:
    """What keeps a message for the staff, once."""
    now = datetime.now(UTC)
    at, once = times.written(now), once_of(call_sid, note)

    def keep(db: Connection) -> None:
        message_id = messages.add(
            db,
            call_sid=call_sid,
            subject=note.subject,
            body=note.body,
            at=at,
            caller=_told(note),
            recording_path=note.recording or None,
            once=once,
        )
        if note.recording:
            voicemail.owe_text(db, message_id, now=now)

    return keep


class BridgeRecords:
    """The bridge's own records."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader
        self.owed: Callable[[], None] | None = None
        """To be called when a job is owed: it rings for the worker."""

    def _ring(self) -> None:
        if self.owed is not None:
            self.owed()

    async def voicemail(self, taken: VoicemailTaken, *, ready: bool = False) -> None:
        """Keep a voicemail, once, and owe its recording, which may be `ready`; on disk when this returns.

        Raises StoreRefused within the carrier's time; then it is written as soon as the disk lets us.
        """
        now = datetime.now(UTC)
        at = times.written(min(now, taken.at or now))

        def keep(db: Connection) -> None:
            voicemail.taken(
                db,
                call_sid=taken.call_sid,
                recording_sid=taken.recording_sid,
                seconds=taken.seconds,
                at=at,
                now=now,
                ready=ready,
            )

        try:
            await self._writer.promise(keep, within_s=VOICEMAIL_S)
        except AttendantError as exc:
            self._writer.submit(keep)
            raise StoreRefused(f"The voicemail is not kept yet: {exc}") from exc
        self._ring()

    async def voicemail_here(self, taken: VoicemailTaken) -> None:
        """Keep a voicemail whose recording lies among ours under its name; on disk when this returns."""
        now, name = datetime.now(UTC), taken.recording_sid
        at, told = times.written(now), taken.seconds

        def keep(db: Connection) -> None:
            voicemail.taken_here(db, call_sid=taken.call_sid, name=name, seconds=told, at=at, now=now)

        await self._writer.promise(keep, within_s=MESSAGE_S)
        self._ring()

    async def rehearse_voicemail(self, taken: VoicemailTaken) -> bool:
        """Keep a voicemail whose recording is ours, read it and take it out again, in one transaction.

        Whether it stood there as it should. Raises StoreRefused.
        """
        at, name = utc_now(), taken.recording_sid

        def keep(db: Connection) -> bool:
            kept = messages.rehearse_voicemail(
                db, call_sid=taken.call_sid, name=name, seconds=taken.seconds, at=at
            )
            return kept is not None and (kept.recording_path, kept.seconds) == (name, taken.seconds)

        return await self._writer.promise(keep, within_s=MESSAGE_S)

    async def self_call(self, began_at: datetime, took_ms: int, findings: list[Finding]) -> SelfCall:
        """Keep what a call of the box to itself found; on disk when this returns. Raises StoreError."""
        at = times.written(began_at)
        return await self._writer.promise(lambda db: self_calls.add(db, at, took_ms, findings))

    async def last_self_call(self) -> SelfCall | None:
        """The last of these calls, also of a process before this one. Raises StoreError."""
        return await self._reader.run(self_calls.last)

    async def message(self, call_sid: str, note: Note) -> None:
        """Keep a message for the staff, once; on disk when this returns."""
        await self._writer.promise(keeping(call_sid, note), within_s=MESSAGE_S)
        self._ring()

    async def withdraw(self, once: str) -> bool:
        """Have a message stand no more; on disk when this returns. Whether it was open until then."""
        return await self._writer.promise(taking_back(once), within_s=MESSAGE_S)

    def later(self, job: Job) -> None:
        """Have something written as soon as the disk lets us."""
        self._writer.submit(job)

    def menu_step(self, call_sid: str, step: str) -> None:
        """Note a step of the caller's way through the menus."""
        self._writer.submit(lambda db: calls.add_menu_step(db, call_sid, step))

    def intent(self, call_id: str, name: str, meta: dict[str, object]) -> None:
        """Note what a caller wanted."""
        row = intents.IntentRow(call_id, name, meta, utc_now())
        self._writer.submit(lambda db: intents.add(db, row))

    async def rings(self, call_sid: str) -> list[RingEnded]:
        """How phones did in a call, with all that was given to us to write so far. Raises StoreError."""
        return await self._writer.promise(lambda db: events.rings(db, call_sid), within_s=MESSAGE_S)

    async def call(self, call_sid: str) -> calls.Call | None:
        """A call as it is kept, also of a process before this one; None when it cannot be told."""
        try:
            return await self._reader.run(lambda db: calls.by_sid(db, call_sid), within_s=CALL_READ_S)
        except AttendantError as exc:
            log.warning("call not read", extra={"problem": str(exc)})
            return None

    async def spent_usd(self, since: datetime) -> float:
        """What the cloud has cost since then, as far as is known; nothing when that cannot be told."""
        began = times.written(since)
        try:
            return await self._reader.run(lambda db: usage.cost_since(db, began), within_s=CALL_READ_S)
        except AttendantError as exc:
            log.warning("the day's cost not read", extra={"problem": str(exc)})
            return 0.0
