"""Messages: written down, recorded, told, dealt with."""

import pytest

from appliance.core.booking.calling_from import NumberFrom
from appliance.store import errors, messages
from appliance.store.database import Connection
from tests.store.conftest import AT

LATER = "2026-11-24T10:00:00.000Z"


def recorded(db: Connection, recording_sid: str = "RE1", call_sid: str = "CA1", seconds: int = 12) -> int:
    return messages.add_voicemail(db, call_sid=call_sid, recording_sid=recording_sid, seconds=seconds, at=AT)


def must(db: Connection, message_id: int) -> messages.Message:
    message = messages.one(db, message_id)
    assert message is not None
    return message


def test_a_message_knows_its_call_and_caller(db: Connection, call: str) -> None:
    written = must(db, messages.add(db, call_sid="CA1", subject="Refill", body="Please call", at=AT))
    assert (written.call_id, written.caller, written.kind) == (call, "+14155550100", "message")
    assert (written.subject, written.body, written.notified) == ("Refill", "Please call", False)
    assert messages.of_call(db, call) == [written]


def test_a_message_tells_of_its_caller_what_they_told(db: Connection, call: str) -> None:
    told = messages.Told(
        "Ana",
        "+14155550123",
        name_heard=False,
        urgent=True,
        call_back=True,
        number_from=NumberFrom.CALLER_ID,
        words="call me",
        unheard="2026-12-04",
    )
    kept = messages.add(db, call_sid="CA1", subject="Refill", body="Please", at=AT, caller=told)
    assert must(db, kept).told == told
    assert must(db, recorded(db)).told == messages.NOTHING_TOLD


def test_a_message_that_is_told_again_is_kept_once(db: Connection, call: str) -> None:
    first = messages.add(db, call_sid="CA1", subject="Refill", body="Please", at=AT, once="x")
    messages.mark_handled(db, first, LATER, "ana")
    assert messages.add(db, call_sid="CA1", subject="Refill", body="Please", at=LATER, once="x") == first
    assert (must(db, first).created_at, must(db, first).handled_by) == (AT, "ana")
    other = messages.add(db, call_sid="CA1", subject="Refill", body="Please", at=AT, once="y")
    assert len({first, other, messages.add(db, call_sid="CA1", subject="Refill", body="", at=AT)}) == 3


def test_voicemail_of_an_unknown_call_is_kept_all_the_same(db: Connection) -> None:
    kept = must(db, recorded(db, call_sid="CA-lost"))
    assert (kept.call_id, kept.call_sid, kept.caller) == (None, "CA-lost", "")


def test_a_recording_that_is_reported_again_is_one_message(db: Connection, call: str) -> None:
    first = recorded(db, seconds=0)
    assert recorded(db, seconds=12) == first
    assert [message.seconds for message in messages.page(db)] == [12]


def test_a_recording_that_was_given_up_and_comes_after_all_is_no_trouble(db: Connection, call: str) -> None:
    message_id = recorded(db)
    messages.fetch_no_more(db, "RE1", "recording: status 404", tries=24)
    assert (must(db, message_id).fetch_tries, must(db, message_id).fetch_problem) == (
        24,
        "recording: status 404",
    )
    messages.keep_recording(db, "RE1", "RE1.wav")
    assert must(db, message_id) == messages.of_recording(db, "RE1")
    assert (must(db, message_id).recording_path, must(db, message_id).fetch_problem) == ("RE1.wav", None)
    assert messages.of_recording(db, "RE2") is None


def test_the_staff_are_told_once(db: Connection, call: str) -> None:
    first, second = recorded(db), recorded(db, "RE2")
    assert [message.id for message in messages.unnotified(db)] == [first, second]
    messages.mark_notified(db, first, AT)
    messages.mark_notified(db, first, LATER)
    assert must(db, first).notified_at == AT
    assert [message.id for message in messages.unnotified(db)] == [second]


def test_a_message_is_dealt_with_and_opened_again(db: Connection, call: str) -> None:
    first, second = recorded(db), recorded(db, "RE2")
    messages.mark_handled(db, first, LATER, "ana")
    assert [message.id for message in messages.page(db, unhandled=True)] == [second]
    assert must(db, first).handled_by == "ana"
    messages.mark_handled(db, first, None, "ana")
    assert (must(db, first).handled_at, must(db, first).handled_by) == (None, "")


def test_pages_go_from_the_newest_on(db: Connection, call: str) -> None:
    ids = [recorded(db, f"RE{number}") for number in range(5)]
    first = messages.page(db, limit=3)
    rest = messages.page(db, before_id=first[-1].id, limit=3)
    assert [message.id for message in first + rest] == ids[::-1]


def test_what_is_not_there_cannot_be_changed(db: Connection) -> None:
    with pytest.raises(errors.NoSuchRow):
        messages.keep_recording(db, "RE9", "x")
    with pytest.raises(errors.NoSuchRow):
        messages.mark_notified(db, 9, AT)
    with pytest.raises(errors.NoSuchRow):
        messages.mark_handled(db, 9, AT, "ana")
    assert messages.one(db, 9) is None


def test_recordings_that_no_message_tells_of_are_told_from_those_of_unknown_calls(
    db: Connection, call: str
) -> None:
    recorded(db, "RE1")
    asked = {"RE1": "CA1", "RE2": "CA1", "RE3": "CA-other"}
    assert messages.untaken(db, asked) == {"RE2": True, "RE3": False}
    assert messages.untaken(db, {}) == {}
