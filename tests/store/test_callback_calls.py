"""Which calls get onto the callback list, in the transaction that files them, and how they leave it again."""

from datetime import timedelta

import pytest

from appliance.core.callbacks import Cause, Urgency
from appliance.core.dispositions import Outcome
from appliance.core.steps import CallOffered
from appliance.store import (
    callback_calls,
    callback_rows,
    calls,
    intents,
    jobs,
    messages,
    office,
    times,
    unanswered,
)
from appliance.store.callback_rows import Entry, State
from appliance.store.database import Connection
from appliance.store.intents import IntentRow
from appliance.store.unanswered import Missed, Why
from tests.jobs import job_clock
from tests.store.conftest import AT

CALLER = "+14155550100"
LEG_FAILED = "the leg failed: the connection was lost"


def end_of(seconds: int) -> str:
    return times.written(times.read(AT) + timedelta(seconds=seconds))


def rings(db: Connection, name: str = "c1", caller: str = CALLER) -> str:
    calls.begin(db, name, CallOffered(f"CA{name}", caller, "+14155550199", "twilio"), AT, "p1")
    return name


def listed(db: Connection) -> list[Entry]:
    return callback_rows.open_page(db)


@pytest.mark.parametrize(
    ("outcome", "reason", "seconds", "cause"),
    [
        (Outcome.UNANSWERED, "completed", 40, Cause.TRANSFER),
        (Outcome.INTERRUPTED, calls.SWEPT, 40, Cause.CUT_OFF),
        (Outcome.FAILED, "a fault of ours", 40, Cause.CUT_OFF),
        (Outcome.HANDLED, LEG_FAILED, 40, Cause.CUT_OFF),
        (Outcome.ABANDONED, "the leg failed: the box is stopping", 3, Cause.CUT_OFF),
        (Outcome.BUSY, "completed", 5, Cause.HANG_UP),
        (Outcome.ABANDONED, "the caller hung up", 30, Cause.HANG_UP),
        (Outcome.ABANDONED, "the caller hung up", 29, None),
        (Outcome.HANDLED, "the caller hung up", 40, None),
        (Outcome.HOURS, "completed", 40, None),
        (Outcome.TRANSFERRED, LEG_FAILED, 40, None),
        (Outcome.VOICEMAIL, LEG_FAILED, 40, None),
    ],
)
def test_a_call_is_listed_by_how_it_went(
    db: Connection, outcome: Outcome, reason: str, seconds: int, cause: Cause | None
) -> None:
    calls.end(db, rings(db), end_of(seconds), outcome, reason)
    found = [(each.number, each.causes[0].cause, each.causes[0].call_id) for each in listed(db)]
    assert found == ([] if cause is None else [(CALLER, cause, "c1")])


def test_filed_again_it_is_listed_once_as_what_was_said_last(db: Connection) -> None:
    calls.end(db, rings(db), end_of(40), Outcome.INTERRUPTED, calls.SWEPT)
    calls.end(db, "c1", end_of(50), Outcome.UNANSWERED, "completed")
    (entry,) = listed(db)
    assert [each.cause for each in entry.causes] == [Cause.TRANSFER]


def test_a_caller_who_reached_a_person_after_all_is_not_called_back(db: Connection) -> None:
    calls.end(db, rings(db), end_of(40), Outcome.INTERRUPTED, calls.SWEPT)
    calls.went(db, "c1", Outcome.TRANSFERRED)
    assert listed(db) == []
    (entry,) = callback_rows.done_page(db)
    assert (entry.state, entry.causes[0].void_why) == (State.DONE, callback_calls.PERSON)


def test_voicemail_after_phones_that_rang_is_one_entry_for_one_call(db: Connection) -> None:
    calls.end(db, rings(db, caller=""), end_of(40), Outcome.UNANSWERED, "completed")
    messages.add_voicemail(db, call_sid="CAc1", recording_sid="RE1", seconds=9, at=end_of(50))
    calls.went(db, "c1", Outcome.VOICEMAIL)
    (entry,) = listed(db)
    assert [(each.cause, bool(each.void_why)) for each in entry.causes] == [
        (Cause.TRANSFER, True), (Cause.VOICEMAIL, False),
    ]  # fmt: skip


def test_a_process_that_died_leaves_its_calls_on_the_list(db: Connection) -> None:
    rings(db)
    rings(db, "c2", "+14155550102")
    assert set(calls.sweep(db, "p2")) == {"c1", "c2"}
    assert {each.number for each in listed(db)} == {CALLER, "+14155550102"}


def test_a_desk_phone_is_not_called_back_nor_a_nameless_caller_who_hung_up(db: Connection) -> None:
    calls.end(db, rings(db, caller="101"), end_of(40), Outcome.INTERRUPTED, calls.SWEPT)
    calls.end(db, rings(db, "c2", ""), end_of(90), Outcome.ABANDONED, "the caller hung up")
    assert listed(db) == []
    calls.end(db, rings(db, "c3", ""), end_of(90), Outcome.INTERRUPTED, calls.SWEPT)
    assert [each.number for each in listed(db)] == [""]


def test_staff_decide_whether_callers_who_hung_up_are_listed(db: Connection) -> None:
    office.set_value(db, "hang_ups_after_s", 0, at=AT, by="ana")
    calls.end(db, rings(db), end_of(90), Outcome.ABANDONED, "the caller hung up")
    assert listed(db) == []


@pytest.mark.parametrize("outcome", [Outcome.HANDLED, Outcome.ABANDONED, Outcome.UNANSWERED])
def test_a_caller_in_danger_who_reached_nobody_comes_first(db: Connection, outcome: Outcome) -> None:
    intents.add(db, IntentRow(rings(db), "emergency", {"topic": "chest pain"}, AT))
    calls.end(db, "c1", end_of(5), outcome, "the caller hung up")
    (entry,) = listed(db)
    assert entry.urgency is Urgency.EMERGENCY
    calls.went(db, "c1", Outcome.TRANSFERRED)
    assert listed(db) == []


def test_a_message_of_a_call_in_danger_presses_as_much(db: Connection) -> None:
    rings(db)
    messages.add(db, call_sid="CAc1", subject="Pain", body="Please call", at=AT)
    intents.add(db, IntentRow("c1", "emergency", {"topic": ""}, AT))
    calls.end(db, "c1", end_of(40), Outcome.HANDLED, "the caller hung up")
    (entry,) = listed(db)
    assert {each.urgency for each in entry.causes} == {Urgency.EMERGENCY}


def test_a_call_and_its_entry_are_there_together_or_not_at_all(db: Connection) -> None:
    rings(db)
    db.execute("BEGIN IMMEDIATE")
    calls.end(db, "c1", end_of(40), Outcome.UNANSWERED, "completed")
    assert len(listed(db)) == 1
    db.execute("ROLLBACK")
    found = calls.one(db, "c1")
    assert found is not None
    assert (found.outcome, listed(db)) == (None, [])


def test_a_text_is_owed_to_who_was_cut_off_where_staff_want_that(db: Connection) -> None:
    calls.end(db, rings(db), end_of(40), Outcome.INTERRUPTED, calls.SWEPT)
    assert jobs.page(db) == []
    office.set_value(db, "text_cut_off", True, at=AT, by="ana")
    for name, caller in (("c2", "+14155550102"), ("c3", "")):
        calls.end(db, rings(db, name, caller), end_of(40), Outcome.INTERRUPTED, calls.SWEPT)
        calls.end(db, name, end_of(40), Outcome.INTERRUPTED, calls.SWEPT)
    calls.end(db, rings(db, "c4"), end_of(40), Outcome.UNANSWERED, "completed")
    (owed,) = jobs.page(db)
    assert (owed.kind, owed.payload) == (callback_calls.CUT_OFF, {"call": "c2"})
    wait, day = callback_calls.CUT_OFF_AFTER, timedelta(days=1)
    assert not job_clock.due(db, owed.kind, wait / 2, set_by=day)
    assert job_clock.due(db, owed.kind, wait, set_by=-day)


def test_a_question_without_an_answer_is_looked_after(db: Connection) -> None:
    callback_calls.unanswered(db, 3, rings(db), times.read(AT))
    callback_calls.unanswered(db, 3, "c1", times.read(AT))
    callback_calls.unanswered(db, 4, "nobody", times.read(AT))
    (entry,) = listed(db)
    assert [(each.once, each.cause) for each in entry.causes] == [("question 3", Cause.QUESTION)]


@pytest.mark.parametrize("asked_first", [True, False])
def test_who_was_put_through_has_asked_the_person(db: Connection, asked_first: bool) -> None:
    rings(db)
    asked = Missed("do you repair bicycles", "en", Why.NOT_KNOWN, call_id="c1")
    if asked_first:
        unanswered.keep(db, asked, times.read(AT))
        assert [each.causes[0].cause for each in listed(db)] == [Cause.QUESTION]
    calls.end(db, "c1", end_of(40), Outcome.TRANSFERRED, "completed")
    if not asked_first:
        unanswered.keep(db, asked, times.read(AT))
    assert listed(db) == []
