"""What is too old goes: rows, files, and out of the bytes of the database; what is held or open stays."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from appliance.backup import stage
from appliance.core.dispositions import Outcome
from appliance.core.keeping import KeepDays
from appliance.core.steps import CallOffered
from appliance.core.voicemail_settings import Voicemail
from appliance.jobs import retention as deleting
from appliance.jobs import work
from appliance.jobs.errand import Errand
from appliance.jobs.kinds import registry
from appliance.jobs.turns import Turns
from appliance.store import (
    call_search,
    callback_rows,
    callbacks,
    calls,
    database,
    holds,
    job_leases,
    jobs,
    messages,
    office,
    remains,
    retention,
    times,
    trials,
    voicemail,
)  # fmt: skip
from appliance.store.call_search import Wanted
from appliance.store.database import Connection
from appliance.store.job_leases import Moment
from appliance.store.jobs import Job, State
from appliance.store.retention import Run
from tests.forked import FORKED
from tests.jobs import deleting as program
from tests.jobs.long_ago import DAY, NOW, Past
from tests.small_disk import small_disk

TABLES = {
    "call_log", "transcript", "call_event", "call_timing", "usage", "intent_log", "language_log",
    "citations_log", "message", "booking", "callback", "callback_cause", "callback_event",
    "unanswered_question", "unanswered_group",
}  # fmt: skip


@pytest.fixture
def past(tmp_path: Path) -> Iterator[Past]:
    made = Past(tmp_path / "box")
    yield made
    made.close()


def night(past: Past, key: str = "retention:1") -> tuple[Job, Run]:
    """What a night's job made of it."""
    kind = deleting.retaining(past.settings, lambda: NOW)
    with database.immediate(past.db):
        job_id = jobs.owe(past.db, jobs.Wanted(kind.name, key, {}), now=NOW)
        found = job_leases.claim(past.db, [kind.name], worker="w", moment=Moment.now(), lease_s=60)
    assert found is not None
    errand = Errand(*found, past.db, Turns(), kind.deadline_s)
    work.do(registry([kind]), errand, Moment.now, lambda _: True)
    return jobs.get(past.db, job_id), retention.runs(past.db)[0]


def rows(db: Connection, table: str) -> int:
    return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608


def keep(past: Past, **days: Any) -> None:
    with database.immediate(past.db):
        office.set_value(past.db, "keep_days", days, at="2026-01-01T00:00:00.000Z", by="ana")


def test_what_is_older_than_all_days_leaves_no_byte(past: Past) -> None:
    numbers = [past.rang(400 + place) for place in range(30)]
    kept = past.rang(2)
    # Statistics keep samples of the values in indexes.
    past.db.execute("PRAGMA optimize = 0x10002")
    before = past.raw()
    assert all(number.encode() in before for number in numbers)
    job, run = night(past)
    assert (job.state, job.error) == (State.DONE, "")
    after = past.raw()
    assert [number for number in numbers if number.encode() in after] == []
    assert kept.encode() in after
    assert {table: rows(past.db, table) for table in ("call_log", "message", "booking", "callback")} == {
        "call_log": 1, "message": 2, "booking": 1, "callback": 1,
    }  # fmt: skip
    assert len([*past.recordings.iterdir()]) == 2
    assert dict(run.gone) == {
        "recordings": 30, "transcripts": 30, "steps of calls": 30, "calls": 30, "messages": 60,
        "callbacks": 30, "texts": 30, "appointments": 30, "questions without an answer": 30,
        "voicemail's text": 30, "words beside messages": 30,
    }  # fmt: skip
    assert run.verified_at is not None
    assert database.faults(past.settings.database) == []


def test_each_kind_has_days_of_its_own(past: Past) -> None:
    for days in (29, 31, 89, 91, 364, 367):
        past.rang(days)
    _, run = night(past)
    assert dict(run.gone) == {
        "recordings": 5, "transcripts": 5, "steps of calls": 3, "calls": 1, "messages": 2, "callbacks": 1,
        "texts": 3, "appointments": 1, "questions without an answer": 1, "voicemail's text": 5,
        "words beside messages": 5,
    }  # fmt: skip


def test_nothing_goes_where_staff_keep_it_for_ever(past: Past) -> None:
    past.rang(4000)
    keep(past, **dict.fromkeys(KeepDays.model_fields, 0))
    before = {table: rows(past.db, table) for table in TABLES}
    _, run = night(past)
    assert (dict(run.gone), {table: rows(past.db, table) for table in TABLES}) == ({}, before)
    assert len([*past.recordings.iterdir()]) == 2


def test_what_was_said_goes_before_the_call_itself(past: Past) -> None:
    number = past.rang(40)
    night(past)
    (call,) = calls.page(past.db)
    whole = calls.whole(past.db, call.id)
    assert whole is not None
    assert (whole.call.from_number, whole.turns, whole.citations) == (number, [], [])
    assert [row.kind for row in whole.events] == ["CallAnswered"]
    assert [row.meta for row in whole.intents] == [{}]
    assert whole.usage
    assert b"my secret is" in past.raw()
    raw = past.raw()
    assert [end for end in ("spoken", "heard", "asked", "beside") if f"{call.id} {end}".encode() in raw] == []


WORDS = ("I am sick", "my secret word is xylophonist arrangement")


def test_what_was_said_alone_leaves_the_search_too(past: Past) -> None:
    """Nothing was left in the call: no message has the index read anew."""
    call = past.spoke(40, *WORDS)
    kept = past.spoke(2, "they spoke of a xylophone")
    sought = Wanted(text="xylo")
    assert [each.call.id for each in call_search.find(past.db, sought)] == [kept, call]
    job, run = night(past)
    assert (job.state, dict(run.gone), run.verified_at is not None) == (State.DONE, {"transcripts": 1}, True)
    assert [each.call.id for each in call_search.find(past.db, sought)] == [kept]
    assert [each.id for each in calls.page(past.db)] == [kept, call]
    raw = past.raw()
    assert [word for word in (b"xylophonist", b"arrangement", b"sick") if word in raw] == []


def test_a_copy_that_stays_in_the_search_is_seen(past: Past) -> None:
    past.spoke(40, *WORDS)
    past.db.execute("DROP TRIGGER searched_turn_gone")
    job, run = night(past)
    assert (job.state, run.verified_at) == (State.WAITING, None)
    assert "Of what was deleted 1 pieces are in the file still." in job.error


def test_what_is_open_on_the_list_stays_whatever_its_age(past: Past) -> None:
    number = past.rang(4000, handled=False)
    _, run = night(past)
    assert dict(run.gone) == {"appointments": 1, "texts": 1}
    (entry,) = callback_rows.open_page(past.db)
    assert (entry.number, len(messages.page(past.db)), len([*past.recordings.iterdir()])) == (number, 2, 2)


def test_what_is_held_stays_until_it_is_released(past: Past) -> None:
    held, gone = past.rang(4000), past.rang(4000)
    with database.immediate(past.db):
        hold = holds.hold(past.db, number=held, reason="a lawsuit", by="ana", now=NOW)
    assert deleting.counts(past.db, KeepDays(), NOW)["calls"] == (1, 1)
    _, run = night(past)
    assert run.held == {
        "recordings": 1, "transcripts": 1, "steps of calls": 1, "calls": 1, "messages": 1, "callbacks": 1,
        "texts": 1, "appointments": 1, "questions without an answer": 1, "voicemail's text": 1,
        "words beside messages": 1,
    }  # fmt: skip
    raw = past.raw()
    assert (held.encode() in raw, gone.encode() in raw) == (True, False)
    assert len([*past.recordings.iterdir()]) == 2
    with database.immediate(past.db):
        holds.release(past.db, hold.id, by="ben", now=NOW)
    night(past, "retention:2")
    left = past.raw().replace(b"a lawsuit", b"")
    assert left.count(held.encode()) == 1  # in the row of the hold
    assert rows(past.db, "call_log") == 0


def test_one_call_can_be_held_alone(past: Past) -> None:
    number = past.rang(4000)
    past.rang(3999, number)
    first = calls.page(past.db)[-1]
    with database.immediate(past.db):
        holds.hold(past.db, call_id=first.id, reason="a complaint", by="ana", now=NOW)
    night(past)
    assert [call.id for call in calls.page(past.db)] == [first.id]
    assert [message.call_id for message in messages.page(past.db)] == [first.id, first.id]


def test_a_recording_that_went_is_not_fetched_again(past: Past) -> None:
    past.rang(100)
    night(past)
    (gone,) = [message for message in messages.page(past.db) if message.kind == "voicemail"]
    assert gone.recording_sid is not None
    assert gone.recording_gone
    with database.immediate(past.db):
        voicemail.taken(
            past.db,
            call_sid=gone.call_sid,
            recording_sid=gone.recording_sid,
            seconds=3,
            at=gone.created_at,
            now=NOW,
        )
    assert jobs.of_key(past.db, f"{voicemail.FETCH}:{gone.recording_sid}") is None


@pytest.mark.parametrize("delete", [True, False])
def test_a_recording_that_never_came_here_goes_with_its_days(past: Past, delete: bool) -> None:
    wishes = Voicemail(delete_at_carrier=delete)
    past.settings = past.settings.model_copy(update={"voicemail": wishes})
    sid, waiting = past.held_there(100, "+14155550111"), past.held_there(100, "+14155550112")
    for entry in callback_rows.of_number(past.db, "+14155550111"):
        with database.immediate(past.db):
            callbacks.done(past.db, entry.id, "ana", "called", now=NOW)
    _, run = night(past)
    assert dict(run.gone) == {"recordings": 1}
    found = {each.recording_sid: each.recording_gone for each in messages.page(past.db)}
    assert found == {sid: True, waiting: False}
    assert (jobs.of_key(past.db, f"{voicemail.DELETE}:{sid}") is not None) is delete
    assert jobs.of_key(past.db, f"{voicemail.DELETE}:{waiting}") is None
    assert messages.untaken(past.db, {sid: "CA1", waiting: "CA2"}) == {}


def test_a_message_does_not_go_before_its_recording_at_the_carrier(past: Past) -> None:
    sid = past.held_there(30, "+14155550111")
    keep(past, messages=7)
    past.db.execute("UPDATE callback_cause SET void_at = ?", (times.written(NOW),))
    _, run = night(past)
    assert dict(run.gone) == {"recordings": 1, "messages": 1}
    assert messages.page(past.db) == []
    assert messages.untaken(past.db, {sid: "CAthere1"}) == {}


def test_what_was_killed_leaves_no_copy_and_what_goes_on_keeps_its_own(past: Past) -> None:
    for name in (".trial-dropped", ".backup/stage", ".backup/verify"):
        (past.folder / name).mkdir(parents=True)
        (past.folder / name / "attendant.db").write_bytes(b"x")
    with trials.folder(past.folder) as trial:
        _, run = night(past)
        assert dict(run.gone) == {"copies of the database": 3}
        assert trial.exists()
    left = sorted(path.name for path in past.folder.iterdir() if path.is_dir())
    assert left == [".backup", "recordings"]
    with stage.held(past.folder) as work:
        (work / "stage").mkdir()
        _, run = night(past, "retention:2")
        assert dict(run.gone) == {}
        assert (work / "stage").exists()


def test_a_run_that_deletes_more_after_it_was_seen_is_to_be_seen_again(past: Past) -> None:
    with database.immediate(past.db):
        retention.begin(past.db, "r", "retention", by="", now=NOW)
        retention.counted(past.db, "r", "calls", 1)
        retention.seen(past.db, retention.unseen(past.db), NOW)
        assert not retention.unverified(past.db)
        retention.counted(past.db, "r", "calls", 1)
    assert retention.unverified(past.db)
    assert retention.unseen(past.db).anything


def test_files_that_no_message_knows_and_old_copies_go_as_well(past: Past) -> None:
    past.rang(2)
    stray, young = past.recordings / "RE0.wav", past.recordings / "RE1.wav.part"
    copy = past.folder / "attendant.db.m0001_calls.copy"
    for path in (stray, young, copy):
        path.write_bytes(b"x")
    for path in (stray, copy, *past.recordings.glob("RE0000*")):
        os.utime(path, ((NOW - 200 * DAY).timestamp(),) * 2)
    _, run = night(past)
    assert dict(run.gone) == {"files without a message": 1, "copies of the database": 1}
    assert (stray.exists(), young.exists(), copy.exists()) == (False, True, False)
    assert len([*past.recordings.iterdir()]) == 3


def test_who_rang_in_the_same_second_keeps_their_recording(past: Past) -> None:
    """The PBX's names have points in them: what comes before the first is the second of the call."""
    past.rang(4000)
    past.rang(2)
    due, young = (
        message for message in reversed(messages.page(past.db)) if message.recording_path is not None
    )
    with database.immediate(past.db):
        for message, name in ((due, "pbx-1790000000.1-0"), (young, "pbx-1790000000.2-0")):
            past.db.execute(
                "UPDATE message SET recording_path = ? WHERE id = ?", (f"{name}.flac", message.id)
            )
            for ending in ("flac", "wav"):
                (past.recordings / f"{name}.{ending}").write_bytes(b"sound")
    unknown = past.recordings / "pbx-1790000000.3-0.wav"
    unknown.write_bytes(b"x")
    os.utime(unknown, ((NOW - 200 * DAY).timestamp(),) * 2)
    night(past)
    kept = sorted(path.name for path in past.recordings.glob("pbx*"))
    assert kept == ["pbx-1790000000.2-0.flac", "pbx-1790000000.2-0.wav"]


def test_the_file_is_written_anew_only_when_no_call_goes_on(past: Past) -> None:
    past.rang(400)
    offer = CallOffered("CAlive", "+14155550100", "", "twilio")
    with database.immediate(past.db):
        calls.begin(past.db, "live", offer, "2026-11-27T08:00:00.000Z")
    desk = Hurried(past.db)
    work_ = deleting.Deleting(desk, past.settings, "by hand", NOW)
    desk.write(lambda db: retention.begin(db, "by hand", "retention", by="ana", now=NOW))
    work_.too_old(KeepDays())
    assert work_.verify() == deleting.CALLS_GO_ON
    with database.immediate(past.db):
        calls.end(past.db, "live", "2026-11-27T08:01:00.000Z", Outcome.HANDLED, "")
    # What was not seen to be gone is looked after in the next night, though nothing more is too old then.
    _, run = night(past)
    assert (dict(run.gone), run.verified_at is not None) == ({}, True)
    assert not retention.unverified(past.db)
    assert retention.unseen(past.db).witnesses == ()


class Hurried:
    """A desk that has no time to wait for anything."""

    left_s = 0.0

    def __init__(self, db: Connection) -> None:
        self._db = db

    def read(self, query: Any) -> Any:
        with database.snapshot(self._db):
            return query(self._db)

    def write(self, change: Any) -> Any:
        with database.immediate(self._db):
            return change(self._db)

    def apart(self, use: Any) -> Any:
        return use(self._db)

    def rest(self, seconds: float) -> None:
        pass


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Past]:
    """A box on a disk of 6 MB."""
    with small_disk(tmp_path / "disk", "6m") as folder:
        made = Past(folder / "box")
        yield made
        made.close()


def test_on_a_full_disk_it_says_so_and_ends_in_another_night(small: Past) -> None:
    number = small.rang(400)
    small.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    filler = small.folder / "filler"
    room = os.statvfs(small.folder)
    filler.write_bytes(bytes((room.f_bavail - 300) * room.f_frsize))
    job, run = night(small)
    assert (job.state, run.verified_at) == (State.WAITING, None)
    assert "The disk is full" in job.error
    assert rows(small.db, "call_log") == 0
    filler.unlink()
    job, run = night(small, "retention:2")
    assert (job.state, dict(run.gone), run.verified_at is not None) == (State.DONE, {}, True)
    assert number.encode() not in small.raw()


def dies(folder: Path, key: str, steps: int) -> bool:
    """Delete in a process of its own that is killed after so many steps; whether it was."""
    child = FORKED.Process(target=program.main, args=(folder, key, steps))
    child.start()
    child.join()
    assert child.exitcode in (0, -signal.SIGKILL)
    return child.exitcode == -signal.SIGKILL


def test_what_a_kill_kept_from_being_seen_is_looked_for_by_who_goes_on(tmp_path: Path) -> None:
    """Killed at each of its steps in turn: what is deleted by then has witnesses, or was seen to be gone."""
    first = Past(tmp_path / "box")
    number = first.rang(400)
    kinds = (
        "transcripts", "voicemail's text", "words beside messages", "questions without an answer", "calls",
        "messages",
    )  # fmt: skip
    first.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    first.close()
    whole, killed = (tmp_path / "box" / "attendant.db").read_bytes(), 0
    for steps in range(1, 200):
        folder = tmp_path / f"killed {steps}"
        (folder / "recordings").mkdir(parents=True)
        (folder / "attendant.db").write_bytes(whole)
        died = dies(folder, "night", steps)
        killed += died
        db = database.connect(folder / "attendant.db")
        runs = retention.runs(db)
        gone = {name for run in runs for name in run.gone if run.verified_at is None}
        known = {row[0] for row in db.execute("SELECT kind FROM retention_witness")}
        db.close()
        assert known == gone.intersection(kinds) | (known & {"appointments"}), steps
        assert not dies(folder, "night", 0)
        db = database.connect(folder / "attendant.db")
        assert (retention.runs(db)[0].verified_at is not None, rows(db, "retention_witness")) == (True, 0)
        db.close()
        assert number.encode() not in (folder / "attendant.db").read_bytes()
        if not died:
            break
    assert killed > 20


def test_what_is_in_the_file_still_is_found_by_a_later_run(past: Past) -> None:
    past.rang(400)
    words = "nobody but she knows of the third appointment"
    run = "killed"
    with database.immediate(past.db):
        retention.begin(past.db, run, "retention", by="", now=NOW)
        retention.counted(past.db, run, "transcripts", 1)
        retention.witnessed(past.db, run, "transcripts", [words, "too short"])
    assert words.encode() not in past.raw()
    (witness,) = retention.unseen(past.db).witnesses
    path = past.settings.database
    assert remains.found(past.db, path, [witness]) == 0
    past.db.execute("CREATE TABLE scrap (text TEXT)")
    past.db.execute("INSERT INTO scrap VALUES (?)", (f"I say: {words}, as ever",))
    assert remains.found(past.db, path, [witness]) == 0  # A row has it, rightly.
    past.db.execute("PRAGMA secure_delete = OFF")
    past.db.execute("DELETE FROM scrap")
    assert remains.found(past.db, path, [witness]) == 1
    job, _ = night(past)
    assert (job.state, retention.unverified(past.db)) == (State.DONE, False)
    assert words.encode() not in past.raw()


def test_killed_at_any_point_it_goes_on_and_counts_each_thing_once(past: Past) -> None:
    """The process is killed as by `kill -9`, again and again, each time further on."""
    numbers = [past.rang(400 + place) for place in range(12)]
    for place in range(12):
        past.rang(10 + place)
    killed = 0
    for steps in (3, 9, 15, 21, 28, 34, 0):
        killed += dies(past.folder, "night", steps)
    assert killed >= 5
    (run,) = retention.runs(past.db)
    assert dict(run.gone) == {
        "recordings": 12, "transcripts": 12, "steps of calls": 12, "calls": 12, "messages": 24,
        "callbacks": 12, "texts": 12, "appointments": 12, "questions without an answer": 12,
        "voicemail's text": 12, "words beside messages": 12,
    }  # fmt: skip
    assert run.verified_at is not None
    raw = past.raw()
    assert [number for number in numbers if number.encode() in raw] == []
    assert len([*past.recordings.iterdir()]) == 24
    assert database.faults(past.settings.database) == []
