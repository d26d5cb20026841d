"""The callback list: merged per caller, what presses first, what staff do with it, and its beginning."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from appliance.core.callbacks import Cause, Urgency
from appliance.store import callback_causes, callback_rows, callbacks, database, messages, office
from appliance.store.callback_causes import Reason
from appliance.store.callback_rows import Entry, State
from appliance.store.database import Connection
from appliance.store.errors import NoSuchRow
from appliance.store.messages import Told
from appliance.store.migrations import CHANGES, migrate
from tests.store.conftest import AT

ANA, BEN = "+14155550101", "+14155550102"
NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
"""10 in the morning of a Tuesday, in the office's zone."""
HOUR = timedelta(hours=1)


def noted(
    db: Connection,
    once: str,
    number: str = ANA,
    cause: Cause = Cause.VOICEMAIL,
    urgency: Urgency = Urgency.NORMAL,
    at: datetime = NOW,
    sid: str = "",
) -> Entry:
    entry = callback_causes.note(db, Reason(once, cause, at, number, urgency, call_sid=sid))
    return callback_rows.get(db, entry)


def test_all_of_one_caller_is_one_entry(db: Connection) -> None:
    first = noted(db, "a")
    second = noted(db, "b", cause=Cause.TRANSFER, at=NOW + HOUR)
    assert second.id == first.id
    assert [each.cause for each in second.causes] == [Cause.VOICEMAIL, Cause.TRANSFER]
    assert (second.first_at, second.last_at) == (NOW, NOW + HOUR)
    assert noted(db, "c", BEN).id != first.id


def test_withheld_numbers_are_not_taken_for_one_caller(db: Connection) -> None:
    assert noted(db, "a", "").id != noted(db, "b", "").id
    assert noted(db, "c", "anonymous").number == ""


def test_what_a_nameless_caller_left_in_one_call_is_one_entry(db: Connection) -> None:
    first = noted(db, "a", "", sid="CA1")
    assert noted(db, "b", "", Cause.CUT_OFF, sid="CA1").id == first.id
    known = noted(db, "c", ANA, sid="CA1")
    assert (known.id, known.number) == (first.id, ANA)


def test_told_twice_it_is_one_cause(db: Connection) -> None:
    first = noted(db, "a")
    again = noted(db, "a", cause=Cause.TRANSFER)
    assert (again.id, [each.cause for each in again.causes]) == (first.id, [Cause.TRANSFER])


def test_emergencies_come_first_then_what_is_due_first(db: Connection) -> None:
    late = noted(db, "a", "+14155550111", Cause.QUESTION)
    soon = noted(db, "b", "+14155550112", Cause.CUT_OFF)
    urgent = noted(db, "c", "+14155550113", urgency=Urgency.URGENT)
    danger = noted(db, "d", "+14155550114", Cause.EMERGENCY, Urgency.EMERGENCY, at=NOW + HOUR)
    page = callback_rows.open_page(db, limit=3)
    page += callback_rows.open_page(db, after=page[-1])
    assert [each.id for each in page] == [danger.id, urgent.id, soon.id, late.id]


def test_due_is_counted_in_the_time_in_which_the_clinic_is_open(db: Connection) -> None:
    friday = datetime(2026, 11, 27, 21, 30, tzinfo=UTC)
    assert noted(db, "a", at=friday).due_at == datetime(2026, 11, 30, 16, 30, tzinfo=UTC)
    presses = noted(db, "b", BEN, urgency=Urgency.URGENT, at=friday)
    assert presses.due_at == friday + timedelta(minutes=60)


def test_staff_decide_by_when_what_is_due(db: Connection) -> None:
    office.set_value(db, "callback_minutes", {"voicemail": 15}, at=AT, by="ana")
    assert noted(db, "a").due_at == NOW + timedelta(minutes=15)
    assert noted(db, "b", BEN, Cause.MESSAGE).due_at == NOW + timedelta(minutes=240)


def test_what_presses_more_is_due_sooner_and_untouched_again(db: Connection) -> None:
    entry = noted(db, "a")
    touched = callbacks.note(db, entry.id, "ana", "looked at", now=NOW)
    assert not touched.untouched
    pressing = noted(db, "b", urgency=Urgency.URGENT)
    assert (pressing.urgency, pressing.due_at, pressing.untouched) == (Urgency.URGENT, NOW + HOUR, True)


def test_a_taken_entry_is_one_persons(db: Connection) -> None:
    entry = noted(db, "a")
    assert callbacks.take(db, entry.id, "ana", now=NOW).owner == "ana"
    with pytest.raises(callbacks.Taken, match="is ana's"):
        callbacks.take(db, entry.id, "ben", now=NOW)
    assert callbacks.take(db, entry.id, "ben", now=NOW, over=True).owner == "ben"
    assert callback_rows.open_page(db, owner="ana") == []
    assert callbacks.give_back(db, entry.id, "ben", now=NOW).untouched
    told = [(each.what, each.by) for each in callback_rows.history(db, entry.id)]
    assert told == [("cause", ""), ("taken", "ana"), ("taken", "ben"), ("given back", "ben")]


def test_tries_are_counted_and_noted(db: Connection) -> None:
    entry = noted(db, "a")
    again = NOW + 2 * HOUR
    callbacks.attempt(db, entry.id, "ana", "no answer", now=NOW)
    tried = callbacks.attempt(db, entry.id, "ana", "busy", now=NOW, again=again)
    assert (tried.attempts, tried.due_at, tried.overdue(NOW + HOUR)) == (2, again, False)
    notes = [each.note for each in callback_rows.history(db, entry.id) if each.what == "attempt"]
    assert notes == ["no answer", "busy"]


def test_a_button_that_is_pressed_twice_is_one_try(db: Connection) -> None:
    entry = noted(db, "a")
    for seconds in (0, 1):
        callbacks.attempt(db, entry.id, "ana", now=NOW + timedelta(seconds=seconds))
    assert callback_rows.get(db, entry.id).attempts == 1
    callbacks.attempt(db, entry.id, "ben", now=NOW + timedelta(seconds=2))
    callbacks.attempt(db, entry.id, "ana", now=NOW + timedelta(seconds=30))
    assert callback_rows.get(db, entry.id).attempts == 3


def test_what_is_done_handles_its_messages_and_can_be_undone(db: Connection, call: str) -> None:
    message = messages.add(db, call_sid="CA1", subject="Refill", body="Please", at=AT)
    (entry,) = callback_rows.open_page(db)
    done = callbacks.done(db, entry.id, "ana", "called", now=NOW)
    assert (done.state, done.ended_by, done.ended_at) == (State.DONE, "ana", NOW)
    handled = messages.one(db, message)
    assert handled is not None
    assert handled.handled_by == "ana"
    assert callbacks.done(db, entry.id, "ben", now=NOW + HOUR).ended_by == "ana"
    assert callback_rows.open_page(db) == []
    assert [each.id for each in callback_rows.done_page(db)] == [entry.id]
    assert callbacks.undo(db, entry.id, "ben", now=NOW).state is State.OPEN
    open_again = messages.one(db, message)
    assert open_again is not None
    assert open_again.handled_at is None


def test_a_caller_who_was_called_and_rings_again_is_a_new_entry_with_the_old_one_behind_it(
    db: Connection,
) -> None:
    first = noted(db, "a")
    callbacks.done(db, first.id, "ana", now=NOW)
    second = noted(db, "b")
    assert second.id != first.id
    assert [each.id for each in callback_rows.of_number(db, ANA)] == [second.id, first.id]
    whole = callbacks.undo(db, first.id, "ana", now=NOW)
    assert ([each.once for each in whole.causes], whole.number) == (["a", "b"], ANA)
    merged = callback_rows.get(db, second.id)
    assert (merged.state, merged.into) == (State.MERGED, first.id)
    with pytest.raises(callbacks.NotOpen, match=f"part of callback {first.id}"):
        callbacks.take(db, second.id, "ana", now=NOW)


def test_nothing_can_be_done_with_what_is_done_or_unknown(db: Connection) -> None:
    entry = noted(db, "a")
    callbacks.done(db, entry.id, "ana", now=NOW)
    with pytest.raises(callbacks.NotOpen, match="is done, by ana"):
        callbacks.attempt(db, entry.id, "ben", now=NOW)
    with pytest.raises(NoSuchRow):
        callbacks.take(db, 99, "ana", now=NOW)
    assert callbacks.note(db, entry.id, "ben", "they rang back", now=NOW).state is State.DONE


def test_a_voicemail_in_which_nobody_speaks_takes_its_entry_with_it(db: Connection) -> None:
    entry = noted(db, "a")
    callback_causes.void(db, "a", "nobody speaks", now=NOW)
    gone = callback_rows.get(db, entry.id)
    assert (gone.state, gone.ended_by) == (State.DONE, callback_causes.BOX)
    assert callback_rows.counts(db, NOW) == callback_rows.Counts()
    other = noted(db, "b", BEN)
    callbacks.take(db, other.id, "ana", now=NOW)
    callback_causes.void(db, "b", "nobody speaks", now=NOW)
    assert callback_rows.get(db, other.id).state is State.OPEN


def test_what_is_learned_of_a_voicemail_presses_and_says_who_it_is(db: Connection, call: str) -> None:
    message = messages.add_voicemail(db, call_sid="CA1", recording_sid="RE1", seconds=9, at=AT)
    once = messages.once_of(message)
    callback_causes.learned(db, once, now=NOW, urgency=Urgency.EMERGENCY, name="Ana Ruiz")
    (entry,) = callback_rows.open_page(db)
    assert (entry.urgency, entry.name, entry.number) == (Urgency.EMERGENCY, "Ana Ruiz", "+14155550100")
    assert entry.due_at == datetime(2026, 11, 24, 15, 10, tzinfo=UTC)
    callback_causes.learned(db, "message 99", now=NOW, urgency=Urgency.EMERGENCY)


def test_a_message_stands_there_with_its_callback_number(db: Connection, call: str) -> None:
    told = Told("Ana", BEN, urgent=True, call_back=True)
    messages.add(db, call_sid="CA1", subject="Refill", body="Please", at=AT, caller=told, once="x")
    messages.add(db, call_sid="CA1", subject="Refill", body="Please", at=AT, caller=told, once="x")
    (entry,) = callback_rows.open_page(db)
    assert (entry.number, entry.name, entry.urgency) == (BEN, "Ana", Urgency.URGENT)
    assert [each.cause for each in entry.causes] == [Cause.CALL_BACK]


def test_a_caller_who_is_known_later_joins_what_is_open_of_them(db: Connection) -> None:
    known = noted(db, "a", ANA)
    messages.add(db, call_sid="CA9", subject="", body="", at=AT)
    nameless = next(each for each in callback_rows.open_page(db) if not each.number)
    callbacks.attempt(db, nameless.id, "ana", now=NOW)
    callback_causes.identify(db, nameless.id, ANA, NOW)
    whole = callback_rows.get(db, known.id)
    assert (len(whole.causes), whole.attempts) == (2, 1)
    assert callback_rows.get(db, nameless.id).into == known.id


def test_a_rehearsal_leaves_nothing_on_the_list(db: Connection, call: str) -> None:
    messages.rehearse_voicemail(db, call_sid="CA1", name="trial.wav", seconds=2, at=AT)
    assert callback_rows.counts(db, NOW).open == 0


def test_the_list_begins_with_what_nobody_has_dealt_with(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    before = [change for change in CHANGES if change.__name__ < "appliance.store.migrations.m0025"]
    migrate(path, before)
    db = database.connect(path)
    for number, told, caller, handled, urgent in (
        (1, "", ANA, None, 0), (2, ANA, BEN, None, 1), (3, "", "", None, 0), (4, "", "101", None, 0),
        (5, "", BEN, AT, 0), (6, "+1415555010x", BEN, None, 0),
    ):  # fmt: skip
        db.execute(
            """
            INSERT INTO message (id, call_sid, kind, subject, body, number, caller, handled_at, urgent,
                created_at)
            VALUES (?, ?, 'message', '', '', ?, ?, ?, ?, ?)
            """,
            (number, f"CA{number}", told, caller, handled, urgent, AT),
        )
    migrate(path)
    found = {
        (each.number, each.urgency, tuple(why.message_id for why in each.causes))
        for each in callback_rows.open_page(db)
    }
    db.close()
    assert found == {
        (ANA, Urgency.URGENT, (1, 2)), ("", Urgency.NORMAL, (3,)), ("", Urgency.NORMAL, (4,)),
        (BEN, Urgency.NORMAL, (6,)),
    }  # fmt: skip
