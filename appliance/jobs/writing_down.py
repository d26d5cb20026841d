"""Spoken messages become text: opened, trimmed, kept as FLAC, heard by the speech program, read by rules.

The original is removed once the text, and the file that is kept of it, are on disk. May import: the standard
library, appliance.archive, appliance.core, appliance.store, appliance.jobs, models.
"""

import shutil
from dataclasses import replace
from datetime import time
from functools import cache
from pathlib import Path

from pydantic import Field

from appliance.archive import moving
from appliance.core import phrases, spoken_message, telephone
from appliance.core.errors import AttendantError
from appliance.core.files import settle
from appliance.core.phones import outside
from appliance.core.settings import Settings
from appliance.core.staff import Office
from appliance.jobs.errand import Change, Errand, Stopped
from appliance.jobs.hearing import NobodyHears, Said, Speech, hear
from appliance.jobs.kinds import JobFailed, Kind, Nothing, Payload
from appliance.jobs.recordings import Clock, folder, utc_now
from appliance.jobs.timetable import Daily, Schedule
from appliance.store import message_texts, messages, office, recordings_away, times, voicemail
from appliance.store.database import Connection
from appliance.store.errors import StoreError
from appliance.store.job_leases import Waits
from appliance.store.message_texts import MessageText, Stretch, TextState
from appliance.store.messages import Message
from appliance.store.voicemail import WRITE_DOWN, WRITE_TRIES
from models.recorded import opening
from models.recorded.keeping import SUFFIX
from models.recorded.opening import NotOpened, Opened, Task

DEADLINE_S = 4 * 3600.0
OPEN_S, OPEN_PER_S = 60.0, 0.15
WAITS = Waits(first_s=5.0, longest_s=3600.0)
"""Over all tries some two days."""
UNDERSTOOD_FROM_MS = 600
"""Who speaks for so long has left something, whatever was understood of it."""
RULES = "rules"
TO_WRITE = (TextState.WAITING, TextState.FAILED, TextState.NOT_WRITTEN)
"""What a message is that is no text, and may become it."""
NOT_UNDERSTOOD = "somebody speaks, and no words were understood"


AGAIN = "write down again"
NIGHTLY = Schedule(AGAIN, AGAIN, Daily(time(2, 20)))


class Spoken(Payload):
    """Which message; `again`: somebody wants it heard anew, whatever was made of it before."""

    message_id: int = Field(ge=1)
    again: bool = False


def writing_down(settings: Settings, speech: Speech | None, clock: Clock = utc_now) -> Kind[Spoken]:
    """The kind that makes text of a spoken message; without `speech` it only keeps the sound."""
    hears = speech is not None and settings.voicemail.written_down

    def run(errand: Errand, wanted: Spoken) -> Change | None:
        message = errand.read(lambda db: messages.one(db, wanted.message_id))
        if message is None or message.recording_path is None:
            return None
        known = errand.read(lambda db: message_texts.of_message(db, wanted.message_id))
        if known is not None and known.state not in TO_WRITE and not (wanted.again and hears):
            return _tidied(folder(settings), known)
        return _Writing(settings, speech, clock, errand, message, known).done()

    return Kind(WRITE_DOWN, Spoken, run, DEADLINE_S, tries=WRITE_TRIES, waits=WAITS)


def writing_again(settings: Settings, speech: Speech | None, clock: Clock = utc_now) -> Kind[Nothing]:
    """The kind that has written down, where something hears by now, what nobody heard before."""
    hears = speech is not None and settings.voicemail.written_down

    def run(_errand: Errand, _: Nothing) -> Change | None:
        return (lambda db: voicemail.owe_unheard(db, now=clock())) if hears else None

    return Kind(AGAIN, Nothing, run, deadline_s=60.0)


class _Writing:
    """One try at one message."""

    def __init__(
        self,
        settings: Settings,
        speech: Speech | None,
        clock: Clock,
        errand: Errand,
        message: Message,
        known: MessageText | None,
    ) -> None:
        self._settings = settings
        self._speech = speech if settings.voicemail.written_down else None
        self._clock = clock
        self._errand = errand
        self._message = message
        self._kept_before = known if known is not None and known.stored_ms else None
        """Of a message that was kept before, and perhaps written down: its file has its form already."""
        self._known = known
        self._folder = folder(settings)

    def done(self) -> Change | None:
        """Do it; what is still to be written with the job's end. Raises JobFailed."""
        work = self._folder / f".opening-{self._message.id}"
        shutil.rmtree(work, ignore_errors=True)
        try:
            work.mkdir(mode=0o700)
            return self._made(work)
        except (Stopped, StoreError):
            raise
        except OSError as exc:
            problem = f"the recording cannot be read or written: {exc.strerror or type(exc).__name__}"
            raise self._failed(JobFailed(problem, again=True)) from exc
        except AttendantError as exc:
            raise self._failed(exc) from exc
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def _made(self, work: Path) -> Change | None:
        source = self._source()
        stored, heard = work / f"stored{SUFFIX}", work / "heard"
        wishes = self._settings.voicemail
        before = self._kept_before
        task = Task(source, stored, heard, wishes.longest_s, wishes.silence_cut and before is None)
        within_s = OPEN_S + OPEN_PER_S * wishes.longest_s
        try:
            opened = opening.opened(task, within_s=within_s, check=self._errand.check)
        except NotOpened as exc:
            if exc.state == "empty":
                return self._kept(source, MessageText(self._message.id, TextState.NO_SPEECH, stored_ms=0))
            raise JobFailed(f"the recording cannot be opened: {exc}", again=exc.state == "failed") from exc
        text = self._text(opened, heard)
        if before is not None:
            return self._kept(source, _as_kept(text, before))
        name = f"{source.stem}{SUFFIX}" if source.suffix != SUFFIX else f"{source.stem}-kept{SUFFIX}"
        settle(stored, self._folder / name)
        return self._kept(source, replace(text, original=source.name), name)

    def _source(self) -> Path:
        """The file that was recorded. Raises JobFailed."""
        name = self._message.recording_path or ""
        path = (self._folder / name).resolve()
        if path.is_relative_to(self._folder.resolve()) and not path.is_file():
            away = self._errand.read(lambda db: recordings_away.of(db, [name])).get(name)
            if away is not None:
                moving.bring_back(self._settings, away, path, self._errand.check)
        if not path.is_relative_to(self._folder.resolve()) or not path.is_file():
            raise JobFailed("the recording is not on this box any more", again=False)
        return path

    def _text(self, opened: Opened, heard: Path) -> MessageText:
        """What is said in it, and what that comes to. Raises JobFailed."""
        about = MessageText(
            self._message.id,
            TextState.NOT_WRITTEN,
            sound_ms=opened.sound_ms,
            stored_ms=opened.stored_ms,
            kept=tuple(Stretch(*each) for each in opened.kept),
            whole=opened.whole,
        )
        if self._speech is None:
            return about
        clinic = self._errand.read(office.load)
        said = hear(self._errand, self._speech, opened, heard, clinic.staff.language.partition("-")[0])
        if not said.text and opened.spoken_ms < UNDERSTOOD_FROM_MS:
            return replace(about, state=TextState.NO_SPEECH)
        return self._read(replace(about, state=TextState.WRITTEN), said, clinic)

    def _read(self, about: MessageText, said: Said, clinic: Office) -> MessageText:
        sense = spoken_message.sense(
            said.text, said.language, self._message.caller, _region(self._settings, clinic), _danger
        )
        return replace(
            about,
            problem="" if said.text else NOT_UNDERSTOOD,
            text=said.text,
            language=said.language,
            confidence=said.confidence,
            words=said.words,
            summary=sense.summary,
            urgency=sense.urgency if said.text else "",
            because=sense.because,
            name=sense.name,
            number=sense.number,
            number_said=sense.number_said,
            made_by=RULES if said.text else "",
        )

    def _kept(self, source: Path, text: MessageText, name: str = "") -> Change | None:
        """Keep it, and remove what was recorded once that is on disk."""
        known = self._known
        if known is not None and known.state is TextState.WRITTEN and not text.text:
            # Who understands nothing the second time takes back nothing that was heard the first time.
            return _tidied(self._folder, known)
        now, sums = self._clock(), self._settings.voicemail.cloud and bool(text.text)

        def keep(db: Connection) -> None:
            voicemail.written(db, self._message, text, name or source.name, now=now)
            if text.state is TextState.WRITTEN:
                # Somebody hears again: what nobody heard before is no longer to be left at that.
                voicemail.owe_unheard(db, now=now)
            if sums:
                voicemail.owe_sum(db, self._message.id, now=now)

        self._errand.write(keep)
        return _tidied(self._folder, text)

    def _failed(self, exc: AttendantError) -> JobFailed:
        """Say with the message why it is no text; whether there is another try."""
        failed = exc if isinstance(exc, JobFailed) else JobFailed(str(exc), again=True)
        job, message_id = self._errand.job, self._message.id
        last = not failed.again or job.attempts >= job.tries
        over = TextState.NOT_WRITTEN if isinstance(failed, NobodyHears) else TextState.FAILED
        state, at = over if last else TextState.WAITING, times.written(self._clock())
        self._errand.write(lambda db: message_texts.trouble(db, message_id, state, str(failed), at))
        return failed


def _as_kept(text: MessageText, before: MessageText) -> MessageText:
    """A text with the times and the file that the message was kept with."""
    return replace(
        text,
        sound_ms=before.sound_ms,
        stored_ms=before.stored_ms,
        kept=before.kept,
        whole=before.whole,
        original=before.original,
    )


def _tidied(kept_in: Path, text: MessageText) -> Change | None:
    """Remove the file that was recorded, should it be there still beside the one that is kept."""
    if text.original is None:
        return None
    (kept_in / Path(text.original).name).unlink(missing_ok=True)
    return lambda db: message_texts.original_gone(db, text.message_id)


def _region(settings: Settings, clinic: Office) -> str:
    return telephone.region(
        (settings.twilio.sms_from, clinic.staff.caller_id or "", *outside(clinic.staff.people))
    )


@cache
def _book() -> phrases.PhraseBook:
    return phrases.load()


def _danger(sentence: str) -> bool:
    found = _book().find(sentence)
    return found is not None and found.what == "emergency"
