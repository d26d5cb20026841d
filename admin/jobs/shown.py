"""Jobs and timetables in plain words.

Pure. May import: the standard library, admin.tongue, appliance.jobs, appliance.store.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from admin.tongue import later
from appliance.jobs import (
    alerts,
    archive,
    asking_calendars,
    backup,
    drafted,
    escalation,
    examining,
    knowledge,
    rehearsing,
    retention,
    schedules,
    self_calls,
    tidy,
    writing_down,
)
from appliance.jobs.timetable import Schedule
from appliance.store import booking_texts, calendar_sync, callback_calls, recordings_away, times, voicemail
from appliance.store.job_counts import Counts
from appliance.store.jobs import Job, State

KINDS: Mapping[str, str] = {
    booking_texts.CONFIRM: later("Text about an appointment"),
    booking_texts.REMIND: later("Text that reminds of an appointment"),
    calendar_sync.SYNC: later("Bringing an appointment and its calendar together"),
    callback_calls.CUT_OFF: later("Text after a call that was cut off"),
    alerts.ALERT: later("Telling that something is wrong with the box"),
    escalation.NOTIFY: later("Telling staff of overdue callbacks"),
    voicemail.FETCH: later("Fetching a recording"),
    voicemail.WRITE_DOWN: later("Writing a message down"),
    writing_down.AGAIN: later("Writing down what nobody heard before"),
    voicemail.SUM_UP: later("Summing a message up"),
    voicemail.DELETE: later("Deleting a recording at the carrier"),
    archive.NAME: later("Moving recordings to their storage"),
    recordings_away.BRING: later("Fetching a recording from where it is kept"),
    knowledge.READ: later("Reading a document"),
    knowledge.INDEX: later("Making the index of documents"),
    drafted.NAME: later("Making the index of a draft's documents"),
    knowledge.PAGES: later("Looking at pages of the website again"),
    rehearsing.NAME: later("Playing all rehearsals"),
    retention.NAME: later("Deleting what is kept no longer"),
    tidy.NAME: later("Tidying up"),
    tidy.CHECK: later("Checking the database"),
    schedules.RENDER: later("Speaking the fixed sentences ahead"),
    asking_calendars.NAME: later("Asking all calendars whether they answer"),
    examining.NAME: later("Looking whether the box is well"),
    self_calls.NAME: later("Having the box ring itself"),
    backup.NAME: later("Backing the box up"),
    backup.VERIFY: later("Restoring the last backup for a test"),
}
STATES = {
    State.QUEUED: later("To be begun"),
    State.WAITING: later("Tried again later"),
    State.RUNNING: later("Running"),
    State.DONE: later("Done"),
    State.DEAD: later("Given up"),
    State.DROPPED: later("Not wanted any more"),
}
TONES = {
    State.QUEUED: "plain",
    State.WAITING: "care",
    State.RUNNING: "live",
    State.DONE: "good",
    State.DEAD: "bad",
    State.DROPPED: "plain",
}
LATE_S = 60.0
"""What has been due for so long has no worker: it looks every second."""


@dataclass(frozen=True, slots=True)
class Regular:
    """One timetable: when it is due next, and the last job of it that ended."""

    kind: str
    next: str
    ended: Job | None


def regulars(
    timetables: Sequence[Schedule], ended: Mapping[str, Job], zone: ZoneInfo, now: datetime
) -> list[Regular]:
    """These timetables, the next first."""
    found = [
        Regular(
            each.kind,
            times.written(each.when.next(now, zone)),
            ended.get(each.kind),
        )
        for each in timetables
    ]
    return sorted(found, key=lambda each: each.next)


def kind(name: str) -> str:
    """What a kind does; one of another version as it is."""
    return KINDS.get(name, name)


def late(counts: Counts) -> bool:
    """Whether it looks as if no worker ran."""
    return counts.due > 0 and counts.oldest_due_s > LATE_S and not counts.of(State.RUNNING)
