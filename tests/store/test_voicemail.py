"""Spoken messages in the store: what is owed with each, once, and what is kept of its text."""

from datetime import UTC, datetime, timedelta

import pytest

from appliance.core.calendar import Span
from appliance.core.callbacks import Urgency
from appliance.store import bookings, callback_rows, database, jobs, message_texts, messages, voicemail
from appliance.store.database import Connection
from appliance.store.jobs import State, Wanted
from appliance.store.message_texts import MessageText, Stretch, TextState, Word
from appliance.store.messages import Message, Told
from appliance.store.migrations import CHANGES, migrate, name_of
from tests.jobs import job_clock
from tests.store.conftest import AT

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SID = "RE" + "1" * 32
TEXT = MessageText(
    1,
    TextState.WRITTEN,
    text="This is Ana. I can't breathe.",
    language="en",
    confidence=0.8,
    words=(Word("This", 100, 300, 0.9), Word("is", 300, 400, None)),
    sound_ms=9000,
    stored_ms=4000,
    kept=(Stretch(0, 2000, 3000), Stretch(3000, 7000, 1000)),
    summary="I can't breathe.",
    urgency="emergency",
    because="I can't breathe.",
    name="Ana",
    number="+14155550123",
    number_said=True,
    made_by="rules",
    original=f"{SID}.wav",
)


def taken(db: Connection, *, ready: bool = False, now: datetime = NOW, sid: str = SID) -> Message:
    with database.immediate(db):
        message_id = voicemail.taken(
            db, call_sid="CA1", recording_sid=sid, seconds=3, at=AT, now=now, ready=ready
        )
    assert message_id is not None
    return must(db, message_id)


def must(db: Connection, message_id: int = 1) -> Message:
    found = messages.one(db, message_id)
    assert found is not None
    return found


def owed(db: Connection) -> dict[str, State]:
    return {job.key: job.state for job in jobs.page(db)}


def test_a_recording_is_owed_with_its_row_and_waits_until_it_is_ready(db: Connection) -> None:
    first = taken(db)
    (job,) = jobs.page(db)
    assert (job.kind, job.payload) == ("fetch_recording", {"recording_sid": SID})
    assert not job_clock.due(db, job.kind, voicemail.READY_AFTER / 2)
    assert taken(db, ready=True).id == first.id
    assert job_clock.due(db, job.kind, timedelta(0))


def test_a_clock_that_is_set_back_has_no_recording_wait(db: Connection) -> None:
    taken(db)
    with database.immediate(db):
        voicemail.owe_deletion(db, SID, timedelta(minutes=20), now=NOW)
    for kind, wait in ((voicemail.FETCH, voicemail.READY_AFTER), (voicemail.DELETE, timedelta(minutes=20))):
        assert not job_clock.due(db, kind, wait / 2, set_by=timedelta(days=1))
        assert job_clock.due(db, kind, wait, set_by=timedelta(days=-1))


def test_told_late_and_again_it_is_owed_once(db: Connection) -> None:
    for ready in (True, False, True, True):
        taken(db, ready=ready)
    assert owed(db) == {f"fetch_recording:{SID}": State.QUEUED}
    assert len(messages.page(db)) == 1


def test_one_that_was_given_up_is_tried_again_when_the_carrier_tells_of_it_again(db: Connection) -> None:
    taken(db, ready=True)
    db.execute("UPDATE job SET state = 'dead', ended_at = ?", (AT,))
    taken(db)
    assert owed(db) == {f"fetch_recording:{SID}": State.DEAD}
    taken(db, ready=True)
    assert owed(db) == {f"fetch_recording:{SID}": State.QUEUED}


def test_one_that_is_here_is_owed_no_more(db: Connection) -> None:
    message = taken(db, ready=True)
    with database.immediate(db):
        jobs.drop(db, 1, now=NOW)
        voicemail.fetched(db, message, f"{SID}.wav", delete=True, now=NOW)
        jobs.forget(db, NOW + timedelta(days=99))
    taken(db, ready=True)
    assert owed(db) == {"write_down:1": State.QUEUED, f"delete_recording:{SID}": State.QUEUED}


@pytest.mark.parametrize("delete", [True, False])
def test_the_carriers_copy_is_deleted_only_where_that_is_wished(db: Connection, delete: bool) -> None:
    message = taken(db)
    with database.immediate(db):
        voicemail.fetched(db, message, f"{SID}.wav", delete=delete, now=NOW)
    assert must(db).recording_path == f"{SID}.wav"
    assert (f"delete_recording:{SID}" in owed(db)) is delete


def test_what_is_deleted_for_good_is_not_taken_anew_and_goes_at_the_carrier(db: Connection) -> None:
    message = taken(db)
    with database.immediate(db):
        voicemail.let_go(db, SID, delete=True, now=NOW)
        db.execute("DELETE FROM message WHERE id = ?", (message.id,))
    assert messages.untaken(db, {SID: "CA1", "RE2": "CA1"}) == {"RE2": False}
    gone = f"delete_recording:{SID}"
    assert owed(db)[gone] is State.QUEUED
    # It was not ready yet, so that the carrier had nothing to delete, and tells of it now.
    db.execute("UPDATE job SET state = 'done', ended_at = ? WHERE key = ?", (AT, gone))
    with database.immediate(db):
        again = voicemail.taken(db, call_sid="CA1", recording_sid=SID, seconds=3, at=AT, now=NOW)
    assert (again, messages.page(db), owed(db)[gone]) == (None, [], State.QUEUED)


def test_where_the_carrier_keeps_its_copies_what_is_deleted_here_for_good_stays_there(db: Connection) -> None:
    message = taken(db)
    with database.immediate(db):
        voicemail.let_go(db, SID, delete=False, now=NOW)
        db.execute("DELETE FROM message WHERE id = ?", (message.id,))
        again = voicemail.taken(db, call_sid="CA1", recording_sid=SID, seconds=3, at=AT, now=NOW)
    assert (again, messages.page(db)) == (None, [])
    assert f"delete_recording:{SID}" not in owed(db)


@pytest.mark.parametrize(("before", "after"), [("dead", State.QUEUED), ("done", State.DONE)])
def test_what_is_deleted_at_the_carrier_already_is_owed_no_more(
    db: Connection, before: str, after: State
) -> None:
    message = taken(db)
    with database.immediate(db):
        voicemail.fetched(db, message, f"{SID}.wav", delete=True, now=NOW)
    gone = f"delete_recording:{SID}"
    db.execute("UPDATE job SET state = ?, ended_at = ? WHERE key = ?", (before, AT, gone))
    with database.immediate(db):
        voicemail.let_go(db, SID, delete=True, now=NOW)
    assert owed(db)[gone] is after


def test_a_recording_of_our_own_is_nowhere_else(db: Connection) -> None:
    with database.immediate(db):
        voicemail.let_go(db, "pbx-1790000000.1-0.wav", delete=True, now=NOW)
    assert owed(db) == {}


def test_a_message_of_our_own_pbx_is_owed_its_text(db: Connection) -> None:
    for _ in range(2):
        with database.immediate(db):
            voicemail.taken_here(db, call_sid="CA1", name="a-0.wav", seconds=4, at=AT, now=NOW)
    assert must(db).recording_path == "a-0.wav"
    assert owed(db) == {"write_down:1": State.QUEUED}
    with database.immediate(db):
        voicemail.written(db, must(db), TEXT, "a-0.flac", now=NOW)
        voicemail.taken_here(db, call_sid="CA1", name="a-0.wav", seconds=4, at=AT, now=NOW)
    assert must(db).recording_path == "a-0.flac"


def test_a_text_is_kept_as_it_was_made_and_what_presses_is_marked(db: Connection) -> None:
    message = taken(db)
    with database.immediate(db):
        voicemail.written(db, message, TEXT, f"{SID}.flac", now=NOW)
    assert message_texts.of_message(db, 1) == TEXT
    assert message_texts.of_messages(db, [1, 2]) == {1: TEXT}
    kept = must(db)
    assert (kept.recording_path, kept.seconds, kept.told.urgent, kept.hang_up) == (
        f"{SID}.flac",
        4,
        True,
        False,
    )
    message_texts.original_gone(db, 1)
    found = message_texts.of_message(db, 1)
    assert found is not None
    assert found.original is None


def test_a_caller_who_said_nothing_left_no_message(db: Connection) -> None:
    message, other = taken(db), taken(db, sid="RE" + "2" * 32)
    with database.immediate(db):
        voicemail.written(db, message, MessageText(1, TextState.NO_SPEECH), f"{SID}.flac", now=NOW)
    assert must(db).hang_up
    assert [each.id for each in messages.page(db)] == [other.id]
    assert [each.id for each in messages.unnotified(db)] == [other.id]
    assert [each.id for each in messages.page(db, hang_ups=True)] == [other.id, 1]


def test_a_message_that_the_assistant_asked_for_is_none_in_any_case(db: Connection) -> None:
    message_id = messages.add(
        db, call_sid="CA1", subject="Call back", body="?", at=AT, caller=Told(), recording_path="m.wav"
    )
    with database.immediate(db):
        voicemail.written(
            db, must(db, message_id), MessageText(message_id, TextState.NO_SPEECH), "m.flac", now=NOW
        )
    assert not must(db, message_id).hang_up


def test_trouble_takes_nothing_back_that_was_written(db: Connection) -> None:
    taken(db)
    message_texts.trouble(db, 1, TextState.WAITING, "busy", AT)
    message_texts.trouble(db, 1, TextState.FAILED, "unavailable", AT)
    found = message_texts.of_message(db, 1)
    assert found is not None
    assert (found.state, found.problem) == (TextState.FAILED, "unavailable")
    message_texts.put(db, TEXT, AT)
    message_texts.trouble(db, 1, TextState.FAILED, "late", AT)
    assert message_texts.of_message(db, 1) == TEXT


def test_the_text_goes_with_its_message(db: Connection) -> None:
    taken(db)
    message_texts.put(db, TEXT, AT)
    db.execute("DELETE FROM message")
    assert message_texts.of_message(db, 1) is None


def test_the_name_of_a_patient_in_the_same_recording_is_found_under_its_new_name(db: Connection) -> None:
    message_id = messages.add(db, call_sid="CA1", subject="s", body="b", at=AT, recording_path="m.wav")
    span = Span(NOW, NOW + timedelta(minutes=30))
    booked = bookings.Wanted("key", "CA1", "check-up", "doctor", span, span, "UTC")
    patient = bookings.Patient("", "+14155550123", recording="m.wav")
    with database.immediate(db):
        bookings.take(db, booked, patient, now=NOW - timedelta(days=1))
        voicemail.written(db, must(db, message_id), TEXT, "m.flac", now=NOW)
    assert bookings.get(db, "key").recording == "m.flac"


def test_a_box_from_before_owes_what_it_had_not_done(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("old") / "attendant.db"
    migrate(path, [each for each in CHANGES if name_of(each) < "m0024"])
    db = database.connect(path)
    left: tuple[tuple[str, str | None, str | None], ...] = (
        (SID, None, None),
        ("RE" + "2" * 32, "two.wav", None),
        ("RE" + "3" * 32, "three.wav", AT),
    )
    for kept in left:
        db.execute(
            """
            INSERT INTO message (call_sid, kind, subject, body, seconds, created_at,
                recording_sid, recording_path, handled_at)
            VALUES ('CA1', 'voicemail', '', '', 1, ?, ?, ?, ?)
            """,
            (AT, *kept),
        )
    db.close()
    assert "m0024_voicemail" in migrate(path)
    db = database.connect(path)
    assert owed(db) == {f"fetch_recording:{SID}": State.QUEUED, "write_down:2": State.QUEUED}
    again = Wanted("fetch_recording", f"fetch_recording:{SID}", {"recording_sid": SID})
    with database.immediate(db):
        assert jobs.owe(db, again, now=NOW) == 1
    db.close()


def callback(db: Connection) -> callback_rows.Entry:
    return callback_rows.get(db, 1)


def test_the_callback_list_learns_what_a_voicemail_says(db: Connection) -> None:
    message = taken(db)
    assert (callback(db).urgency, callback(db).number) == (Urgency.NORMAL, "")
    with database.immediate(db):
        voicemail.written(db, message, TEXT, f"{SID}.flac", now=NOW)
    entry = callback(db)
    assert (entry.urgency, entry.number, entry.name) == (Urgency.EMERGENCY, "+14155550123", "Ana")


def test_a_voicemail_in_which_nobody_speaks_is_off_the_callback_list(db: Connection) -> None:
    message = taken(db)
    silent = MessageText(message.id, TextState.NO_SPEECH, sound_ms=4000, stored_ms=0)
    with database.immediate(db):
        voicemail.written(db, message, silent, f"{SID}.flac", now=NOW)
    assert callback(db).state is callback_rows.State.DONE
    assert [why.void_why for why in callback(db).causes] == [voicemail.NOBODY]
