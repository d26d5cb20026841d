"""Recordings that the carrier holds: fetched, and then deleted there.

May import: the standard library, appliance.core, appliance.store, appliance.jobs.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from pydantic import Field

from appliance.core.errors import AttendantError
from appliance.core.files import folder_made
from appliance.core.ports import Recordings
from appliance.core.settings import Settings
from appliance.jobs.errand import Change, Errand, Stopped
from appliance.jobs.kinds import JobFailed, Kind, Payload
from appliance.store import messages, voicemail
from appliance.store.errors import StoreError
from appliance.store.job_leases import Waits
from appliance.store.voicemail import AT_CARRIER, DELETE, DELETE_TRIES, FETCH, FETCH_TRIES

FOLDER = "recordings"
WAITS = Waits(first_s=15.0, longest_s=6 * 3600.0)
"""Over all tries some four days: the clinic's line may be down over a weekend."""
DELETE_S, SPARE_S = 30.0, 60.0
AT_ONCE = 2

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)


class Recorded(Payload):
    """Which recording."""

    recording_sid: str = Field(pattern=f"^{AT_CARRIER.pattern}$")


def folder(settings: Settings) -> Path:
    """Where the recordings are kept."""
    return settings.box.data_dir / FOLDER


def fetching(settings: Settings, carrier: Recordings, clock: Clock = utc_now) -> Kind[Recorded]:
    """The kind that brings a recording here; with that its text is owed, and that the carrier's goes."""
    kept_in, wishes = folder(settings), settings.voicemail

    def run(errand: Errand, wanted: Recorded) -> Change | None:
        sid = wanted.recording_sid
        message = errand.read(lambda db: messages.of_recording(db, sid))
        if message is None or message.recording_gone:
            # It was deleted for good, perhaps while it came here.
            for path in kept_in.glob(f"{sid}.*"):
                path.unlink(missing_ok=True)
            return None
        if message.recording_path is not None:
            return None
        name = f"{sid}.wav"
        try:
            try:
                folder_made(kept_in)
            except OSError as exc:
                raise JobFailed(f"{kept_in} cannot be made: {exc.strerror}", again=True) from exc
            errand.awaited(carrier.fetch_recording(sid, kept_in / name))
        except (Stopped, StoreError):
            raise
        except AttendantError as exc:
            _told_when_given_up(errand, sid, exc)
            raise
        delete = wishes.delete_at_carrier
        return lambda db: voicemail.fetched(db, message, name, delete=delete, now=clock())

    return Kind(
        FETCH, Recorded, run, wishes.fetch_s + SPARE_S, at_once=AT_ONCE, tries=FETCH_TRIES, waits=WAITS
    )


def _told_when_given_up(errand: Errand, sid: str, failed: AttendantError) -> None:
    """Say with the message that there will be no more tries, should this have been the last."""
    tries, last = errand.job.attempts, not getattr(failed, "retry", getattr(failed, "again", True))
    if last or tries >= errand.job.tries:
        errand.write(lambda db: messages.fetch_no_more(db, sid, str(failed), tries))


def deleting(carrier: Recordings) -> Kind[Recorded]:
    """The kind that has the carrier delete a recording: we have a copy on disk, or want none any more."""

    def run(errand: Errand, wanted: Recorded) -> None:
        message = errand.read(lambda db: messages.of_recording(db, wanted.recording_sid))
        if message is not None and message.recording_path is None and not message.recording_gone:
            raise JobFailed("our copy of the recording is gone: the carrier's stays", again=False)
        errand.awaited(carrier.delete_recording(wanted.recording_sid))

    return Kind(DELETE, Recorded, run, DELETE_S, tries=DELETE_TRIES, waits=WAITS)
