"""Telling staff of callers who are overdue: each step once, without saying who calls or why.

What is to be told is decided and owed in one transaction (`owe`); each receiver is a job of its own. May
import: the standard library, appliance.core, appliance.languages, appliance.store, appliance.jobs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from appliance.core import staff_told
from appliance.core.callbacks import Urgency
from appliance.core.escalation import Step, told_at
from appliance.core.settings import Settings
from appliance.core.staff import StaffSettings
from appliance.core.texts import TextKind
from appliance.jobs import telling
from appliance.jobs.errand import Change, Errand
from appliance.jobs.kinds import Kind, Payload
from appliance.languages.folders import code_of
from appliance.store import callback_rows, database, jobs, notices, office, texts
from appliance.store.callback_rows import Entry
from appliance.store.database import Connection
from appliance.store.notices import Notice

NOTIFY = "notify"
DEADLINE_S = 60.0
PAUSE = timedelta(minutes=10)
"""A step that has just told of something waits so long, so that ten callers are not ten e-mails."""


class Told(Payload):
    """Which notice, and to whom of its receivers."""

    notice: int
    place: int


def owe(db: Connection, staff: StaffSettings, now: datetime) -> int:
    """Owe what staff are to be told of now; return how many notices that is. Raises StoreError."""
    with database.translated():
        due = [(step, _due(db, step, staff, now)) for step in staff.escalation if step.by != "rota"]
    made = 0
    for step, entries in due:
        if entries:
            with database.immediate(db):
                # Looked at again under the lock: somebody may have taken them in this moment.
                made += _owed(db, step, staff, now)
    return made


def _owed(db: Connection, step: Step, staff: StaffSettings, now: datetime) -> bool:
    entries = _due(db, step, staff, now)
    if not entries:
        return False
    overdue = callback_rows.untouched(db, now)
    receivers = step.to or ("",)
    notice = notices.make(db, step.key, step.by, receivers, of=entries, overdue=overdue, now=now)
    for place, _ in enumerate(receivers):
        payload = {"notice": notice.id, "place": place}
        jobs.owe(db, jobs.Wanted(NOTIFY, f"{NOTIFY}:{notice.key}:{place}", payload), now=now)
    return True


def _due(db: Connection, step: Step, staff: StaffSettings, now: datetime) -> list[Entry]:
    """The entries of which a step is to tell now."""
    late = callback_rows.untouched(db, now - timedelta(minutes=step.after_minutes))
    quiet = not told_at(now, staff.opening, staff.notify_from_hour, staff.notify_until_hour)
    wanted = [
        entry for entry in late
        if step.takes(entry.urgency) and not (quiet and entry.urgency is not Urgency.EMERGENCY)
    ]  # fmt: skip
    new = notices.untold(db, step.key, wanted)
    if not new or any(entry.urgency is Urgency.EMERGENCY for entry in new):
        return new
    last = notices.last_of(db, step.key)
    # A clock that was set back does not keep it silent.
    return [] if last is not None and timedelta() <= now - last < PAUSE else new


def notifying(settings: Settings, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Kind[Told]:
    """The kind that tells one receiver."""

    def run(errand: Errand, told: Told) -> Change | None:
        notice = errand.read(lambda db: notices.get(db, told.notice))
        language = errand.read(office.staff).language
        words = _Words(notice, settings.notify.admin_url, language)
        key = f"{notice.key}-{told.place}"
        if notice.channel == "text":
            return _texted(errand, notice, told.place, code_of(language), clock())
        with telling.tried_again():
            if notice.channel == "email":
                to, at = notice.receivers[told.place], notice.made_at
                telling.by_mail(errand, settings, to, words.subject, words.body, key=key, at=at)
            else:
                telling.by_webhook(errand, settings, words.tree, key=key, at=clock())
        return lambda db: notices.sent(db, notice.id, clock())

    return Kind(NOTIFY, Told, run, DEADLINE_S, at_once=2, urgent=True, tries=12)


@dataclass(frozen=True, slots=True)
class _Words:
    """What is said: numbers, and where to look. Nobody's name or number is in it."""

    notice: Notice
    link: str
    language: str

    @property
    def subject(self) -> str:
        notice = self.notice
        return staff_told.overdue(self.language, notice.overdue, notice.emergencies, notice.oldest_minutes)

    @property
    def body(self) -> str:
        return f"{self.subject}\n\n{staff_told.where(self.language, self.link)}\n"

    @property
    def tree(self) -> dict[str, object]:
        return {
            "event": "callbacks_overdue",
            "id": self.notice.key,
            "overdue": self.notice.overdue,
            "emergencies": self.notice.emergencies,
            "oldest_minutes": self.notice.oldest_minutes,
            "at": self.notice.made_at.isoformat(),
            "link": self.link,
        }


def _texted(errand: Errand, notice: Notice, place: int, language: str, now: datetime) -> Change | None:
    """Have the bridge send it: it is owed as a text, once, and counts as told when the carrier has it."""
    number = notice.receivers[place]
    telling.see_that_a_text_is_news(errand, number, notice.made_at, now)
    once, until = f"{NOTIFY} {notice.id} {place}", notice.made_at + telling.TEXT_GOOD
    owed = texts.Owed(once, TextKind.OVERDUE, number, language, now, until, notice_id=notice.id)
    return lambda db: texts.owe(db, owed, now=now)
